/// The sizes of a language model that decide its cost.
public struct ModelShape: Sendable, Hashable {
    public var name: String
    public var layers: Int
    public var hidden: Int
    public var heads: Int
    public var cacheHeads: Int
    /// Values of one head.
    public var dimension: Int
    /// Inner size of a dense feed-forward layer; 0 when all have experts.
    public var inner: Int
    public var vocabulary: Int
    /// Experts of a layer, how many a token takes, their inner size; 0 without.
    public var experts = 0
    public var taken = 0
    public var expertInner = 0
    /// Inner size of the experts that every token takes.
    public var sharedInner = 0
    /// Layers without experts, in a model that has them.
    public var denseLayers = 0
    /// Cached values of a token and layer under latent attention; 0 without.
    public var latent = 0
    /// Rank of the queries' projection under latent attention.
    public var queryRank = 0
    /// Where the sizes come from.
    public var source: String

    /// Every model that can be asked for.
    public static let all: [ModelShape] = [llama8B, llama70B, qwen30B, qwen32B, deepSeekV3]

    /// The model of that name.
    ///
    /// - Throws: ``CostError/unknownModel(_:known:)``.
    public static func named(_ name: String) throws(CostError) -> ModelShape {
        guard let found = all.first(where: { $0.name == name }) else {
            throw .unknownModel(name, known: all.map(\.name))
        }
        return found
    }

    private static let configuration = "config.json of the published model"

    static let llama8B = ModelShape(
        name: "llama-3.1-8b", layers: 32, hidden: 4096, heads: 32, cacheHeads: 8, dimension: 128,
        inner: 14336, vocabulary: 128_256, source: configuration)
    static let llama70B = ModelShape(
        name: "llama-3.1-70b", layers: 80, hidden: 8192, heads: 64, cacheHeads: 8, dimension: 128,
        inner: 28672, vocabulary: 128_256, source: configuration)
    static let qwen32B = ModelShape(
        name: "qwen3-32b", layers: 64, hidden: 5120, heads: 64, cacheHeads: 8, dimension: 128,
        inner: 25600, vocabulary: 151_936, source: configuration)
    static let qwen30B = ModelShape(
        name: "qwen3-30b-a3b", layers: 48, hidden: 2048, heads: 32, cacheHeads: 4, dimension: 128,
        inner: 0, vocabulary: 151_936, experts: 128, taken: 8, expertInner: 768,
        source: configuration)
    static let deepSeekV3 = ModelShape(
        name: "deepseek-v3", layers: 61, hidden: 7168, heads: 128, cacheHeads: 128,
        dimension: 128, inner: 18432, vocabulary: 129_280, experts: 256, taken: 8,
        expertInner: 2048, sharedInner: 2048, denseLayers: 3, latent: 576, queryRank: 1536,
        source: configuration)
}

extension ModelShape {
    /// Layers with a dense feed-forward part.
    var feedForwardLayers: Int { experts > 0 ? denseLayers : layers }
    /// Layers with experts.
    var expertLayers: Int { experts > 0 ? layers - denseLayers : 0 }

    /// Weights, embedding and output projection included.
    public var parameters: Double {
        let d = Double(hidden)
        let attention: Double
        if latent > 0 {
            // Down projections, queries of 192 a head, keys and values of 128 a head each, output.
            let perHead = Double(queryRank) * 192 + 512 * 256 + 128 * d
            attention = d * Double(queryRank + latent) + Double(heads) * perHead
        } else {
            attention = d * Double(dimension) * Double(2 * heads + 2 * cacheHeads)
        }
        let shared = Double(expertLayers) * 3 * d * Double(sharedInner)
        return Double(layers) * attention + Double(feedForwardLayers) * 3 * d * Double(inner)
            + Double(expertLayers * experts) * 3 * d * Double(expertInner) + shared
            + 2 * d * Double(vocabulary)
    }

    /// Cached values of one token, all layers.
    public var cachedValues: Double {
        let layer = latent > 0 ? latent : 2 * cacheHeads * dimension
        return Double(layers * layer)
    }
}
