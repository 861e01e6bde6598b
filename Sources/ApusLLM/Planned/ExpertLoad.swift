import ApusImport

/// How many rows the busiest chip computes where chips share the experts.
///
/// Each row chooses its experts with equal chances and without repetition, by SplitMix64 from
/// ``seed``; chip c holds the c-th share of them.
enum ExpertLoad {
    static let seed: UInt64 = 1

    /// Rows of a step, rounded up, whose experts the busiest chip computes.
    static func rowsMax(
        _ shapes: ModelShapes, _ workload: Workload, _ placement: Placement
    ) -> Int {
        var mixture: ExpertMixture?
        for layer in shapes.configuration.layers {
            if case .experts(let found) = layer.feedForward { mixture = found }
        }
        let rows = (workload.steps(placement).map(\.step.rows).max() ?? 1) * placement.expert
        guard let mixture else { return rows }
        var random = SplitMix(state: seed)
        var loads = [Int](repeating: 0, count: placement.expert)
        let share = mixture.count / placement.expert
        for _ in 0..<rows {
            var chosen: [Int] = []
            while chosen.count < mixture.usedCount {
                let expert = Int(random.next() % UInt64(mixture.count))
                if !chosen.contains(expert) { chosen.append(expert) }
            }
            for expert in chosen { loads[expert / share] += 1 }
        }
        let most = loads.max() ?? 0
        return max((most + mixture.usedCount - 1) / mixture.usedCount, 1)
    }

    private struct SplitMix {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
    }
}
