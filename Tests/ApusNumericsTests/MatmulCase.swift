import ApusNumerics
import CApusNumerics
import Testing

/// One random Matrix command and its memory.
struct MatmulCase {
    static let pairs: [(ElementFormat, ElementFormat, Int, MatmulOracle.Scaling)] = [
        (.bf16, .bf16, 0, .none), (.fp16, .fp16, 0, .none), (.bf16, .fp16, 0, .none),
        (.fp32, .fp32, 1, .none), (.fp32, .fp32, 2, .none), (.fp32, .bf16, 2, .none),
        (.e4m3, .e4m3, 0, .none), (.e5m2, .e5m2, 0, .none), (.e4m3, .e5m2, 0, .none),
        (.e2m1, .e2m1, 0, .none), (.int8, .int8, 0, .none), (.uint8, .int8, 0, .none),
        (.uint8, .uint8, 0, .none), (.int8, .int4, 0, .none), (.uint8, .uint4, 0, .none),
        (.bf16, .int8, 0, .edge), (.bf16, .int4, 0, .edge), (.fp16, .uint4, 0, .edge),
        (.e4m3, .e2m1, 0, .edge), (.bf16, .e4m3, 0, .edge),
        (.int8, .int8, 0, .blocks), (.e4m3, .e4m3, 0, .blocks), (.e2m1, .e4m3, 0, .blocks),
        (.int4, .uint4, 0, .blocks),
    ]

    static let scaleFormats: [ElementFormat] = [.fp32, .fp16, .bf16, .e8m0, .e4m3, .int8]

    var oracle: MatmulOracle
    var args = apus_matmul_args()
    var a: [UInt8], b: [UInt8], acc: [UInt8]
    /// Scales and minimums as they lie in memory.
    var aScales: [UInt8] = [], bScales: [UInt8] = [], bMinimums: [UInt8] = []
    var scaleFormat = ElementFormat.fp32

    var rows: Int { Int(args.m0 * args.m1) }
    var columns: Int { Int(args.n0 * args.n1) }
    var depth: Int { Int(args.k0 * args.k1 * args.k2) }
    var groups: Int { (depth + oracle.groupLength - 1) / oracle.groupLength }

    /// Scaled codes, or BF16, whose columns lie side by side, as weights of language models do.
    init(weightsSeed seed: UInt64) {
        var generator = SeededGenerator(seed: seed &* 0x1_0001)
        let codes: [ElementFormat] = [
            .uint4, .int4, .int8, .uint8, .e4m3, .e2m1, .e5m2, .bf16, .uint4, .int8,
        ]
        let bFormat = codes[Int(seed) % codes.count]
        let aFormat: ElementFormat = generator.below(4) == 0 ? .fp16 : .bf16
        let group = [16, 32, 64, 128, 1 + generator.below(40), 5000][generator.below(6)]
        oracle = MatmulOracle(
            aFormat: aFormat, bFormat: bFormat, passes: 0,
            scaling: bFormat == .bf16 ? .none : .edge, groupLength: group)
        args.a_format = Int32(aFormat.rawValue)
        args.b_format = Int32(bFormat.rawValue)
        args.scaling = Int32(oracle.scaling.rawValue)
        args.group = Int64(group)
        scaleFormat = Self.scaleFormats[generator.below(4)]
        args.scale_format = Int32(scaleFormat.rawValue)
        args.accumulate = Int32(generator.below(2))
        args.m0 = Int64(generator.below(4) == 0 ? 9 + generator.below(10) : 1 + generator.below(8))
        args.n0 = Int64(1 + generator.below(150))
        args.k0 = Int64(1 + generator.below(generator.below(4) == 0 ? 1100 : 90))
        (args.m1, args.k1, args.k2) = (1, 1, 1)
        // Sometimes in two runs, which may follow one another.
        args.n1 = Int64(1 + generator.below(5) / 4)
        (a, b, acc) = ([], [], [])
        let x = apus_packed_stride(args.a_format), y = apus_packed_stride(args.b_format)
        (args.a_k0, args.a_m0) = (x, x * args.k0)
        if generator.below(4) == 0 { (args.a_m0, args.a_k0) = (x, x * args.m0) }
        (args.b_n0, args.b_n1) = (y, y * (args.n0 + Int64(generator.below(2))))
        args.b_k0 = y * (args.b_n1 / y * args.n1 + Int64(generator.below(3)))
        fill(&generator)
    }

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (aFormat, bFormat, passes, scaling) = Self.pairs[generator.below(Self.pairs.count)]
        oracle = MatmulOracle(
            aFormat: aFormat, bFormat: bFormat, passes: passes, scaling: scaling,
            groupLength: 1 + generator.below(40))
        args.a_format = Int32(aFormat.rawValue)
        args.b_format = Int32(bFormat.rawValue)
        args.passes = Int32(passes)
        args.scaling = Int32(scaling.rawValue)
        args.group = Int64(oracle.groupLength)
        scaleFormat = Self.scaleFormats[generator.below(Self.scaleFormats.count)]
        args.scale_format = Int32(scaleFormat.rawValue)
        args.accumulate = Int32(generator.below(2))
        args.m0 = Int64(1 + generator.below(20))
        args.m1 = Int64(1 + generator.below(2))
        args.n0 = Int64(1 + generator.below(45))
        args.n1 = Int64(1 + generator.below(2))
        args.k0 = Int64(1 + generator.below(generator.below(4) == 0 ? 200 : 12))
        args.k1 = Int64(1 + generator.below(3))
        args.k2 = Int64(1 + generator.below(3))
        (a, b, acc) = ([], [], [])
        setStrides(&generator)
        fill(&generator)
    }

    private mutating func setStrides(_ generator: inout SeededGenerator) {
        func step(_ format: ElementFormat) -> Int64 { apus_packed_stride(Int32(format.rawValue)) }
        // Contiguous along k, contiguous along the rows, or neither.
        let x = step(oracle.aFormat)
        switch generator.below(3) {
        case 0:
            (args.a_k0, args.a_k1, args.a_k2) = (x, x * args.k0, x * args.k0 * args.k1)
            args.a_m0 = args.a_k2 * args.k2
        case 1:
            args.a_m0 = x
            args.a_k0 = x * args.m0 * args.m1
            (args.a_k1, args.a_k2) = (args.a_k0 * args.k0, args.a_k0 * args.k0 * args.k1)
        default: (args.a_m0, args.a_k0, args.a_k1, args.a_k2) = (2 * x, 5 * x, 7 * x, 11 * x)
        }
        args.a_m1 = args.a_m0 * args.m0
        let y = step(oracle.bFormat)
        switch generator.below(3) {
        case 0:
            (args.b_k0, args.b_k1, args.b_k2) = (y, y * args.k0, y * args.k0 * args.k1)
            args.b_n0 = args.b_k2 * args.k2
        case 1:
            args.b_n0 = y
            args.b_k0 = y * args.n0 * args.n1
            (args.b_k1, args.b_k2) = (args.b_k0 * args.k0, args.b_k0 * args.k0 * args.k1)
        default: (args.b_n0, args.b_k0, args.b_k1, args.b_k2) = (2 * y, 5 * y, 7 * y, 11 * y)
        }
        args.b_n1 = args.b_n0 * args.n0
    }

    private mutating func fill(_ generator: inout SeededGenerator) {
        let isWild = generator.below(4) == 0
        func element(_ format: ElementFormat) -> UInt64 {
            let bits = generator.next() & format.mask
            guard format.isFloatingPoint, !isWild || generator.below(60) != 0 else { return bits }
            let value = Double(Int32(truncatingIfNeeded: generator.next())) * 0x1p-30
            return format.encode(value, rounding: .nearestEven)
        }
        func memory(_ format: ElementFormat, _ elements: Int64) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: format.byteCount(Int(elements)) + 8)
            for i in 0..<Int(elements) { write(format, &bytes, i, element(format)) }
            return bytes
        }
        let (x, y) = (apus_packed_stride(args.a_format), apus_packed_stride(args.b_format))
        a = memory(oracle.aFormat, aOffset(m: rows - 1, k: depth - 1) / x + 1)
        b = memory(oracle.bFormat, bOffset(n: columns - 1, k: depth - 1) / y + 1)
        let format = oracle.accumulatorFormat
        args.acc_row = Int64(format.byteCount(columns + generator.below(3)))
        acc = memory(format, Int64(rows) * args.acc_row / Int64(format.byteCount(1)))
        let size = Int64(scaleFormat.byteCount(1))
        (args.a_scale_row, args.b_scale_row) = (Int64(groups) * size, Int64(columns) * size)
        aScales = scales(rows * groups, isWild, &generator)
        bScales = scales(columns * groups, isWild, &generator)
        let hasMinimums = oracle.scaling == .edge && generator.below(2) == 0
        bMinimums = hasMinimums ? scales(columns * groups, isWild, &generator) : []
    }

    private func scales(
        _ count: Int, _ isWild: Bool, _ generator: inout SeededGenerator
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: scaleFormat.byteCount(count))
        for i in 0..<count {
            var bits = generator.next() & scaleFormat.mask
            if !isWild || generator.below(20) != 0 {
                let value = Double(Int32(truncatingIfNeeded: generator.next())) * 0x1p-29
                bits = scaleFormat.encode(
                    scaleFormat == .e8m0 ? abs(value) : value, rounding: .nearestEven)
            }
            write(scaleFormat, &bytes, i, bits)
        }
        return bytes
    }

    private func scale(_ bytes: [UInt8], _ index: Int) -> Float {
        Float(scaleFormat.decode(read(scaleFormat, bytes, Int64(scaleFormat.byteCount(index)))))
    }

    private func write(
        _ format: ElementFormat, _ bytes: inout [UInt8], _ index: Int, _ bits: UInt64
    ) {
        if format.bitWidth == 4 {
            bytes[index / 2] |= UInt8(bits) << (index % 2 * 4)
            return
        }
        let size = format.bitWidth / 8
        for i in 0..<size { bytes[index * size + i] = UInt8(truncatingIfNeeded: bits >> (8 * i)) }
    }

    /// The offset of an element; strides ascend, so the last element has the largest.
    func aOffset(m: Int, k: Int) -> Int64 {
        offset(m, args.m0, args.a_m0, args.a_m1) + depthOffset(k, args.a_k0, args.a_k1, args.a_k2)
    }

    func bOffset(n: Int, k: Int) -> Int64 {
        offset(n, args.n0, args.b_n0, args.b_n1) + depthOffset(k, args.b_k0, args.b_k1, args.b_k2)
    }

    private func offset(_ i: Int, _ inner: Int64, _ stride0: Int64, _ stride1: Int64) -> Int64 {
        Int64(i) % inner * stride0 + Int64(i) / inner * stride1
    }

    private func depthOffset(_ k: Int, _ s0: Int64, _ s1: Int64, _ s2: Int64) -> Int64 {
        let k = Int64(k)
        return k % args.k0 * s0 + k / args.k0 % args.k1 * s1 + k / args.k0 / args.k1 * s2
    }

    private func read(_ format: ElementFormat, _ bytes: [UInt8], _ offset: Int64) -> UInt64 {
        let offset = Int(offset)
        if format.bitWidth == 4 { return UInt64(bytes[offset / 2] >> (offset % 2 * 4) & 15) }
        return (0..<format.bitWidth / 8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * $1) }
    }

    /// The accumulators that the oracle computes, row by row.
    func expected() -> [UInt64] {
        let format = oracle.accumulatorFormat
        return (0..<rows * columns).map { index in
            let (m, n) = (index / columns, index % columns)
            let at = Int64(m) * args.acc_row + Int64(format.byteCount(n))
            return oracle.sum(
                accumulator: args.accumulate != 0 ? read(format, acc, at) : 0,
                a: (0..<depth).map { read(oracle.aFormat, a, aOffset(m: m, k: $0)) },
                b: (0..<depth).map { read(oracle.bFormat, b, bOffset(n: n, k: $0)) },
                aScales: (0..<groups).map { scale(aScales, m * groups + $0) },
                bScales: (0..<groups).map { scale(bScales, $0 * columns + n) },
                bMinimums: bMinimums.isEmpty
                    ? [] : (0..<groups).map { scale(bMinimums, $0 * columns + n) })
        }
    }

    /// The accumulators that the C function leaves behind.
    func computed() -> [UInt64] {
        var args = args
        var result = acc
        let status = result.withUnsafeMutableBytes { acc in
            a.withUnsafeBytes { a in
                b.withUnsafeBytes { b in
                    aScales.withUnsafeBytes { aScales in
                        bScales.withUnsafeBytes { bScales in
                            bMinimums.withUnsafeBytes { bMinimums in
                                args.acc = acc.baseAddress
                                (args.a, args.b) = (a.baseAddress, b.baseAddress)
                                args.a_scales = aScales.baseAddress
                                args.b_scales = bScales.baseAddress
                                args.b_minimums = bMinimums.isEmpty ? nil : bMinimums.baseAddress
                                return apus_matmul(&args)
                            }
                        }
                    }
                }
            }
        }
        #expect(status == 0)
        let format = oracle.accumulatorFormat
        return (0..<rows * columns).map {
            read(
                format, result,
                Int64($0 / columns) * args.acc_row + Int64(format.byteCount($0 % columns)))
        }
    }
}

extension [UInt8] {
    /// Makes all elements the same, of a format of whole bytes or of zeros.
    mutating func fill(_ bits: UInt64, of format: ElementFormat) {
        let size = Swift.max(format.bitWidth / 8, 1)
        for i in indices { self[i] = UInt8(truncatingIfNeeded: bits >> (8 * (i % size))) }
    }
}
