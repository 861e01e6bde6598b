import ApusChip

/// What a packaged, tested part costs to make, in USD.
public struct PackagePrice: Sendable, Hashable {
    /// Dies a wafer, and the share that can be sold, with salvage.
    public var dies: Estimate
    public var yield: Estimate
    /// One line for each item; the last is design and masks over the volume.
    public var items: [PriceItem]
    /// To make one: everything but design and masks.
    public var unit: Estimate
    /// With its share of design and masks.
    public var total: Estimate

    public struct PriceItem: Sendable, Hashable {
        public var name: String
        public var dollars: Estimate
    }

    /// - Parameters:
    ///   - spareShare: share of cores that a sold part may lack.
    ///   - model: of yield; the range comes from area and defects.
    public init(
        chip: Chip, area: ChipArea, model: YieldModel = .negativeBinomial, spareShare: Double
    ) {
        let node = area.node
        let cores = chip.coreCount
        let spare = Int(Double(cores) * spareShare)
        dies = area.total.falling { diesPerWafer(area: $0) }
        func share(_ die: Double, _ core: Double, _ defects: Double) -> Double {
            salvagedShare(
                model, dieArea: die, coreArea: core, cores: cores, spare: spare, defects: defects)
        }
        let (defects, die, core) = (node.defects.value, area.total, area.core)
        let shares = [
            share(die.high, core.high, defects.high),
            share(die.expected, core.expected, defects.expected),
            share(die.low, core.low, defects.low),
        ]
        yield = Estimate(
            low: min(shares[0], shares[1]), expected: shares[1], high: max(shares[2], shares[1]))
        let good = Estimate(
            low: max(dies.low * yield.low, 0.1), expected: max(dies.expected * yield.expected, 0.1),
            high: max(dies.high * yield.high, 0.1))
        let silicon = node.waferPrice.value / good
        let gigabytes = Double(chip.memoryBytes) / 1_073_741_824
        let memory = Memory.price(chip.memoryKind) * gigabytes
        let hasStacks = chip.memoryKind == .hbm2e || chip.memoryKind == .hbm3
        let packaging = hasStacks ? Price.interposer.value : Price.substrate.value
        let made = silicon + memory + packaging
        // What packaging loses takes die and memory with it.
        let lost = made * Price.packagingYield.value.falling { 1 / $0 - 1 }
        let fixed = (node.design.value + node.maskSet.value) / Price.volume.value
        let parts = [
            PriceItem(name: "die", dollars: silicon), PriceItem(name: "memory", dollars: memory),
            PriceItem(name: "packaging", dollars: packaging),
            PriceItem(name: "lost in packaging", dollars: lost),
            PriceItem(name: "test", dollars: Price.test.value),
            PriceItem(name: "board", dollars: Price.board.value),
        ]
        unit = parts.map(\.dollars).total()
        items = parts + [PriceItem(name: "design and masks", dollars: fixed)]
        total = unit + fixed
    }
}
