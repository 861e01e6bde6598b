/// Areas of the parts of a die on one process, in mm².
public struct AreaModel: Sendable {
    public var node: ProcessNode
    /// Area of logic relative to 7 nm, by transistor density.
    private var logicScale: Estimate

    public init(node: ProcessNode) {
        self.node = node
        // Densities' own uncertainty is the process's; 7 nm's expected value is the reference.
        logicScale = node.density.value.falling { ProcessNode.n7.density.value.expected / $0 }
    }

    /// Placed logic of so many µm² of ASAP7 cells.
    func logic(cells squareMicrometres: Estimate) -> Estimate {
        squareMicrometres * 1e-6 * Area.kitToProcess.value * logicScale / Area.utilisation.value
    }

    /// Logic of so many millions of transistors at the process's density.
    func logic(megatransistors: Estimate) -> Estimate { megatransistors / node.density.value }

    /// SRAM of so many bytes, check bits included when it has them.
    func sram(bytes: Double, hasECC: Bool) -> Estimate {
        let bits = bytes * 8 * (hasECC ? Area.ecc.value.expected : 1)
        return node.bitCell.value * (bits * 1e-6) / Area.arrayEfficiency.value
    }

    /// Interfaces of so many units: the analogue part does not shrink, the controller does.
    func interface(_ phy: Fact, _ controller: Fact, count: Double) -> Estimate {
        (phy.value + logic(megatransistors: controller.value)) * count
    }

    /// The blocks with what a top level adds: clock, test, pads, empty area.
    func withTopLevel(_ blocks: [AreaBlock]) -> [AreaBlock] {
        let sum = blocks.map(\.area).total()
        return blocks + [AreaBlock(name: "top level", area: sum * Area.topLevel.value)]
    }
}

/// A named piece of a die.
public struct AreaBlock: Sendable, Hashable {
    public var name: String
    /// mm².
    public var area: Estimate

    public init(name: String, area: Estimate) {
        self.name = name
        self.area = area
    }
}
