import ApusISA
import ApusKernels
import ApusNumerics

/// How a linear layer is cut: rows of a tile, and inputs of a chunk.
struct LinearTiling {
    var rows: Int
    var height: Int
    /// Inputs of a chunk; chunks of one matrix share them.
    var length: Int
    var inputs: Int
    var tiles: Int
    /// Whether transfers and sums have two buffers, so that they overlap with computing.
    var isDoubled: Bool

    var chunks: Int { inputs / length }

    /// Inputs of a chunk below which the array waits for its sums to move.
    private static let lengthMin = 256
    private static let heightMax = 256

    /// The tallest tile that fits with chunks of at least `lengthMin` inputs, and then the longest
    /// chunks: a tile's height says how often weights are loaded, and chunks cost little.
    ///
    /// - Parameter slots: tiles of results that the launch needs in the scratchpad, in FP32.
    static func choose(
        rows: Int, matrices: [PackedMatrix], slots: Int, in memory: CoreMemory
    ) -> LinearTiling {
        let first = matrices[0]
        var choice = LinearTiling(
            rows: rows, height: min(rows, heightMax), length: first.inputs, inputs: first.inputs,
            tiles: first.tiles, isDoubled: true)
        let step = max(first.format.groupLength, matrices.last?.format.groupLength ?? 0, 16)
        if memory.cores > LinearTiling.coresEmulated,
            let best = choice.cheapest(matrices, slots: slots, step: step, memory)
        {
            return best
        }
        while !choice.fits(matrices, slots: slots, memory) {
            if let shorter = choice.shorter(step), shorter >= lengthMin {
                choice.length = shorter
            } else if choice.height > 16 {
                choice.height = (choice.height + 1) / 2
                choice.length = first.inputs
            } else if let shorter = choice.shorter(step), choice.isDoubled || choice.length > 256 {
                choice.length = shorter
            } else if choice.isDoubled {
                choice.isDoubled = false
                choice.length = first.inputs
            } else if choice.height > 1 {
                choice.height = (choice.height + 1) / 2
            } else if let shorter = choice.shorter(step) {
                choice.length = shorter
            } else {
                return choice
            }
        }
        return choice
    }

    /// Chips of more cores are timed rather than emulated.
    private static let coresEmulated = 16

    /// The heights and lengths that take the fewest cycles, if any fit: weights stay in one chunk,
    /// and come again for each row tile in several.
    private func cheapest(
        _ matrices: [PackedMatrix], slots: Int, step: Int, _ memory: CoreMemory
    ) -> LinearTiling? {
        var best: (cost: Double, tiling: LinearTiling)?
        let heights = [512, 384, 256, 192, 128, 64, 32].filter { $0 <= rows && rows >= 256 }
        for height in heights + (rows < 256 ? [min(rows, 128)] : []) {
            for isDoubled in [true, false] {
                var tiling = self
                (tiling.height, tiling.isDoubled, tiling.length) = (height, isDoubled, inputs)
                while true {
                    if tiling.fits(matrices, slots: slots, memory) {
                        let cost = tiling.cycles(matrices)
                        if cost < best?.cost ?? .infinity { best = (cost, tiling) }
                    }
                    guard let shorter = tiling.shorter(step), shorter >= 256 else { break }
                    tiling.length = shorter
                }
            }
        }
        return best?.tiling
    }

    /// About what a core takes, on 64 × 64 cells, with half of a fast part's bandwidth for each of
    /// 64 cores. Only the order of choices hangs on it.
    private func cycles(_ matrices: [PackedMatrix]) -> Double {
        let rowTiles = (Double(rows) / Double(height)).rounded(.up)
        var weights = 0.0
        var products = 0.0
        for matrix in matrices {
            let local = matrix.localBytes(length: inputs)
            weights += Double(local.codes + local.scales)
            let columns = (Double(matrix.width) / 128).rounded(.up)
            let tiles = (Double(height) / 64).rounded(.up) * columns
            // Rows of the array's accumulators move in and out with each chunk.
            let moves = Double(8 * min(height, 64) + 128)
            products += tiles * max(Double(2 * length), moves) * Double(chunks)
        }
        let rowBytes = Double(height * inputs * 2)
        // Each chunk's commands take some hundred cycles before their first byte comes.
        let commands = 300 * Double(chunks * (1 + 2 * matrices.count))
        let loads =
            (rowTiles * rowBytes + (chunks > 1 ? rowTiles : 1) * weights) / 30
            + rowTiles * commands
        let all = rowTiles * products
        return isDoubled
            ? max(loads, all) + min(loads, all) / (rowTiles * Double(chunks)) : loads + all
    }

    /// Whether a tile's inputs come while those of the one before are multiplied.
    var doublesInputs: Bool { isDoubled && (chunks > 1 || rows > height) }

    /// The next smaller length that divides the inputs into chunks of whole groups.
    private func shorter(_ step: Int) -> Int? {
        var count = chunks + 1
        while inputs / count >= step {
            if inputs % count == 0, (inputs / count) % step == 0 { return inputs / count }
            count += 1
        }
        return nil
    }

    private func fits(_ matrices: [PackedMatrix], slots: Int, _ memory: CoreMemory) -> Bool {
        let buffers = isDoubled ? 2 : 1
        var scratchpad = height * length * 2 * (doublesInputs ? 2 : 1)
        var accumulators = 0
        for matrix in matrices {
            let local = matrix.localBytes(length: length)
            scratchpad += local.codes * buffers + local.scales * 2 + 64 * 4
            accumulators += height * matrix.width * 4 * buffers
            // Results, what they are added to, and a bias.
            scratchpad += slots * height * matrix.width * 4 * (buffers + 1) / matrices.count
            scratchpad += matrix.width * 4 + 64 * 4
        }
        return scratchpad <= memory.scratchpad && accumulators <= memory.accumulators
    }
}

/// The part that linear layers share: inputs, codes, scales and the matmuls over chunks.
///
/// Grid: output tiles, then row tiles, so that codes stay while the rows change.
struct LinearTile {
    let tiling: LinearTiling
    var sketch: TileSketch
    private let inputSlot: Int
    private var buffers: Int { tiling.isDoubled ? 2 : 1 }

    /// - Parameter inputRow: the first row of a tile's inputs, if not that of its results.
    init(_ tiling: LinearTiling, input: RowBuffer, inputRow: Affine? = nil) {
        self.tiling = tiling
        let rowTiles = (tiling.rows + tiling.height - 1) / tiling.height
        sketch = TileSketch(grid: [tiling.tiles, rowTiles])
        sketch.chunks = tiling.chunks
        inputSlot = sketch.slot(
            bytes: tiling.height * tiling.length * 2,
            buffers: tiling.doublesInputs ? 2 : 1)
        sketch.each.append(
            input.tensor(count: tiling.inputs).load(
                into: inputSlot, box: [tiling.length, tiling.height],
                at: [.chunk(tiling.length), inputRow ?? row]))
    }

    /// The first row of a tile.
    var row: Affine { .tile(1, tiling.height) }

    /// Adds the matmul of a matrix; the slot of its sums.
    mutating func multiply(_ matrix: PackedMatrix, expert: Int? = nil) -> Int {
        let local = matrix.localBytes(length: tiling.length)
        let codes = sketch.slot(bytes: local.codes, buffers: buffers)
        let sums = sketch.sums(bytes: tiling.height * matrix.width * 4, buffers: buffers)
        sketch.each.append(
            matrix.loadCodes(into: codes, length: tiling.length, tile: 0, expert: expert))
        var scales: Int?
        var minimums: Int?
        if matrix.format.isGrouped {
            scales = parameter(matrix, at: matrix.scales, local.scales, expert)
        }
        if matrix.format.hasMinimum {
            minimums = parameter(matrix, at: matrix.minimums, local.scales, expert)
        }
        sketch.each.append(
            matrix.multiply(
                rows: tiling.height, length: tiling.length, inputs: inputSlot, codes: codes,
                scales: scales, minimums: minimums, sums: sums))
        return sums
    }

    /// A slot for a tile of results.
    mutating func outputSlot(_ format: ElementFormat, _ width: Int, buffers: Int? = nil) -> Int {
        sketch.slot(
            bytes: tiling.height * width * format.bitWidth / 8, buffers: buffers ?? self.buffers)
    }

    private mutating func parameter(
        _ matrix: PackedMatrix, at offset: Int, _ bytes: Int, _ expert: Int?
    ) -> Int {
        let slot = sketch.slot(bytes: bytes)
        sketch.each.append(
            matrix.loadScales(
                at: offset, into: slot, length: tiling.length, tile: 0, expert: expert))
        return slot
    }
}
