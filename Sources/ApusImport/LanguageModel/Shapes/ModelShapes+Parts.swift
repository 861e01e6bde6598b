extension ModelShapes {
    /// Some layers of the model, for a stage of a pipeline.
    ///
    /// The token embedding goes with the first layer and the output with the last: such a stage has
    /// one matrix for the vocabulary, a stage between them as good as none.
    public func layers(_ range: Range<Int>) throws(ImportError) -> ModelShapes {
        if range == configuration.layers.indices { return self }
        var part = configuration
        part.layers = Array(configuration.layers[range])
        part.isTied = true
        if range.lowerBound > 0, range.upperBound < configuration.layerCount {
            part.vocabularySize = 1
        }
        return try like(part) { role in
            if case .layer(let index, let tensor) = role {
                return .layer(index + range.lowerBound, tensor)
            }
            return role
        }
    }

    /// One chip's part of the model where `count` chips share every matrix: whole heads of
    /// attention, columns of the feed-forward blocks, rows of the vocabulary.
    ///
    /// - Precondition: ``tensorParallelism`` holds `count`.
    public func sharedBy(_ count: Int) throws(ImportError) -> ModelShapes {
        precondition(count >= 1 && tensorParallelism.contains(count), "the count divides")
        var part = configuration
        part.attention.headCount /= count
        if part.attention.latent == nil {
            part.attention.keyValueHeadCount = max(part.attention.keyValueHeadCount / count, 1)
        } else {
            part.attention.keyValueHeadCount = part.attention.headCount
        }
        part.vocabularySize = (part.vocabularySize + count - 1) / count
        for index in part.layers.indices {
            switch part.layers[index].feedForward {
            case .dense(let size): part.layers[index].feedForward = .dense(size: size / count)
            case .experts(var mixture):
                mixture.size /= count
                mixture.sharedSize /= count
                part.layers[index].feedForward = .experts(mixture)
            }
        }
        return try like(part) { $0 }
    }

    /// One chip's part of the model where `count` chips share the experts and have the rest each.
    ///
    /// - Precondition: ``expertParallelism`` holds `count`.
    public func expertsSharedBy(_ count: Int) throws(ImportError) -> ModelShapes {
        precondition(count >= 1 && expertParallelism.contains(count), "the count divides")
        var part = configuration
        for index in part.layers.indices {
            guard case .experts(var mixture) = part.layers[index].feedForward else { continue }
            mixture.heldCount = mixture.count / count
            part.layers[index].feedForward = .experts(mixture)
        }
        return try like(part) { $0 }
    }

    /// Counts of chips that can share every matrix: heads, key heads (or chips that share one),
    /// and columns in whole groups of 32 divide.
    public var tensorParallelism: [Int] {
        let attention = configuration.attention
        return (1...64).filter { count in
            guard attention.headCount % count == 0 else { return false }
            if attention.latent == nil {
                let keys = attention.keyValueHeadCount
                guard keys % count == 0 || count % keys == 0 else { return false }
            }
            return configuration.layers.allSatisfy { layer in
                switch layer.feedForward {
                case .dense(let size): size % (32 * count) == 0
                case .experts(let mixture):
                    mixture.size % (32 * count) == 0 && mixture.sharedSize % (32 * count) == 0
                }
            }
        }
    }

    /// Counts of chips that can share the experts; one alone if there are none.
    public var expertParallelism: [Int] {
        let counts = configuration.layers.compactMap { layer -> Int? in
            guard case .experts(let mixture) = layer.feedForward else { return nil }
            return mixture.count
        }
        guard let least = counts.min() else { return [1] }
        return (1...least).filter { count in counts.allSatisfy { $0 % count == 0 } }
    }

    /// Another description whose weights have the formats of this one's.
    private func like(
        _ part: LanguageModelConfiguration, _ original: (TensorRole) -> TensorRole
    ) throws(ImportError) -> ModelShapes {
        var weights: [TensorRole: WeightShape] = [:]
        for (role, shape) in part.tensorShapes {
            let columns = shape.last ?? 1
            var weight = try self.weight(original(role))
            weight.rows = shape.dropLast().reduce(1, *)
            weight.columns = columns
            weights[role] = weight
        }
        return ModelShapes(path: path, configuration: part, weights: weights)
    }
}
