/// The law of the Matrix command for one output element: the oracle of `apus_matmul`.
///
/// - Source: docs/numerics/matmul.md.
public struct MatmulOracle: Sendable {
    /// What happens to scales along k.
    public enum Scaling: UInt8, Sendable {
        case none = 0
        /// B is dequantised at the array's edge, to BF16.
        case edge = 1
        /// Both operands have block scales, applied to exact sums of blocks.
        case blocks = 2
    }

    public var aFormat: ElementFormat
    public var bFormat: ElementFormat
    /// 0 native, 1 three, 2 six BF16 passes.
    public var passes: Int
    public var scaling: Scaling
    /// Elements of k that share a scale.
    public var groupLength: Int

    public init(
        aFormat: ElementFormat, bFormat: ElementFormat, passes: Int, scaling: Scaling,
        groupLength: Int
    ) {
        self.aFormat = aFormat
        self.bFormat = bFormat
        self.passes = passes
        self.scaling = scaling
        self.groupLength = groupLength
    }

    /// FP32, INT32 or FIXED54; the command has a meaning for these formats.
    public var accumulatorFormat: ElementFormat {
        if scaling != .none { return .fp32 }
        if !aFormat.isFloatingPoint { return .int32 }
        return passes == 0 && aFormat == .e4m3 && bFormat == .e4m3 ? .fixed54 : .fp32
    }

    /// The accumulator's bits after all products, k ascending.
    ///
    /// - Parameters:
    ///   - accumulator: The bits to start from; zero if the command does not accumulate.
    ///   - a: The bits of a[m, k].
    ///   - b: The bits of b[k, n], as many.
    ///   - aScales: A's scale of each group, where the scaling has one.
    ///   - bScales: B's scale of each group.
    ///   - bMinimums: B's minimum of each group; empty if there are none.
    public func sum(
        accumulator: UInt64, a: [UInt64], b: [UInt64], aScales: [Float], bScales: [Float],
        bMinimums: [Float]
    ) -> UInt64 {
        let aValues = a.map { aFormat.decode($0) }
        var bValues = b.map { bFormat.decode($0) }
        switch accumulatorFormat {
        case .int32:
            return zip(aValues, bValues).reduce(accumulator) {
                UInt64(
                    UInt32(truncatingIfNeeded: $0) &+ UInt32(truncatingIfNeeded: Int64($1.0 * $1.1))
                )
            }
        case .fixed54: return fixedSum(accumulator, aValues, bValues)
        default: break
        }
        var acc = Float(bitPattern: UInt32(truncatingIfNeeded: accumulator))
        if scaling == .blocks {
            for (group, first) in stride(from: 0, to: a.count, by: groupLength).enumerated() {
                // Exact in binary64: counts of 2⁻¹⁸ below 2⁵³, or integers.
                var exact = 0.0
                for k in first..<min(first + groupLength, a.count) {
                    exact += aValues[k] * bValues[k]
                }
                acc = Lane.fma(aScales[group] * bScales[group], Float(exact), acc)
            }
            return UInt64(Lane.canonical(acc).bitPattern)
        }
        if scaling == .edge {
            for k in bValues.indices {
                let scale = bScales[k / groupLength]
                let minimum = bMinimums.isEmpty ? nil : bMinimums[k / groupLength]
                bValues[k] = Self.dequantise(Float(bValues[k]), scale: scale, minimum: minimum)
            }
        }
        for k in a.indices { acc = step(acc, Float(aValues[k]), Float(bValues[k])) }
        return UInt64(Lane.canonical(acc).bitPattern)
    }

    /// q·scale (+ minimum) in binary32, then to BF16, ties to even.
    static func dequantise(_ q: Float, scale: Float, minimum: Float?) -> Double {
        let value = minimum.map { Lane.fma(q, scale, $0) } ?? q * scale
        let bits = ElementFormat.bf16.encode(Double(value), rounding: .nearestEven)
        return ElementFormat.bf16.decode(bits)
    }

    /// The products of one k, in the order of the passes.
    private func step(_ acc: Float, _ a: Float, _ b: Float) -> Float {
        if passes == 0 { return Lane.fma(a, b, acc) }
        let (x, y) = (Self.slices(a), Self.slices(b))
        let pairs = passes == 2 ? [(0, 2), (1, 1), (2, 0), (0, 1), (1, 0)] : [(0, 1), (1, 0)]
        let sum = pairs.reduce(acc) { Lane.fma(x[$1.0], y[$1.1], $0) }
        return Lane.fma(a.isFinite ? x[0] : a, b.isFinite ? y[0] : b, sum)
    }

    /// The three BF16 slices of a finite value; zeros of another.
    static func slices(_ value: Float) -> [Float] {
        var rest = value.isFinite ? value : 0
        return (0..<3).map { _ in
            let high = Float(bitPattern: rest.bitPattern & 0xFFFF_0000)
            rest -= high
            return high
        }
    }

    private func fixedSum(_ accumulator: UInt64, _ a: [Double], _ b: [Double]) -> UInt64 {
        var sum = FixedPoint54.wrap(Int64(bitPattern: accumulator))
        for (x, y) in zip(a, b) {
            if UInt64(bitPattern: sum) == FixedPoint54.notANumber { return FixedPoint54.notANumber }
            let product = x * y
            if product.isNaN { return FixedPoint54.notANumber }
            sum &+= Int64(product * 0x1p18)
        }
        return UInt64(bitPattern: FixedPoint54.wrap(sum))
    }
}
