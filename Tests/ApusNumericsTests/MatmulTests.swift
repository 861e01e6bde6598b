import ApusNumerics
import CApusNumerics
import Testing

/// The C Matrix command against the oracle, at every level of this machine.
@Suite("Matrix command", .serialized)
struct MatmulTests {
    @Test("random commands leave the oracle's bits at every level")
    func randomCommands() {
        for seed in 1...150 as ClosedRange<UInt64> { compare(MatmulCase(seed: seed), seed) }
    }

    @Test("weights of all codes leave the oracle's bits at every level, few rows and many")
    func weights() {
        for seed in 1...200 as ClosedRange<UInt64> { compare(MatmulCase(weightsSeed: seed), seed) }
    }

    @Test("NaN scales of any payload give NaN, and products of -0 keep their sign")
    func cornersOfScales() {
        for seed in 1...100 as ClosedRange<UInt64> {
            var command = MatmulCase(weightsSeed: seed)
            guard command.oracle.scaling == .edge else { continue }
            // Rows of ones times codes of zero, into accumulators of -0.
            let one = command.oracle.aFormat.encode(1, rounding: .nearestEven)
            command.a.fill(one, of: command.oracle.aFormat)
            command.b.fill(0, of: command.oracle.bFormat)
            command.acc.fill(0x8000_0000, of: .fp32)
            command.args.accumulate = 1
            let isNegativeZero = seed % 2 == 0 && command.scaleFormat != .e8m0
            let minusOne = command.scaleFormat.encode(-1, rounding: .nearestEven)
            let scale = isNegativeZero ? minusOne : command.scaleFormat.mask
            command.bScales.fill(scale, of: command.scaleFormat)
            if isNegativeZero { command.bMinimums = [] }
            let expected: UInt64 = isNegativeZero ? 0x8000_0000 : 0x7FC0_0000
            #expect(command.expected().allSatisfy { $0 == expected }, "seed \(seed)")
            compare(command, seed)
        }
    }

    private func compare(_ command: MatmulCase, _ seed: UInt64) {
        let expected = command.expected()
        for level in availableLevels {
            apus_set_simd_level(level)
            let computed = command.computed()
            let index = computed.indices.first { computed[$0] != expected[$0] }
            let got = index.map { String(computed[$0], radix: 16) } ?? ""
            let right = index.map { String(expected[$0], radix: 16) } ?? ""
            #expect(
                index == nil,
                """
                seed \(seed), level \(level), \(command.oracle), scales \(command.scaleFormat), \
                [\(command.rows), \(command.depth)] × [\(command.depth), \(command.columns)], \
                element \(index ?? 0): 0x\(got), expected 0x\(right)
                """)
        }
    }

    @Test("commands without a meaning are refused")
    func refusals() {
        let fp32 = Int32(ElementFormat.fp32.rawValue)
        let bf16 = Int32(ElementFormat.bf16.rawValue)
        let int8 = Int32(ElementFormat.int8.rawValue)
        let e8m0 = Int32(ElementFormat.e8m0.rawValue)
        #expect(apus_matmul_accumulator(fp32, fp32, 0, 0) == -1)
        #expect(apus_matmul_accumulator(bf16, int8, 0, 0) == -1)
        #expect(apus_matmul_accumulator(int8, int8, 2, 0) == -1)
        #expect(apus_matmul_accumulator(e8m0, bf16, 0, 0) == -1)
        #expect(apus_matmul_accumulator(fp32, int8, 0, 1) == -1)
        #expect(apus_matmul_accumulator(bf16, bf16, 0, 2) == -1)
        #expect(apus_matmul_accumulator(bf16, bf16, 0, 0) == fp32)
    }

    @Test("every product of two E4M3 numbers is exact in fixed54")
    func allE4M3Products() {
        // One command: A holds all codes as rows, B all codes as columns, k is 1.
        let codes = (0...255).map { UInt8($0) }
        var words = [Int64](repeating: 0, count: 65536)
        var args = apus_matmul_args()
        (args.m0, args.m1, args.n0, args.n1) = (256, 1, 256, 1)
        (args.k0, args.k1, args.k2) = (1, 1, 1)
        (args.a_m0, args.b_n0, args.acc_row) = (1, 1, 256 * 8)
        args.a_format = Int32(ElementFormat.e4m3.rawValue)
        args.b_format = args.a_format
        for level in availableLevels {
            apus_set_simd_level(level)
            codes.withUnsafeBytes { codes in
                words.withUnsafeMutableBytes { words in
                    (args.a, args.b, args.acc) = (
                        codes.baseAddress, codes.baseAddress, words.baseAddress
                    )
                    #expect(apus_matmul(&args) == 0)
                }
            }
            for index in words.indices {
                let product =
                    ElementFormat.e4m3.decode(UInt64(index / 256))
                    * ElementFormat.e4m3.decode(UInt64(index % 256))
                let expected =
                    product.isNaN
                    ? Int64(bitPattern: FixedPoint54.notANumber) : Int64(product * 0x1p18)
                if words[index] != expected {
                    Issue.record("product \(index): got \(words[index]), expected \(expected)")
                    return
                }
            }
        }
    }
}
