import ApusISA
import ApusNumerics

extension RandomCommand {
    private static let matrixFormats: [(ElementFormat, ElementFormat)] = [
        (.bf16, .bf16), (.fp16, .fp16), (.bf16, .fp16), (.e5m2, .e4m3), (.e4m3, .e4m3),
        (.e4m3, .e4m3), (.int8, .int8), (.uint8, .int8), (.int8, .int4), (.uint4, .uint8),
        (.e2m1, .bf16), (.bf16, .e2m1), (.fp32, .fp32), (.bf16, .int32),
    ]

    /// What a `matmul` multiplies, and how.
    package struct MatmulKind: Hashable, Sendable {
        package var aFormat, bFormat: ElementFormat
        package var passes: MatmulPasses
        package var scaling: MatmulScaling
    }

    /// A `matmul` of any formats, passes and scaling, unless they are given.
    package static func matmul(
        kind: MatmulKind? = nil, _ generator: inout SeededGenerator
    ) -> RandomCommand {
        let kind = kind ?? drawKind(&generator)
        let (aFormat, bFormat) = (kind.aFormat, kind.bFormat)
        let maxima = [5, 2, 9, 3, 12, 3, 2]
        var extents = maxima.map { Int.random(in: 1...$0, using: &generator) }
        if generator.happens(oneIn: 15) { extents[4] = 0 }
        if generator.happens(oneIn: 10) { extents[2] = 40 }
        let (m, n) = (extents[0] * extents[1], extents[2] * extents[3])
        let k = extents[4] * extents[5] * extents[6]
        let a = RandomLayout(
            extents: [0, 1, 4, 5, 6].map { extents[$0] }, elementSize: unit(aFormat),
            canRepeat: true, &generator)
        let b = RandomLayout(
            extents: [2, 3, 4, 5, 6].map { extents[$0] }, elementSize: unit(bFormat),
            canRepeat: true, &generator)
        let size = aFormat == .e4m3 && bFormat == .e4m3 && kind.scaling == .none ? 8 : 4
        let row = n * size + (generator.happens(oneIn: 3) ? 16 : 0)
        let scales = kind.scaling == .none ? .none : randomScales(m: m, n: n, k: k, &generator)
        let descriptor = MatrixDescriptor(
            m0: Int32(extents[0]), m1: Int32(extents[1]), n0: Int32(extents[2]),
            n1: Int32(extents[3]), k0: Int32(extents[4]), k1: Int32(extents[5]),
            k2: Int32(extents[6]),
            aStrides: .init(
                m0: Int32(a.strides[0]), m1: Int32(a.strides[1]), k0: Int32(a.strides[2]),
                k1: Int32(a.strides[3]), k2: Int32(a.strides[4])),
            bStrides: .init(
                n0: Int32(b.strides[0]), n1: Int32(b.strides[1]), k0: Int32(b.strides[2]),
                k1: Int32(b.strides[3]), k2: Int32(b.strides[4])),
            accumulatorRowStride: Int32(row), scales: scales)
        let aBytes = byteSpan(a, aFormat)
        let bBytes = byteSpan(b, bFormat)
        var accumulator = address(0, row * m, &generator, accumulators: true)
        if !generator.happens(oneIn: 20) { accumulator &= ~7 }
        return RandomCommand(
            operation: .matmul(
                MatmulCommand(
                    descriptor: offset, a: address(aBytes.low, aBytes.high, &generator),
                    b: address(bBytes.low, bBytes.high, &generator), accumulator: accumulator,
                    aFormat: aFormat, bFormat: bFormat, accumulate: generator.happens(oneIn: 2),
                    passes: kind.passes, scaling: kind.scaling)),
            descriptor: descriptor.encode())
    }

    private static func drawKind(_ generator: inout SeededGenerator) -> MatmulKind {
        let scaling =
            generator.happens(oneIn: 4)
            ? generator.pick([MatmulScaling.dequantiseB, .blocks]) : .none
        var (aFormat, bFormat) = generator.pick(matrixFormats)
        if scaling == .dequantiseB, generator.happens(oneIn: 2) {
            (aFormat, bFormat) = (.bf16, generator.pick([.int8, .int4, .uint4, .e4m3, .e2m1]))
        }
        let passes: MatmulPasses =
            aFormat == .fp32 ? generator.pick([.three, .six]) : .native
        return MatmulKind(aFormat: aFormat, bFormat: bFormat, passes: passes, scaling: scaling)
    }

    private static func randomScales(
        m: Int, n: Int, k: Int, _ generator: inout SeededGenerator
    ) -> MatrixDescriptor.Scales {
        let length = Int.random(in: 1...8, using: &generator)
        let groups = (k + length - 1) / length
        let format = generator.pick([ElementFormat.fp32, .bf16, .fp16, .e8m0])
        let size = format.bitWidth / 8
        return MatrixDescriptor.Scales(
            a: address(0, m * groups * size, &generator),
            b: address(0, n * groups * size, &generator),
            bMinimums: generator.happens(oneIn: 2)
                ? 0 : address(0, n * groups * size, &generator) | 4,
            groupLength: Int32(length), aRowStride: Int32(groups * size),
            bRowStride: Int32(n * size), format: format)
    }
}
