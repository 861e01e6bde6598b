/// What follows the sums of a linear layer.
struct LinearWork {
    /// Bytes of the scratchpad for each result, which has as many buffers as the sums, and for
    /// what is computed or loaded on the way.
    var resultBytes, otherBytes: Int
    /// Steps of the Vector engine for each sum, about.
    var steps: Int
    /// Bytes of global memory that each result moves.
    var bytes: Int

    /// A sum or a rounding, and the result.
    static let plain = LinearWork(resultBytes: 4, otherBytes: 4, steps: 2, bytes: 8)
    /// An activation and a product of two sums.
    static let gated = LinearWork(resultBytes: 2, otherBytes: 4, steps: 32, bytes: 2)
}

/// About what a core takes for its tiles; only the order of choices hangs on it.
struct LinearCost {
    private let tiling: LinearTiling
    private let memory: CoreMemory
    /// Of a tile: bytes that are loaded with it, the array's cycles, elements of results.
    private var weightBytes = 0.0
    private var products = 0.0
    private var results = 0.0
    private let work: LinearWork
    private let commands: Int
    /// Parts of a tile's inputs that are loaded and multiplied one after the other.
    private let parts: Int

    /// What a Load takes beside its bytes behind another, and alone, as the scales of a chunk do,
    /// which wait for the matmul before; what a matmul takes beside its steps (`ClockTransfer.c`,
    /// `ClockMatrix.c`).
    private static let loadTurn = 80.0
    private static let loadLatency = 300.0
    private static let matmulCheck = 40.0
    private static let matmulTile = 12.0
    /// Of the memory's bandwidth that cores reach that want the same rows, measured on `cloud7`.
    private static let bandwidthShare = 0.9

    init(
        _ tiling: LinearTiling, _ matrices: [PackedMatrix], _ work: LinearWork,
        _ memory: CoreMemory
    ) {
        self.tiling = tiling
        self.memory = memory
        self.work = work
        parts = tiling.chunks * tiling.pieces
        commands = tiling.chunks + 2 * parts * matrices.count
        let (height, length) = (tiling.height, tiling.inputs / parts)
        for matrix in matrices {
            let local = matrix.localBytes(length: tiling.inputs, span: tiling.span)
            weightBytes += Double(local.codes + local.scales)
            let columns = (tiling.columns(matrix) + memory.sums - 1) / memory.sums
            let passes = (height + memory.rows - 1) / memory.rows * columns
            // Rows of the array's accumulators move in and out with each chunk.
            let moves = 8 * min(height, memory.rows) + memory.sums
            let each = Double(passes) * (Double(max(2 * length, moves)) + Self.matmulTile)
            products += Double(parts) * (each + Self.matmulCheck)
            if tiling.chunks > 1, tiling.sets == 1, matrix.format.isGrouped {
                products += Double(tiling.chunks) * Self.loadLatency
            }
        }
        results = Double(height * tiling.columns(matrices[0]) / matrices[0].turns)
    }

    var cycles: Double {
        let tiles = Double(tiling.tiles / tiling.span * tiling.rowTiles)
        let share = (tiles / Double(memory.cores)).rounded(.up)
        let rowTiles = Double(tiling.rowTiles)
        // Weights stay while the rows change if each chunk has slots of its own.
        let stays = tiling.chunks == tiling.sets
        let reloads = stays ? (share / rowTiles).rounded(.up) : share
        let rowLoads = tiling.chunks > 1 || rowTiles > 1 ? share : 1
        let inputs = rowLoads * Double(tiling.height * tiling.inputs * 2)
        let moved = inputs + reloads * weightBytes + share * results * Double(work.bytes)
        let busy = min(tiles, Double(memory.cores))
        let rate = min(Self.bandwidthShare * memory.bytesPerCycle / busy, memory.portBytes)
        let latency = tiling.pieces > 1 ? Self.loadTurn : Self.loadLatency
        let loads = moved / rate + latency * Double(commands) * rowLoads
        let vector = results * Double(work.steps) / Double(memory.lanes)
        let first =
            (inputs / share / Double(tiling.chunks) + weightBytes / Double(parts)) / rate
        let tail = vector + results * Double(work.bytes) / rate + first
        let isStreamed = tiling.isDoubled || tiling.pieces > 1
        if !isStreamed { return loads + share * (products + vector) + tail }
        return tiling.doublesSums
            ? max(loads, share * max(products, vector)) + tail
            : max(loads, share * (products + vector)) + tail
    }
}
