import Glibc

/// Times of attention on a GPU: a formula for each phase, corrected by one table.
///
/// The twin of benchmarks/cost/attention.py; golden vectors hold the two together.
struct AttentionBaseline: Sendable {
    private let phase: Phase
    private let dimension: Double
    private let cacheBytes: Double
    private let table: CorrectionTable

    init(_ figures: FittedFigures.Attention) {
        phase = figures.phase
        dimension = Double(figures.dimension)
        cacheBytes = figures.cache.operandBytes
        table = CorrectionTable(
            knots: figures.phase == .prefill ? AttentionBaseline.prefill : AttentionBaseline.decode,
            values: CodedTable.decode(figures.table))
        let size = table.knots.reduce(1) { $0 * $1.count }
        precondition(table.values.count == size, "a fitted table is of another size than its knots")
    }

    /// µs: `length` queries of each sequence in prefill, one against `length` keys in decode.
    func microseconds(
        batch: Double, length: Double, heads: Double, cacheHeads: Double
    ) -> Double {
        let sharing = log2(heads / cacheHeads)
        let base: Double
        let streams: Double
        switch phase {
        case .prefill:
            // Operations, bytes and µs as attention.py names them; the table corrects them.
            let operations = 4 * batch * heads * dimension * length * (length + 1) / 2
            let moved = batch * length * dimension * (4 * heads + 2 * cacheHeads * cacheBytes)
            base = 5 + operations / 550e6 + moved / 2.5e6 + 4 * 128 * dimension * length / 5e6
            streams = batch * heads
        case .decode:
            let moved = 2 * batch * cacheHeads * length * dimension * cacheBytes
            base = 9 + moved / 3.0e6
            streams = batch * cacheHeads
        }
        return base * exp(table.value([log2(length), log2(streams), sharing]))
    }

    private static let prefill: [[Double]] = [
        [0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], [0, 2, 4, 5, 6, 7, 8, 9, 10, 12, 14],
        [0, 1, 2, 3, 4, 5, 6.6],
    ]
    private static let decode: [[Double]] = [
        [1, 4, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16], [0, 1, 2, 3, 4, 5, 6],
    ]
}
