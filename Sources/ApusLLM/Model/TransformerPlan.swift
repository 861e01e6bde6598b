import ApusChip
import ApusImport
import ApusNumerics

/// How much a loaded model can hold.
public struct LanguageModelLimits: Sendable, Hashable {
    /// Tokens that one step computes at most.
    public var rowsMax: Int
    /// Tokens of the longest sequence.
    public var contextMax: Int
    /// Tokens of all sequences together, a multiple of the page.
    public var cacheTokens: Int
    /// Rows of a step whose logits can be had.
    public var selectedMax: Int
    /// Sequences that are computed together.
    public var sequencesMax: Int
    /// How keys and values are kept.
    public var cacheFormat: CacheFormat

    public init(
        rowsMax: Int = 128, contextMax: Int, cacheTokens: Int, selectedMax: Int = 128,
        sequencesMax: Int = 1, cacheFormat: CacheFormat = .bf16
    ) {
        self.rowsMax = rowsMax
        self.contextMax = contextMax
        self.cacheTokens = cacheTokens
        self.selectedMax = selectedMax
        self.sequencesMax = sequencesMax
        self.cacheFormat = cacheFormat
    }
}

/// Where everything of a model lies in the arena, and with what its launches are made.
///
/// The plan follows from the description and the chip; weights are packed into the places that it
/// names (``WeightLoader``).
struct TransformerPlan: Sendable {
    let configuration: LanguageModelConfiguration
    let limits: LanguageModelLimits
    let memory: CoreMemory
    private(set) var arena = ArenaLayout()

    /// Rows of a step.
    private(set) var residual, normed, projections, queries, attended, hidden: RowBuffer
    /// What comes out of a block before its post-norm (Gemma).
    private(set) var block: RowBuffer
    private(set) var finalRows, logits: RowBuffer
    private(set) var experts: ExpertBuffers
    private(set) var latents: LatentBuffers
    private(set) var tables: StepTables
    private(set) var sampler: Sampler
    /// Tables for tiles of one row, and of several.
    private(set) var single, several: AttentionTables
    /// Where tiles of one row leave parts, if their chunks are computed side by side.
    private(set) var split: SplitAttention.Buffers?
    private(set) var embedding: PackedMatrix
    private(set) var output: PackedMatrix
    private(set) var outputNorm: Int
    private(set) var layers: [LayerPlan] = []
    /// Distinct rotary embeddings and the tables of their cosines and sines.
    private(set) var rotaries: [(embedding: RotaryEmbedding, turns: RowBuffer)] = []

    /// - Throws: what a launch of this model would not fit, or is not supported.
    init(
        _ shapes: ModelShapes, limits: LanguageModelLimits, chip: Chip
    ) throws(LanguageModelError) {
        configuration = shapes.configuration
        self.limits = limits
        memory = CoreMemory(chip)
        let rows = limits.rowsMax
        let attention = configuration.attention
        let hiddenSize = configuration.hiddenSize
        let queryColumns = attention.headCount * attention.keySize
        let keyColumns = attention.keyValueHeadCount * attention.keySize
        let valueColumns = attention.keyValueHeadCount * attention.valueSize
        residual = arena.rows(rows, hiddenSize, .fp32)
        normed = arena.rows(rows, hiddenSize, .bf16)
        block = arena.rows(rows, hiddenSize, .fp32)
        projections = arena.rows(rows, queryColumns + keyColumns + valueColumns, .fp32)
        queries = arena.rows(rows, queryColumns, .bf16)
        attended = arena.rows(rows, attention.headCount * attention.valueSize, .bf16)
        hidden = arena.rows(rows, configuration.denseSizeMax, .bf16)
        experts = ExpertBuffers(configuration, rows: rows, in: &arena)
        latents = LatentBuffers(configuration, rows: rows, in: &arena)
        finalRows = arena.rows(limits.selectedMax, hiddenSize, .bf16)
        logits = arena.rows(limits.selectedMax, configuration.vocabularySize, .fp32)
        tables = StepTables(rowsMax: rows, in: &arena)
        sampler = Sampler(
            vocabulary: configuration.vocabularySize, logits: logits,
            choicesMax: min(limits.selectedMax, limits.sequencesMax),
            sequencesMax: limits.sequencesMax, rowsMax: rows, memory: memory, in: &arena)
        let pagesMax =
            (limits.contextMax + CacheRegion.pageTokens - 1) / CacheRegion.pageTokens
        single = AttentionTables(height: 1, tilesMax: rows, pagesMax: pagesMax, in: &arena)
        several = AttentionTables(
            height: TransformerPlan.attentionHeight(attention, rows: rows, memory),
            tilesMax: rows,
            pagesMax: pagesMax, in: &arena)
        let embeddingTensor = try shapes.weight(of: .tokenEmbedding)
        embedding = PackedMatrix(embeddingTensor, memory, in: &arena)
        let isTied = configuration.isTied
        output =
            isTied
            ? embedding : PackedMatrix(try shapes.weight(of: .output), memory, in: &arena)
        outputNorm = arena.reserve(hiddenSize * 4)
        for layer in configuration.layers
        where !rotaries.contains(where: { $0.embedding == layer.rotary }) {
            rotaries.append(
                (layer.rotary, arena.rows(limits.contextMax, layer.rotary.size, .fp32)))
        }
        for index in configuration.layers.indices {
            layers.append(
                try LayerPlan(index, shapes, limits: limits, memory: memory, in: &arena))
        }
        if let cache = layers.first?.cache {
            split = SplitAttention.Buffers(
                cache, group: attention.headCount / cache.heads, contextMax: limits.contextMax,
                memory, in: &arena)
        }
    }

    /// Bytes of all matrices, scales and minimums included.
    var weightBytes: Int {
        let head = configuration.isTied ? [embedding] : [embedding, output]
        return head.reduce(0) { $0 + $1.bytes } + layers.reduce(0) { $0 + $1.weightBytes }
    }

    /// The cosines and sines of a layer.
    func turns(of layer: Int) -> RowBuffer {
        for rotary in rotaries where rotary.embedding == configuration.layers[layer].rotary {
            return rotary.turns
        }
        preconditionFailure("every layer's rotary embedding has a table")
    }

    /// Rows of a tile of several: as many as the accumulators hold the scores of. At most 16, or 64
    /// where a full step leaves each of many cores four tiles: a command costs whatever its rows.
    private static func attentionHeight(
        _ attention: LanguageModelConfiguration.Attention, rows: Int, _ memory: CoreMemory
    ) -> Int {
        let group = attention.headCount / attention.keyValueHeadCount
        let chunk = AttentionLaunch.chunkTokens(keySize: attention.keySize)
        let rowBytes = group * (chunk + attention.valueSize) * 4
        var height = 16
        while memory.countsCycles, height < 64,
            rows / (2 * height) * attention.keyValueHeadCount >= 4 * memory.cores
        {
            height *= 2
        }
        while height > 1, height * rowBytes > memory.accumulators / 2 { height /= 2 }
        return height
    }
}

extension LanguageModelConfiguration {
    /// Elements between the projections of the largest dense block.
    var denseSizeMax: Int {
        layers.map { layer in
            switch layer.feedForward {
            case .dense(let size): size
            case .experts(let experts): max(experts.sharedSize, 1)
            }
        }.max() ?? 1
    }
}

extension ModelShapes {
    /// The shape of a role's weight.
    func weight(of role: TensorRole) throws(LanguageModelError) -> WeightShape {
        do { return try weight(role) } catch { throw .files(error) }
    }
}

extension LanguageModelFiles {
    /// The weight of a role.
    func weight(_ role: TensorRole) throws(LanguageModelError) -> StoredTensor {
        do { return try tensor(role) } catch { throw .files(error) }
    }
}

extension PackedMatrix {
    /// Reserves a matrix for one weight.
    init(_ weight: WeightShape, _ memory: CoreMemory, in arena: inout ArenaLayout) {
        self.init(
            inputs: weight.columns, outputs: weight.rows,
            width: PackedMatrix.width(outputs: weight.rows, memory: memory),
            format: weight.streamed, in: &arena)
    }
}
