import ApusChip

/// The die of a chip, block by block.
public struct ChipArea: Sendable {
    public var blocks: [AreaBlock]
    public var node: ProcessNode
    /// mm² of the die.
    public var total: Estimate { blocks.map(\.area).total() }
    /// mm² of one core, without its share of the top level: what salvage loses at a time.
    public var core: Estimate
    /// Links to other chips that were counted.
    public var links: Int
    /// Memory stacks (HBM) or 32-bit units (LPDDR).
    public var memoryUnits: Int
    /// Bytes of SRAM on the die.
    public var sramBytes: Double

    /// The areas of a chip on a process.
    ///
    /// - Throws: ``CostError/beyondReticle(area:limit:)`` when even the expected die exceeds a
    ///   reticle.
    public init(_ chip: Chip, node: ProcessNode) throws(CostError) {
        self.init(unchecked: chip, node: node)
        let limit = Area.reticle.value.expected
        if total.expected > limit { throw .beyondReticle(area: total.expected, limit: limit) }
    }

    /// The areas of a chip, even one that no scanner exposes.
    public init(unchecked chip: Chip, node: ProcessNode) {
        self.node = node
        let model = AreaModel(node: node)
        let cores = Double(chip.coreCount)
        let cells = Double(chip.matrixRows * chip.matrixColumns)
        let matrix = model.logic(cells: Area.matrixCell.value * cells)
        let vector = model.logic(cells: Area.vectorLane.value * Double(chip.vectorLanes))
        let control = model.logic(
            cells: Area.controlProcessor.value + Area.transferEngines.value)
        let router = model.logic(cells: Area.router.value)
        let protected = Double(chip.scratchpadBytes + chip.programBytes + chip.argumentBytes)
        // Accumulators live in registers of the array up to a tile, beyond it in SRAM.
        let memory =
            model.sram(bytes: protected, hasECC: true)
            + model.sram(bytes: Double(chip.accumulatorBytes), hasECC: false)
        core = matrix + vector + control + router + memory
        sramBytes = cores * (protected + Double(chip.accumulatorBytes))
        links = ChipArea.linkCount(chip)
        memoryUnits = ChipArea.memoryUnits(chip)
        var blocks = [
            AreaBlock(name: "matrix arrays", area: matrix * cores),
            AreaBlock(name: "vector engines", area: vector * cores),
            AreaBlock(name: "control and transfer", area: control * cores),
            AreaBlock(name: "scratchpads and memories", area: memory * cores),
            AreaBlock(name: "mesh", area: router * cores),
        ]
        blocks += ChipArea.interfaces(chip, model, units: memoryUnits, links: links)
        self.blocks = model.withTopLevel(blocks)
    }

    private static func interfaces(
        _ chip: Chip, _ model: AreaModel, units: Int, links: Int
    ) -> [AreaBlock] {
        guard chip.memoryKind != .ideal else { return [] }
        let isStack = chip.memoryKind != .lpddr5x
        let memory = model.interface(
            isStack ? Area.hbmPHY : Area.lpddrPHY,
            isStack ? Area.hbmController : Area.lpddrController, count: Double(units))
        let host = model.interface(
            Area.pciePHY, Area.pcieController, count: Double(hostLanes(chip)))
        let link = model.interface(Area.linkPHY, Area.linkController, count: Double(links))
        let blocks = [
            AreaBlock(name: "memory interface", area: memory),
            AreaBlock(name: "host interface", area: host),
        ]
        return links == 0 ? blocks : blocks + [AreaBlock(name: "chip links", area: link)]
    }

    /// Stacks of eight channels for HBM, units of 32 bits (two channels) for LPDDR.
    static func memoryUnits(_ chip: Chip) -> Int {
        switch chip.memoryKind {
        case .ideal: 0
        case .lpddr5x: (chip.memoryChannels + 1) / 2
        case .hbm2e, .hbm3: (chip.memoryChannels + 7) / 8
        }
    }

    /// Links of 50 GB/s: eight on a part with HBM, none on others. A decision of this project: 400
    /// GB/s stays below the 600 GB/s of the rule of October 2022.
    static func linkCount(_ chip: Chip) -> Int {
        chip.memoryKind == .hbm2e || chip.memoryKind == .hbm3 ? 8 : 0
    }

    /// PCIe 5 lanes: sixteen with HBM, else four. A decision of this project.
    static func hostLanes(_ chip: Chip) -> Int { linkCount(chip) > 0 ? 16 : 4 }
}
