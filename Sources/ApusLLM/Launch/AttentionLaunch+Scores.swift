import ApusISA
import ApusKernels
import ApusNumerics

/// Scores of a run of keys, and what is loaded for them.
extension AttentionLaunch {
    /// The slots of the scores of one chunk's keys, or of several chunks'.
    struct ScoreSlots {
        /// Keys.
        var columns: Int
        var rowTable, positions, query, keys, scores, sums, keyPositions, mask: Int
        /// Scales of the keys, if the cache has them.
        var keyScales: Int?

        /// - Parameters:
        ///   - buffers: of keys.
        ///   - results: of scores.
        init(
            _ sketch: inout TileSketch, _ launch: AttentionLaunch, chunks: Int = 1, buffers: Int,
            results: Int = 1
        ) {
            columns = chunks * launch.chunk
            let height = launch.height
            let m = height * launch.group
            rowTable = sketch.slot(bytes: height * 4)
            positions = sketch.slot(bytes: height * 4)
            query = sketch.slot(bytes: m * launch.cache.keySize * 2)
            keys = sketch.slot(bytes: columns * launch.cache.keySize * 2, buffers: buffers)
            scores = sketch.slot(bytes: m * columns * 4, buffers: results)
            sums = sketch.sums(bytes: m * columns * 4)
            keyPositions = sketch.slot(bytes: columns * 4)
            mask = sketch.slot(bytes: height * columns * 4)
            keyScales = launch.cache.hasScales ? sketch.slot(bytes: columns * 4) : nil
        }
    }

    /// Loads a tile's rows, positions and queries.
    func loadQueries(_ slots: ScoreSlots) -> [TileCommand] {
        let head = Affine.tile(0, group)
        let rows = GlobalTensor(
            dense: [tileRows.columns * tileRows.rows], .int32, at: tileRows.offset)
        return [
            rows.loadIndices(into: slots.rowTable, height, at: [.tile(1, height)]),
            GlobalTensor(dense: [1, positions.rows], .int32, at: positions.offset).load(
                into: slots.positions, box: [1, height], at: [.zero, .zero], gather: 1,
                table: slots.rowTable),
            queries.heads(queryHeads, size: cache.keySize).load(
                into: slots.query, box: [cache.keySize, group, height], at: [.zero, head, .zero],
                gather: 2, table: slots.rowTable),
        ]
    }

    /// Pages of a chunk.
    var pages: Int { chunk / CacheRegion.pageTokens }

    /// Loads the numbers of the pages of `chunks` chunks.
    func loadPages(into table: Int, at first: Affine, chunks: Int = 1) -> TileCommand {
        tilePages.tensor().loadIndices(into: table, pages * chunks, at: [first, .tile(1)])
    }

    /// Loads the keys or values of `chunks` chunks and the tile's head.
    ///
    /// - Parameter tableOffset: bytes before the first chunk's pages in the table.
    func load(
        _ tensor: GlobalTensor, _ size: Int, into slot: Int, _ table: Int, tableOffset: Int = 0,
        chunks: Int = 1
    ) -> TileCommand {
        tensor.load(
            into: slot, box: [size, 1, CacheRegion.pageTokens, pages * chunks],
            at: [.zero, .tile(0), .zero, .zero], as: .bf16, gather: 3, table: table,
            tableOffset: tableOffset, repetition: .always)
    }

    /// Multiplies queries with keys.
    func multiplyKeys(_ slots: ScoreSlots, _ keys: Int) -> TileCommand {
        matmul(
            m: height * group, n: slots.columns, k: cache.keySize, a: Place(slots.query),
            b: Place(keys), bStrides: (n: cache.keySize * 2, k: 2), sums: Place(slots.sums))
    }

    /// What becomes of the sums of queries and keys.
    func scaleSums(_ slots: ScoreSlots) -> [TileCommand] {
        let shape = LocalShape(slots.columns, height * group)
        let scores = LocalTile(slots.scores, row: slots.columns)
        var commands: [TileCommand] = [
            .vector(.mul, shape, scores, LocalTile(slots.sums, row: slots.columns), .float(scale))
        ]
        if let scales = slots.keyScales {
            commands.append(.vector(.mul, shape, scores, scores, .tile(LocalTile(scales))))
        }
        guard let softcap else { return commands }
        return commands + [
            .vector(.mul, shape, scores, scores, .float(1 / softcap)),
            .vector(.tanh, shape, scores, scores),
            .vector(.mul, shape, scores, scores, .float(softcap)),
        ]
    }

    /// Hides the scores of keys that a row may not see.
    func hide(
        _ sketch: inout TileSketch, _ slots: ScoreSlots, firstKey: Affine
    ) -> [TileCommand] {
        let keys = slots.columns
        let byHead = LocalShape(keys, group, height)
        let seen = LocalTile(slots.mask, column: 1, row: 0, plane: keys)
        let headScores = LocalTile(slots.scores, row: keys, plane: group * keys)
        return see(&sketch, slots, firstKey) + [
            .vector(.select, byHead, headScores, seen, .tile(headScores), .float(Self.hidden))
        ]
    }

    /// Computes the mask: 1 where a row may see a key, else 0.
    private func see(
        _ sketch: inout TileSketch, _ slots: ScoreSlots, _ firstKey: Affine
    ) -> [TileCommand] {
        let key = LocalTile(slots.keyPositions, .int32)
        let position = LocalTile(slots.positions, .int32, column: 0, row: 1)
        let mask = LocalTile(slots.mask, row: slots.columns)
        let (list, rows) = (LocalShape(slots.columns), LocalShape(slots.columns, height))
        let seen: [TileCommand] = [
            .count(list, key, from: firstKey),
            .vector(.le, rows, mask, key, .tile(position)),
        ]
        guard let window else { return seen }
        let near = LocalTile(
            sketch.slot(bytes: height * slots.columns * 4), row: slots.columns)
        var firstNear = firstKey
        firstNear.base += window
        return seen + [
            .count(list, key, from: firstNear),
            .vector(.gt, rows, near, key, .tile(position)),
            .vector(.mul, rows, mask, mask, .tile(near)),
        ]
    }

    /// - Parameter aRow: elements from a row of A to the next; `k` if nil.
    func matmul(
        m: Int, n: Int, k: Int, a: Place, aRow: Int? = nil, b: Place,
        bStrides: (n: Int, k: Int), sums: Place
    ) -> TileCommand {
        let descriptor = MatrixDescriptor(
            m0: Int32(m), m1: 1, n0: Int32(n), n1: 1, k0: Int32(k), k1: 1, k2: 1,
            aStrides: .init(m0: Int32((aRow ?? k) * 2), m1: 0, k0: 2, k1: 0, k2: 0),
            bStrides: .init(n0: Int32(bStrides.n), n1: 0, k0: Int32(bStrides.k), k1: 0, k2: 0),
            accumulatorRowStride: Int32(n * 4), scales: .none)
        return .matrix(
            MatrixStep(
                a: a, b: b, accumulators: sums, descriptor: descriptor,
                aFormat: .bf16, bFormat: .bf16, accumulation: .never))
    }
}
