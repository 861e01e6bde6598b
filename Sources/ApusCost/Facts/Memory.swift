import ApusChip

/// Constants of memories: energy, price, size.
public enum Memory {
    static let hbm2eEnergy = Fact(
        "memory.hbm2e.energy", 3.0, 3.9, 7.0, "pJ/bit", .relayed,
        "O'Connor, MICRO-50 2017 (HBM2); low and high: public tables, TPUv4i's 250 to 450 pJ/64 bit"
    )
    static let hbm3Energy = Fact(
        "memory.hbm3.energy", 2.8, 3.2, 7.0, "pJ/bit", .assumed, "public node tables")
    static let lpddrEnergy = Fact(
        "memory.lpddr5x.energy", 3.5, 4.5, 7.0, "pJ/bit", .assumed,
        "no figure in the sources at hand; between HBM2 and DDR4 (20 pJ/bit) on the low side")
    static let phyEnergy = Fact(
        "memory.phy.energy", 0.4, 0.6, 1.0, "pJ/bit", .assumed, "HBM2e PHY on a 7 nm die")
    static let hbmPrice = Fact(
        "price.hbm2e", 7, 15, 25, "USD/GB", .assumed,
        "low: LLMCompass, October 2023; expected: HBM3's analysts' figures; high: 2026 scarcity")
    static let lpddrPrice = Fact(
        "price.lpddr5x", 2.4, 4, 10, "USD/GB", .assumed, "low: DDR5, October 2023; 2026 is higher")
    static let stackArea = Fact(
        "memory.hbm2e.stack_area", 92, 92, 110, "mm²", .relayed, "JEDEC HBM2e stack's package")
    static let idle = Fact(
        "memory.idle", 0.5, 1.0, 2.0, "W", .assumed, "refresh and standby of one stack")

    static let all = [
        hbm2eEnergy, hbm3Energy, lpddrEnergy, phyEnergy, hbmPrice, lpddrPrice, stackArea, idle,
    ]

    /// pJ for each bit that the memory moves, its interface on the die included.
    static func energy(_ kind: MemoryKind) -> Estimate {
        switch kind {
        case .ideal: .zero
        case .lpddr5x: lpddrEnergy.value + phyEnergy.value
        case .hbm2e: hbm2eEnergy.value + phyEnergy.value
        case .hbm3: hbm3Energy.value + phyEnergy.value
        }
    }

    static func price(_ kind: MemoryKind) -> Estimate {
        switch kind {
        case .ideal: .zero
        case .lpddr5x: lpddrPrice.value
        case .hbm2e, .hbm3: hbmPrice.value
        }
    }
}
