import ApusNumerics

/// How a linear layer is cut: rows and columns of a tile, and inputs of a chunk.
struct LinearTiling {
    var rows: Int
    var height: Int
    /// Inputs of a chunk; chunks of one matrix share them.
    var length: Int
    var inputs: Int
    /// Tiles of the packed matrix, and how many of them, side by side, a tile of the launch has.
    var tiles: Int
    var span = 1
    /// Pieces of a chunk's inputs, each with its codes in a slot and a matmul of its own, so that
    /// the array begins with the first. Only where there is one chunk.
    var pieces = 1
    /// Sets of slots that chunks use in turn where transfers have two buffers: scales have one, as
    /// the descriptor names their address.
    var sets: Int { isDoubled && chunks.isMultiple(of: 2) ? 2 : 1 }
    /// Whether transfers have two buffers, and sums and results, so that they overlap with
    /// computing.
    var isDoubled: Bool
    var doublesSums: Bool

    var chunks: Int { inputs / length }
    var rowTiles: Int { (rows + height - 1) / height }
    var sumsBuffers: Int { doublesSums ? 2 : 1 }

    /// Whether a tile's inputs come while those of the one before are multiplied.
    var doublesInputs: Bool { isDoubled && (chunks > 1 || rows > height) }

    /// Outputs of a tile.
    func columns(_ matrix: PackedMatrix) -> Int { matrix.width * span }

    /// Inputs of a chunk below which the array waits for its sums to move.
    private static let lengthMin = 256
    private static let heightMax = 256
    /// Rows from which on tiles may span several packed ones: shorter steps stream weights, a
    /// packed tile on each core.
    private static let spanRowsMin = 16
    private static let spanMax = 16
    private static let piecesMax = 8
    /// Slots that Loads may fill in a launch, with some left for what the sums are added to
    /// (``TileProgramError/loadedSlots(_:)``).
    private static let loadedMax = 28

    /// The tallest tile that fits with chunks of at least `lengthMin` inputs, and then the longest
    /// chunks: a tile's height says how often weights are loaded, and chunks cost little.
    ///
    /// - Parameter work: what is done with the sums.
    static func choose(
        rows: Int, matrices: [PackedMatrix], work: LinearWork, in memory: CoreMemory
    ) -> LinearTiling {
        let first = matrices[0]
        var choice = LinearTiling(
            rows: rows, height: min(rows, heightMax), length: first.inputs, inputs: first.inputs,
            tiles: first.tiles, span: first.turns, isDoubled: true, doublesSums: true)
        let step = max(first.format.groupLength, matrices.last?.format.groupLength ?? 0, 16)
        if memory.countsCycles,
            let best = choice.cheapest(matrices, work, step: step, memory)
        {
            return best
        }
        while !choice.fits(matrices, work, memory) {
            if let shorter = choice.shorter(step), shorter >= lengthMin {
                choice.length = shorter
            } else if choice.height > 16 {
                choice.height = (choice.height + 1) / 2
                choice.length = first.inputs
            } else if let shorter = choice.shorter(step), choice.isDoubled || choice.length > 256 {
                choice.length = shorter
            } else if choice.isDoubled {
                (choice.isDoubled, choice.doublesSums) = (false, false)
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

    /// The cut that takes the fewest cycles, if any fits.
    private func cheapest(
        _ matrices: [PackedMatrix], _ work: LinearWork, step: Int, _ memory: CoreMemory
    ) -> LinearTiling? {
        var best: (cost: Double, tiling: LinearTiling)?
        for tiling in candidates(matrices, step: step) {
            var tiling = tiling
            while true {
                if tiling.fits(matrices, work, memory) {
                    let cost = LinearCost(tiling, matrices, work, memory).cycles
                    if cost < best?.cost ?? .infinity { best = (cost, tiling) }
                }
                if tiling.pieces > 1 { break }
                guard let shorter = tiling.shorter(step), shorter >= Self.lengthMin else { break }
                tiling.length = shorter
            }
        }
        return best?.tiling
    }

    /// All heights, spans and buffers, with whole chunks.
    private func candidates(_ matrices: [PackedMatrix], step: Int) -> [LinearTiling] {
        let heights =
            rows < 256
            ? [min(rows, 128)] : [512, 384, 256, 192, 128, 96, 64, 32].filter { $0 <= rows }
        let turns = matrices[0].turns
        let spans =
            rows < Self.spanRowsMin
            ? [turns]
            : (1...Self.spanMax).filter { $0.isMultiple(of: turns) && tiles.isMultiple(of: $0) }
        let loads = matrices.reduce(0) {
            $0 + 1 + ($1.format.isGrouped ? 1 : 0) + ($1.format.hasMinimum ? 1 : 0)
        }
        let piecesMax = max(min(Self.piecesMax, Self.loadedMax / loads), 2)
        var list: [LinearTiling] = []
        for height in heights {
            for span in spans {
                var tiling = self
                (tiling.height, tiling.span, tiling.length) = (height, span, inputs)
                for (isDoubled, doublesSums) in [(true, true), (true, false), (false, false)] {
                    (tiling.isDoubled, tiling.doublesSums) = (isDoubled, doublesSums)
                    list.append(tiling)
                }
                guard rows < Self.spanRowsMin else { continue }
                (tiling.isDoubled, tiling.doublesSums) = (false, true)
                for pieces in 2...piecesMax where inputs.isMultiple(of: pieces * step) {
                    tiling.pieces = pieces
                    list.append(tiling)
                }
            }
        }
        return list
    }

    /// The next smaller length that divides the inputs into chunks of whole groups.
    private func shorter(_ step: Int) -> Int? {
        var count = chunks + 1
        while inputs / count >= step {
            if inputs % count == 0, (inputs / count) % step == 0 { return inputs / count }
            count += 1
        }
        return nil
    }

    private func fits(
        _ matrices: [PackedMatrix], _ work: LinearWork, _ memory: CoreMemory
    ) -> Bool {
        let buffers = isDoubled ? 2 : 1
        var scratchpad = height * length * 2 * (doublesInputs ? 2 : 1)
        var accumulators = 0
        for matrix in matrices {
            let local = matrix.localBytes(length: length, span: span)
            let columns = columns(matrix)
            // Each piece's codes and parameters are slots, rounded up.
            scratchpad += local.codes * buffers + local.scales * 2 * sets
            scratchpad += 64 * sets * (1 + 3 * pieces)
            accumulators += height * columns * 4 * sumsBuffers
            // Results, what they are added to, and a bias.
            let results = height * columns / (matrices.count * matrix.turns)
            scratchpad += results * (work.resultBytes * sumsBuffers + work.otherBytes)
            scratchpad += columns * 4 + 64 * 4
        }
        return scratchpad <= memory.scratchpad && accumulators <= memory.accumulators
    }
}
