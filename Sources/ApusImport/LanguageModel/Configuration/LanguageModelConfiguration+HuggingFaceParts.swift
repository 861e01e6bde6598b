import ApusChip

extension HuggingFaceConfigurationReader {
    // MARK: Rotary embedding

    /// Where the parameters of the rotary embedding stand, and which scaling they name.
    struct RotaryParameters {
        let source: JSONDescription
        let type: String?
        let base: Float
    }

    /// The parameters of a kind of layer. Older files have `rope_theta` and `rope_scaling`, newer
    /// ones `rope_parameters`, Gemma 3 one of them for each kind of layer.
    func rotaryParameters(layerType: String?) throws(ImportError) -> RotaryParameters {
        let isLocal = family == .gemma3 && layerType == "sliding_attention"
        let baseDefault: Float =
            family == .mixtral || family == .gemma3 && !isLocal ? 1_000_000 : 10_000
        var found = try source.object("rope_parameters")
        if found == nil { found = try source.object("rope_scaling") }
        if let layerType, let own = try found?.object(layerType) { found = own }
        let baseField = isLocal ? "rope_local_base_freq" : "rope_theta"
        let usual = try source.positive(baseField) ?? baseDefault
        let base = try found?.positive("rope_theta") ?? usual
        // Gemma 3's old `rope_scaling` is for layers that see everything.
        if isLocal, !source.has("rope_parameters") { found = nil }
        let empty = JSONDescription(path: source.path, value: .object([]))
        let parameters = found ?? empty
        var type = try parameters.text("rope_type")
        if type == nil { type = try parameters.text("type") }
        return RotaryParameters(source: parameters, type: type, base: base)
    }

    func rotary(layerType: String, size: Int) throws(ImportError) -> RotaryEmbedding {
        let parameters = try rotaryParameters(layerType: layerType)
        let usual = try source.positive("partial_rotary_factor") ?? 1
        let share = try parameters.source.positive("partial_rotary_factor") ?? usual
        let rotated = isDeepSeek ? size : Int(Float(size) * min(share, 1))
        guard rotated % 2 == 0, rotated > 0 else {
            throw source.refused("head_dim", "\(size)", allowed: "a size with whole pairs")
        }
        let isNeighbours = try source.bool("rope_interleave") ?? true
        let isInterleaved = family == .deepSeekV2 || family == .deepSeekV3 && isNeighbours
        return RotaryEmbedding(
            base: parameters.base, size: rotated,
            layout: isInterleaved ? .interleaved : .halves, scaling: try scaling(parameters))
    }

    private func scaling(
        _ parameters: RotaryParameters
    ) throws(ImportError) -> RotaryEmbedding.Scaling {
        let source = parameters.source
        func needed(_ name: String) throws(ImportError) -> Float {
            guard let value = try source.positive(name) else {
                throw .description(source.path, .missing(source.prefix + name))
            }
            return value
        }
        switch parameters.type {
        case nil, "default": return .none
        case "linear": return .linear(factor: try needed("factor"))
        case "llama3":
            return .llama3(
                factor: try needed("factor"), lowFactor: try needed("low_freq_factor"),
                highFactor: try needed("high_freq_factor"),
                originalLength: try originalLength(source))
        case "yarn":
            let factor = try needed("factor")
            let multiplier = try source.positive("mscale")
            let divisor = try source.positive("mscale_all_dim")
            var magnitude = RotaryEmbedding.yarnMagnitude(factor: factor, multiplier: 1)
            if let multiplier, let divisor {
                magnitude =
                    RotaryEmbedding.yarnMagnitude(factor: factor, multiplier: multiplier)
                    / RotaryEmbedding.yarnMagnitude(factor: factor, multiplier: divisor)
            }
            return .yarn(
                RotaryEmbedding.Yarn(
                    factor: factor, originalLength: try originalLength(source),
                    fastTurns: try source.positive("beta_fast") ?? 32,
                    slowTurns: try source.positive("beta_slow") ?? 1,
                    magnitude: try source.positive("attention_factor") ?? magnitude,
                    isTruncated: try source.bool("truncate") ?? true))
        case let other?:
            throw source.refused(
                source.prefix + "rope_type", other, allowed: "default, linear, llama3 or yarn")
        }
    }

    private func originalLength(_ parameters: JSONDescription) throws(ImportError) -> Int {
        let own = try parameters.optionalSize("original_max_position_embeddings", in: 1...1 << 30)
        return if let own { own } else {
            try source.size("max_position_embeddings", in: 1...1 << 30)
        }
    }

    // MARK: Experts

    /// Which layers have experts.
    func sparseLayers(_ count: Int) throws(ImportError) -> [Bool] {
        switch family {
        case .qwen3MoE:
            let step = try source.optionalSize("decoder_sparse_step", in: 1...4096) ?? 1
            let dense = try source.array("mlp_only_layers") ?? []
            return (0..<count).map { ($0 + 1) % step == 0 && !dense.contains(.integer($0)) }
        case .deepSeekV2, .deepSeekV3:
            let first =
                try source.optionalSize("first_k_dense_replace", in: 0...4096)
                ?? (family == .deepSeekV3 ? 3 : 0)
            if let step = try source.integer("moe_layer_freq"), step != 1 {
                throw source.refused("moe_layer_freq", "\(step)", allowed: "1")
            }
            return (0..<count).map { $0 >= first }
        default: return [Bool](repeating: true, count: count)
        }
    }

    func experts() throws(ImportError) -> ExpertMixture? {
        switch family {
        case .mixtral:
            let count = try expertCount(default: 8)
            return ExpertMixture(
                count: count, usedCount: try used(of: count, default: 2),
                size: try source.optionalSize("intermediate_size") ?? 14336, sharedSize: 0,
                scoring: .softmax, hasChoiceBias: false, isNormalised: true, scale: 1,
                groupCount: 1, usedGroupCount: 1, groupRanking: .best)
        case .qwen3MoE:
            let count = try expertCount(default: 128)
            return ExpertMixture(
                count: count, usedCount: try used(of: count, default: 8),
                size: try source.optionalSize("moe_intermediate_size") ?? 768, sharedSize: 0,
                scoring: .softmax, hasChoiceBias: false,
                isNormalised: try source.bool("norm_topk_prob") ?? false, scale: 1,
                groupCount: 1, usedGroupCount: 1, groupRanking: .best)
        case .deepSeekV2, .deepSeekV3: return try deepSeekExperts()
        default: return nil
        }
    }

    /// The field's name has changed between versions of the library.
    private func expertCount(default usual: Int) throws(ImportError) -> Int {
        let other = try source.optionalSize("num_experts", in: 1...4096) ?? usual
        return try source.optionalSize("num_local_experts", in: 1...4096) ?? other
    }

    private func used(of count: Int, default usual: Int) throws(ImportError) -> Int {
        try source.optionalSize("num_experts_per_tok", in: 1...count) ?? min(usual, count)
    }

    private func deepSeekExperts() throws(ImportError) -> ExpertMixture {
        let isThree = family == .deepSeekV3
        let count =
            try source.optionalSize("n_routed_experts", in: 1...4096) ?? (isThree ? 256 : 64)
        let size =
            try source.optionalSize("moe_intermediate_size") ?? (isThree ? 2048 : 1407)
        let shared =
            try source.optionalSize("n_shared_experts", in: 0...64) ?? (isThree ? 1 : 2)
        let scoring = try source.text("scoring_func") ?? (isThree ? "sigmoid" : "softmax")
        guard let scoring = ExpertMixture.Scoring(rawValue: scoring) else {
            throw source.refused("scoring_func", scoring, allowed: "softmax or sigmoid")
        }
        let method = try source.text("topk_method") ?? (isThree ? "noaux_tc" : "greedy")
        guard ["greedy", "group_limited_greedy", "noaux_tc"].contains(method) else {
            throw source.refused(
                "topk_method", method, allowed: "greedy, group_limited_greedy or noaux_tc")
        }
        let groups =
            method == "greedy"
            ? 1
            : try source.optionalSize("n_group", in: 1...count) ?? (isThree ? min(8, count) : 1)
        guard count % groups == 0 else {
            throw source.refused(
                "n_group", "\(groups)", allowed: "a divisor of the \(count) experts")
        }
        return ExpertMixture(
            count: count, usedCount: try used(of: count, default: 8), size: size,
            sharedSize: shared * size, scoring: scoring, hasChoiceBias: method == "noaux_tc",
            isNormalised: try source.bool("norm_topk_prob") ?? isThree,
            scale: try source.positive("routed_scaling_factor") ?? (isThree ? 2.5 : 1),
            groupCount: groups,
            usedGroupCount: groups == 1
                ? 1
                : try source.optionalSize("topk_group", in: 1...groups) ?? min(4, groups),
            groupRanking: method == "noaux_tc" ? .sumOfTwoBest : .best)
    }
}
