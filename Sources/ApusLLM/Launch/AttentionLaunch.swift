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

    /// - Parameter contextMax: the most tokens of a sequence.
    func program(
        tiles: Int, contextMax: Int, in memory: CoreMemory
    ) throws(LanguageModelError) -> TileProgram {
        let doubled = sketch(tiles, contextMax, buffers: 2)
        let sketch = doubled.fits(memory) ? doubled : sketch(tiles, contextMax, buffers: 1)
        return try sketch.program("attention", in: memory)
    }

    /// The slots that several steps share.
    private struct Slots {
        var score: ScoreSlots
        var values, probabilities, products, output: Int
        var running, chunkMax, newMax, factor, total: Int
        /// Scales of the chunk's values, if the cache has them.
        var valueScales: Int?
    }

    /// The slots of a chunk's scores.
    struct ScoreSlots {
        var rowTable, positions, query, keys, scores, sums, keyPositions, mask: Int
        /// Scales of the chunk's keys, if the cache has them.
        var keyScales: Int?

        /// - Parameters:
        ///   - buffers: of keys.
        ///   - results: of scores.
        init(
            _ sketch: inout TileSketch, _ launch: AttentionLaunch, buffers: Int, results: Int = 1
        ) {
            let (chunk, height) = (launch.chunk, launch.height)
            let m = height * launch.group
            rowTable = sketch.slot(bytes: height * 4)
            positions = sketch.slot(bytes: height * 4)
            query = sketch.slot(bytes: m * launch.cache.keySize * 2)
            keys = sketch.slot(bytes: chunk * launch.cache.keySize * 2, buffers: buffers)
            scores = sketch.slot(bytes: m * chunk * 4, buffers: results)
            sums = sketch.sums(bytes: m * chunk * 4)
            keyPositions = sketch.slot(bytes: chunk * 4)
            mask = sketch.slot(bytes: height * chunk * 4)
            keyScales = launch.cache.hasScales ? sketch.slot(bytes: chunk * 4) : nil
        }
    }

    private func sketch(_ tiles: Int, _ contextMax: Int, buffers: Int) -> TileSketch {
        var sketch = TileSketch(grid: [tiles, cache.heads])
        sketch.chunks = (contextMax + chunk - 1) / chunk
        sketch.chunkTable = true
        let m = height * group
        let slots = Slots(
            score: ScoreSlots(&sketch, self, buffers: buffers),
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
        loadChunk(&sketch, slots)
        sketch.each += score(&sketch, slots.score, firstKey: .chunk(chunk))
        accumulate(&sketch, slots, m)
        sketch.after += end(
            &sketch, rowTable: slots.score.rowTable,
            output: LocalTile(slots.output, row: cache.valueSize),
            total: LocalTile(slots.total, column: 0, row: 1))
        return sketch
    }

    /// Loads a tile's rows, positions and queries.
    func loadQueries(_ slots: ScoreSlots) -> [TileCommand] {
        let head = Affine.tile(1, group)
        let rows = GlobalTensor(
            dense: [tileRows.columns * tileRows.rows], .int32, at: tileRows.offset)
        return [
            rows.loadIndices(into: slots.rowTable, height, at: [.tile(0, height)]),
            GlobalTensor(dense: [1, positions.rows], .int32, at: positions.offset).load(
                into: slots.positions, box: [1, height], at: [.zero, .zero], gather: 1,
                table: slots.rowTable),
            queries.heads(queryHeads, size: cache.keySize).load(
                into: slots.query, box: [cache.keySize, group, height], at: [.zero, head, .zero],
                gather: 2, table: slots.rowTable),
        ]
    }

    private func loadChunk(_ sketch: inout TileSketch, _ slots: Slots) {
        let table = sketch.slot(bytes: pages * 4)
        sketch.each += [
            loadPages(into: table, at: .chunk(pages)),
            load(cache.keyPages, cache.keySize, into: slots.score.keys, table),
            load(cache.valuePages, cache.valueSize, into: slots.values, table),
        ]
        for case (let slot?, let offset) in [
            (slots.score.keyScales, cache.keyScales), (slots.valueScales, cache.valueScales),
        ] {
            sketch.each.append(
                cache.scalePages(at: offset).load(
                    into: slot, box: [1, CacheRegion.pageTokens, pages],
                    at: [.tile(1), .zero, .zero], gather: 2, table: table, repetition: .always))
        }
    }

    /// Pages of a chunk.
    var pages: Int { chunk / CacheRegion.pageTokens }

    /// Loads the numbers of a chunk's pages.
    func loadPages(into table: Int, at first: Affine) -> TileCommand {
        tilePages.tensor().loadIndices(into: table, pages, at: [first, .tile(0)])
    }

    /// Loads the keys or values of a chunk and the tile's head.
    func load(_ tensor: GlobalTensor, _ size: Int, into slot: Int, _ table: Int) -> TileCommand {
        tensor.load(
            into: slot, box: [size, 1, CacheRegion.pageTokens, pages],
            at: [.zero, .tile(1), .zero, .zero], as: .bf16, gather: 3, table: table,
            repetition: .always)
    }

    /// Computes a chunk's scores, hidden ones included.
    func score(
        _ sketch: inout TileSketch, _ slots: ScoreSlots, firstKey: Affine
    ) -> [TileCommand] {
        let m = height * group
        let shape = LocalShape(chunk, m)
        let scores = LocalTile(slots.scores, row: chunk)
        var commands: [TileCommand] = [
            matmul(
                m: m, n: chunk, k: cache.keySize, a: slots.query, b: slots.keys,
                bStrides: (n: cache.keySize * 2, k: 2), sums: slots.sums),
            .vector(.mul, shape, scores, LocalTile(slots.sums, row: chunk), .float(scale)),
        ]
        if let scales = slots.keyScales {
            commands.append(.vector(.mul, shape, scores, scores, .tile(LocalTile(scales))))
        }
        if let softcap {
            commands += [
                .vector(.mul, shape, scores, scores, .float(1 / softcap)),
                .vector(.tanh, shape, scores, scores),
                .vector(.mul, shape, scores, scores, .float(softcap)),
            ]
        }
        commands += hide(&sketch, slots, firstKey)
        let byHead = LocalShape(chunk, group, height)
        let seen = LocalTile(slots.mask, column: 1, row: 0, plane: chunk)
        let headScores = LocalTile(slots.scores, row: chunk, plane: group * chunk)
        commands.append(
            .vector(
                .select, byHead, headScores, seen, .tile(headScores), .float(Self.hidden)))
        return commands
    }

    /// Computes the mask: 1 where a row may see a key, else 0.
    private func hide(
        _ sketch: inout TileSketch, _ slots: ScoreSlots, _ firstKey: Affine
    ) -> [TileCommand] {
        let key = LocalTile(slots.keyPositions, .int32)
        let position = LocalTile(slots.positions, .int32, column: 0, row: 1)
        let mask = LocalTile(slots.mask, row: chunk)
        let rows = LocalShape(chunk, height)
        let seen: [TileCommand] = [
            .count(LocalShape(chunk), key, from: firstKey),
            .vector(.le, rows, mask, key, .tile(position)),
        ]
        guard let window else { return seen }
        let near = LocalTile(sketch.slot(bytes: height * chunk * 4), row: chunk)
        var firstNear = firstKey
        firstNear.base += window
        return seen + [
            .count(LocalShape(chunk), key, from: firstNear),
            .vector(.gt, rows, near, key, .tile(position)),
            .vector(.mul, rows, mask, mask, .tile(near)),
        ]
    }

    private func accumulate(_ sketch: inout TileSketch, _ slots: Slots, _ m: Int) {
        let shape = LocalShape(chunk, m)
        let one = LocalShape(1, m)
        func each(_ slot: Int) -> LocalTile { LocalTile(slot, column: 0, row: 1) }
        let scores = LocalTile(slots.score.scores, row: chunk)
        let probabilities = LocalTile(slots.probabilities, .bf16, row: chunk)
        let (running, newMax) = (each(slots.running), each(slots.newMax))
        let (factor, total) = (each(slots.factor), each(slots.total))
        let output = LocalTile(slots.output, row: cache.valueSize)
        let products = LocalTile(slots.products, row: cache.valueSize)
        sketch.each += [
            .vector(.rmax, shape, each(slots.chunkMax), scores),
            .vector(.max, one, newMax, each(slots.chunkMax), .tile(running)),
            .vector(.sub, one, factor, running, .tile(newMax)),
            .vector(.exp, one, factor, factor),
            .vector(.copy, one, running, newMax),
            .vector(.sub, shape, scores, scores, .tile(newMax)),
        ]
        if let scales = slots.valueScales {
            // The scales of values enter with the probabilities, and the total knows nothing of
            // them.
            sketch.each += [
                .vector(.exp, shape, scores, scores),
                .vector(.rsum, shape, each(slots.chunkMax), scores),
                .vector(.mul, shape, probabilities, scores, .tile(LocalTile(scales))),
            ]
        } else {
            sketch.each += [
                .vector(.exp, shape, probabilities, scores),
                .vector(.rsum, shape, each(slots.chunkMax), probabilities),
            ]
        }
        sketch.each += [
            .vector(.fma, one, total, total, .tile(factor), .tile(each(slots.chunkMax))),
            matmul(
                m: m, n: cache.valueSize, k: chunk, a: slots.probabilities, b: slots.values,
                bStrides: (n: 2, k: cache.valueSize * 2), sums: slots.products),
            .vector(
                .fma, LocalShape(cache.valueSize, m), output, output, .tile(factor),
                .tile(products)),
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
                at: [.zero, .tile(1, group), .zero], gather: 2, table: rowTable),
        ]
    }

    func matmul(
        m: Int, n: Int, k: Int, a: Int, b: Int, bStrides: (n: Int, k: Int), sums: Int
    ) -> TileCommand {
        let descriptor = MatrixDescriptor(
            m0: Int32(m), m1: 1, n0: Int32(n), n1: 1, k0: Int32(k), k1: 1, k2: 1,
            aStrides: .init(m0: Int32(k * 2), m1: 0, k0: 2, k1: 0, k2: 0),
            bStrides: .init(n0: Int32(bStrides.n), n1: 0, k0: Int32(bStrides.k), k1: 0, k2: 0),
            accumulatorRowStride: Int32(n * 4), scales: .none)
        return .matrix(
            MatrixStep(
                a: Place(a), b: Place(b), accumulators: Place(sums), descriptor: descriptor,
                aFormat: .bf16, bFormat: .bf16, accumulation: .never))
    }
}
