import ApusISA
import ApusKernels
import ApusNumerics

/// Attention of single rows whose chunks of keys are computed side by side, on cores that would
/// else be idle. The same sums in the same order as ``AttentionLaunch``, hence the same bits:
///
///     scores    s and its maximum of each chunk
///     values    m' of all chunks up to here, p = bf16(exp(s − m')), Σ p, p·v, exp(m − m')
///     sums      l and o over the chunks in order, then o / l
struct SplitAttention {
    var attention: AttentionLaunch
    var buffers: Buffers

    /// What the launches leave for each other.
    struct Buffers: Sendable {
        /// Tiles of one row that may be split.
        var tilesMax: Int
        var scores, maxima, parts: Int

        /// Cores from which on chips are timed rather than emulated, and chunks that pay three
        /// launches.
        private static let coresEmulated = 16
        static let chunksMin = 4

        /// - Returns: nil where key heads alone keep half of the cores busy.
        init?(
            _ cache: CacheRegion, group: Int, contextMax: Int, cores: Int,
            in arena: inout ArenaLayout
        ) {
            tilesMax = cores / (2 * cache.heads)
            guard cores > Self.coresEmulated, tilesMax > 0, !cache.hasScales else { return nil }
            let chunk = AttentionLaunch.chunkTokens(keySize: cache.keySize)
            let chunks = StepLaunches.size((contextMax + chunk - 1) / chunk, atMost: .max)
            let rows = tilesMax * cache.heads * group * chunks
            scores = arena.reserve(rows * chunk * 4)
            maxima = arena.reserve(rows * 4)
            parts = arena.reserve(rows * (cache.valueSize + 2) * 4)
        }
    }

    private var heads: Int { attention.cache.heads }
    private var group: Int { attention.group }
    private var chunk: Int { attention.chunk }
    private var valueSize: Int { attention.cache.valueSize }
    /// Tile and head as one number.
    private var unit: Affine { Affine(perGrid: [heads, 1]) }

    /// The three programs, the last of which has a table of chunks.
    ///
    /// - Parameter chunks: of the tile that has the most.
    func programs(
        tiles: Int, chunks: Int, in memory: CoreMemory
    ) throws(LanguageModelError) -> [TileProgram] {
        [
            try scores(tiles, chunks).program("attention scores", in: memory),
            try values(tiles, chunks).program("attention values", in: memory),
            try sums(tiles, chunks).program("attention sums", in: memory),
        ]
    }

    private func scoreTensor(_ tiles: Int, _ chunks: Int) -> GlobalTensor {
        GlobalTensor(dense: [chunks * chunk, group, tiles * heads], .fp32, at: buffers.scores)
    }

    private func maximumTensor(_ tiles: Int, _ chunks: Int) -> GlobalTensor {
        GlobalTensor(dense: [chunks, group, tiles * heads], .fp32, at: buffers.maxima)
    }

    /// Rows of p·v, Σ p and exp(m − m').
    private func partTensor(_ tiles: Int, _ chunks: Int) -> GlobalTensor {
        GlobalTensor(
            dense: [valueSize + 2, group, chunks, tiles * heads], .fp32, at: buffers.parts)
    }

    private func scores(_ tiles: Int, _ chunks: Int) -> TileSketch {
        var sketch = TileSketch(grid: [tiles, heads, chunks])
        let slots = AttentionLaunch.ScoreSlots(&sketch, attention, buffers: 2, results: 2)
        let table = sketch.slot(bytes: attention.pages * 4)
        let maximum = sketch.slot(bytes: group * 4, buffers: 2)
        sketch.before += attention.loadQueries(slots)
        sketch.before += [
            attention.loadPages(into: table, at: .tile(2, attention.pages)),
            attention.load(
                attention.cache.keyPages, attention.cache.keySize, into: slots.keys, table),
        ]
        sketch.after.append(attention.multiplyKeys(slots, slots.keys))
        sketch.after += attention.scaleSums(slots)
        sketch.after += attention.hide(&sketch, slots, firstKey: .tile(2, chunk))
        sketch.after += [
            .vector(
                .rmax, LocalShape(chunk, group), LocalTile(maximum, column: 0, row: 1),
                LocalTile(slots.scores, row: chunk)),
            scoreTensor(tiles, chunks).store(
                from: slots.scores, box: [chunk, group, 1], at: [.tile(2, chunk), .zero, unit]),
            maximumTensor(tiles, chunks).store(
                from: maximum, box: [1, group, 1], at: [.tile(2), .zero, unit]),
        ]
        return sketch
    }

    private func values(_ tiles: Int, _ chunks: Int) -> TileSketch {
        var sketch = TileSketch(grid: [tiles, heads, chunks])
        let table = sketch.slot(bytes: attention.pages * 4)
        let values = sketch.slot(bytes: chunk * valueSize * 2, buffers: 2)
        let scores = sketch.slot(bytes: group * chunk * 4, buffers: 2)
        let maxima = sketch.slot(bytes: group * chunks * 4)
        sketch.before += [
            attention.loadPages(into: table, at: .tile(2, attention.pages)),
            attention.load(attention.cache.valuePages, valueSize, into: values, table),
            scoreTensor(tiles, chunks).load(
                into: scores, box: [chunk, group, 1], at: [.tile(2, chunk), .zero, unit],
                repetition: .always),
            maximumTensor(tiles, chunks).load(
                into: maxima, box: [chunks, group, 1], at: [.zero, .zero, unit]),
        ]
        let (before, newMax) = maximaSoFar(&sketch, maxima, chunks)
        let probabilities = sketch.slot(bytes: group * chunk * 2)
        let products = sketch.sums(bytes: group * valueSize * 4, buffers: 2)
        // Σ p and the factor beside each other.
        let pair = sketch.slot(bytes: group * 2 * 4, buffers: 2)
        let (shape, one) = (LocalShape(chunk, group), LocalShape(1, group))
        let weights = LocalTile(probabilities, .bf16, row: chunk)
        let s = LocalTile(scores, row: chunk)
        let (sum, factor) = (
            LocalTile(pair, .fp32, column: 0, row: 2),
            LocalTile(pair, .fp32, column: 0, row: 2, offset: 1)
        )
        let parts = partTensor(tiles, chunks)
        sketch.after += [
            .vector(.sub, shape, s, s, .tile(newMax)),
            .vector(.exp, shape, weights, s),
            attention.matmul(
                m: group, n: valueSize, k: chunk, a: probabilities, b: values,
                bStrides: (n: 2, k: valueSize * 2), sums: products),
            .vector(.rsum, shape, sum, weights),
            .vector(.sub, one, before, before, .tile(newMax)),
            .vector(.exp, one, factor, before),
            parts.store(
                from: pair, box: [2, group, 1, 1],
                at: [Affine(valueSize), .zero, .tile(2), unit]),
            parts.store(
                from: products, box: [valueSize, group, 1, 1],
                at: [.zero, .zero, .tile(2), unit]),
        ]
        return sketch
    }

    /// The maxima before a tile's chunk, and with it.
    private func maximaSoFar(
        _ sketch: inout TileSketch, _ maxima: Int, _ chunks: Int
    ) -> (before: LocalTile, with: LocalTile) {
        let numbers = LocalTile(sketch.slot(bytes: chunks * 4), .int32)
        let isSeen = LocalTile(sketch.slot(bytes: chunks * 4))
        let seen = LocalTile(sketch.slot(bytes: group * chunks * 4), row: chunks)
        let (list, shape) = (LocalShape(chunks), LocalShape(chunks, group))
        sketch.after.append(.count(list, numbers, from: .zero))
        let results = [VectorOpcode.lt, .le].map { comparison in
            let result = LocalTile(sketch.slot(bytes: group * 4), column: 0, row: 1)
            sketch.after += [
                .vector(comparison, list, isSeen, numbers, .affine(.tile(2))),
                .vector(
                    .select, shape, seen, isSeen, .tile(LocalTile(maxima, row: chunks)),
                    .float(AttentionLaunch.hidden)),
                .vector(.rmax, shape, result, seen),
            ]
            return result
        }
        return (results[0], results[1])
    }

    private func sums(_ tiles: Int, _ chunks: Int) -> TileSketch {
        var sketch = TileSketch(grid: [tiles, heads])
        sketch.chunks = chunks
        sketch.chunkTable = true
        let (row, width) = (valueSize + 2, valueSize + 1)
        let rowTable = sketch.slot(bytes: 4)
        let part = sketch.slot(bytes: group * row * 4, buffers: 2)
        let sums = LocalTile(sketch.slot(bytes: group * width * 4), row: width)
        let rows = attention.tileRows
        sketch.before += [
            GlobalTensor(dense: [rows.columns * rows.rows], .int32, at: rows.offset)
                .loadIndices(into: rowTable, 1, at: [.tile(0)]),
            .fill(LocalShape(group * width), LocalTile(sums.slot), 0),
        ]
        let factor = LocalTile(part, .fp32, column: 0, row: row, offset: width)
        sketch.each += [
            partTensor(tiles, chunks).load(
                into: part, box: [row, group, 1, 1], at: [.zero, .zero, .chunk(1), unit],
                repetition: .always),
            .vector(
                .fma, LocalShape(width, group), sums, sums, .tile(factor),
                .tile(LocalTile(part, row: row))),
        ]
        sketch.after += attention.end(
            &sketch, rowTable: rowTable, output: sums,
            total: LocalTile(sums.slot, .fp32, column: 0, row: width, offset: valueSize))
        return sketch
    }
}
