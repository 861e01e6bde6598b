import ApusISA
import ApusKernels
import ApusNumerics

/// Attention of query rows over the pages of their sequences, by online softmax.
///
/// A tile is up to `height` rows of one sequence and the query heads of one key head. For chunks of
/// keys, from the first on:
///
///     s = mask(scale · q·kᵀ),  m' = max(m, max s),  p = bf16(exp(s − m'))
///     l = l · exp(m − m') + Σ p,  o = o · exp(m − m') + p·v
///
/// and o / l in the end. The chunk's length follows from the head's size alone, and keys that a row
/// may not see enter as p = 0, so a row's bits depend neither on the rows beside it nor on the
/// chip.
struct AttentionLaunch {
    /// BF16 rows of query heads.
    var queries: RowBuffer
    var queryHeads: Int
    var cache: CacheRegion
    var scale: Float
    var softcap: Float?
    /// Keys that a row sees, its own among them; nil for all before it.
    var window: Int?
    /// BF16 rows of the result's heads.
    var result: RowBuffer
    /// INT32 positions by row.
    var positions: RowBuffer
    /// INT32 rows of each tile, -1 for none: [height] for each tile.
    var tileRows: RowBuffer
    /// INT32 pages of each tile's sequence.
    var tilePages: RowBuffer
    /// Rows of a tile.
    var height: Int

    /// What hides a key: far below any score, and far above what overflows.
    static let hidden: Float = -1e30

    /// Keys of a chunk: 16 KiB of a head's keys in BF16, at most 128.
    static func chunkTokens(keySize: Int) -> Int {
        let tokens = 8192 / max(keySize, 1) / CacheRegion.pageTokens * CacheRegion.pageTokens
        return min(max(tokens, CacheRegion.pageTokens), 128)
    }

    var chunk: Int { Self.chunkTokens(keySize: cache.keySize) }
    var group: Int { queryHeads / cache.heads }

    /// Of a tile's last chunks, those that may have keys behind a row's own: rows of a tile follow
    /// one another, and its last chunk holds the last row's own key.
    private var maskedChunks: Int { (height + chunk - 2) / chunk + 1 }

    /// - Parameter contextMax: the most tokens of a sequence.
    func program(
        tiles: Int, contextMax: Int, in memory: CoreMemory
    ) throws(LanguageModelError) -> TileProgram {
        let ahead = sketch(tiles, contextMax, isAhead: true)
        let sketch = ahead.fits(memory) ? ahead : sketch(tiles, contextMax, isAhead: false)
        return try sketch.program("attention", in: memory)
    }

    /// The slots that several steps share.
    private struct Slots {
        var score: ScoreSlots
        var table, values, probabilities, products, output: Int
        var running, chunkMax, newMax, factor, total: Int
        /// Scales of the chunk's values, if the cache has them.
        var valueScales: Int?
    }

    /// - Parameter isAhead: whether a chunk's keys are loaded and multiplied while the softmax of
    ///   the chunk before is computed, and products are added while the next chunk's is. Takes two
    ///   buffers for keys and values, and one more for the first keys.
    private func sketch(_ tiles: Int, _ contextMax: Int, isAhead: Bool) -> TileSketch {
        var sketch = TileSketch(grid: [cache.heads, tiles])
        sketch.chunks = (contextMax + chunk - 1) / chunk
        sketch.chunkDimension = 1
        let m = height * group
        let buffers = isAhead ? 2 : 1
        let slots = Slots(
            score: ScoreSlots(&sketch, self, buffers: buffers),
            table: sketch.slot(bytes: buffers * pages * 4),
            values: sketch.slot(bytes: chunk * cache.valueSize * 2, buffers: buffers),
            probabilities: sketch.slot(bytes: m * chunk * 2),
            products: sketch.sums(bytes: m * cache.valueSize * 4),
            output: sketch.slot(bytes: m * cache.valueSize * 4),
            running: sketch.slot(bytes: m * 4), chunkMax: sketch.slot(bytes: m * 4),
            newMax: sketch.slot(bytes: m * 4), factor: sketch.slot(bytes: m * 4),
            total: sketch.slot(bytes: m * 4),
            valueScales: cache.hasScales ? sketch.slot(bytes: chunk * 4) : nil)
        sketch.before += loadQueries(slots.score)
        sketch.before += [
            .fill(LocalShape(m), LocalTile(slots.running), Self.hidden),
            .fill(LocalShape(m), LocalTile(slots.total), 0),
            .fill(LocalShape(m * cache.valueSize), LocalTile(slots.output), 0),
        ]
        loadChunk(&sketch, slots, isAhead: isAhead)
        var hide = hide(&sketch, slots.score, firstKey: .chunk(chunk))
        if window == nil { hide = hide.map { $0.inLastChunks(maskedChunks) } }
        let keys = multiplyKeys(slots.score, slots.score.keys)
        let add = addProducts(slots)
        if isAhead {
            beginAhead(&sketch, slots)
            // The array still multiplies the probabilities of the chunk before.
            sketch.each += scaleSums(slots.score) + [keys] + hide + shift(slots)
            sketch.each += [add] + softmax(slots)
            sketch.after.append(add)
        } else {
            sketch.each += [keys] + scaleSums(slots.score) + hide + shift(slots)
            sketch.each += softmax(slots) + [add]
        }
        sketch.after += end(
            &sketch, rowTable: slots.score.rowTable,
            output: LocalTile(slots.output, row: cache.valueSize),
            total: LocalTile(slots.total, column: 0, row: 1))
        return sketch
    }

    /// Loads a chunk's values and its keys, or the next chunk's.
    private func loadChunk(_ sketch: inout TileSketch, _ slots: Slots, isAhead: Bool) {
        sketch.each += [
            loadPages(into: slots.table, at: .chunk(pages), chunks: isAhead ? 2 : 1),
            load(
                cache.keyPages, cache.keySize, into: slots.score.keys, slots.table,
                tableOffset: isAhead ? pages * 4 : 0),
            load(cache.valuePages, cache.valueSize, into: slots.values, slots.table),
        ]
        for case (let slot?, let offset) in [
            (slots.score.keyScales, cache.keyScales), (slots.valueScales, cache.valueScales),
        ] {
            sketch.each.append(
                cache.scalePages(at: offset).load(
                    into: slot, box: [1, CacheRegion.pageTokens, pages],
                    at: [.tile(0), .zero, .zero], gather: 2, table: slots.table,
                    repetition: .always))
        }
    }

    /// Multiplies the first chunk's keys, and leaves products of zero that the first chunk adds.
    private func beginAhead(_ sketch: inout TileSketch, _ slots: Slots) {
        let m = height * group
        let table = sketch.slot(bytes: pages * 4)
        let keys = sketch.slot(bytes: chunk * cache.keySize * 2)
        sketch.before += [
            loadPages(into: table, at: .zero),
            load(cache.keyPages, cache.keySize, into: keys, table),
            multiplyKeys(slots.score, keys),
            .fill(LocalShape(m), LocalTile(slots.factor), 1),
            .fill(LocalShape(m * chunk), LocalTile(slots.probabilities, .bf16), 0),
            matmul(
                m: m, n: cache.valueSize, k: chunk, a: Place(slots.probabilities),
                b: Place(slots.probabilities), bStrides: (n: 0, k: 0),
                sums: Place(slots.products)),
        ]
    }

    /// `o = o · factor + products`
    private func addProducts(_ slots: Slots) -> TileCommand {
        let output = LocalTile(slots.output, row: cache.valueSize)
        return .vector(
            .fma, LocalShape(cache.valueSize, height * group), output, output,
            .tile(LocalTile(slots.factor, column: 0, row: 1)),
            .tile(LocalTile(slots.products, row: cache.valueSize)))
    }

    /// The maxima of all chunks up to this one, and its scores less those.
    private func shift(_ slots: Slots) -> [TileCommand] {
        let m = height * group
        let (shape, scores) = (LocalShape(chunk, m), LocalTile(slots.score.scores, row: chunk))
        func each(_ slot: Int) -> LocalTile { LocalTile(slot, column: 0, row: 1) }
        return [
            .vector(.rmax, shape, each(slots.chunkMax), scores),
            .vector(
                .max, LocalShape(1, m), each(slots.newMax), each(slots.chunkMax),
                .tile(each(slots.running))),
            .vector(.sub, shape, scores, scores, .tile(each(slots.newMax))),
        ]
    }

    /// The chunk's probabilities, their sum, and their products with the values.
    private func softmax(_ slots: Slots) -> [TileCommand] {
        let m = height * group
        let (shape, one) = (LocalShape(chunk, m), LocalShape(1, m))
        func each(_ slot: Int) -> LocalTile { LocalTile(slot, column: 0, row: 1) }
        let scores = LocalTile(slots.score.scores, row: chunk)
        let probabilities = LocalTile(slots.probabilities, .bf16, row: chunk)
        let (running, newMax) = (each(slots.running), each(slots.newMax))
        let (factor, total) = (each(slots.factor), each(slots.total))
        let commands: [TileCommand] = [
            .vector(.sub, one, factor, running, .tile(newMax)),
            .vector(.exp, one, factor, factor),
            .vector(.copy, one, running, newMax),
        ]
        let products = matmul(
            m: m, n: cache.valueSize, k: chunk, a: Place(slots.probabilities),
            b: Place(slots.values), bStrides: (n: 2, k: cache.valueSize * 2),
            sums: Place(slots.products))
        let sum = TileCommand.vector(
            .fma, one, total, total, .tile(factor), .tile(each(slots.chunkMax)))
        guard let scales = slots.valueScales else {
            return commands + [
                .vector(.exp, shape, probabilities, scores), products,
                .vector(.rsum, shape, each(slots.chunkMax), probabilities), sum,
            ]
        }
        // The scales of values enter with the probabilities, and the total knows nothing of them.
        return commands + [
            .vector(.exp, shape, scores, scores),
            .vector(.mul, shape, probabilities, scores, .tile(LocalTile(scales))), products,
            .vector(.rsum, shape, each(slots.chunkMax), scores), sum,
        ]
    }

    /// Divides by the totals and stores.
    func end(
        _ sketch: inout TileSketch, rowTable: Int, output: LocalTile, total: LocalTile
    ) -> [TileCommand] {
        let m = height * group
        let rounded = sketch.slot(bytes: m * cache.valueSize * 2, buffers: 2)
        let shape = LocalShape(cache.valueSize, m)
        return [
            .vector(.recip, LocalShape(1, m), total, total),
            .vector(
                .mul, shape, LocalTile(rounded, .bf16, row: cache.valueSize), output,
                .tile(total)),
            result.heads(queryHeads, size: cache.valueSize).store(
                from: rounded, box: [cache.valueSize, group, height],
                at: [.zero, .tile(0, group), .zero], gather: 2, table: rowTable),
        ]
    }
}
