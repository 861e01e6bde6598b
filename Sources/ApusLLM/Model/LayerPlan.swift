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

    /// The ways to queries, keys and values by latent vectors.
    struct Latent: Sendable {
        /// To the query's latent vector and its norm; nil if queries are projected directly.
        var queryA: Linear?
        var queryANorm: Int?
        var queryB: Linear
        var keyValueA: Linear
        var keyValueANorm: Int
        var keyValueB: Linear
    }

    /// A gated block that every token passes through.
    struct Dense: Sendable {
        /// Gate and up: one whose tiles take turns if their formats agree, else two.
        var gated: [Linear]
        var down: Linear
    }

    /// A mixture of experts.
    struct Experts: Sendable {
        var mixture: ExpertMixture
        /// FP32 weights of the router, [inputs][experts], and biases of the choice.
        var router: Int
        var bias: Int?
        /// Stacks of all experts' matrices.
        var gate, up, down: PackedMatrix
        var shared: Dense?
    }

    enum FeedForward: Sendable {
        case dense(Dense)
        case experts(Experts)
    }

    var attentionNorm, feedForwardNorm: Int
    var attentionPostNorm, feedForwardPostNorm: Int?
    var queryNorm, keyNorm: Int?
    /// Query, key and value: one matrix if their formats agree, else three; none if latent.
    var projections: [Linear]
    var latent: Latent?
    var attentionOutput: Linear
    var feedForward: FeedForward
    var cache: CacheRegion

    init(
        _ index: Int, _ shapes: ModelShapes, limits: LanguageModelLimits,
        memory: CoreMemory, in arena: inout ArenaLayout
    ) throws(LanguageModelError) {
        let configuration = shapes.configuration
        let attention = configuration.attention
        let hiddenBytes = configuration.hiddenSize * 4
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
        let maker = LinearMaker(index: index, shapes: shapes, memory: memory)
        if let description = attention.latent {
            projections = []
            latent = try Latent(description, maker, in: &arena)
        } else {
            projections = try maker.joined(
                [.query, .key, .value],
                biases: attention.hasBias ? [.queryBias, .keyBias, .valueBias] : [], in: &arena)
        }
        attentionOutput = try maker.one(
            .attentionOutput, bias: attention.hasOutputBias ? .attentionOutputBias : nil,
            in: &arena)
        switch configuration.layers[index].feedForward {
        case .dense:
            feedForward = .dense(try Dense(.gate, .up, .down, maker, in: &arena))
        case .experts(let mixture):
            feedForward = .experts(
                try Experts(mixture, maker, hiddenSize: configuration.hiddenSize, in: &arena))
        }
        let pages = limits.cacheTokens / CacheRegion.pageTokens
        cache = CacheRegion(
            pages: pages, heads: attention.keyValueHeadCount, keySize: attention.keySize,
            valueSize: attention.valueSize, format: limits.cacheFormat, in: &arena)
    }
}

extension LayerPlan {
    /// Bytes of all matrices.
    var weightBytes: Int {
        var linears = projections + [attentionOutput] + (latent?.linears ?? [])
        var stacks: [PackedMatrix] = []
        switch feedForward {
        case .dense(let dense): linears += dense.linears
        case .experts(let experts):
            linears += experts.shared?.linears ?? []
            stacks = [experts.gate, experts.up, experts.down]
        }
        return linears.reduce(0) { $0 + $1.matrix.bytes } + stacks.reduce(0) { $0 + $1.bytes }
    }
}

extension LayerPlan.Latent {
    init(
        _ description: LanguageModelConfiguration.LatentAttention, _ maker: LinearMaker,
        in arena: inout ArenaLayout
    ) throws(LanguageModelError) {
        guard !description.hasSplitB else {
            throw .unsupported("latent attention whose key and value matrices are split")
        }
        if let rank = description.queryRank {
            queryA = try maker.one(.queryA, in: &arena)
            queryANorm = arena.reserve(rank * 4)
            queryB = try maker.one(.queryB, in: &arena)
        } else {
            queryB = try maker.one(.query, in: &arena)
        }
        keyValueA = try maker.one(.keyValueA, in: &arena)
        keyValueANorm = arena.reserve(description.keyValueRank * 4)
        keyValueB = try maker.one(.keyValueB, in: &arena)
    }

    var linears: [LayerPlan.Linear] { [queryA, queryB, keyValueA, keyValueB].compactMap { $0 } }
}

extension LayerPlan.Dense {
    init(
        _ gate: LayerTensor, _ up: LayerTensor, _ down: LayerTensor, _ maker: LinearMaker,
        in arena: inout ArenaLayout
    ) throws(LanguageModelError) {
        gated = try maker.pair([gate, up], in: &arena)
        self.down = try maker.one(down, in: &arena)
    }

    var linears: [LayerPlan.Linear] { gated + [down] }
}

extension LayerPlan.Experts {
    init(
        _ mixture: ExpertMixture, _ maker: LinearMaker, hiddenSize: Int,
        in arena: inout ArenaLayout
    ) throws(LanguageModelError) {
        self.mixture = mixture
        router = arena.reserve(hiddenSize * mixture.count * 4)
        if mixture.hasChoiceBias { bias = arena.reserve(mixture.count * 4) }
        let held = 0..<(mixture.heldCount ?? mixture.count)
        gate = try maker.stack(held.map { .expertGate($0) }, in: &arena)
        up = try maker.stack(held.map { .expertUp($0) }, in: &arena)
        down = try maker.stack(held.map { .expertDown($0) }, in: &arena)
        if mixture.sharedSize > 0 {
            shared = try LayerPlan.Dense(.sharedGate, .sharedUp, .sharedDown, maker, in: &arena)
        }
    }
}
