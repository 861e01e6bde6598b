import ApusImport

/// How a model is spread over chips: `tensor` chips share every matrix, `expert` groups of them
/// share the experts and have sequences of their own, and `pipeline` stages have layers.
public struct Placement: Sendable, Hashable {
    public var tensor: Int
    public var pipeline: Int
    public var expert: Int

    public init(tensor: Int, pipeline: Int, expert: Int) {
        self.tensor = tensor
        self.pipeline = pipeline
        self.expert = expert
    }

    public static let one = Placement(tensor: 1, pipeline: 1, expert: 1)

    public var chips: Int { tensor * pipeline * expert }

    /// Checks that the model can be spread so, and the batch too.
    ///
    /// - Throws: ``PlacementError``.
    public func check(_ shapes: ModelShapes, batch: Int) throws(PlacementError) {
        for (name, value) in [
            ("tensor parallelism", tensor), ("pipeline parallelism", pipeline),
            ("expert parallelism", expert),
        ] where value < 1 {
            throw .notPositive(name, value)
        }
        guard shapes.tensorParallelism.contains(tensor) else {
            throw .doesNotDivide(
                "tensor parallelism", tensor, allowed: shapes.tensorParallelism)
        }
        guard shapes.expertParallelism.contains(expert) else {
            throw .doesNotDivide("expert parallelism", expert, allowed: shapes.expertParallelism)
        }
        let layers = shapes.configuration.layerCount
        guard pipeline <= layers else {
            throw .tooManyStages(pipeline, layers: layers)
        }
        guard batch % expert == 0 else {
            throw .batch(batch, expert: expert)
        }
    }

    /// The layers of each stage: as even as it goes, the first stages one more.
    func stages(of layers: Int) -> [Range<Int>] {
        var first = 0
        return (0..<pipeline).map { stage in
            let count = layers / pipeline + (stage < layers % pipeline ? 1 : 0)
            defer { first += count }
            return first..<first + count
        }
    }
}

/// Why a model cannot be spread over chips as asked.
public enum PlacementError: Error, Equatable, Sendable {
    case notPositive(String, Int)
    /// A kind of parallelism that does not divide the model.
    case doesNotDivide(String, Int, allowed: [Int])
    case tooManyStages(Int, layers: Int)
    /// Expert groups have whole sequences of their own.
    case batch(Int, expert: Int)
    /// The three factors do not make the number of chips.
    case chips(Int, Placement)
    /// The chip has no links to others.
    case noLinks(chip: String)
    /// A chip of a stage would hold too much; what each placement or format would take follows.
    case doesNotFit(Shortage)
    case model(LanguageModelError)

    /// What does not fit, and what would.
    public struct Shortage: Equatable, Sendable {
        public var weightBytes: Int
        public var cacheBytes: Int
        public var neededBytes: Int
        public var availableBytes: Int
        public var chip: String
        /// What would fit, in words of the command line; nil if nothing was found.
        public var remedy: String?

        public init(
            weightBytes: Int, cacheBytes: Int, neededBytes: Int, availableBytes: Int, chip: String,
            remedy: String?
        ) {
            self.weightBytes = weightBytes
            self.cacheBytes = cacheBytes
            self.neededBytes = neededBytes
            self.availableBytes = availableBytes
            self.chip = chip
            self.remedy = remedy
        }
    }
}

extension PlacementError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .notPositive(let name, let value): return "\(name) of \(value): it must be at least 1"
        case .doesNotDivide(let name, let value, let allowed):
            let list = allowed.prefix(12).map(String.init).joined(separator: ", ")
            return "\(name) of \(value) does not divide the model; possible are \(list)"
        case .tooManyStages(let stages, let layers):
            return "\(stages) pipeline stages are more than the model's \(layers) layers"
        case .batch(let batch, let expert):
            return "a batch of \(batch) does not divide among \(expert) expert groups; "
                + "a multiple of \(expert) would"
        case .chips(let chips, let placement):
            return "tensor \(placement.tensor) x pipeline \(placement.pipeline) x expert "
                + "\(placement.expert) make \(placement.chips) chips, not \(chips)"
        case .noLinks(let chip):
            return "\(chip) has no links to other chips; cloud14 and cloud7 have"
        case .doesNotFit(let shortage): return shortage.description
        case .model(let error): return "\(error)"
        }
    }
}

extension PlacementError.Shortage: CustomStringConvertible {
    public var description: String {
        func gib(_ bytes: Int) -> String {
            let tenths = (bytes * 10 + (1 << 29)) >> 30
            return "\(tenths / 10).\(tenths % 10) GiB"
        }
        let remedy = self.remedy.map { "; \($0) would fit" } ?? ""
        return "a chip's part takes \(gib(neededBytes)) (weights \(gib(weightBytes)), cache "
            + "\(gib(cacheBytes))), \(chip) has \(gib(availableBytes)): "
            + "\(gib(neededBytes - availableBytes)) too much\(remedy)"
    }
}
