/// Times of the kernels that a model's step is made of, on one part. All in µs.
protocol StepTimer: Sendable {
    /// An 8-bit [m, k] by [k, n] product; `isBlockScaled` as DeepSeek's weights are.
    func product(m: Double, n: Double, k: Double, isBlockScaled: Bool) -> Double
    /// A 16-bit product: the vocabulary's.
    func wideProduct(m: Double, n: Double, k: Double) -> Double
    /// Attention with heads of `dimension` values.
    func attention(
        _ phase: Phase, dimension: Int, batch: Double, length: Double, heads: Double,
        cacheHeads: Double
    ) -> Double
    /// Work known by its bytes and operations alone: experts, latent attention.
    func stream(bytes: Double, operations: Double, is8Bit: Bool) -> Double
    /// An all-reduce.
    func reduction(count: Int, bytes: Double) -> Double
    /// What a layer and a step take beside kernels.
    var layerOverhead: Double { get }
    var stepOverhead: Double { get }
    /// Bytes of a cached value.
    var cacheBytes: Double { get }
}

/// µs of one step of a model on one of `count` parts, by kind of work.
struct StepTime: Sendable, Hashable {
    var dense = 0.0
    var attention = 0.0
    var experts = 0.0
    var reduction = 0.0
    var overhead = 0.0

    var total: Double { dense + attention + experts + reduction + overhead }
}

/// A model spread over `count` parts, tensor parallel.
///
/// The twin of `Server` in benchmarks/cost/serving.py.
struct ModelStep: Sendable {
    var model: ModelShape
    var count: Int
    var timer: any StepTimer

    /// One decode step of `batch` requests with `context` tokens each.
    func decode(batch: Double, context: Double) -> StepTime {
        let attention: Double
        if model.latent > 0 {
            // All heads share the latent cache: each part reads it whole.
            let bytes = batch * context * Double(model.latent) * timer.cacheBytes
            let perToken = 2 * Double(model.heads) / Double(count) * Double(model.latent + 512)
            attention = timer.stream(
                bytes: bytes, operations: batch * context * perToken, is8Bit: false)
        } else {
            attention = timer.attention(
                .decode, dimension: model.dimension, batch: batch, length: context,
                heads: heads, cacheHeads: cacheHeads)
        }
        return step(rows: batch, attention: attention)
    }

    /// Prefill of one prompt of `length` tokens.
    func prefill(length: Double) -> StepTime {
        let attention: Double
        if model.latent > 0 {
            // Expanded heads: 192 values a query and key, 128 a value, half of the square.
            let operations = 2 * Double(model.heads) / Double(count) * length * length / 2 * 320
            attention = timer.stream(bytes: 0, operations: operations, is8Bit: false)
        } else {
            attention = timer.attention(
                .prefill, dimension: model.dimension, batch: 1, length: length, heads: heads,
                cacheHeads: cacheHeads)
        }
        return step(rows: length, attention: attention)
    }

    private var heads: Double { max(Double(model.heads) / Double(count), 1) }
    private var cacheHeads: Double { max(Double(model.cacheHeads) / Double(count), 1) }

    private func step(rows: Double, attention: Double) -> StepTime {
        var time = StepTime()
        time.dense = dense(rows: rows)
        time.attention = Double(model.layers) * attention
        time.experts = experts(rows: rows)
        // A message of less than 256 bytes takes as long as one of 256.
        let bytes = max(rows * Double(model.hidden) * 2, 256)
        time.reduction = 2 * Double(model.layers) * timer.reduction(count: count, bytes: bytes)
        time.overhead = Double(model.layers) * timer.layerOverhead + timer.stepOverhead
        return time
    }

    private func product(_ rows: Double, _ columns: Double, _ inner: Double) -> Double {
        timer.product(m: rows, n: columns, k: inner, isBlockScaled: model.latent > 0)
    }

    private func dense(rows: Double) -> Double {
        let (hidden, share) = (Double(model.hidden), Double(count))
        var layer: Double
        if model.latent > 0 {
            let rank = Double(model.queryRank)
            layer = product(rows, rank + Double(model.latent), hidden)
            layer += product(rows, Double(model.heads) * 192 / share, rank)
            layer += 2 * product(rows, Double(model.heads) * 128 / share, 512)
            layer += product(rows, hidden, Double(model.heads) * 128 / share)
        } else {
            let dimension = Double(model.dimension)
            let columns = (Double(model.heads) / share + 2 * cacheHeads) * dimension
            layer = product(rows, columns, hidden)
            layer += product(rows, hidden, Double(model.heads) * dimension / share)
        }
        var time = Double(model.layers) * layer
        if model.feedForwardLayers > 0 {
            time += Double(model.feedForwardLayers) * feedForward(rows, Double(model.inner) / share)
        }
        if model.sharedInner > 0 {
            let one = feedForward(rows, Double(model.sharedInner) / share)
            time += Double(model.expertLayers) * one
        }
        // Only sequences' last tokens meet the vocabulary; serving.py takes 512 at most.
        let last = timer.wideProduct(
            m: min(rows, 512), n: Double(model.vocabulary) / share, k: hidden)
        return time + last
    }

    private func feedForward(_ rows: Double, _ inner: Double) -> Double {
        let hidden = Double(model.hidden)
        return product(rows, 2 * inner, hidden) + product(rows, hidden, inner)
    }

    private func experts(rows: Double) -> Double {
        guard model.experts > 0 else { return 0 }
        let (all, taken) = (Double(model.experts), Double(model.taken))
        let touched = all * (1 - power(1 - taken / all, rows))
        let weights = 3 * Double(model.hidden) * Double(model.expertInner) / Double(count)
        return Double(model.expertLayers)
            * timer.stream(
                bytes: touched * weights, operations: 2 * rows * taken * weights, is8Bit: true)
    }
}
