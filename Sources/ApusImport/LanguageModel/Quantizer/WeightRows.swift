/// The values of a model's weights as another kind of file wants them.
///
/// Two conventions differ between GGUF files and Hugging Face folders. llama.cpp stores the rows of
/// Llama's queries and keys so that the pairs of the rotary embedding are neighbours, and it adds
/// one to Gemma's norms when it converts.
struct WeightRows {
    enum Target { case gguf, huggingFace }

    let model: LanguageModelFiles
    let target: Target

    private var configuration: LanguageModelConfiguration { model.configuration }

    /// The layout of rotary pairs in files of the target.
    func rotaryLayout(
        of family: LanguageModelConfiguration.Family
    ) -> RotaryEmbedding.Layout {
        switch (family, target) {
        case (.deepSeekV2, _), (.deepSeekV3, _): .interleaved
        case (.llama, .gguf), (.mistral, .gguf), (.mixtral, .gguf): .interleaved
        default: .halves
        }
    }

    /// What is added to a norm's weights for the target.
    private func normOffset(_ role: TensorRole) -> Float {
        guard role.isNorm else { return 0 }
        let isGemma = configuration.family == .gemma2 || configuration.family == .gemma3
        let wanted: Float = isGemma && target == .huggingFace ? 1 : 0
        return configuration.normWeightOffset - wanted
    }

    /// Rows of a role's weight in the target's order, as values.
    ///
    /// - Throws: ``WeightProblem/notFinite(row:)`` if one is infinite or not a number.
    func values(
        _ role: TensorRole, rows: Range<Int>
    ) throws(ImportError) -> [Float] {
        let tensor = try model.tensor(role)
        var values: [Float] = []
        if let order = rowOrder(role), tensor.shape.count == 1 {
            // A bias is one row, whose elements are in the order of the matrix's rows.
            let stored = tensor.dequantised()
            values = stored.indices.map { stored[order($0)] }
        } else if let order = rowOrder(role) {
            values.reserveCapacity(rows.count * tensor.columns)
            for row in rows {
                let stored = order(row)
                values += tensor.dequantised(rows: stored..<stored + 1)
            }
        } else {
            values = tensor.dequantised(rows: rows)
        }
        let offset = normOffset(role)
        for index in values.indices {
            if !values[index].isFinite {
                throw .weight(
                    model.path, tensor.name,
                    .notFinite(row: rows.lowerBound + index / tensor.columns))
            }
            if offset != 0 { values[index] += offset }
        }
        return values
    }

    /// The stored row of each row of the target; nil if they are the same.
    private func rowOrder(_ role: TensorRole) -> ((Int) -> Int)? {
        guard case .layer(let index, let tensor) = role else { return nil }
        switch tensor {
        case .query, .key, .queryBias, .keyBias: break
        default: return nil
        }
        let stored = configuration.layers[index].rotary.layout
        let wanted = rotaryLayout(of: configuration.family)
        guard stored != wanted, configuration.attention.latent == nil else { return nil }
        let size = configuration.attention.keySize
        return { row in
            let (head, place) = (row / size, row % size)
            let pair =
                wanted == .interleaved
                ? place % 2 * (size / 2) + place / 2 : place % (size / 2) * 2 + place / (size / 2)
            return head * size + pair
        }
    }
}

extension TensorRole {
    /// Whether the weight is a vector: a norm's or a bias.
    var isVector: Bool { isNorm || isBias }

    var isNorm: Bool {
        switch self {
        case .outputNorm: true
        case .layer(_, let tensor):
            switch tensor {
            case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
                .queryNorm, .keyNorm, .queryANorm, .keyValueANorm:
                true
            default: false
            }
        default: false
        }
    }

    private var isBias: Bool {
        if case .layer(_, let tensor) = self {
            switch tensor {
            case .queryBias, .keyBias, .valueBias, .attentionOutputBias, .routerBias: return true
            default: break
            }
        }
        return false
    }
}
