import ApusISA
import ApusImport
import ApusRuntime

/// Makes the launches of one layer for a number of rows.
struct LayerLaunches {
    let plan: TransformerPlan
    let index: Int
    let rows: Int

    private var layer: LayerPlan { plan.layers[index] }
    private var configuration: LanguageModelConfiguration { plan.configuration }

    /// Norm, projections, rotary embedding and the cache.
    func beforeAttention() throws(LanguageModelError) -> [Launch] {
        var launches = [try norm(plan.residual, layer.attentionNorm, .rows(plan.normed))]
        for linear in layer.projections {
            launches.append(
                try self.linear(
                    "projections", plan.normed, linear,
                    .stored(plan.projections, column: linear.column)))
        }
        let rotary = configuration.layers[index].rotary
        let launch = RotaryLaunch(
            projections: plan.projections, queryHeads: configuration.attention.headCount,
            cache: layer.cache, rotarySize: rotary.size,
            first: 0, layout: rotary.layout, turns: plan.turns(of: index),
            positions: plan.tables.positions, places: plan.tables.places,
            queryNorm: layer.queryNorm, keyNorm: layer.keyNorm,
            epsilon: configuration.normEpsilon, queries: plan.queries)
        launches.append(
            Launch(try launch.program(rows: rows, in: plan.memory), label: "rotary"))
        return launches
    }

    /// Attention over tiles of the given tables.
    func attention(
        _ tables: AttentionTables, tiles: Int
    ) throws(LanguageModelError) -> StepLaunches.Attention {
        let attention = configuration.attention
        let launch = AttentionLaunch(
            queries: plan.queries, queryHeads: attention.headCount, cache: layer.cache,
            scale: attention.scale, softcap: attention.scoreSoftcap,
            window: configuration.layers[index].slidingWindow, result: plan.attended,
            positions: plan.tables.positions, tileRows: tables.rows, tilePages: tables.pages,
            height: tables.height)
        let encoded = try launch.program(
            tiles: tiles, contextMax: plan.limits.contextMax, in: plan.memory
        ).encode()
        guard let chunkTable = encoded.chunkTable else {
            preconditionFailure("an attention launch has a table of chunks")
        }
        return StepLaunches.Attention(
            launch: Launch(encoded, label: "attention"), chunkTable: chunkTable)
    }

    /// The output projection and the feed-forward block.
    func afterAttention() throws(LanguageModelError) -> [Launch] {
        var launches = try block(
            "attention output", plan.attended, layer.attentionOutput, layer.attentionPostNorm)
        launches.append(try norm(plan.residual, layer.feedForwardNorm, .rows(plan.normed)))
        let gated = GatedLaunch(
            label: "gate and up", input: plan.normed, gate: layer.gate.matrix,
            up: layer.up.matrix,
            activation: configuration.activation == .silu ? .silu : .geluTanh,
            result: plan.hidden)
        launches.append(
            Launch(try gated.program(rows: rows, in: plan.memory), label: "gate and up"))
        launches += try block("down", plan.hidden, layer.down, layer.feedForwardPostNorm)
        return launches
    }

    /// A linear layer whose result is added to the residual stream, normed first if there is a
    /// norm.
    private func block(
        _ label: String, _ input: RowBuffer, _ linear: LayerPlan.Linear, _ postNorm: Int?
    ) throws(LanguageModelError) -> [Launch] {
        guard let postNorm else {
            return [try self.linear(label, input, linear, .addedTo(plan.residual))]
        }
        return [
            try self.linear(label, input, linear, .stored(plan.block, column: 0)),
            try norm(plan.block, postNorm, .addedTo(plan.residual)),
        ]
    }

    private func norm(
        _ input: RowBuffer, _ weight: Int, _ result: NormLaunch.Result
    ) throws(LanguageModelError) -> Launch {
        let norm = NormLaunch(
            input: input, columns: configuration.hiddenSize, weight: weight,
            epsilon: configuration.normEpsilon, result: result)
        return Launch(try norm.program(rows: rows, in: plan.memory), label: "norm")
    }

    private func linear(
        _ label: String, _ input: RowBuffer, _ linear: LayerPlan.Linear,
        _ result: LinearLaunch.Result
    ) throws(LanguageModelError) -> Launch {
        let launch = LinearLaunch(
            label: label, input: input, matrix: linear.matrix, bias: linear.bias, result: result)
        return Launch(try launch.program(rows: rows, in: plan.memory), label: label)
    }
}
