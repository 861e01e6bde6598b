import Glibc

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// Kernel times of a measured GPU, or of a part derived from it.
struct GPUTimer: StepTimer {
    let baseline: GPUBaseline
    /// Compute and bandwidth relative to the measured part; of 8-bit products and of 16-bit ones.
    let speed8: RelativeSpeed
    let speed16: RelativeSpeed
    /// Format of weights and cache: 8 bits where the part has it.
    let format: KernelFormat
    /// A factor on all times: the scenario's.
    let factor: Double

    /// Bytes a µs and 16-bit operations a µs of streaming kernels (serving.py's constants).
    private static let bandwidth: [MeasuredGPU: Double] = [
        .h100: 2.8e6, .h200: 4.0e6, .a100: 1.7e6,
    ]
    private static let operations: [MeasuredGPU: Double] = [
        .h100: 600e6, .h200: 600e6, .a100: 230e6,
    ]

    let layerOverhead: Double
    let stepOverhead: Double
    var cacheBytes: Double { format == .bf16 ? 2 : 1 }

    init(
        baseline: GPUBaseline, speed8: RelativeSpeed, speed16: RelativeSpeed, factor: Double
    ) {
        self.baseline = baseline
        self.speed8 = speed8
        self.speed16 = speed16
        self.factor = factor
        format = baseline.has(.fp8) ? .fp8 : .bf16
        let framework = ServingFigures.fitted.frameworks[0]
        layerOverhead = framework.layer * factor
        stepOverhead = framework.step * factor
    }

    func product(m: Double, n: Double, k: Double, isBlockScaled: Bool) -> Double {
        let wanted: KernelFormat = format == .bf16 ? .bf16 : isBlockScaled ? .fp8Block : .fp8
        let speed = format == .bf16 ? speed16 : speed8
        guard let time = baseline.product(wanted, m: m, n: n, k: k, speed: speed) else {
            preconditionFailure("a baseline lacks the products of its own format")
        }
        return time * factor
    }

    func wideProduct(m: Double, n: Double, k: Double) -> Double {
        guard let time = baseline.product(.bf16, m: m, n: n, k: k, speed: speed16) else {
            preconditionFailure("every baseline has 16-bit products")
        }
        return time * factor
    }

    func attention(
        _ phase: Phase, dimension: Int, batch: Double, length: Double, heads: Double,
        cacheHeads: Double
    ) -> Double {
        let time = baseline.attention(
            phase, dimension: dimension, cache: format, batch: batch, length: length,
            heads: heads, cacheHeads: cacheHeads)
        guard let time else { preconditionFailure("a model's head size was not measured") }
        let speed =
            phase == .prefill ? (format == .bf16 ? speed16 : speed8).compute : speed8.bandwidth
        return time * factor / speed
    }

    func stream(bytes: Double, operations: Double, is8Bit: Bool) -> Double {
        let moved = bytes * (is8Bit ? cacheBytes : 1)
        let memory = moved / ((GPUTimer.bandwidth[baseline.gpu] ?? 1) * speed8.bandwidth)
        let fast = is8Bit && format != .bf16
        let rate =
            (GPUTimer.operations[baseline.gpu] ?? 1)
            * (fast ? 2 * speed8.compute : speed16.compute)
        let compute = operations / rate
        return (memory * memory + compute * compute).squareRoot() * factor
    }

    /// Beyond eight the message crosses servers: twice the time of eight, an assumption.
    func reduction(count: Int, bytes: Double) -> Double {
        let here = min(count, 8)
        guard let time = baseline.reduction(count: here, bytes: bytes) else {
            preconditionFailure("all-reduce was measured over 2, 4 and 8")
        }
        return time * factor * (count > 8 ? 2 : 1)
    }
}
