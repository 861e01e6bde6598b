import ApusISA
import ApusImport
import ApusKernels
import ApusNumerics
import ApusRuntime

/// Launches of a step that were encoded once, for numbers of rows and tiles.
///
/// Rows and tiles come in sizes 1, 2, 3, 4, 6, 8, 12, … so that few lists serve all steps; rows
/// beyond those of a step are computed and left alone.
package struct StepLaunches {
    let plan: TransformerPlan
    /// Rows whose experts are computed here; nil for those of the step.
    private let expertRows: Int?
    /// Of a layer before and after attention, by rows.
    private var dense: [Int: [(before: [Launch], after: [Launch])]] = [:]
    private var embeddings: [Int: Launch] = [:]
    private var heads: [Int: [Launch]] = [:]
    private var attention: [AttentionKey: [Attention]] = [:]

    private struct AttentionKey: Hashable {
        var isSingle: Bool
        var tiles: Int
        /// Chunks that are computed side by side; nil if a tile's follow one another.
        var chunks: Int?
    }

    /// The launches of attention, and where in the arguments of the last one the table of chunks
    /// lies.
    struct Attention {
        var launches: [Launch]
        var chunkTable: Int
        /// Chunks that one of the last launch takes together.
        var together = 1
    }

    init(_ plan: TransformerPlan, expertRows: Int? = nil) {
        self.plan = plan
        self.expertRows = expertRows
    }

    /// The smallest size that holds `count`, at most `largest`.
    package static func size(_ count: Int, atMost largest: Int) -> Int {
        var size = 1
        while size < count {
            if size * 3 / 2 >= count, size.isMultiple(of: 2) { return min(size * 3 / 2, largest) }
            size *= 2
        }
        return min(size, largest)
    }

    /// The launches of a step, in order.
    ///
    /// - Parameters:
    ///   - single, several: the chunks of each attention tile of one row, and of several.
    mutating func list(
        rows: Int, single: [Int], several: [Int], selected: Int
    ) throws(LanguageModelError) -> [Launch] {
        try parts(rows: rows, single: single, several: several, selected: selected)
            .flatMap(\.launches)
    }

    /// The same by layers: the embedding, each layer, and what follows.
    mutating func parts(
        rows: Int, single: [Int], several: [Int], selected: Int
    ) throws(LanguageModelError) -> [StepPart] {
        let rows = Self.size(rows, atMost: plan.limits.rowsMax)
        var parts = [StepPart(place: .embedding, launches: [try embedding(rows)])]
        let dense = try dense(rows)
        let ofOne = try attention(isSingle: true, chunks: single)
        let ofSeveral = try attention(isSingle: false, chunks: several)
        for layer in plan.layers.indices {
            var launches = dense[layer].before
            if let ofOne { launches += ofOne[layer] }
            if let ofSeveral { launches += ofSeveral[layer] }
            parts.append(
                StepPart(place: .layer(layer), launches: launches + dense[layer].after))
        }
        if selected > 0 {
            let size = Self.size(selected, atMost: plan.limits.selectedMax)
            parts.append(StepPart(place: .output, launches: try head(size)))
        }
        return parts
    }

    private mutating func embedding(_ rows: Int) throws(LanguageModelError) -> Launch {
        if let launch = embeddings[rows] { return launch }
        let embedding = EmbeddingLaunch(
            matrix: plan.embedding, codePlaces: plan.tables.codePlaces,
            scalePlaces: plan.tables.scalePlaces, scale: plan.configuration.embeddingScale,
            result: plan.residual)
        let launch = Launch(
            try embedding.program(rows: rows, in: plan.memory), label: "embedding")
        embeddings[rows] = launch
        return launch
    }

    private mutating func head(_ rows: Int) throws(LanguageModelError) -> [Launch] {
        if let launches = heads[rows] { return launches }
        let norm = NormLaunch(
            input: plan.residual, columns: plan.configuration.hiddenSize, weight: plan.outputNorm,
            epsilon: plan.configuration.normEpsilon, result: .rows(plan.finalRows),
            selection: plan.tables.selection)
        let result: LinearLaunch.Result =
            plan.configuration.logitSoftcap.map { .capped(plan.logits, $0) }
            ?? .stored(plan.logits, column: 0)
        let linear = LinearLaunch(
            label: "logits", input: plan.finalRows, matrix: plan.output, bias: nil, result: result)
        let launches = [
            Launch(try norm.program(rows: rows, in: plan.memory), label: "output norm"),
            Launch(try linear.program(rows: rows, in: plan.memory), label: "logits"),
        ]
        heads[rows] = launches
        return launches
    }

    private mutating func dense(
        _ rows: Int
    ) throws(LanguageModelError) -> [(before: [Launch], after: [Launch])] {
        if let launches = dense[rows] { return launches }
        var launches: [(before: [Launch], after: [Launch])] = []
        for index in plan.layers.indices {
            let maker = LayerLaunches(
                plan: plan, index: index, rows: rows, expertRows: expertRows ?? rows)
            launches.append((try maker.beforeAttention(), try maker.afterAttention()))
        }
        dense[rows] = launches
        return launches
    }

    /// Attention launches of all layers with their tables of chunks filled in; nil without tiles.
    private mutating func attention(
        isSingle: Bool, chunks: [Int]
    ) throws(LanguageModelError) -> [[Launch]]? {
        guard let most = chunks.max() else { return nil }
        let tables = isSingle ? plan.single : plan.several
        var key = AttentionKey(
            isSingle: isSingle, tiles: Self.size(chunks.count, atMost: tables.tilesMax))
        if isSingle, let split = plan.split, key.tiles <= split.tilesMax,
            most >= SplitAttention.Buffers.chunksMin
        {
            key.chunks = Self.size(most, atMost: .max)
        }
        if attention[key] == nil {
            var made: [Attention] = []
            for index in plan.layers.indices {
                let maker = LayerLaunches(
                    plan: plan, index: index, rows: plan.limits.rowsMax,
                    expertRows: plan.limits.rowsMax)
                made.append(try maker.attention(tables, tiles: key.tiles, chunks: key.chunks))
            }
            attention[key] = made
        }
        var padded = chunks
        padded += Array(repeating: 0, count: key.tiles - chunks.count)
        return (attention[key] ?? []).map { $0.filled(padded) }
    }
}

/// Launches of one part of a step.
public struct StepPart: Sendable {
    /// Which part of the model computes.
    public enum Place: Hashable, Sendable {
        case embedding
        case layer(Int)
        case output
    }

    public var place: Place
    public var launches: [Launch]

    public init(place: Place, launches: [Launch]) {
        self.place = place
        self.launches = launches
    }
}

extension StepLaunches.Attention {
    /// The launches with a number of chunks for each tile.
    func filled(_ chunks: [Int]) -> [Launch] {
        var launches = launches
        launches[launches.count - 1].arguments.withUnsafeMutableBytes { bytes in
            for (index, count) in chunks.enumerated() {
                let count = UInt32((count + together - 1) / together)
                bytes.storeBytes(
                    of: count.littleEndian, toByteOffset: chunkTable + 4 * index, as: UInt32.self)
            }
        }
        return launches
    }
}

extension Launch {
    /// A tile program as a launch whose arguments hold absolute addresses.
    init(_ program: TileProgram, label: String) {
        self.init(program.encode(), label: label)
    }

    init(_ encoded: EncodedTileProgram, label: String) {
        var arguments = encoded.arguments
        arguments.withUnsafeMutableBytes { bytes in
            for offset in encoded.relocations {
                let place = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let moved = UInt64(littleEndian: place) + LoadedProgram.arenaAddress
                bytes.storeBytes(of: moved.littleEndian, toByteOffset: offset, as: UInt64.self)
            }
        }
        self.init(kernel: "apus_tile", arguments: arguments, relocations: [], label: label)
    }
}
