/// A manufacturing process as the cost models see it.
///
/// Densities, bit cells and wafer prices are published or relayed figures; for domestic processes
/// they are inferred from tear-downs and press reports, and their ranges are wide.
public struct ProcessNode: Sendable, Hashable {
    /// What users write: `7nm`, `n+2`.
    public var name: String
    /// The maker and process meant.
    public var process: String
    /// Millions of transistors a mm² of logic at the library's peak.
    public var density: Fact
    /// Area of a six-transistor SRAM cell, µm².
    public var bitCell: Fact
    /// USD for a 300 mm wafer.
    public var waferPrice: Fact
    /// Defects a cm².
    public var defects: Fact
    /// Energy of a logic operation relative to 7 nm.
    public var energyScale: Fact
    /// MHz that a search's designs are held to.
    public var clock: Fact
    /// USD for a set of masks.
    public var maskSet: Fact
    /// USD for design and first tape-out of a chip of some 300 mm².
    public var design: Fact
    /// Whether the transistors are not planar, which is what the export rules ask.
    public var isNonPlanar: Bool
    /// Whether a fab in China makes it.
    public var isDomestic: Bool

    /// All figures of the process.
    public var facts: [Fact] {
        [density, bitCell, waferPrice, defects, energyScale, clock, maskSet, design]
    }

    /// The process of that name.
    ///
    /// - Throws: ``CostError/unknownNode(_:known:)``.
    public static func named(_ name: String) throws(CostError) -> ProcessNode {
        guard let node = all.first(where: { $0.name == name }) else {
            throw .unknownNode(name, known: all.map(\.name))
        }
        return node
    }

    /// Where a preset of so many nanometres would be made: in a domestic fab, as its users could.
    public static func domestic(nanometres: Int) -> ProcessNode {
        nanometres >= 12 ? smic14 : smicN2
    }
}
