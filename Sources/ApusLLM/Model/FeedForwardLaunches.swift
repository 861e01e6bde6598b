import ApusImport
import ApusISA

extension LayerLaunches {
    /// The feed-forward block, its norm included.
    func feedForward() throws(LanguageModelError) -> [Launch] {
        var launches = [try norm(plan.residual, layer.feedForwardNorm, .rows(plan.normed))]
        switch layer.feedForward {
        case .dense(let dense):
            launches += try self.dense(dense, postNorm: layer.feedForwardPostNorm)
        case .experts(let experts):
            launches.append(
                try norm(plan.residual, layer.feedForwardNorm, .rows(plan.experts.input)))
            launches += try mixture(experts)
            if let shared = experts.shared { launches += try dense(shared, postNorm: nil) }
        }
        return launches
    }

    private var activation: GatedLaunch.Activation {
        configuration.activation == .silu ? .silu : .geluTanh
    }

    private func dense(
        _ dense: LayerPlan.Dense, postNorm: Int?
    ) throws(LanguageModelError) -> [Launch] {
        var hidden = plan.hidden
        let matrices = dense.gated.map(\.matrix)
        hidden.columns = matrices[0].outputs
        let gated = GatedLaunch(
            label: "gate and up", input: plan.normed, matrices: matrices,
            activation: activation, result: hidden)
        return [Launch(try gated.program(rows: rows, in: plan.memory), label: "gate and up")]
            + (try block("down", hidden, dense.down, postNorm))
    }

    /// The experts' part: it is added before the shared block, which reads the same norm.
    private func mixture(_ experts: LayerPlan.Experts) throws(LanguageModelError) -> [Launch] {
        let buffers = plan.experts
        let memory = plan.memory
        let used = experts.mixture.usedCount
        func list(_ buffer: RowBuffer, _ columns: Int) -> RowBuffer {
            var buffer = buffer
            buffer.columns = columns
            return buffer
        }
        let logits = list(buffers.logits, experts.mixture.count)
        let chosen = list(buffers.chosen, used)
        let weights = list(buffers.weights, used)
        let hidden = list(buffers.hidden, experts.mixture.size)
        let rowsOfExperts = ExpertRows(experts: chosen, choices: used)
        let router = RouterLaunch(
            input: buffers.input, weight: experts.router, outputs: experts.mixture.count,
            result: logits)
        let routing = RoutingLaunch(
            mixture: experts.mixture, logits: logits, bias: experts.bias, experts: chosen,
            weights: weights)
        let gated = ExpertGatedLaunch(
            input: plan.normed, rows: rowsOfExperts, gate: experts.gate, up: experts.up,
            activation: activation, result: hidden)
        let down = ExpertDownLaunch(
            input: hidden, rows: rowsOfExperts, down: experts.down, result: buffers.results)
        let combine = CombineLaunch(
            results: buffers.results, weights: weights, choices: used, residual: plan.residual)
        return [
            Launch(try router.program(rows: rows, in: memory), label: "router"),
            Launch(try routing.program(rows: rows, in: memory), label: "routing"),
            Launch(try gated.program(rows: expertRows, in: memory), label: "expert gates"),
            Launch(try down.program(rows: expertRows, in: memory), label: "expert results"),
            Launch(try combine.program(rows: rows, in: memory), label: "experts combined"),
        ]
    }
}

/// Rows in the arena that mixtures of experts need.
struct ExpertBuffers: Sendable {
    /// FP32 normed rows, for the router.
    var input: RowBuffer
    var logits: RowBuffer
    /// INT32 experts of each row, and their FP32 weights.
    var chosen, weights: RowBuffer
    /// A row for each row and choice: BF16 between the projections, FP32 behind them.
    var hidden, results: RowBuffer

    init(_ configuration: LanguageModelConfiguration, rows: Int, in arena: inout ArenaLayout) {
        var (count, used, size) = (1, 1, 1)
        var hiddenSize = 1
        for layer in configuration.layers {
            guard case .experts(let mixture) = layer.feedForward else { continue }
            count = max(count, mixture.count)
            used = max(used, mixture.usedCount)
            size = max(size, mixture.size)
            hiddenSize = configuration.hiddenSize
        }
        input = arena.rows(rows, hiddenSize, .fp32)
        logits = arena.rows(rows, count, .fp32)
        chosen = arena.rows(rows, used, .int32)
        weights = arena.rows(rows, used, .fp32)
        hidden = arena.rows(rows * used, size, .bf16)
        results = arena.rows(rows * used, hiddenSize, .fp32)
    }
}

/// Rows in the arena that latent attention needs.
struct LatentBuffers: Sendable {
    /// FP32 latent vectors of queries, BF16 normed ones.
    var query, queryNormed: RowBuffer
    /// FP32 latent vectors of keys and values with the shared key behind, BF16 normed ones.
    var latent, latentNormed: RowBuffer
    /// FP32 plain keys and values, head by head.
    var expanded: RowBuffer

    init(_ configuration: LanguageModelConfiguration, rows: Int, in arena: inout ArenaLayout) {
        let attention = configuration.attention
        let latent = attention.latent
        let rotary = latent?.rotarySize ?? 0
        let rank = latent?.keyValueRank ?? 1
        let pair = attention.keySize - rotary + attention.valueSize
        query = arena.rows(rows, latent?.queryRank ?? 1, .fp32)
        queryNormed = arena.rows(rows, latent?.queryRank ?? 1, .bf16)
        self.latent = arena.rows(rows, rank + rotary, .fp32)
        latentNormed = arena.rows(rows, rank, .bf16)
        expanded = arena.rows(rows, latent == nil ? 1 : attention.headCount * pair, .fp32)
    }
}
