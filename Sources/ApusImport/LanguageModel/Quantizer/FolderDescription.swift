import ApusChip

/// The `config.json` of a model: its own where it has one, else made from what was read.
struct FolderDescription {
    let model: LanguageModelFiles

    private var configuration: LanguageModelConfiguration { model.configuration }
    private typealias Field = JSONValue.Field

    /// The object, with what it says of the weights' quantisation.
    var json: JSONValue {
        get throws(ImportError) {
            let own =
                try model.metadata == nil
                ? HuggingFaceFolder.json(model.path, "config.json") : nil
            var fields: [JSONValue.Field]
            if let own, case .object(let found) = own.value {
                fields = found.filter { $0.name != "quantization_config" }
            } else {
                fields = try made()
            }
            fields.append(Field("quantization_config", Self.quantisation))
            return .object(fields)
        }
    }

    private static var quantisation: JSONValue {
        .object([
            Field("quant_method", .string("fp8")), Field("fmt", .string("e4m3")),
            Field("activation_scheme", .string("dynamic")),
            Field("weight_block_size", .array([.integer(128), .integer(128)])),
            Field("modules_to_not_convert", .array([.string("lm_head")])),
        ])
    }

    private static func number(_ value: Float) -> JSONValue {
        // The shortest decimal of the binary32 number, not of its binary64 neighbour.
        .number(Double(value.description) ?? Double(value))
    }

    private func made() throws(ImportError) -> [JSONValue.Field] {
        let attention = configuration.attention
        let type = configuration.family == .gemma3 ? "gemma3_text" : configuration.family.rawValue
        var fields = [
            Field("model_type", .string(type)),
            Field("architectures", .array([.string(Self.architecture(configuration.family))])),
            Field("vocab_size", .integer(configuration.vocabularySize)),
            Field("hidden_size", .integer(configuration.hiddenSize)),
            Field("num_hidden_layers", .integer(configuration.layerCount)),
            Field("num_attention_heads", .integer(attention.headCount)),
            Field("num_key_value_heads", .integer(attention.keyValueHeadCount)),
            Field("max_position_embeddings", .integer(configuration.contextLength)),
            Field("rms_norm_eps", Self.number(configuration.normEpsilon)),
            Field("tie_word_embeddings", .bool(configuration.isTied)),
            Field("attention_bias", .bool(attention.hasBias && attention.hasOutputBias)),
            Field("bos_token_id", model.generation.beginToken.map { .integer($0) } ?? .null),
            Field("eos_token_id", .array(model.generation.endTokens.map { .integer($0) })),
        ]
        let isGemma = configuration.hasPostNorms
        fields.append(
            Field(
                isGemma ? "hidden_activation" : "hidden_act",
                .string(configuration.activation == .silu ? "silu" : "gelu_pytorch_tanh")))
        if isGemma {
            fields += [
                Field(
                    "query_pre_attn_scalar",
                    Self.number((1 / (attention.scale * attention.scale)).rounded())),
                Field(
                    "attn_logit_softcapping", attention.scoreSoftcap.map(Self.number) ?? .null),
                Field(
                    "final_logit_softcapping",
                    configuration.logitSoftcap.map(Self.number) ?? .null),
            ]
        }
        return fields + latentFields + (try rotaryFields()) + layerFields
    }

    private static func architecture(_ family: LanguageModelConfiguration.Family) -> String {
        switch family {
        case .llama: "LlamaForCausalLM"
        case .mistral: "MistralForCausalLM"
        case .mixtral: "MixtralForCausalLM"
        case .qwen2: "Qwen2ForCausalLM"
        case .qwen3: "Qwen3ForCausalLM"
        case .qwen3MoE: "Qwen3MoeForCausalLM"
        case .gemma2: "Gemma2ForCausalLM"
        case .gemma3: "Gemma3ForCausalLM"
        case .deepSeekV2: "DeepseekV2ForCausalLM"
        case .deepSeekV3: "DeepseekV3ForCausalLM"
        }
    }

    private var latentFields: [JSONValue.Field] {
        let attention = configuration.attention
        guard let latent = attention.latent else {
            return [Field("head_dim", .integer(attention.keySize))]
        }
        return [
            Field("q_lora_rank", latent.queryRank.map { .integer($0) } ?? .null),
            Field("kv_lora_rank", .integer(latent.keyValueRank)),
            Field("qk_rope_head_dim", .integer(latent.rotarySize)),
            Field("qk_nope_head_dim", .integer(attention.keySize - latent.rotarySize)),
            Field("v_head_dim", .integer(attention.valueSize)),
        ]
    }

    // MARK: Rotary embedding

    private func rotaryFields() throws(ImportError) -> [JSONValue.Field] {
        let whole =
            configuration.layers.first { $0.slidingWindow == nil } ?? configuration.layers[0]
        let parameters = try parameters(whole.rotary)
        guard configuration.family == .gemma3,
            let local = configuration.layers.first(where: { $0.slidingWindow != nil })
        else {
            return [
                Field("rope_theta", Self.number(whole.rotary.base)),
                Field("rope_parameters", .object(parameters)),
            ]
        }
        return [
            Field(
                "rope_parameters",
                .object([
                    Field("full_attention", .object(parameters)),
                    Field("sliding_attention", .object(try self.parameters(local.rotary))),
                ]))
        ]
    }

    private func parameters(_ rotary: RotaryEmbedding) throws(ImportError) -> [JSONValue.Field] {
        let base = Field("rope_theta", Self.number(rotary.base))
        func fields(_ type: String, _ others: [JSONValue.Field]) -> [JSONValue.Field] {
            [base, Field("rope_type", .string(type))] + others
        }
        switch rotary.scaling {
        case .none: return fields("default", [])
        case .linear(let factor): return fields("linear", [Field("factor", Self.number(factor))])
        case .llama3(let factor, let low, let high, let length):
            return fields("llama3", Self.llama3(factor, low, high, length))
        case .yarn(let yarn):
            return fields(
                "yarn",
                [
                    Field("factor", Self.number(yarn.factor)),
                    Field("original_max_position_embeddings", .integer(yarn.originalLength)),
                    Field("beta_fast", Self.number(yarn.fastTurns)),
                    Field("beta_slow", Self.number(yarn.slowTurns)),
                    Field("attention_factor", Self.number(yarn.magnitude)),
                ])
        case .factors(let factors):
            // llama.cpp keeps Llama 3's scaling as factors alone: its published parameters are
            // tried for one that gives them.
            for factor in Set(factors) {
                let tried = RotaryEmbedding.Scaling.llama3(
                    factor: factor.rounded(), lowFactor: 1, highFactor: 4, originalLength: 8192)
                var candidate = rotary
                candidate.scaling = tried
                let pairs = zip(candidate.frequencies, rotary.frequencies)
                if pairs.allSatisfy({ abs($0 - $1) <= 4 * $1.ulp }) {
                    return fields("llama3", Self.llama3(factor.rounded(), 1, 4, 8192))
                }
            }
            throw .description(
                model.path,
                .value(
                    "rope_freqs.weight", found: "not those of Llama 3",
                    allowed: "factors that config.json can say"))
        }
    }

    private static func llama3(
        _ factor: Float, _ low: Float, _ high: Float, _ length: Int
    ) -> [JSONValue.Field] {
        [
            Field("factor", number(factor)), Field("low_freq_factor", number(low)),
            Field("high_freq_factor", number(high)),
            Field("original_max_position_embeddings", .integer(length)),
        ]
    }

    // MARK: Layers

    private var layerFields: [JSONValue.Field] {
        let layers = configuration.layers
        var fields: [JSONValue.Field] = []
        let window = layers.compactMap(\.slidingWindow).first
        fields.append(Field("sliding_window", window.map { .integer($0) } ?? .null))
        let isQwen = [.qwen2, .qwen3, .qwen3MoE].contains(configuration.family)
        if isQwen { fields.append(Field("use_sliding_window", .bool(window != nil))) }
        if isQwen || configuration.hasPostNorms {
            let types = layers.map {
                JSONValue.string($0.slidingWindow == nil ? "full_attention" : "sliding_attention")
            }
            fields.append(Field("layer_types", .array(types)))
        }
        let dense = layers.compactMap { layer -> Int? in
            if case .dense(let size) = layer.feedForward { size } else { nil }
        }
        let mixtures = layers.compactMap { layer -> ExpertMixture? in
            if case .experts(let experts) = layer.feedForward { experts } else { nil }
        }
        if let size = dense.first ?? mixtures.first?.size {
            fields.append(Field("intermediate_size", .integer(size)))
        }
        if let experts = mixtures.first {
            fields += expertFields(experts, denseCount: dense.count)
        }
        return fields
    }

    private func expertFields(
        _ experts: ExpertMixture, denseCount: Int
    ) -> [JSONValue.Field] {
        let used = Field("num_experts_per_tok", .integer(experts.usedCount))
        switch configuration.family {
        case .mixtral: return [used, Field("num_local_experts", .integer(experts.count))]
        case .qwen3MoE:
            return [
                used, Field("num_experts", .integer(experts.count)),
                Field("moe_intermediate_size", .integer(experts.size)),
                Field("norm_topk_prob", .bool(experts.isNormalised)),
                Field("decoder_sparse_step", .integer(1)),
                Field("mlp_only_layers", .array((0..<denseCount).map { .integer($0) })),
            ]
        default:
            let method =
                experts.hasChoiceBias
                ? "noaux_tc" : experts.groupCount > 1 ? "group_limited_greedy" : "greedy"
            return [
                used, Field("n_routed_experts", .integer(experts.count)),
                Field("moe_intermediate_size", .integer(experts.size)),
                Field("n_shared_experts", .integer(experts.sharedSize / max(experts.size, 1))),
                Field("norm_topk_prob", .bool(experts.isNormalised)),
                Field("routed_scaling_factor", Self.number(experts.scale)),
                Field("scoring_func", .string(experts.scoring.rawValue)),
                Field("topk_method", .string(method)),
                Field("n_group", .integer(experts.groupCount)),
                Field("topk_group", .integer(experts.usedGroupCount)),
                Field("first_k_dense_replace", .integer(denseCount)),
            ]
        }
    }
}
