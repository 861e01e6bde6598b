/// What a weight is for, whatever its file calls it.
public enum TensorRole: Hashable, Sendable {
    case tokenEmbedding
    case outputNorm
    /// The matrix of logits; the token embedding where that is tied.
    case output
    case layer(Int, LayerTensor)
}

/// The weights of a layer. Matrices are [outputs, inputs].
public enum LayerTensor: Hashable, Sendable {
    /// Before attention, and after it in families that have that.
    case attentionNorm, attentionPostNorm
    case query, key, value, attentionOutput
    case queryBias, keyBias, valueBias, attentionOutputBias
    /// Of each head, before the rotary embedding.
    case queryNorm, keyNorm
    /// Before the feed-forward block, and after it in families that have that.
    case feedForwardNorm, feedForwardPostNorm
    case gate, up, down
    /// [experts, hidden], and what is added to scores for the choice.
    case router, routerBias
    /// Of one expert.
    case expertGate(Int), expertUp(Int), expertDown(Int)
    /// Of the block that every token passes through.
    case sharedGate, sharedUp, sharedDown
    /// Latent attention: queries, [rank, hidden], its norm, [heads · keySize, rank].
    case queryA, queryANorm, queryB
    /// Latent attention: keys and values, [rank + rotarySize, hidden] and the norm of the rank.
    case keyValueA, keyValueANorm
    /// [heads · (keySize − rotarySize + valueSize), rank], head by head keys then values.
    case keyValueB
    /// The halves of keyValueB: [heads, rank, keySize − rotarySize], that is transposed for each
    /// head, and [heads, valueSize, rank].
    case keyB, valueB
}

extension LanguageModelConfiguration {
    /// About how many weights the description implies, without listing them.
    var weightCount: Int {
        layers.reduce(0) { sum, layer in
            if case .experts(let experts) = layer.feedForward {
                sum + 32 + 3 * experts.count
            } else {
                sum + 32
            }
        }
    }

    /// All weights that the description implies, with their shapes, in the order of use.
    public var tensorShapes: [(role: TensorRole, shape: [Int])] {
        var shapes: [(role: TensorRole, shape: [Int])] = [
            (.tokenEmbedding, [vocabularySize, hiddenSize])
        ]
        for index in layers.indices {
            let own =
                attentionShapes + feedForwardShapes(layers[index].feedForward)
            shapes += own.map { (.layer(index, $0.0), $0.1) }
        }
        shapes.append((.outputNorm, [hiddenSize]))
        if !isTied { shapes.append((.output, [vocabularySize, hiddenSize])) }
        return shapes
    }

    private var attentionShapes: [(LayerTensor, [Int])] {
        let heads = attention.headCount
        let queries = heads * attention.keySize
        let keys = attention.keyValueHeadCount * attention.keySize
        let values = attention.keyValueHeadCount * attention.valueSize
        var shapes: [(LayerTensor, [Int])] = [(.attentionNorm, [hiddenSize])]
        if let latent = attention.latent {
            shapes += latentShapes(latent)
        } else {
            shapes += [
                (.query, [queries, hiddenSize]), (.key, [keys, hiddenSize]),
                (.value, [values, hiddenSize]),
            ]
            if attention.hasBias {
                shapes += [(.queryBias, [queries]), (.keyBias, [keys]), (.valueBias, [values])]
            }
            if attention.hasQueryKeyNorm {
                shapes += [(.queryNorm, [attention.keySize]), (.keyNorm, [attention.keySize])]
            }
        }
        shapes.append((.attentionOutput, [hiddenSize, heads * attention.valueSize]))
        if attention.hasOutputBias { shapes.append((.attentionOutputBias, [hiddenSize])) }
        if hasPostNorms { shapes.append((.attentionPostNorm, [hiddenSize])) }
        return shapes
    }

    private func latentShapes(_ latent: LatentAttention) -> [(LayerTensor, [Int])] {
        let heads = attention.headCount
        let plain = attention.keySize - latent.rotarySize
        let rank = latent.keyValueRank
        var shapes: [(LayerTensor, [Int])] = []
        if let queryRank = latent.queryRank {
            shapes += [
                (.queryA, [queryRank, hiddenSize]), (.queryANorm, [queryRank]),
                (.queryB, [heads * attention.keySize, queryRank]),
            ]
        } else {
            shapes.append((.query, [heads * attention.keySize, hiddenSize]))
        }
        shapes += [
            (.keyValueA, [rank + latent.rotarySize, hiddenSize]), (.keyValueANorm, [rank]),
        ]
        if latent.hasSplitB {
            shapes += [
                (.keyB, [heads, rank, plain]), (.valueB, [heads, attention.valueSize, rank]),
            ]
        } else {
            shapes.append((.keyValueB, [heads * (plain + attention.valueSize), rank]))
        }
        return shapes
    }

    private func feedForwardShapes(_ feedForward: FeedForward) -> [(LayerTensor, [Int])] {
        var shapes: [(LayerTensor, [Int])] = [(.feedForwardNorm, [hiddenSize])]
        switch feedForward {
        case .dense(let size):
            shapes += [
                (.gate, [size, hiddenSize]), (.up, [size, hiddenSize]),
                (.down, [hiddenSize, size]),
            ]
        case .experts(let experts):
            shapes.append((.router, [experts.count, hiddenSize]))
            if experts.hasChoiceBias { shapes.append((.routerBias, [experts.count])) }
            for index in 0..<(experts.heldCount ?? experts.count) {
                shapes += [
                    (.expertGate(index), [experts.size, hiddenSize]),
                    (.expertUp(index), [experts.size, hiddenSize]),
                    (.expertDown(index), [hiddenSize, experts.size]),
                ]
            }
            if experts.sharedSize > 0 {
                shapes += [
                    (.sharedGate, [experts.sharedSize, hiddenSize]),
                    (.sharedUp, [experts.sharedSize, hiddenSize]),
                    (.sharedDown, [hiddenSize, experts.sharedSize]),
                ]
            }
        }
        if hasPostNorms { shapes.append((.feedForwardPostNorm, [hiddenSize])) }
        return shapes
    }
}
