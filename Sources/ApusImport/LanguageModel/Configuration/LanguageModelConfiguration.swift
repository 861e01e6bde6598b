/// What a decoder-only language model computes, read from its files: one description for all
/// families, so that a model is data and not code of its own.
///
/// Each layer computes, with `norm` the root-mean-square norm,
///
///     x += postNorm(attention(norm(x)))
///     x += postNorm(feedForward(norm(x)))
///
/// where the post-norms stand only in families that have them.
///
/// - Source: docs/language-models/files.md.
public struct LanguageModelConfiguration: Equatable, Sendable {
    /// The family whose conventions the model follows.
    public enum Family: String, CaseIterable, Sendable {
        case llama, mistral, mixtral, qwen2, qwen3
        case qwen3MoE = "qwen3_moe"
        case gemma2, gemma3
        case deepSeekV2 = "deepseek_v2"
        case deepSeekV3 = "deepseek_v3"
    }

    /// The function between the gate and the product of a gated feed-forward block.
    public enum Activation: String, Sendable {
        case silu
        /// GELU by its tanh formula.
        case geluTanh
    }

    public var family: Family
    /// Tokens that have an embedding and a logit.
    public var vocabularySize: Int
    /// Positions the model was made for.
    public var contextLength: Int
    /// Elements of the residual stream.
    public var hiddenSize: Int
    /// Epsilon of all norms.
    public var normEpsilon: Float
    /// What is added to a norm's stored weights: 1 in Gemma's safetensors, else 0.
    public var normWeightOffset: Float
    /// The factor on embeddings: √hiddenSize in Gemma, else 1.
    public var embeddingScale: Float
    public var activation: Activation
    /// Whether attention and feed-forward have norms after them too (Gemma).
    public var hasPostNorms: Bool
    public var attention: Attention
    /// In order.
    public var layers: [Layer]
    /// `cap · tanh(logit / cap)` on the logits; nil without.
    public var logitSoftcap: Float?
    /// Whether the output matrix is the token embedding.
    public var isTied: Bool

    public var layerCount: Int { layers.count }

    /// What all layers' attention shares.
    public struct Attention: Equatable, Sendable {
        public var headCount: Int
        /// Heads of keys and values; each serves `headCount / keyValueHeadCount` query heads.
        public var keyValueHeadCount: Int
        /// Elements of a query and of a key.
        public var keySize: Int
        public var valueSize: Int
        /// The factor on the product of query and key.
        public var scale: Float
        /// `cap · tanh(score / cap)` on scaled scores; nil without.
        public var scoreSoftcap: Float?
        /// Whether each head's query and key are normed, before the rotary embedding.
        public var hasQueryKeyNorm: Bool
        /// Whether query, key and value have biases.
        public var hasBias: Bool
        /// Whether the output projection has a bias.
        public var hasOutputBias: Bool
        /// Keys and values from one latent vector (DeepSeek); nil for plain attention.
        public var latent: LatentAttention?
    }

    /// Multi-head latent attention: keys and values of all heads come from one normed vector, and
    /// one rotated part of the key serves all heads.
    public struct LatentAttention: Equatable, Sendable {
        /// Elements of the query's latent vector; nil if queries are projected directly.
        public var queryRank: Int?
        /// Elements of the latent vector of keys and values.
        public var keyValueRank: Int
        /// Elements of a query or key that are rotated: the last ones of `keySize`.
        public var rotarySize: Int
        /// Whether the file has, in place of `keyValueB`, its two halves `keyB` (transposed, for
        /// queries to be carried into the latent space) and `valueB`.
        public var hasSplitB: Bool
    }

    /// What a layer has of its own.
    public struct Layer: Equatable, Sendable {
        /// A query sees this many keys, its own among them; nil if it sees all before it.
        public var slidingWindow: Int?
        public var rotary: RotaryEmbedding
        public var feedForward: FeedForward
    }

    /// `down(activation(gate(x)) · up(x))`, once or by experts.
    public enum FeedForward: Equatable, Sendable {
        case dense(size: Int)
        case experts(ExpertMixture)
    }
}

/// Which experts a token goes to, and with what weights.
///
///     score = softmax or sigmoid of router(x)
///     groups: with groupCount > 1, only the experts of the usedGroupCount best groups stay
///     chosen = the usedCount best by score (+ bias)
///     weight = score of the chosen, over their sum if normalised, times scale
///     y = Σ weight · expert(x) + shared(x)
public struct ExpertMixture: Equatable, Sendable {
    public enum Scoring: String, Sendable { case softmax, sigmoid }

    /// How a group of experts is ranked.
    public enum GroupRanking: String, Sendable {
        /// By its best expert (DeepSeek-V2).
        case best
        /// By the sum of its two best (DeepSeek-V3).
        case sumOfTwoBest
    }

    public var count: Int
    public var usedCount: Int
    /// Elements between the projections of one expert.
    public var size: Int
    /// Elements of the block that every token passes through; 0 without.
    public var sharedSize: Int
    public var scoring: Scoring
    /// Whether a bias is added to scores for the choice (not for the weights).
    public var hasChoiceBias: Bool
    /// Whether the weights of the chosen are divided by their sum.
    public var isNormalised: Bool
    /// The factor on the weights.
    public var scale: Float
    public var groupCount: Int
    public var usedGroupCount: Int
    public var groupRanking: GroupRanking
    /// Experts whose weights are here, the first ones; nil for all. Fewer where chips share them.
    public var heldCount: Int? = nil
}
