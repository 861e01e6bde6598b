#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension LanguageModelConfiguration {
    /// Architectures of GGUF files that are read.
    public static let ggufArchitectures = [
        "llama", "qwen2", "qwen3", "qwen3moe", "gemma2", "gemma3", "deepseek2",
    ]

    /// Reads the description of a GGUF file.
    ///
    /// What llama.cpp decides by a tensor's presence (biases, norms of queries and keys, a tied
    /// output, frequency factors) is decided so here.
    public init(gguf: GGUFFile) throws(ImportError) {
        let path = gguf.file.path
        guard let architecture = try gguf.metadata.text("general.architecture") else {
            throw .description(path, .missing("general.architecture"))
        }
        guard Self.ggufArchitectures.contains(architecture) else {
            throw .description(
                path, .architecture(architecture, supported: Self.ggufArchitectures))
        }
        let reader = GGUFConfigurationReader(
            source: GGUFDescription(metadata: gguf.metadata, architecture: architecture),
            tensors: Dictionary(
                gguf.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
            architecture: architecture)
        self = try reader.configuration()
    }
}

/// Reads a configuration from GGUF metadata and the names of tensors.
private struct GGUFConfigurationReader {
    let source: GGUFDescription
    let tensors: [String: StoredTensor]
    let architecture: String

    private typealias Configuration = LanguageModelConfiguration
    private var isGemma: Bool { architecture == "gemma2" || architecture == "gemma3" }

    private func family() throws(ImportError) -> Configuration.Family {
        switch architecture {
        case "qwen2": .qwen2
        case "qwen3": .qwen3
        case "qwen3moe": .qwen3MoE
        case "gemma2": .gemma2
        case "gemma3": .gemma3
        case "deepseek2": try scoring() == .sigmoid ? .deepSeekV3 : .deepSeekV2
        default: try source.integer("expert_count") ?? 0 > 0 ? .mixtral : .llama
        }
    }

    func configuration() throws(ImportError) -> LanguageModelConfiguration {
        let hiddenSize = try source.size("embedding_length", in: 1...1 << 20)
        guard let embedding = tensors["token_embd.weight"], embedding.shape.count == 2 else {
            throw .weight(source.path, "token_embd.weight", .missing(alsoKnownAs: []))
        }
        guard let epsilon = try source.positive("attention.layer_norm_rms_epsilon") else {
            throw .description(
                source.path, .missing("\(architecture).attention.layer_norm_rms_epsilon"))
        }
        let layerCount = try source.size("block_count", in: 1...4096)
        let attention = try attention(hiddenSize: hiddenSize, layerCount: layerCount)
        let logitSoftcap = try source.positive("final_logit_softcapping")
        return LanguageModelConfiguration(
            family: try family(),
            vocabularySize: embedding.shape[0],
            contextLength: try source.size("context_length", in: 1...1 << 30),
            hiddenSize: hiddenSize,
            normEpsilon: epsilon,
            normWeightOffset: 0,
            embeddingScale: isGemma ? Float(hiddenSize).squareRoot() : 1,
            activation: isGemma ? .geluTanh : .silu,
            hasPostNorms: isGemma,
            attention: attention,
            layers: try layers(layerCount, attention),
            logitSoftcap: logitSoftcap ?? (architecture == "gemma2" ? 30 : nil),
            isTied: tensors["output.weight"] == nil)
    }

    // MARK: Attention

    private func attention(
        hiddenSize: Int, layerCount: Int
    ) throws(ImportError) -> LanguageModelConfiguration.Attention {
        let heads = try source.size("attention.head_count", in: 1...4096)
        let keyValueHeads = try source.optionalSize("attention.head_count_kv", in: 1...4096)
        let size = max(hiddenSize / heads, 1)
        let latent = try latent()
        let keyName = latent?.hasSplitB == true ? "key_length_mla" : "key_length"
        let valueName = latent?.hasSplitB == true ? "value_length_mla" : "value_length"
        let keySize = try source.optionalSize("attention.\(keyName)", in: 1...1 << 16) ?? size
        let valueSize = try source.optionalSize("attention.\(valueName)", in: 1...1 << 16) ?? size
        let groups = latent == nil ? keyValueHeads ?? heads : heads
        guard heads % groups == 0 else {
            throw source.refused(
                "\(architecture).attention.head_count_kv", "\(groups)",
                allowed: "a divisor of the \(heads) heads")
        }
        // Gemma's largest models scale by the hidden size's share of a head; llama.cpp knows them
        // by their number of layers too.
        let isByHidden =
            architecture == "gemma2" && layerCount == 46
            || architecture == "gemma3" && layerCount == 62
        let usual = 1 / Float(isByHidden ? size : keySize).squareRoot()
        let given = try source.positive("attention.scale")
        var scale = given ?? usual
        if given == nil, latent != nil, let factor = try yarnFactor(),
            let multiplier = try source.number("rope.scaling.yarn_log_multiplier")
        {
            let magnitude = 1 + Float(multiplier) * Float(log(Double(factor)))
            scale *= magnitude * magnitude
        }
        let softcap = try source.positive("attn_logit_softcapping")
        return LanguageModelConfiguration.Attention(
            headCount: heads, keyValueHeadCount: groups, keySize: keySize, valueSize: valueSize,
            scale: scale, scoreSoftcap: softcap ?? (architecture == "gemma2" ? 50 : nil),
            hasQueryKeyNorm: tensors["blk.0.attn_q_norm.weight"] != nil,
            hasBias: tensors["blk.0.attn_q.bias"] != nil,
            hasOutputBias: tensors["blk.0.attn_output.bias"] != nil,
            latent: latent)
    }

    private func latent() throws(ImportError) -> LanguageModelConfiguration.LatentAttention? {
        guard architecture == "deepseek2" else { return nil }
        return LanguageModelConfiguration.LatentAttention(
            queryRank: try source.optionalSize("attention.q_lora_rank", in: 0...1 << 16)
                .flatMap { $0 == 0 ? nil : $0 },
            keyValueRank: try source.size("attention.kv_lora_rank", in: 1...1 << 16),
            rotarySize: try source.size("rope.dimension_count", in: 2...1 << 16),
            hasSplitB: tensors["blk.0.attn_kv_b.weight"] == nil
                && tensors["blk.0.attn_k_b.weight"] != nil)
    }

    // MARK: Rotary embedding

    private func yarnFactor() throws(ImportError) -> Float? {
        guard try source.text("rope.scaling.type") == "yarn" else { return nil }
        guard let factor = try source.positive("rope.scaling.factor") else {
            throw .description(source.path, .missing("\(architecture).rope.scaling.factor"))
        }
        return factor
    }

    private func rotary(keySize: Int) throws(ImportError) -> RotaryEmbedding {
        let size = try source.optionalSize("rope.dimension_count", in: 2...1 << 16) ?? keySize
        guard size % 2 == 0, size <= keySize else {
            throw source.refused(
                "\(architecture).rope.dimension_count", "\(size)",
                allowed: "even and at most the key's \(keySize)")
        }
        // llama.cpp stores the rows of Llama's queries and keys so that pairs are neighbours.
        let isInterleaved = architecture == "llama" || architecture == "deepseek2"
        return RotaryEmbedding(
            base: try source.positive("rope.freq_base") ?? 10_000, size: size,
            layout: isInterleaved ? .interleaved : .halves, scaling: try scaling(pairs: size / 2))
    }

    private func scaling(pairs: Int) throws(ImportError) -> RotaryEmbedding.Scaling {
        if let tensor = tensors["rope_freqs.weight"] {
            guard tensor.shape == [pairs] else {
                throw .weight(
                    source.path, tensor.name,
                    .wrongShape(expected: [pairs], found: tensor.shape))
            }
            return .factors(tensor.dequantised())
        }
        let type = try source.text("rope.scaling.type")
        switch type {
        case nil, "none":
            let linear = try source.positive("rope.scale_linear") ?? 1
            return linear == 1 ? .none : .linear(factor: linear)
        case "linear":
            let factor = try source.positive("rope.scaling.factor") ?? 1
            return factor == 1 ? .none : .linear(factor: factor)
        case "yarn":
            let factor = try yarnFactor() ?? 1
            let given = try source.positive("rope.scaling.attn_factor") ?? 1
            // DeepSeek's magnitude goes into the scale of attention instead.
            let magnitude =
                architecture == "deepseek2"
                ? 1 : given * RotaryEmbedding.yarnMagnitude(factor: factor, multiplier: 1)
            return .yarn(
                RotaryEmbedding.Yarn(
                    factor: factor,
                    originalLength: try source.size(
                        "rope.scaling.original_context_length", in: 1...1 << 30),
                    fastTurns: try source.positive("rope.scaling.yarn_beta_fast") ?? 32,
                    slowTurns: try source.positive("rope.scaling.yarn_beta_slow") ?? 1,
                    magnitude: magnitude, isTruncated: true))
        default:
            throw source.refused(
                "\(architecture).rope.scaling.type", type ?? "",
                allowed: "none, linear or yarn")
        }
    }

    // MARK: Layers

    private func layers(
        _ count: Int, _ attention: LanguageModelConfiguration.Attention
    ) throws(ImportError) -> [LanguageModelConfiguration.Layer] {
        let rotary = try rotary(keySize: attention.keySize)
        var local = rotary
        if architecture == "gemma3" {
            local.base = try source.positive("rope.freq_base_swa") ?? 10_000
            local.scaling = .none
        }
        var window = try source.optionalSize("attention.sliding_window", in: 0...1 << 30)
        if architecture == "gemma2", window == nil { window = 4096 }
        if window == 0 { window = nil }
        let slides = try slidingLayers(count)
        let dense = try source.optionalSize("leading_dense_block_count", in: 0...4096) ?? 0
        let experts = try experts()
        var layers: [LanguageModelConfiguration.Layer] = []
        for index in 0..<count {
            let isLocal = window != nil && slides[index]
            let feedForward: LanguageModelConfiguration.FeedForward =
                if let experts, index >= dense {
                    .experts(experts)
                } else {
                    .dense(size: try source.size("feed_forward_length"))
                }
            layers.append(
                LanguageModelConfiguration.Layer(
                    slidingWindow: isLocal ? window : nil, rotary: isLocal ? local : rotary,
                    feedForward: feedForward))
        }
        return layers
    }

    /// Which layers slide, if there is a window: as the file says, by a list or by the period of
    /// those that see everything, or as the architecture has it.
    private func slidingLayers(_ count: Int) throws(ImportError) -> [Bool] {
        let name = "attention.sliding_window_pattern"
        if source.metadata.isArray("\(architecture).\(name)") {
            let layers = try source.metadata.bools("\(architecture).\(name)") ?? []
            guard layers.count == count else {
                throw source.refused(
                    "\(architecture).\(name)", "a list of \(layers.count)",
                    allowed: "one for each layer")
            }
            return layers
        }
        let usual = architecture == "gemma2" ? 2 : architecture == "gemma3" ? 6 : 1
        let period = try source.optionalSize(name, in: 1...4096) ?? usual
        return (0..<count).map { period == 1 || $0 % period < period - 1 }
    }

    // MARK: Experts

    private func scoring() throws(ImportError) -> ExpertMixture.Scoring {
        let code = try source.integer("expert_gating_func") ?? 1
        switch code {
        case 0, 1: return .softmax
        case 2: return .sigmoid
        default:
            throw source.refused(
                "\(architecture).expert_gating_func", "\(code)",
                allowed: "1 (softmax) or 2 (sigmoid)")
        }
    }

    private func experts() throws(ImportError) -> ExpertMixture? {
        guard let count = try source.optionalSize("expert_count", in: 0...4096), count > 0 else {
            return nil
        }
        let isDeepSeek = architecture == "deepseek2"
        let givenSize = try source.optionalSize("expert_feed_forward_length")
        let size = if let givenSize { givenSize } else { try source.size("feed_forward_length") }
        let shared = try source.optionalSize("expert_shared_count", in: 0...64) ?? 0
        let scoring = try scoring()
        let scale = try source.number("expert_weights_scale").map { Float($0) } ?? 1
        let groups = try source.optionalSize("expert_group_count", in: 0...count) ?? 1
        let used = try source.size("expert_used_count", in: 1...count)
        guard scale.isFinite, count % max(groups, 1) == 0 else {
            throw source.refused(
                "\(architecture).expert_group_count", "\(groups)",
                allowed: "a divisor of the \(count) experts")
        }
        return ExpertMixture(
            count: count, usedCount: used, size: size, sharedSize: shared * size,
            scoring: scoring,
            hasChoiceBias: tensors.keys.contains { $0.hasSuffix(".exp_probs_b.bias") },
            isNormalised: try source.bool("expert_weights_norm") ?? !isDeepSeek,
            scale: scale == 0 ? 1 : scale, groupCount: max(groups, 1),
            usedGroupCount: try source.optionalSize(
                "expert_group_used_count", in: 0...max(groups, 1)) ?? 1,
            groupRanking: scoring == .sigmoid ? .sumOfTwoBest : .best)
    }
}
