import Glibc

/// A GPU with measured kernels.
public enum MeasuredGPU: String, Sendable, Hashable, CaseIterable {
    case h100, h200, a100
}

/// Times of a GPU's kernels, from fitted figures of measured ones.
///
/// - Source: benchmarks/cost/fit.py; errors on held-out shapes in docs/cost/baseline.md.
public struct GPUBaseline: Sendable {
    public let gpu: MeasuredGPU
    private let products: [KernelFormat: ProductBaseline]
    private let attentions: [AttentionKey: AttentionBaseline]
    private let reductions: [Int: CorrectionTable]

    private struct AttentionKey: Hashable {
        var phase: Phase
        var dimension: Int
        var cache: KernelFormat
    }

    /// Decodes the figures; a millisecond or so.
    public init(_ gpu: MeasuredGPU) {
        self.gpu = gpu
        let figures: FittedFigures =
            switch gpu {
            case .h100: .h100
            case .h200: .h200
            case .a100: .a100
            }
        products = Dictionary(
            uniqueKeysWithValues: figures.products.map {
                ($0.kind, ProductBaseline($0, multiprocessors: figures.multiprocessors))
            })
        attentions = Dictionary(
            uniqueKeysWithValues: figures.attentions.map { found in
                let key = AttentionKey(
                    phase: found.phase, dimension: found.dimension, cache: found.cache)
                return (key, AttentionBaseline(found))
            })
        let knots = stride(from: 8.0, to: 31, by: 2).map { $0 }
        reductions = Dictionary(
            uniqueKeysWithValues: figures.reductions.map {
                ($0.count, CorrectionTable(knots: [knots], values: $0.table.map { $0 / 1000 }))
            })
    }

    /// Whether products in this format were measured.
    public func has(_ format: KernelFormat) -> Bool { products[format] != nil }

    /// µs of an [m, k] by [k, n] product; nil in a format that was not measured.
    public func product(
        _ format: KernelFormat, m: Double, n: Double, k: Double, speed: RelativeSpeed = .measured
    ) -> Double? {
        products[format]?.microseconds(m: m, n: n, k: k, speed: speed)
    }

    /// µs of attention; nil for a head size or cache format that was not measured.
    ///
    /// - Parameters:
    ///   - length: queries of each sequence in prefill, cached keys in decode.
    public func attention(
        _ phase: Phase, dimension: Int, cache: KernelFormat, batch: Double, length: Double,
        heads: Double, cacheHeads: Double
    ) -> Double? {
        let key = AttentionKey(
            phase: phase, dimension: dimension, cache: cache == .bf16 ? .bf16 : .fp8)
        return attentions[key]?.microseconds(
            batch: batch, length: length, heads: heads, cacheHeads: cacheHeads)
    }

    /// µs of adding so many bytes of BF16 over so many GPUs; nil for a count not measured.
    public func reduction(count: Int, bytes: Double) -> Double? {
        if count < 2 { return 0 }
        let logarithm = log2(bytes)
        // Beyond the largest measured message time grows with bytes.
        return reductions[count].map { exp($0.value([logarithm])) * exp2(max(logarithm - 30, 0)) }
    }
}
