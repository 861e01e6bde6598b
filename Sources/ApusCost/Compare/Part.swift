import ApusChip

/// How a part's speed is known.
public enum Provenance: String, Sendable, Hashable {
    /// Kernels measured on the part itself.
    case measured
    /// Scaled from a measured part by published peaks; nobody's measurement stands behind it.
    case derived
    /// This project's cycle simulator, with programs as they are compiled today.
    case simulated
    /// This project's analytic model of a chip that does not exist: what it could be held to.
    case modelled
}

/// A part in the comparison: bought, or an Apus chip.
public struct Part: Sendable, Hashable {
    /// What users write: `h100`, `910b`, `cloud7`.
    public var name: String
    public var title: String
    public var provenance: Provenance
    /// How its times come about, for the page.
    public var method: String
    /// Bytes of its memory.
    public var memoryBytes: Double
    /// W of the board's limit.
    public var boardLimit: Fact
    /// USD as bought; for an Apus chip, what it costs with margin.
    public var price: Fact
    /// Peak GB/s of memory; peak dense operations a second in 10¹² of 8 and 16 bits.
    public var memoryBandwidth: Double
    public var peak8: Double
    public var peak16: Double
    /// What the export rules ask; nil where the die is not known.
    public var export: ExportPart?
    var engine: Engine

    enum Engine: Sendable, Hashable {
        /// A measured part, or one derived from it by these ratios; times uncertain by ± `error`.
        case gpu(MeasuredGPU, eight: RelativeSpeed, sixteen: RelativeSpeed, error: Double)
        /// `today` is nil for the analytic model, which is what programs could be held to.
        case apus(Chip, ProcessNode, today: CompiledToday?)
    }

    /// The part of that name: a bought one, a preset as its programs are compiled today, or, with
    /// `-bound` behind the name, the preset with the analytic model.
    ///
    /// - Throws: ``CostError/unknownPart(_:known:)``.
    public static func named(_ name: String) throws(CostError) -> Part {
        if let bought = all.first(where: { $0.name == name }) { return bought }
        let isBound = name.hasSuffix("-bound")
        let preset = isBound ? String(name.dropLast("-bound".count)) : name
        if let chip = Chip.preset(named: preset), chip.nodeNanometres > 0 {
            let node = ProcessNode.domestic(nanometres: chip.nodeNanometres)
            var part = apus(chip, node: node)
            if !isBound, let today = CompiledToday.named(preset) {
                part.engine = .apus(chip, node, today: today)
                part.provenance = .simulated
                part.title += ", as compiled today"
                part.method =
                    "shares of the peaks that the cycle simulator gives for Llama-3.1-8B: memory "
                    + "\(Figure.range(today.memory.value)), arrays, one product a cell and cycle, "
                    + "\(Figure.range(today.matrix.value)); no silicon exists"
            } else {
                part.name = name
                part.title += ", bound"
            }
            return part
        }
        let presets = Chip.presets.filter { $0.nodeNanometres > 0 }
            .flatMap { [$0.name, $0.name + "-bound"] }
        throw .unknownPart(name, known: presets + all.map(\.name))
    }

    /// An Apus chip made on a process.
    public static func apus(_ chip: Chip, node: ProcessNode) -> Part {
        let area = ChipArea(unchecked: chip, node: node)
        let price = PackagePrice(chip: chip, area: area, spareShare: spareShare)
        let cells = Double(chip.coreCount * chip.matrixRows * chip.matrixColumns)
        let peak16 = 2 * cells * Double(chip.clockMegahertz) * 1e-6
        let dies = area.total.expected
        return Part(
            name: chip.name, title: "Apus \(chip.name), \(node.process)", provenance: .modelled,
            method: "analytic roofline of the array's tiles with assumed efficiencies: what "
                + "programs could be held to; no silicon exists",
            memoryBytes: Double(chip.memoryBytes),
            boardLimit: Fact(
                "\(chip.name).board", Estimate(Double(chip.powerTargetWatts)), "W", .chosen,
                "the chip description's power target"),
            price: Fact(
                "\(chip.name).price", price.total * Price.margin.value, "USD", .assumed,
                "this project's price model"),
            memoryBandwidth: Double(chip.memoryMegabytesPerSecond) / 1000, peak8: 4 * peak16,
            peak16: peak16,
            export: ExportPart(
                name: chip.name, teraOperations: 4 * peak16, bits: 8, dieArea: dies,
                isForDataCentres: true,
                linkBandwidth: Double(area.links) * Area.linkLanes.value.expected,
                hostBandwidth: Double(ChipArea.hostLanes(chip)) * 8,
                memoryBandwidth: Double(chip.memoryMegabytesPerSecond) / 1000),
            engine: .apus(chip, node, today: nil))
    }

    /// Share of cores that a sold Apus part may lack; a decision of this project.
    public static let spareShare = 1.0 / 16

    /// The chip behind the part, and its process; nil for a bought one.
    public var chip: (chip: Chip, node: ProcessNode)? {
        guard case .apus(let chip, let node, _) = engine else { return nil }
        return (chip, node)
    }
}
