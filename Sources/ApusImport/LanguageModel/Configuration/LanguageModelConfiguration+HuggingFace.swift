import ApusChip

extension LanguageModelConfiguration {
    /// Types of models in `config.json` that are read.
    public static let huggingFaceTypes = [
        "llama", "mistral", "mixtral", "qwen2", "qwen3", "qwen3_moe", "gemma2", "gemma3",
        "gemma3_text", "deepseek_v2", "deepseek_v3",
    ]

    /// Reads `config.json`. Where a field is absent the family's default of the transformers
    /// library holds.
    ///
    /// - Parameter embedding: The token embedding, which says how large the vocabulary is.
    init(huggingFace whole: JSONDescription, embedding: StoredTensor?) throws(ImportError) {
        let reader = try HuggingFaceConfigurationReader(whole)
        guard let embedding, embedding.shape.count == 2 else {
            throw .weight(
                whole.path, "model.embed_tokens.weight", .missing(alsoKnownAs: []))
        }
        self = try reader.configuration(
            vocabularySize: embedding.shape[0], tied: try whole.bool("tie_word_embeddings"))
    }

    /// Reads a `config.json` alone, which then must say how large the vocabulary is.
    ///
    /// - Throws: ``ImportError``.
    init(alone whole: JSONDescription) throws(ImportError) {
        let reader = try HuggingFaceConfigurationReader(whole)
        self = try reader.configuration(
            vocabularySize: try reader.source.size("vocab_size", in: 1...1 << 24),
            tied: try whole.bool("tie_word_embeddings"))
    }
}

/// Reads a configuration from the fields of `config.json`.
struct HuggingFaceConfigurationReader {
    let source: JSONDescription
    let family: LanguageModelConfiguration.Family

    init(_ whole: JSONDescription) throws(ImportError) {
        let types = LanguageModelConfiguration.huggingFaceTypes
        guard let type = try whole.text("model_type") else {
            throw .description(whole.path, .missing("model_type"))
        }
        guard types.contains(type) else {
            throw .description(whole.path, .architecture(type, supported: types))
        }
        source = try whole.object("text_config") ?? whole
        let name = type == "gemma3_text" ? "gemma3" : type
        guard let family = LanguageModelConfiguration.Family(rawValue: name) else {
            throw .description(whole.path, .architecture(type, supported: types))
        }
        self.family = family
    }

    var isGemma: Bool { family == .gemma2 || family == .gemma3 }
    var isDeepSeek: Bool { family == .deepSeekV2 || family == .deepSeekV3 }

    func configuration(
        vocabularySize: Int, tied: Bool?
    ) throws(ImportError) -> LanguageModelConfiguration {
        let hiddenSize = try source.size("hidden_size", in: 1...1 << 20)
        let layerCount = try source.size("num_hidden_layers", in: 1...4096)
        if try source.bool("mlp_bias") == true {
            throw source.refused("mlp_bias", "true", allowed: "false")
        }
        let attention = try attention(hiddenSize: hiddenSize)
        let isTied = try source.bool("tie_word_embeddings") ?? tied ?? isGemma
        let softcap = try source.positive("final_logit_softcapping")
        let isGemma2Default = family == .gemma2 && source.value["final_logit_softcapping"] == nil
        return LanguageModelConfiguration(
            family: family, vocabularySize: vocabularySize, contextLength: try contextLength(),
            hiddenSize: hiddenSize,
            normEpsilon: try source.positive("rms_norm_eps") ?? (family == .mixtral ? 1e-5 : 1e-6),
            normWeightOffset: isGemma ? 1 : 0,
            embeddingScale: isGemma ? Float(hiddenSize).squareRoot() : 1,
            activation: try activation(), hasPostNorms: isGemma, attention: attention,
            layers: try layers(layerCount, attention),
            logitSoftcap: softcap ?? (isGemma2Default ? 30 : nil), isTied: isTied)
    }

    private func contextLength() throws(ImportError) -> Int {
        let defaults: [LanguageModelConfiguration.Family: Int] = [
            .gemma2: 8192, .gemma3: 131_072, .mistral: 131_072, .mixtral: 131_072, .qwen2: 32_768,
            .qwen3: 32_768, .qwen3MoE: 32_768, .deepSeekV3: 4096,
        ]
        return try source.optionalSize("max_position_embeddings", in: 1...1 << 30)
            ?? defaults[family] ?? 2048
    }

    private func activation() throws(ImportError) -> LanguageModelConfiguration.Activation {
        let field = isGemma ? "hidden_activation" : "hidden_act"
        let name = try source.text(field) ?? (isGemma ? "gelu_pytorch_tanh" : "silu")
        switch name {
        case "silu": return .silu
        case "gelu_pytorch_tanh": return .geluTanh
        default: throw source.refused(field, name, allowed: "silu or gelu_pytorch_tanh")
        }
    }

    // MARK: Attention

    private func attention(
        hiddenSize: Int
    ) throws(ImportError) -> LanguageModelConfiguration.Attention {
        let headsDefault: [LanguageModelConfiguration.Family: (heads: Int, groups: Int)] = [
            .gemma2: (8, 4), .gemma3: (8, 4), .mistral: (32, 8), .mixtral: (32, 8),
            .qwen3MoE: (32, 4), .deepSeekV3: (128, 128),
        ]
        let heads =
            try source.optionalSize("num_attention_heads", in: 1...4096)
            ?? headsDefault[family]?.heads ?? 32
        let groups =
            isDeepSeek
            ? heads
            : try source.optionalSize("num_key_value_heads", in: 1...4096)
                ?? headsDefault[family]?.groups ?? heads
        guard heads % groups == 0 else {
            throw source.refused(
                "num_key_value_heads", "\(groups)", allowed: "a divisor of the \(heads) heads")
        }
        if isDeepSeek { return try latentAttention(heads: heads) }
        let size =
            try source.optionalSize("head_dim", in: 1...1 << 16)
            ?? (isGemma ? 256 : family == .qwen3 ? 128 : max(hiddenSize / heads, 1))
        let scalar = isGemma ? try source.positive("query_pre_attn_scalar") ?? 256 : Float(size)
        let softcap = try source.positive("attn_logit_softcapping")
        let isGemma2Default = family == .gemma2 && source.value["attn_logit_softcapping"] == nil
        let hasBias = try source.bool("attention_bias") ?? false
        return LanguageModelConfiguration.Attention(
            headCount: heads, keyValueHeadCount: groups, keySize: size, valueSize: size,
            scale: 1 / scalar.squareRoot(), scoreSoftcap: softcap ?? (isGemma2Default ? 50 : nil),
            hasQueryKeyNorm: [.qwen3, .qwen3MoE, .gemma3].contains(family),
            hasBias: hasBias || family == .qwen2,
            hasOutputBias: hasBias && family != .qwen2, latent: nil)
    }

    private func latentAttention(
        heads: Int
    ) throws(ImportError) -> LanguageModelConfiguration.Attention {
        if try source.bool("attention_bias") == true {
            throw source.refused("attention_bias", "true", allowed: "false")
        }
        let plain = try source.optionalSize("qk_nope_head_dim", in: 1...1 << 16) ?? 128
        let rotary = try source.optionalSize("qk_rope_head_dim", in: 2...1 << 16) ?? 64
        var queryRank = try source.optionalSize("q_lora_rank", in: 1...1 << 16)
        if queryRank == nil, source.value["q_lora_rank"] == nil { queryRank = 1536 }
        var scale = 1 / Float(plain + rotary).squareRoot()
        let parameters = try rotaryParameters(layerType: nil)
        if let type = parameters.type, type != "default",
            let multiplier = try parameters.source.positive("mscale_all_dim"),
            let factor = try parameters.source.positive("factor")
        {
            let magnitude = RotaryEmbedding.yarnMagnitude(
                factor: factor, multiplier: multiplier)
            scale *= magnitude * magnitude
        }
        return LanguageModelConfiguration.Attention(
            headCount: heads, keyValueHeadCount: heads, keySize: plain + rotary,
            valueSize: try source.optionalSize("v_head_dim", in: 1...1 << 16) ?? 128,
            scale: scale, scoreSoftcap: nil, hasQueryKeyNorm: false, hasBias: false,
            hasOutputBias: false,
            latent: LanguageModelConfiguration.LatentAttention(
                queryRank: queryRank,
                keyValueRank: try source.optionalSize("kv_lora_rank", in: 1...1 << 16) ?? 512,
                rotarySize: rotary, hasSplitB: false))
    }

    // MARK: Layers

    private func layers(
        _ count: Int, _ attention: LanguageModelConfiguration.Attention
    ) throws(ImportError) -> [LanguageModelConfiguration.Layer] {
        let size = attention.latent?.rotarySize ?? attention.keySize
        let whole = try rotary(layerType: "full_attention", size: size)
        let local = try rotary(layerType: "sliding_attention", size: size)
        let windows = try slidingWindows(count)
        let experts = try experts()
        let isSparse = try sparseLayers(count)
        var layers: [LanguageModelConfiguration.Layer] = []
        for index in 0..<count {
            let feedForward: LanguageModelConfiguration.FeedForward =
                if let experts, isSparse[index] {
                    .experts(experts)
                } else {
                    .dense(size: try source.size("intermediate_size"))
                }
            layers.append(
                LanguageModelConfiguration.Layer(
                    slidingWindow: windows[index],
                    rotary: windows[index] == nil ? whole : local, feedForward: feedForward))
        }
        return layers
    }

    /// Each layer's window; nil where it sees everything.
    private func slidingWindows(_ count: Int) throws(ImportError) -> [Int?] {
        let isQwen = [.qwen2, .qwen3, .qwen3MoE].contains(family)
        if isQwen, try source.bool("use_sliding_window") != true {
            return [Int?](repeating: nil, count: count)
        }
        let hasDefault = isGemma || family == .mistral || isQwen
        var window = try source.optionalSize("sliding_window", in: 0...1 << 30)
        if window == nil, hasDefault, source.value["sliding_window"] == nil { window = 4096 }
        if window == 0 || isDeepSeek || family == .llama { window = nil }
        if let types = try source.array("layer_types") {
            guard types.count == count else {
                throw source.refused(
                    "layer_types", "a list of \(types.count)", allowed: "one for each layer")
            }
            return types.map { $0 == .string("sliding_attention") ? window : nil }
        }
        let period =
            family == .gemma2
            ? 2 : try source.optionalSize("sliding_window_pattern", in: 1...4096) ?? 6
        let first = try source.optionalSize("max_window_layers", in: 0...4096) ?? 28
        return (0..<count).map { index in
            switch family {
            case .gemma2, .gemma3: (index + 1) % period != 0 ? window : nil
            case .qwen2, .qwen3: index >= first ? window : nil
            default: window
            }
        }
    }
}
