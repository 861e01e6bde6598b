import ApusISA
import ApusImport
import ApusKernels
import ApusRuntime

/// Makes the launches of one layer for a number of rows.
struct LayerLaunches {
    let plan: TransformerPlan
    let index: Int
    let rows: Int
    /// Rows whose experts are computed here: others where chips share the experts.
    let expertRows: Int

    var layer: LayerPlan { plan.layers[index] }
    var configuration: LanguageModelConfiguration { plan.configuration }

    /// Norm, projections, rotary embedding and the cache.
    func beforeAttention() throws(LanguageModelError) -> [Launch] {
        var launches = [try norm(plan.residual, layer.attentionNorm, .rows(plan.normed))]
        for linear in layer.projections {
            launches.append(
                try self.linear(
                    "projections", plan.normed, linear,
                    .stored(plan.projections, column: linear.column)))
        }
        if let latent = layer.latent { launches += try latentProjections(latent) }
        let rotary = configuration.layers[index].rotary
        let launch = RotaryLaunch(
            projections: plan.projections, queryHeads: configuration.attention.headCount,
            cache: layer.cache, rotarySize: rotary.size,
            first: layer.latent == nil ? 0 : configuration.attention.keySize - rotary.size,
            layout: rotary.layout, turns: plan.turns(of: index),
            positions: plan.tables.positions, places: plan.tables.places,
            queryNorm: layer.queryNorm, keyNorm: layer.keyNorm,
            epsilon: configuration.normEpsilon, queries: plan.queries)
        launches.append(
            Launch(try launch.program(rows: rows, in: plan.memory), label: "rotary"))
        return launches
    }

    /// Queries, keys and values by latent vectors.
    private func latentProjections(
        _ latent: LayerPlan.Latent
    ) throws(LanguageModelError) -> [Launch] {
        let attention = configuration.attention
        let buffers = plan.latents
        var launches: [Launch] = []
        var source = plan.normed
        if let queryA = latent.queryA, let weight = latent.queryANorm {
            launches += [
                try linear("query latent", plan.normed, queryA, .stored(buffers.query, column: 0)),
                try norm(buffers.query, weight, .rows(buffers.queryNormed)),
            ]
            source = buffers.queryNormed
        }
        launches += [
            try linear("queries", source, latent.queryB, .stored(plan.projections, column: 0)),
            try linear(
                "latent", plan.normed, latent.keyValueA, .stored(buffers.latent, column: 0)),
            try norm(
                buffers.latent, latent.keyValueANorm, .rows(buffers.latentNormed),
                columns: buffers.latentNormed.columns),
            try linear(
                "keys and values", buffers.latentNormed, latent.keyValueB,
                .stored(buffers.expanded, column: 0)),
        ]
        let rotarySize = configuration.layers[index].rotary.size
        let assembly = LatentLaunch(
            expanded: buffers.expanded, latent: buffers.latent,
            rank: buffers.latentNormed.columns, heads: attention.headCount,
            plainSize: attention.keySize - rotarySize, rotarySize: rotarySize,
            valueSize: attention.valueSize, projections: plan.projections,
            firstKey: attention.headCount * attention.keySize)
        launches.append(
            Launch(
                try assembly.program(rows: rows, in: plan.memory), label: "latent assembly"))
        return launches
    }

    /// Attention over tiles of the given tables.
    ///
    /// - Parameter chunks: how many are computed side by side; nil if they follow one another.
    func attention(
        _ tables: AttentionTables, tiles: Int, chunks: Int?
    ) throws(LanguageModelError) -> StepLaunches.Attention {
        let attention = configuration.attention
        let launch = AttentionLaunch(
            queries: plan.queries, queryHeads: attention.headCount, cache: layer.cache,
            scale: attention.scale, softcap: attention.scoreSoftcap,
            window: configuration.layers[index].slidingWindow, result: plan.attended,
            positions: plan.tables.positions, tileRows: tables.rows, tilePages: tables.pages,
            height: tables.height)
        var split: [TileProgram]?
        if let chunks, let buffers = plan.split {
            split = try SplitAttention(attention: launch, buffers: buffers)
                .programs(tiles: tiles, chunks: chunks, in: plan.memory)
        }
        let encoded: [EncodedTileProgram]
        if let split {
            encoded = split.map { $0.encode() }
        } else {
            let whole = try launch.program(
                tiles: tiles, contextMax: plan.limits.contextMax, in: plan.memory)
            encoded = [whole.encode()]
        }
        guard let chunkTable = encoded.last?.chunkTable else {
            preconditionFailure("an attention launch has a table of chunks")
        }
        return StepLaunches.Attention(
            launches: encoded.map { Launch($0, label: "attention") }, chunkTable: chunkTable,
            together: split == nil ? 1 : chunks.map { SplitAttention.summed($0) } ?? 1)
    }

    /// The output projection and the feed-forward block.
    func afterAttention() throws(LanguageModelError) -> [Launch] {
        var launches = try block(
            "attention output", plan.attended, layer.attentionOutput, layer.attentionPostNorm)
        launches += try feedForward()
        return launches
    }

    /// A linear layer whose result is added to the residual stream, normed first if there is a
    /// norm.
    func block(
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

    func norm(
        _ input: RowBuffer, _ weight: Int, _ result: NormLaunch.Result, columns: Int? = nil
    ) throws(LanguageModelError) -> Launch {
        let norm = NormLaunch(
            input: input, columns: columns ?? input.columns, weight: weight,
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
