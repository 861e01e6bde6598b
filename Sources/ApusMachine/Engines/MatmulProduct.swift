import ApusISA
import ApusNumerics

/// The sum of one accumulator of a `matmul`, as docs/Architecture.md ("Numerics") gives it.
struct MatmulProduct {
    /// Scales by row or column and by group along k.
    struct Scales {
        var groupLength: Int
        var a: (_ m: Int, _ group: Int) -> Float
        var b: (_ n: Int, _ group: Int) -> Float
        var minimum: ((_ n: Int, _ group: Int) -> Float)?

        /// No scales.
        static var none: Scales {
            Scales(groupLength: .max, a: { _, _ in 1 }, b: { _, _ in 1 }, minimum: nil)
        }
    }

    let shape: MatmulShape
    let command: MatmulCommand
    let format: ElementFormat
    /// Elements of A and B: m or n fastest, then k.
    let a: [Double]
    let b: [Double]

    private func elementA(_ m: Int, _ k: Int) -> Double { a[k * shape.m + m] }
    private func elementB(_ n: Int, _ k: Int) -> Double { b[k * shape.n + n] }

    /// What the accumulator holds afterwards, given what it held.
    func sum(_ m: Int, _ n: Int, _ old: UInt64, _ scales: Scales) -> UInt64 {
        switch format {
        case .int32: return integerSum(m, n, old)
        case .fixed54: return exactSum(m, n, old)
        default:
            let start = Float(bitPattern: UInt32(truncatingIfNeeded: old))
            let result: Float =
                switch command.scaling {
                case .none where command.passes != .native: slicedSum(m, n, start)
                case .none, .dequantiseB: fusedSum(m, n, start, scales)
                case .blocks: blockSum(m, n, start, scales)
                }
            return result.isNaN ? 0x7FC0_0000 : UInt64(result.bitPattern)
        }
    }

    private func integerSum(_ m: Int, _ n: Int, _ old: UInt64) -> UInt64 {
        var sum = Int32(truncatingIfNeeded: old)
        for k in 0..<shape.k { sum &+= Int32(elementA(m, k)) &* Int32(elementB(n, k)) }
        return UInt64(UInt32(bitPattern: sum))
    }

    /// Counts of 2⁻¹⁸; not a number once anything is not.
    private func exactSum(_ m: Int, _ n: Int, _ old: UInt64) -> UInt64 {
        var sum = FixedPoint54.wrap(Int64(bitPattern: old))
        if UInt64(bitPattern: sum) == FixedPoint54.notANumber { return FixedPoint54.notANumber }
        for k in 0..<shape.k {
            let product = elementA(m, k) * elementB(n, k)
            if product.isNaN { return FixedPoint54.notANumber }
            sum = FixedPoint54.wrap(sum &+ Int64(product * 0x1p18))
        }
        return UInt64(bitPattern: sum)
    }

    /// One fused multiply-add for each k; B dequantised to BF16 first where it has scales.
    private func fusedSum(_ m: Int, _ n: Int, _ start: Float, _ scales: Scales) -> Float {
        var sum = start
        for k in 0..<shape.k {
            var b = Float(elementB(n, k))
            if command.scaling == .dequantiseB {
                let group = k / scales.groupLength
                let scale = scales.b(n, group)
                b = scales.minimum.map { $0(n, group).addingProduct(b, scale) } ?? b * scale
                b = MatmulProduct.bfloat(b)
            }
            sum = sum.addingProduct(Float(elementA(m, k)), b)
        }
        return sum
    }

    private static func bfloat(_ value: Float) -> Float {
        let bits = ElementFormat.bf16.encode(Double(value), rounding: .nearestEven)
        return Float(ElementFormat.bf16.decode(bits))
    }

    /// The exact sum of each group, then one multiply-add of the scales' product and the sum.
    private func blockSum(_ m: Int, _ n: Int, _ start: Float, _ scales: Scales) -> Float {
        var sum = start
        for first in stride(from: 0, to: shape.k, by: scales.groupLength) {
            var block = 0.0
            for k in first..<min(first + scales.groupLength, shape.k) {
                block += elementA(m, k) * elementB(n, k)
            }
            let group = first / scales.groupLength
            sum = sum.addingProduct(scales.a(m, group) * scales.b(n, group), Float(block))
        }
        return sum
    }

    /// Products of BF16 slices, the smallest first.
    private func slicedSum(_ m: Int, _ n: Int, _ start: Float) -> Float {
        let six = [(0, 2), (1, 1), (2, 0), (0, 1), (1, 0)]
        let pairs = command.passes == .six ? six : [(0, 1), (1, 0)]
        var sum = start
        for k in 0..<shape.k {
            let a = Slices(Float(elementA(m, k)))
            let b = Slices(Float(elementB(n, k)))
            for (i, j) in pairs { sum = sum.addingProduct(a.parts[i], b.parts[j]) }
            sum = sum.addingProduct(a.first, b.first)
        }
        return sum
    }

    /// An FP32 number as three BF16 numbers.
    private struct Slices {
        var parts: SIMD4<Float> = .zero
        /// What the last pass multiplies: slice 0, or the value itself if it is not finite.
        var first: Float

        init(_ value: Float) {
            first = value
            guard value.isFinite else { return }
            var rest = value
            for index in 0..<3 {
                parts[index] = Float(bitPattern: rest.bitPattern & 0xFFFF_0000)
                rest -= parts[index]
            }
            first = parts[0]
        }
    }
}
