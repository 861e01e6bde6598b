import ApusChip
import ApusCost
import Testing

@Suite("area, yield and price")
struct PriceTests {
    @Test("yield models agree for small dies and are in order for large ones")
    func models() {
        for model in YieldModel.allCases {
            #expect(model.share(area: 0, defects: 0.1) == 1)
            #expect(abs(model.share(area: 1, defects: 0.1) - 0.999) < 1e-5)
        }
        for area in stride(from: 50.0, through: 850, by: 50) {
            let shares = YieldModel.allCases.map { $0.share(area: area, defects: 0.2) }
            // Clustering spares dies: Poisson, then Murphy, then negative binomial.
            #expect(shares[0] < shares[1] && shares[1] < shares[2], "\(area) mm²")
        }
    }

    @Test("a known price: 610 mm² in 7 nm is near seven tenths of dies good by Murphy")
    func known() {
        // (1 − e^−x)/x squared at x = 6.1 · 0.09 = 0.549, by hand: 0.5915.
        #expect(abs(YieldModel.murphy.share(area: 610, defects: 0.09) - 0.5915) < 1e-3)
        // 90 dies of 610 mm² or so on a wafer, as published for parts of that size.
        #expect((80...95).contains(diesPerWafer(area: 610)))
    }

    @Test("sold with no broken core a die yields as if it were one piece")
    func salvageNone() {
        // Poisson: a product of independent pieces is the whole.
        let whole = YieldModel.poisson.share(area: 600, defects: 0.2)
        let pieces = salvagedShare(
            .poisson, dieArea: 600, coreArea: 8, cores: 64, spare: 0, defects: 0.2)
        #expect(abs(whole - pieces) < 1e-12)
    }

    @Test("each core that may be broken adds dies, up to what lies outside cores")
    func salvageMore() {
        var last = 0.0
        for spare in 0...64 {
            let share = salvagedShare(
                .murphy, dieArea: 600, coreArea: 8, cores: 64, spare: spare, defects: 0.2)
            #expect(share >= last)
            last = share
        }
        let rest = YieldModel.murphy.share(area: 600 - 8 * 64, defects: 0.2)
        #expect(abs(last - rest) < 1e-9)
    }

    @Test("published areas are held beside the model's, and most lie within its range")
    func knownChips() {
        let checks = KnownChip.all.flatMap(\.checks)
        #expect(checks.count == 12)
        let within = checks.filter(\.isWithin).count
        #expect(within >= 9, "\(within) of \(checks.count)")
    }

    @Test("a chip beyond a reticle is refused with its area")
    func reticle() throws {
        var chip = Chip.cloud7
        (chip.meshColumns, chip.meshRows) = (16, 16)
        #expect(throws: CostError.self) {
            try ChipArea(chip, node: try ProcessNode.named("14nm"))
        }
    }
}
