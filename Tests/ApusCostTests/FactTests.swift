import ApusCost
import Testing

@Suite("the constants of the cost models")
struct FactTests {
    @Test("every constant has a name of its own, a unit and a source")
    func sources() {
        var names: Set<String> = []
        for fact in Facts.all {
            #expect(!fact.source.isEmpty, "\(fact.name) has no source")
            #expect(!fact.unit.isEmpty, "\(fact.name) has no unit")
            #expect(names.insert(fact.name).inserted, "\(fact.name) stands twice")
            #expect(fact.value.low > 0 || fact.value.expected >= 0, "\(fact.name)")
        }
        #expect(Facts.all.count > 120)
        #expect(Facts.named("energy.mac8") != nil)
    }

    /// pJ a product without the clock, from docs/hardware/energy.md.
    @Test(
        "what the cell's gates take lies within the constants",
        arguments: [
            ("energy.mac16", "BF16", 0.572), ("energy.mac16", "FP16", 0.643),
            ("energy.mac8", "E4M3", 0.170), ("energy.mac8", "INT8", 0.211),
        ])
    func gates(constant: String, format: String, measured: Double) throws {
        let value = try #require(Facts.named(constant)).value
        #expect(value.contains(measured), "\(format)")
    }

    @Test("arithmetic keeps bounds in order and never narrows a range")
    func arithmetic() {
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
        var state = Sequence(state: seed)
        for _ in 0..<10_000 {
            let (a, b) = (state.estimate(), state.estimate())
            for result in [a + b, a * b, a - b] {
                #expect(result.low <= result.expected && result.expected <= result.high, "\(seed)")
            }
            // Values of the bounds come out within the bounds of the result.
            #expect((a * b).contains(a.low * b.high), "seed \(seed)")
            #expect((a - b).contains(a.high - b.low), "seed \(seed)")
            if b.low > 0 { #expect((a / b).contains(a.low / b.low), "seed \(seed)") }
        }
    }

    private struct Sequence {
        var state: UInt64

        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / 9_007_199_254_740_992 * 20 - 10
        }

        mutating func estimate() -> Estimate {
            let values = [next(), next(), next()].sorted()
            return Estimate(low: values[0], expected: values[1], high: values[2])
        }
    }
}
