import ApusImport
import ApusNumerics

/// Where the weights and the cache of one layer lie.
struct LayerPlan: Sendable {
    /// A linear layer of one or more weights that share a format.
    struct Linear: Sendable {
        var roles: [LayerTensor]
        var matrix: PackedMatrix
        /// FP32 biases of all outputs, and their roles.
        var bias: Int?
        var biasRoles: [LayerTensor] = []
        /// The first column of its results among the projections.
        var column = 0
    }

    var attentionNorm, feedForwardNorm: Int
    var attentionPostNorm, feedForwardPostNorm: Int?
    var queryNorm, keyNorm: Int?
    /// Query, key and value: one matrix if their formats agree, else three.
    var projections: [Linear]
    var attentionOutput: Linear
    var gate, up, down: Linear
    var cache: CacheRegion

    init(
        _ index: Int, _ files: LanguageModelFiles, limits: LanguageModelLimits,
        memory: CoreMemory, in arena: inout ArenaLayout
    ) throws(LanguageModelError) {
        let configuration = files.configuration
        let attention = configuration.attention
        let hiddenBytes = configuration.hiddenSize * 4
        guard attention.latent == nil else { throw .unsupported("latent attention") }
        guard case .dense = configuration.layers[index].feedForward else {
            throw .unsupported("mixtures of experts")
        }
        attentionNorm = arena.reserve(hiddenBytes)
        feedForwardNorm = arena.reserve(hiddenBytes)
        if configuration.hasPostNorms {
            attentionPostNorm = arena.reserve(hiddenBytes)
            feedForwardPostNorm = arena.reserve(hiddenBytes)
        }
        if attention.hasQueryKeyNorm {
            queryNorm = arena.reserve(attention.keySize * 4)
            keyNorm = arena.reserve(attention.keySize * 4)
        }
        var maker = LinearMaker(index: index, files: files, memory: memory)
        projections = try maker.joined(
            [.query, .key, .value],
            biases: attention.hasBias ? [.queryBias, .keyBias, .valueBias] : [], in: &arena)
        attentionOutput = try maker.one(
            .attentionOutput, bias: attention.hasOutputBias ? .attentionOutputBias : nil,
            in: &arena)
        gate = try maker.one(.gate, in: &arena)
        up = try maker.one(.up, in: &arena)
        down = try maker.one(.down, in: &arena)
        let pages = limits.cacheTokens / CacheRegion.pageTokens
        cache = CacheRegion(
            keys: 0, values: 0, pages: pages, heads: attention.keyValueHeadCount,
            keySize: attention.keySize, valueSize: attention.valueSize,
            format: limits.cacheFormat)
        cache.keys = arena.reserve(pages * cache.keyPageBytes)
        cache.values = arena.reserve(pages * cache.valuePageBytes)
    }
}

/// Reserves the linear layers of one layer.
struct LinearMaker {
    var index: Int
    var files: LanguageModelFiles
    var memory: CoreMemory

    /// A linear layer of one weight.
    mutating func one(
        _ role: LayerTensor, bias: LayerTensor? = nil, in arena: inout ArenaLayout
    ) throws(LanguageModelError) -> LayerPlan.Linear {
        try make([role], biases: bias.map { [$0] } ?? [], column: 0, in: &arena)
    }

    /// Linear layers whose results lie beside each other: one if all formats agree.
    mutating func joined(
        _ roles: [LayerTensor], biases: [LayerTensor], in arena: inout ArenaLayout
    ) throws(LanguageModelError) -> [LayerPlan.Linear] {
        let formats = try roles.map { role throws(LanguageModelError) in
            try files.weight(.layer(index, role)).streamed
        }
        if formats.allSatisfy({ $0 == formats[0] }) {
            return [try make(roles, biases: biases, column: 0, in: &arena)]
        }
        var column = 0
        var linears: [LayerPlan.Linear] = []
        for (place, role) in roles.enumerated() {
            let bias = biases.isEmpty ? [] : [biases[place]]
            linears.append(try make([role], biases: bias, column: column, in: &arena))
            column += linears[place].matrix.outputs
        }
        return linears
    }

    private mutating func make(
        _ roles: [LayerTensor], biases: [LayerTensor], column: Int, in arena: inout ArenaLayout
    ) throws(LanguageModelError) -> LayerPlan.Linear {
        let tensors = try roles.map { role throws(LanguageModelError) in
            try files.weight(.layer(index, role))
        }
        let outputs = tensors.reduce(0) { $0 + $1.rows }
        let matrix = PackedMatrix(
            inputs: tensors[0].columns, outputs: outputs,
            width: PackedMatrix.width(outputs: outputs, memory: memory),
            format: tensors[0].streamed, in: &arena)
        return LayerPlan.Linear(
            roles: roles, matrix: matrix,
            bias: biases.isEmpty ? nil : arena.reserve(outputs * 4), biasRoles: biases,
            column: column)
    }
}
