/// Where a role's weight stands in a file: a tensor, or a matrix of a stack.
struct TensorPlace: Equatable, Sendable {
    var name: String
    /// The expert's index in a tensor [experts, rows, columns]; nil for a tensor of its own.
    var slice: Int?

    init(_ name: String, slice: Int? = nil) {
        self.name = name
        self.slice = slice
    }
}

extension TensorRole {
    /// The names in GGUF files, the usual one first.
    var ggufPlaces: [TensorPlace] {
        switch self {
        case .tokenEmbedding: [TensorPlace("token_embd.weight")]
        case .outputNorm: [TensorPlace("output_norm.weight")]
        case .output: [TensorPlace("output.weight")]
        case .layer(let index, let tensor): tensor.ggufPlaces(prefix: "blk.\(index).")
        }
    }

    /// The names in Hugging Face folders, the usual one first, without what stands before
    /// `model.` in models of several parts.
    func huggingFacePlaces(_ family: LanguageModelConfiguration.Family) -> [TensorPlace] {
        switch self {
        case .tokenEmbedding: [TensorPlace("model.embed_tokens.weight")]
        case .outputNorm: [TensorPlace("model.norm.weight")]
        case .output: [TensorPlace("lm_head.weight")]
        case .layer(let index, let tensor):
            tensor.huggingFacePlaces(prefix: "model.layers.\(index).", family)
        }
    }
}

extension LayerTensor {
    fileprivate func ggufPlaces(prefix: String) -> [TensorPlace] {
        func stacked(_ stem: String, _ expert: Int) -> [TensorPlace] {
            [
                TensorPlace("\(prefix)\(stem)_exps.weight", slice: expert),
                TensorPlace("\(prefix)\(stem).\(expert).weight"),
            ]
        }
        switch self {
        case .expertGate(let expert): return stacked("ffn_gate", expert)
        case .expertUp(let expert): return stacked("ffn_up", expert)
        case .expertDown(let expert): return stacked("ffn_down", expert)
        default: return ggufStem.map { [TensorPlace(prefix + $0)] } ?? []
        }
    }

    /// nil for experts, whose names have an index.
    private var ggufStem: String? {
        switch self {
        case .attentionNorm: "attn_norm.weight"
        case .attentionPostNorm: "post_attention_norm.weight"
        case .query: "attn_q.weight"
        case .key: "attn_k.weight"
        case .value: "attn_v.weight"
        case .attentionOutput: "attn_output.weight"
        case .queryBias: "attn_q.bias"
        case .keyBias: "attn_k.bias"
        case .valueBias: "attn_v.bias"
        case .attentionOutputBias: "attn_output.bias"
        case .queryNorm: "attn_q_norm.weight"
        case .keyNorm: "attn_k_norm.weight"
        case .feedForwardNorm: "ffn_norm.weight"
        case .feedForwardPostNorm: "post_ffw_norm.weight"
        case .gate: "ffn_gate.weight"
        case .up: "ffn_up.weight"
        case .down: "ffn_down.weight"
        case .router: "ffn_gate_inp.weight"
        case .routerBias: "exp_probs_b.bias"
        case .sharedGate: "ffn_gate_shexp.weight"
        case .sharedUp: "ffn_up_shexp.weight"
        case .sharedDown: "ffn_down_shexp.weight"
        case .queryA: "attn_q_a.weight"
        case .queryANorm: "attn_q_a_norm.weight"
        case .queryB: "attn_q_b.weight"
        case .keyValueA: "attn_kv_a_mqa.weight"
        case .keyValueANorm: "attn_kv_a_norm.weight"
        case .keyValueB: "attn_kv_b.weight"
        case .keyB: "attn_k_b.weight"
        case .valueB: "attn_v_b.weight"
        case .expertGate, .expertUp, .expertDown: nil
        }
    }

    fileprivate func huggingFacePlaces(
        prefix: String, _ family: LanguageModelConfiguration.Family
    ) -> [TensorPlace] {
        // Mixtral calls gate, down and up w1, w2 and w3.
        func expert(_ stem: String, _ number: Int, _ index: Int) -> [TensorPlace] {
            family == .mixtral
                ? [TensorPlace("\(prefix)block_sparse_moe.experts.\(index).w\(number).weight")]
                : [TensorPlace("\(prefix)mlp.experts.\(index).\(stem)_proj.weight")]
        }
        switch self {
        case .expertGate(let index): return expert("gate", 1, index)
        case .expertUp(let index): return expert("up", 3, index)
        case .expertDown(let index): return expert("down", 2, index)
        default: return huggingFaceStem(family).map { [TensorPlace(prefix + $0)] } ?? []
        }
    }

    private func huggingFaceStem(_ family: LanguageModelConfiguration.Family) -> String? {
        // Gemma norms after attention under the name that others give the norm before the
        // feed-forward block.
        let isGemma = family == .gemma2 || family == .gemma3
        return switch self {
        case .attentionNorm: "input_layernorm.weight"
        case .attentionPostNorm: "post_attention_layernorm.weight"
        case .feedForwardNorm:
            isGemma ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight"
        case .feedForwardPostNorm: "post_feedforward_layernorm.weight"
        case .query: "self_attn.q_proj.weight"
        case .key: "self_attn.k_proj.weight"
        case .value: "self_attn.v_proj.weight"
        case .attentionOutput: "self_attn.o_proj.weight"
        case .queryBias: "self_attn.q_proj.bias"
        case .keyBias: "self_attn.k_proj.bias"
        case .valueBias: "self_attn.v_proj.bias"
        case .attentionOutputBias: "self_attn.o_proj.bias"
        case .queryNorm: "self_attn.q_norm.weight"
        case .keyNorm: "self_attn.k_norm.weight"
        case .gate: "mlp.gate_proj.weight"
        case .up: "mlp.up_proj.weight"
        case .down: "mlp.down_proj.weight"
        case .router: family == .mixtral ? "block_sparse_moe.gate.weight" : "mlp.gate.weight"
        case .routerBias: "mlp.gate.e_score_correction_bias"
        case .sharedGate: "mlp.shared_experts.gate_proj.weight"
        case .sharedUp: "mlp.shared_experts.up_proj.weight"
        case .sharedDown: "mlp.shared_experts.down_proj.weight"
        case .queryA: "self_attn.q_a_proj.weight"
        case .queryANorm: "self_attn.q_a_layernorm.weight"
        case .queryB: "self_attn.q_b_proj.weight"
        case .keyValueA: "self_attn.kv_a_proj_with_mqa.weight"
        case .keyValueANorm: "self_attn.kv_a_layernorm.weight"
        case .keyValueB: "self_attn.kv_b_proj.weight"
        case .keyB, .valueB, .expertGate, .expertUp, .expertDown: nil
        }
    }
}
