#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension GGUFWriter {
    /// Codes of `general.file_type`.
    private static func fileType(_ target: Quantizer.Target) -> UInt32 {
        switch target {
        case .int8: 7
        case .int4: 3
        case .mxfp4: 38
        case .fp8: preconditionFailure("FP8 is not written to GGUF files")
        }
    }

    /// Adds the pairs that describe a model: those of its file if that is GGUF, else as
    /// ``LanguageModelConfiguration/init(gguf:)`` reads them.
    mutating func describe(
        _ model: LanguageModelFiles, _ target: Quantizer.Target
    ) throws(ImportError) {
        if let metadata = model.metadata {
            let replaced: Set = [
                "general.file_type", "general.quantization_version", "general.alignment",
            ]
            copy(metadata, leavingOut: replaced.contains)
        } else {
            add("general.architecture", .text(Self.architecture(model.configuration.family)))
            if let name = model.name { add("general.name", .text(name)) }
            describe(model.configuration)
            addTokenizer(model)
        }
        add("general.file_type", .uint32(Self.fileType(target)))
        add("general.quantization_version", .uint32(2))
    }

    static func architecture(_ family: LanguageModelConfiguration.Family) -> String {
        switch family {
        case .llama, .mistral, .mixtral: "llama"
        case .qwen2: "qwen2"
        case .qwen3: "qwen3"
        case .qwen3MoE: "qwen3moe"
        case .gemma2: "gemma2"
        case .gemma3: "gemma3"
        case .deepSeekV2, .deepSeekV3: "deepseek2"
        }
    }

    /// What each frequency is divided by, for scalings that metadata cannot say.
    static func frequencyFactors(_ configuration: LanguageModelConfiguration) -> [Float]? {
        guard let rotary = configuration.layers.first(where: { $0.slidingWindow == nil })?.rotary
        else { return nil }
        switch rotary.scaling {
        case .factors(let factors): return factors
        case .llama3:
            var plain = rotary
            plain.scaling = .none
            return zip(plain.frequencies, rotary.frequencies).map { $0 / $1 }
        case .none, .linear, .yarn: return nil
        }
    }

    private mutating func describe(_ model: LanguageModelConfiguration) {
        let prefix = Self.architecture(model.family) + "."
        func size(_ value: Int) -> Value { .uint32(UInt32(value)) }
        let attention = model.attention
        var pairs: [(String, Value)] = [
            ("block_count", size(model.layerCount)),
            ("context_length", size(model.contextLength)),
            ("embedding_length", size(model.hiddenSize)),
            ("vocab_size", size(model.vocabularySize)),
            ("attention.head_count", size(attention.headCount)),
            ("attention.head_count_kv", size(attention.keyValueHeadCount)),
            ("attention.key_length", size(attention.keySize)),
            ("attention.value_length", size(attention.valueSize)),
            ("attention.scale", .float32(attention.scale)),
            ("attention.layer_norm_rms_epsilon", .float32(model.normEpsilon)),
        ]
        if let softcap = attention.scoreSoftcap {
            pairs.append(("attn_logit_softcapping", .float32(softcap)))
        }
        if let softcap = model.logitSoftcap {
            pairs.append(("final_logit_softcapping", .float32(softcap)))
        }
        if let latent = attention.latent {
            if let rank = latent.queryRank { pairs.append(("attention.q_lora_rank", size(rank))) }
            pairs.append(("attention.kv_lora_rank", size(latent.keyValueRank)))
        }
        pairs += Self.layerPairs(model)
        for (key, value) in pairs { add(prefix + key, value) }
    }

    private static func layerPairs(_ model: LanguageModelConfiguration) -> [(String, Value)] {
        var pairs: [(String, Value)] = []
        func size(_ value: Int) -> Value { .uint32(UInt32(value)) }
        if let window = model.layers.compactMap(\.slidingWindow).first {
            pairs.append(("attention.sliding_window", size(window)))
            // A pattern of our own is a list; that of the architecture goes without saying.
            pairs.append(
                (
                    "attention.sliding_window_pattern",
                    .bools(model.layers.map { $0.slidingWindow != nil })
                ))
        }
        if let local = model.layers.first(where: { $0.slidingWindow != nil }) {
            pairs.append(("rope.freq_base_swa", .float32(local.rotary.base)))
        }
        let whole = model.layers.first { $0.slidingWindow == nil } ?? model.layers.first
        if let rotary = whole?.rotary { pairs += rotaryPairs(rotary) }
        var denseCount = 0
        for layer in model.layers {
            guard case .dense(let dense) = layer.feedForward else { break }
            if denseCount == 0 { pairs.append(("feed_forward_length", size(dense))) }
            denseCount += 1
        }
        for layer in model.layers {
            guard case .experts(let experts) = layer.feedForward else { continue }
            pairs.append(("leading_dense_block_count", size(denseCount)))
            pairs += expertPairs(experts)
            break
        }
        return pairs
    }

    private static func rotaryPairs(_ rotary: RotaryEmbedding) -> [(String, Value)] {
        var pairs: [(String, Value)] = [
            ("rope.dimension_count", .uint32(UInt32(rotary.size))),
            ("rope.freq_base", .float32(rotary.base)),
        ]
        switch rotary.scaling {
        case .none, .factors, .llama3: break
        case .linear(let factor):
            pairs += [
                ("rope.scaling.type", .text("linear")),
                ("rope.scaling.factor", .float32(factor)),
            ]
        case .yarn(let yarn):
            let usual = RotaryEmbedding.yarnMagnitude(factor: yarn.factor, multiplier: 1)
            pairs += [
                ("rope.scaling.type", .text("yarn")),
                ("rope.scaling.factor", .float32(yarn.factor)),
                (
                    "rope.scaling.original_context_length", .uint32(UInt32(yarn.originalLength))
                ),
                ("rope.scaling.attn_factor", .float32(yarn.magnitude / usual)),
                ("rope.scaling.yarn_beta_fast", .float32(yarn.fastTurns)),
                ("rope.scaling.yarn_beta_slow", .float32(yarn.slowTurns)),
            ]
        }
        return pairs
    }

    private static func expertPairs(_ experts: ExpertMixture) -> [(String, Value)] {
        func size(_ value: Int) -> Value { .uint32(UInt32(value)) }
        let shared = experts.size > 0 ? experts.sharedSize / experts.size : 0
        return [
            ("expert_count", size(experts.count)),
            ("expert_used_count", size(experts.usedCount)),
            ("expert_feed_forward_length", size(experts.size)),
            ("expert_shared_count", size(shared)),
            ("expert_gating_func", size(experts.scoring == .sigmoid ? 2 : 1)),
            ("expert_weights_norm", .bool(experts.isNormalised)),
            ("expert_weights_scale", .float32(experts.scale)),
            ("expert_group_count", size(experts.groupCount)),
            ("expert_group_used_count", size(experts.usedGroupCount)),
        ]
    }

    /// Adds the tokenizer: as text where it is a `tokenizer.json`, which the GGUF specification has
    /// a key for.
    private mutating func addTokenizer(_ model: LanguageModelFiles) {
        switch model.tokenizer {
        case .gguf(let metadata):
            copy(metadata) { !$0.hasPrefix("tokenizer.") }
            return
        case .json(let tokenizer, _):
            add("tokenizer.huggingface.json", .text(tokenizer.text))
        case .none: break
        }
        if let template = model.chatTemplate { add("tokenizer.chat_template", .text(template)) }
        if let token = model.generation.beginToken {
            add("tokenizer.ggml.bos_token_id", .uint32(UInt32(token)))
        }
        for (key, token) in zip(["eos", "eot", "eom"], model.generation.endTokens) {
            add("tokenizer.ggml.\(key)_token_id", .uint32(UInt32(token)))
        }
    }
}
