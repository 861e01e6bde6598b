import ApusNumerics
import CApusNumerics
import Testing

/// The C row functions against the oracle, at every level of this machine.
@Suite("Vector functions", .serialized)
struct FunctionTests {
    static let count = 3001

    @Test("FP32 rows have the oracle's bits at every level", arguments: VectorFunction.allCases)
    func floatRows(function: VectorFunction) {
        guard function.shape != .reduction, function.shape != .scan else { return }
        let a = interestingFloats(count: Self.count, seed: 1)
        let b = interestingFloats(count: Self.count, seed: 2).reversed() as [Float]
        let c = interestingFloats(count: Self.count, seed: 3).shuffled(seed: 4)
        for level in availableLevels {
            apus_set_simd_level(level)
            for scalars in [0, 2, 5] as [Int32] {
                var d = [Float](repeating: 0, count: Self.count)
                let status = run(function, a, b, c, &d, scalars)
                let hasMeaning = function.evaluate(1 as Float, 1, 1) != nil
                #expect((status == 0) == hasMeaning)
                guard hasMeaning else { continue }
                for i in d.indices {
                    let x = scalars & 1 != 0 && function.shape != .unary ? a[0] : a[i]
                    let y = scalars & 2 != 0 ? b[0] : b[i]
                    let z = scalars & 4 != 0 ? c[0] : c[i]
                    let expected = function.evaluate(x, y, z)?.bitPattern ?? 0
                    if d[i].bitPattern != expected {
                        Issue.record(
                            mismatch(
                                "\(function)(\(x), \(y)) level \(level)", i, d[i].bitPattern,
                                expected))
                        break
                    }
                }
            }
        }
    }

    @Test("INT32 rows have the oracle's bits at every level", arguments: VectorFunction.allCases)
    func integerRows(function: VectorFunction) {
        guard function.shape != .reduction, function.shape != .scan else { return }
        var generator = SeededGenerator(seed: 5)
        let special: [Int32] = [0, 1, -1, .min, .max, 31, 32, -32, 2, 3, -7]
        let rows = (0..<3).map { _ in
            (0..<Self.count).map { _ in
                let word = generator.next()
                return word % 3 == 0
                    ? special[Int(word >> 8) % special.count]
                    : Int32(truncatingIfNeeded: word >> 16) >> Int32(word >> 8 & 31)
            }
        }
        for level in availableLevels {
            apus_set_simd_level(level)
            var d = [Int32](repeating: 0, count: Self.count)
            let status = run(function, rows[0], rows[1], rows[2], &d)
            let hasMeaning = function.evaluate(1 as Int32, 1, 1) != nil
            #expect((status == 0) == hasMeaning)
            guard hasMeaning else { continue }
            for i in d.indices {
                let expected = function.evaluate(rows[0][i], rows[1][i], rows[2][i]) ?? 0
                if d[i] != expected {
                    Issue.record(
                        "\(function)(\(rows[0][i]), \(rows[1][i])): \(d[i]), expected \(expected)"
                    )
                    break
                }
            }
        }
    }

    @Test("reductions, arguments and scans have the oracle's bits for every length up to 70")
    func wholeRows() {
        for level in availableLevels {
            apus_set_simd_level(level)
            for length in 0...70 {
                let row = interestingFloats(count: length + 40, seed: UInt64(length)).suffix(length)
                    .map { length % 3 == 0 ? $0 : ($0.isFinite ? $0 : 1) }
                let words = row.map { Int32(bitPattern: $0.bitPattern) }
                for function in [.rsum, .rprod, .rmax, .rmin] as [VectorFunction] {
                    var f = Float(0), i = Int32(0)
                    apus_reduce_f32(Int32(function.rawValue), row, &f, length)
                    apus_reduce_i32(Int32(function.rawValue), words, &i, length)
                    #expect(
                        f.bitPattern == function.reduce(row).bitPattern, "\(function) \(length)")
                    #expect(i == function.reduce(words), "\(function) \(length)")
                }
                for function in [.rargmax, .rargmin] as [VectorFunction] {
                    var f = Int32(0), i = Int32(0)
                    apus_argument_f32(Int32(function.rawValue), row, &f, length)
                    apus_argument_i32(Int32(function.rawValue), words, &i, length)
                    #expect(f == function.argument(row) && i == function.argument(words))
                }
                checkScans(row, words)
            }
        }
    }

    private func checkScans(_ row: [Float], _ words: [Int32]) {
        for function in [.cumsum, .cumprod] as [VectorFunction] {
            for (exclusive, reverse) in [(0, 0), (0, 1), (1, 0), (1, 1)] as [(Int32, Int32)] {
                var f = row
                var i = words
                let code = Int32(function.rawValue)
                apus_scan_f32(code, row, &f, row.count, exclusive, reverse)
                apus_scan_i32(code, words, &i, row.count, exclusive, reverse)
                let expected = function.scan(row, exclusive: exclusive == 1, reverse: reverse == 1)
                #expect(f.map(\.bitPattern) == expected.map(\.bitPattern))
                #expect(
                    i == function.scan(words, exclusive: exclusive == 1, reverse: reverse == 1))
            }
        }
    }

    @Test("top-k is descending, the first index first among equals, NaN before numbers")
    func topK() {
        let row: [Float] = [1, 3, .nan, 3, -0.0, 0, .infinity, -2, .nan]
        for k in 0...row.count {
            var values = [Float](repeating: 0, count: k)
            var indices = [Int32](repeating: 0, count: k)
            apus_topk_f32(row, row.count, k, &values, &indices)
            let expected = TopK.select(row, count: k)
            #expect(indices == expected.map(\.index))
            #expect(indices == [2, 8, 6, 1, 3, 0, 4, 5, 7].prefix(k).map { Int32($0) })
            #expect(values.map(\.bitPattern) == expected.map(\.value.bitPattern))
        }
        var generator = SeededGenerator(seed: 9)
        let integers = (0..<500).map { _ in Int32(generator.below(40)) }
        var values = [Int32](repeating: 0, count: 77)
        var indices = values
        apus_topk_i32(integers, integers.count, 77, &values, &indices)
        #expect(indices == TopK.select(integers, count: 77).map(\.index))
    }

    @Test("long rows: the first extreme and the k largest, with ties, both zeros and late NaNs")
    func longRows() {
        for seed in 0..<24 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let length = 400 + generator.below(3000)
            // Few different values, so that many are equal; NaNs in some rows.
            let kinds = 3 + generator.below(2000)
            let row = (0..<length).map { index -> Float in
                let value = Float(generator.below(kinds) - kinds / 2)
                if seed % 3 == 0, index > 300, generator.below(900) == 0 { return .nan }
                return value == 0 && generator.below(2) == 0 ? -0.0 : value
            }
            let words = row.map { $0.isNaN ? Int32.max : Int32($0) }
            let k = [1, 40, 1024, length][Int(seed) % 4] % (length + 1)
            for level in availableLevels {
                apus_set_simd_level(level)
                for function in [.rargmax, .rargmin] as [VectorFunction] {
                    var f = Int32(0), i = Int32(0)
                    apus_argument_f32(Int32(function.rawValue), row, &f, length)
                    apus_argument_i32(Int32(function.rawValue), words, &i, length)
                    #expect(f == function.argument(row), "seed \(seed), \(function)")
                    #expect(i == function.argument(words), "seed \(seed), \(function)")
                }
                var values = [Float](repeating: 0, count: k)
                var largest = [Int32](repeating: 0, count: k)
                var (indices, places) = (largest, largest)
                apus_topk_f32(row, length, k, &values, &indices)
                apus_topk_i32(words, length, k, &largest, &places)
                let (expected, whole) = (TopK.select(row, count: k), TopK.select(words, count: k))
                #expect(indices == expected.map(\.index), "seed \(seed)")
                #expect(values.map(\.bitPattern) == expected.map(\.value.bitPattern))
                #expect(places == whole.map(\.index) && largest == whole.map(\.value))
            }
        }
    }

    @Test("random numbers are Philox4x32-10, by the vectors of its authors")
    func philox() {
        // Random123 1.14, tests/kat_vectors, lines "philox4x32 10".
        let zero = Philox.block(key: (0, 0), counter: (0, 0, 0, 0))
        #expect(zero == (0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
        let ones = Philox.block(key: (.max, .max), counter: (.max, .max, .max, .max))
        #expect(ones == (0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
        var row = [Float](repeating: 0, count: 9)
        apus_random_f32(7, 8, 0xFFFF_FFFE, &row, row.count)
        for i in row.indices {
            let expected = Philox.uniform(key0: 7, key1: 8, counter: 0xFFFF_FFFE + UInt64(i))
            #expect(row[i] == expected)
        }
    }

    private func run(
        _ function: VectorFunction, _ a: [Float], _ b: [Float], _ c: [Float], _ d: inout [Float],
        _ scalars: Int32
    ) -> Int32 {
        let code = Int32(function.rawValue)
        return switch function.shape {
        case .unary: apus_unary_f32(code, a, &d, d.count)
        case .binary: apus_binary_f32(code, a, b, &d, d.count, scalars)
        default: apus_ternary_f32(code, a, b, c, &d, d.count, scalars)
        }
    }

    private func run(
        _ function: VectorFunction, _ a: [Int32], _ b: [Int32], _ c: [Int32], _ d: inout [Int32]
    ) -> Int32 {
        let code = Int32(function.rawValue)
        return switch function.shape {
        case .unary: apus_unary_i32(code, a, &d, d.count)
        case .binary: apus_binary_i32(code, a, b, &d, d.count, 0)
        default: apus_ternary_i32(code, a, b, c, &d, d.count, 0)
        }
    }
}

extension Array {
    /// A permutation that depends on the seed alone.
    func shuffled(seed: UInt64) -> [Element] {
        var generator = SeededGenerator(seed: seed)
        return shuffled(using: &generator)
    }
}
