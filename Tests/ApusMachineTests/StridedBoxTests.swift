import ApusCosimulation
import ApusMachine
import ApusNumerics
import Testing

@Suite("boxes of elements in memory")
struct StridedBoxTests {
    @Test("bounds are those of all ranges", arguments: [1, 2, 3] as [UInt64])
    func boundsAreThoseOfRanges(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5000 {
            let rank = Int.random(in: 0...5, using: &random)
            let box = StridedBox(
                address: Int.random(in: 1000...2000, using: &random),
                format: random.pick([.int4, .int8, .bf16, .fp32]),
                extents: (0..<rank).map { _ in Int.random(in: 1...4, using: &random) },
                strides: (0..<rank).map { _ in Int.random(in: -40...40, using: &random) })
            var ranges: [Range<Int>] = []
            box.forEachByteRange { ranges.append($0) }
            let low = ranges.map(\.lowerBound).min()
            let high = ranges.map(\.upperBound).max()
            #expect(box.byteBounds?.lowerBound == low, "seed \(seed): \(box)")
            #expect(box.byteBounds?.upperBound == high, "seed \(seed): \(box)")
        }
    }

    @Test("bounds of two to the sixtieth elements take no longer")
    func boundsOfMany() {
        let box = StridedBox(
            address: 0, format: .int8, extents: [1 << 30, 1 << 30], strides: [7, -5])
        #expect(box.byteBounds == -5 * ((1 << 30) - 1)..<7 * ((1 << 30) - 1) + 1)
    }
}
