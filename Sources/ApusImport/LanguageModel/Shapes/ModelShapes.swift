import ApusNumerics

/// A language model without its weights: what it computes, and the shape and format of each weight.
///
/// It is all that a plan needs: where things lie, which launches a step has, how long they take. A
/// `config.json` alone is enough for it.
///
///     let shapes = try ModelShapes(configurationPath: "config.json", weights: .int4)
///
/// - Source: docs/time-models.md.
public struct ModelShapes: Sendable {
    /// The file or folder, for messages.
    public let path: String
    public let configuration: LanguageModelConfiguration
    private let weights: [TensorRole: WeightShape]

    /// The shapes of a model whose weights are there.
    public init(_ files: LanguageModelFiles) {
        path = files.path
        configuration = files.configuration
        weights = Dictionary(
            files.tensors.map { ($0.role, WeightShape($0.tensor)) },
            uniquingKeysWith: { first, _ in first })
    }

    init(
        path: String, configuration: LanguageModelConfiguration,
        weights: [TensorRole: WeightShape]
    ) {
        self.path = path
        self.configuration = configuration
        self.weights = weights
    }

    /// The shapes that a description implies, all matrices in one format.
    public init(
        path: String, configuration: LanguageModelConfiguration, weights format: WeightFormat
    ) {
        self.path = path
        self.configuration = configuration
        let items = configuration.tensorShapes.map { item in
            let columns = item.shape.last ?? 1
            let shape = WeightShape(
                rows: item.shape.dropLast().reduce(1, *), columns: columns,
                streamed: format.streamed(columns: columns))
            return (item.role, shape)
        }
        self.weights = Dictionary(items, uniquingKeysWith: { first, _ in first })
    }

    /// Reads `config.json`, or that of a folder; its weights need not be there.
    ///
    /// - Throws: ``ImportError`` if it is malformed, incomplete, or of a family that is not read.
    public init(configurationPath path: String, weights: WeightFormat) throws(ImportError) {
        let isFolder = HuggingFaceFolder.exists("\(path)/.")
        let description = try HuggingFaceFolder.json(
            path: isFolder ? "\(path)/config.json" : path)
        let configuration = try LanguageModelConfiguration(alone: description)
        self.init(path: path, configuration: configuration, weights: weights)
    }

    /// The same description with all matrices in another format.
    public func with(_ format: WeightFormat) -> ModelShapes {
        ModelShapes(path: path, configuration: configuration, weights: format)
    }

    /// The shape of a role's weight; the token embedding's for the output of a tied model.
    public func weight(_ role: TensorRole) throws(ImportError) -> WeightShape {
        let found = role == .output && configuration.isTied ? .tokenEmbedding : role
        guard let shape = weights[found] else {
            throw .weight(path, "\(role)", .missing(alsoKnownAs: []))
        }
        return shape
    }

    /// Elements of all weights; the parameters of the model.
    public var parameterCount: Int { weights.values.reduce(0) { $0 + $1.rows * $1.columns } }
}

/// The shape of a weight and how the chip streams it.
public struct WeightShape: Equatable, Sendable {
    /// Outputs of a linear layer.
    public var rows: Int
    /// Inputs of a linear layer.
    public var columns: Int
    public var streamed: StreamedFormat

    /// What the chip reads of the weight, scales and minimums included.
    public var bytes: Int {
        let groups =
            streamed.isGrouped ? (columns + streamed.groupLength - 1) / streamed.groupLength : 0
        let parameters = streamed.scale.byteCount(groups * rows) * (streamed.hasMinimum ? 2 : 1)
        return streamed.code.byteCount(rows * columns) + (streamed.isGrouped ? parameters : 0)
    }

    init(rows: Int, columns: Int, streamed: StreamedFormat) {
        self.rows = rows
        self.columns = columns
        self.streamed = streamed
    }

    init(_ tensor: StoredTensor) {
        self.init(rows: tensor.rows, columns: tensor.columns, streamed: tensor.streamed)
    }
}

/// The format in which a model's matrices are kept where only their shapes are known.
public enum WeightFormat: String, CaseIterable, Sendable {
    /// As Q4_0: INT4 with an FP16 scale for 32.
    case int4
    /// As Q8_0: INT8 with an FP16 scale for 32.
    case int8
    /// E4M3 with an FP32 scale for 128 along K, as DeepSeek-V3 has it.
    case fp8
    case bf16
    /// E2M1 with a scale for 32, which the chip keeps as FP32.
    case mxfp4

    /// What the chip streams for rows of `columns` elements. Where they are no multiple of the
    /// group, groups are as long as divides both.
    public func streamed(columns: Int) -> StreamedFormat {
        func group(_ length: Int) -> Int {
            var (group, rest) = (length, columns)
            while rest != 0 { (group, rest) = (rest, group % rest) }
            return group
        }
        return switch self {
        case .int4: StreamedFormat(.int4, group: group(32), scale: .fp16)
        case .int8: StreamedFormat(.int8, group: group(32), scale: .fp16)
        case .fp8: StreamedFormat(.e4m3, group: group(128), scale: .fp32)
        case .bf16: StreamedFormat(.bf16)
        case .mxfp4: StreamedFormat(.e2m1, group: group(32), scale: .fp32)
        }
    }
}
