import ApusCost
import Testing

@Suite("the GPU baseline")
struct BaselineTests {
    @Test("kernel times equal those of the Python that fitted them")
    func vectors() throws {
        let rows = try Vectors.rows("baseline.tsv", separator: "\t", heading: false)
        #expect(rows.count > 300)
        var baselines: [String: GPUBaseline] = [:]
        for row in rows {
            let gpu = try #require(MeasuredGPU(rawValue: row[1]))
            let baseline = baselines[row[1]] ?? GPUBaseline(gpu)
            baselines[row[1]] = baseline
            let found = try #require(microseconds(baseline, row), "\(row)")
            let expected = try #require(Double(row[7]))
            // Constants are shipped to their last written digit; what differs is the order of sums.
            #expect(abs(found / expected - 1) < 1e-9, "\(row): \(found)")
        }
    }

    private func microseconds(_ baseline: GPUBaseline, _ row: [String]) -> Double? {
        let numbers = row.map { Double($0) ?? .nan }
        switch row[0] {
        case "gemm":
            guard let format = KernelFormat(rawValue: row[2]) else { return nil }
            return baseline.product(format, m: numbers[3], n: numbers[4], k: numbers[5])
        case "attention":
            let phase: Phase = row[2].hasPrefix("prefill") ? .prefill : .decode
            return baseline.attention(
                phase, dimension: row[2].contains("64") ? 64 : 128,
                cache: row[2].hasSuffix("bf16") ? .bf16 : .fp8, batch: numbers[3],
                length: numbers[4], heads: numbers[5], cacheHeads: numbers[6])
        default:
            return Int(row[2]).flatMap { baseline.reduction(count: $0, bytes: numbers[3]) }
        }
    }

    @Test("what was not measured has no time")
    func unmeasured() {
        let baseline = GPUBaseline(.a100)
        #expect(baseline.product(.fp8, m: 1, n: 128, k: 128) == nil)
        #expect(
            baseline.attention(
                .decode, dimension: 96, cache: .bf16, batch: 1, length: 1, heads: 1, cacheHeads: 1)
                == nil)
        #expect(baseline.reduction(count: 3, bytes: 1e6) == nil)
    }
}
