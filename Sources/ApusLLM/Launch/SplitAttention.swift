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

        /// Chunks that pay three launches.
        static let chunksMin = 4

        /// - Returns: nil where key heads alone keep half of the cores busy.
        init?(
            _ cache: CacheRegion, group: Int, contextMax: Int, _ memory: CoreMemory,
            in arena: inout ArenaLayout
        ) {
            tilesMax = memory.cores / (2 * cache.heads)
            guard memory.countsCycles, tilesMax > 0, !cache.hasScales else { return nil }
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
    private var unit: Affine { Affine(perGrid: [1, heads]) }

    /// The three programs, the last of which has a table of chunks; nil if they do not fit.
    ///
    /// - Parameter chunks: of the tile that has the most; even.
    func programs(
        tiles: Int, chunks: Int, in memory: CoreMemory
    ) throws(LanguageModelError) -> [TileProgram]? {
        // As many chunks in a tile as leave all cores something to do: each command costs.
        for together in [4, 2, 1] where chunks.isMultiple(of: together) {
            guard together == 1 || tiles * heads * chunks / together >= memory.cores else {
                continue
            }
            let sketches = [
                ("attention scores", scores(tiles, chunks, together)),
                ("attention values", values(tiles, chunks, together)),
                ("attention sums", sums(tiles, chunks)),
            ]
            guard sketches.allSatisfy({ $0.1.fits(memory) }) else { continue }
            return try sketches.map { label, sketch throws(LanguageModelError) in
                try sketch.program(label, in: memory)
            }
        }
        return nil
    }

    /// Chunks that the last program adds up at a time. It may go beyond a tile's own: those hold
    /// products of zero and factors of one.
    static func summed(_ chunks: Int) -> Int { chunks.isMultiple(of: 4) ? 4 : 2 }

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

    private func scores(_ tiles: Int, _ chunks: Int, _ together: Int) -> TileSketch {
        var sketch = TileSketch(grid: [heads, tiles, chunks / together])
        let slots = AttentionLaunch.ScoreSlots(
            &sketch, attention, chunks: together, buffers: 2, results: 2)
        let table = sketch.slot(bytes: together * attention.pages * 4)
        let maximum = sketch.slot(bytes: together * group * 4, buffers: 2)
        let keys = together * chunk
        sketch.before += attention.loadQueries(slots)
        sketch.before += [
            attention.loadPages(
                into: table, at: .tile(2, together * attention.pages), chunks: together),
            attention.load(
                attention.cache.keyPages, attention.cache.keySize, into: slots.keys, table,
                chunks: together),
        ]
        sketch.after.append(attention.multiplyKeys(slots, slots.keys))
        sketch.after += attention.scaleSums(slots)
        sketch.after += attention.hide(&sketch, slots, firstKey: .tile(2, keys))
        sketch.after += [
            .vector(
                .rmax, LocalShape(chunk, group, together),
                LocalTile(maximum, column: 0, row: together, plane: 1),
                LocalTile(slots.scores, row: keys, plane: chunk)),
            scoreTensor(tiles, chunks).store(
                from: slots.scores, box: [keys, group, 1], at: [.tile(2, keys), .zero, unit]),
            maximumTensor(tiles, chunks).store(
                from: maximum, box: [together, group, 1],
                at: [.tile(2, together), .zero, unit]),
        ]
        return sketch
    }

    private func values(_ tiles: Int, _ chunks: Int, _ together: Int) -> TileSketch {
        var sketch = TileSketch(grid: [heads, tiles, chunks / together])
        let table = sketch.slot(bytes: together * attention.pages * 4)
        let values = sketch.slot(bytes: together * chunk * valueSize * 2, buffers: 2)
        let keys = together * chunk
        let scores = sketch.slot(bytes: group * keys * 4, buffers: 2)
        let maxima = sketch.slot(bytes: group * chunks * 4)
        sketch.before += [
            attention.loadPages(
                into: table, at: .tile(2, together * attention.pages), chunks: together),
            attention.load(
                attention.cache.valuePages, valueSize, into: values, table, chunks: together),
            scoreTensor(tiles, chunks).load(
                into: scores, box: [keys, group, 1], at: [.tile(2, keys), .zero, unit],
                repetition: .always),
            maximumTensor(tiles, chunks).load(
                into: maxima, box: [chunks, group, 1], at: [.zero, .zero, unit]),
        ]
        let (before, newMax) = maximaSoFar(&sketch, maxima, chunks, together)
        let probabilities = sketch.slot(bytes: group * keys * 2)
        let products = sketch.sums(bytes: together * group * valueSize * 4, buffers: 2)
        // Σ p and the factor beside each other.
        let pair = sketch.slot(bytes: together * group * 2 * 4, buffers: 2)
        let (shape, one) = (LocalShape(chunk, group, together), LocalShape(1, group, together))
        let weights = LocalTile(probabilities, .bf16, row: keys, plane: chunk)
        let s = LocalTile(scores, row: keys, plane: chunk)
        func paired(_ offset: Int) -> LocalTile {
            LocalTile(pair, .fp32, column: 0, row: 2, plane: 2 * group, offset: offset)
        }
        sketch.after += [
            .vector(.sub, shape, s, s, .tile(newMax)), .vector(.exp, shape, weights, s),
        ]
        sketch.after += (0..<together).map { index in
            attention.matmul(
                m: group, n: valueSize, k: chunk,
                a: Place(probabilities, offset: index * chunk * 2), aRow: keys,
                b: Place(values, offset: index * chunk * valueSize * 2),
                bStrides: (n: 2, k: valueSize * 2),
                sums: Place(products, offset: index * group * valueSize * 4))
        }
        let parts = partTensor(tiles, chunks)
        sketch.after += [
            .vector(.rsum, shape, paired(0), weights),
            .vector(.sub, one, before, before, .tile(newMax)),
            .vector(.exp, one, paired(1), before),
            parts.store(
                from: pair, box: [2, group, together, 1],
                at: [Affine(valueSize), .zero, .tile(2, together), unit]),
            parts.store(
                from: products, box: [valueSize, group, together, 1],
                at: [.zero, .zero, .tile(2, together), unit]),
        ]
        return sketch
    }

    /// The maxima before each of a tile's chunks, and with it.
    private func maximaSoFar(
        _ sketch: inout TileSketch, _ maxima: Int, _ chunks: Int, _ together: Int
    ) -> (before: LocalTile, with: LocalTile) {
        let numbers = LocalTile(sketch.slot(bytes: chunks * 4), .int32)
        let own = sketch.slot(bytes: together * 4)
        let isSeen = sketch.slot(bytes: together * chunks * 4)
        let seen = sketch.slot(bytes: together * group * chunks * 4)
        sketch.after += [
            .count(LocalShape(chunks), numbers, from: .zero),
            .count(LocalShape(together), LocalTile(own, .int32), from: .tile(2, together)),
        ]
        let shape = LocalShape(chunks, group, together)
        let results = [VectorOpcode.lt, .le].map { comparison in
            let result = LocalTile(
                sketch.slot(bytes: together * group * 4), column: 0, row: 1, plane: group)
            let kept = LocalTile(seen, row: chunks, plane: group * chunks)
            sketch.after += [
                .vector(
                    comparison, LocalShape(chunks, together), LocalTile(isSeen, row: chunks),
                    numbers, .tile(LocalTile(own, .int32, column: 0, row: 1))),
                .vector(
                    .select, shape, kept, LocalTile(isSeen, plane: chunks),
                    .tile(LocalTile(maxima, row: chunks)), .float(AttentionLaunch.hidden)),
                .vector(.rmax, shape, result, kept),
            ]
            return result
        }
        return (results[0], results[1])
    }

    private func sums(_ tiles: Int, _ chunks: Int) -> TileSketch {
        var sketch = TileSketch(grid: [heads, tiles])
        let together = Self.summed(chunks)
        sketch.chunks = chunks / together
        sketch.chunkDimension = 1
        let (row, width) = (valueSize + 2, valueSize + 1)
        let rowTable = sketch.slot(bytes: 4)
        let part = sketch.slot(bytes: together * group * row * 4, buffers: 2)
        let sums = LocalTile(sketch.slot(bytes: group * width * 4), row: width)
        let rows = attention.tileRows
        sketch.before += [
            GlobalTensor(dense: [rows.columns * rows.rows], .int32, at: rows.offset)
                .loadIndices(into: rowTable, 1, at: [.tile(1)]),
            .fill(LocalShape(group * width), LocalTile(sums.slot), 0),
        ]
        sketch.each.append(
            partTensor(tiles, chunks).load(
                into: part, box: [row, group, together, 1],
                at: [.zero, .zero, .chunk(together), unit], repetition: .always))
        sketch.each += (0..<together).map { index in
            func tile(column: Int, from first: Int) -> LocalTile {
                LocalTile(
                    part, .fp32, column: column, row: row, offset: index * group * row + first)
            }
            return .vector(
                .fma, LocalShape(width, group), sums, sums, .tile(tile(column: 0, from: width)),
                .tile(tile(column: 1, from: 0)))
        }
        sketch.after += attention.end(
            &sketch, rowTable: rowTable, output: sums,
            total: LocalTile(sums.slot, .fp32, column: 0, row: width, offset: valueSize))
        return sketch
    }
}
