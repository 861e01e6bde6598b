import ApusISA
import ApusKernels
import ApusNumerics

/// The rows that experts compute: `choices` for each row of a step, one behind the other.
///
/// A tile is one row with one of its experts, whose codes Load finds by the number that routing
/// left in the arena; so neither the host nor the control processor sees which experts were chosen.
struct ExpertRows {
    /// INT32 experts of each row.
    var experts: RowBuffer
    var choices: Int

    /// Grid: output tiles, rows, choices.
    static func grid(_ tiles: Int, rows: Int, choices: Int) -> [Int] { [tiles, rows, choices] }

    /// The row among those of experts.
    var place: Affine { Affine(perGrid: [0, choices, 1]) }

    /// Loads the number of the tile's expert; its slot.
    func loadExpert(_ sketch: inout TileSketch) -> Int {
        let slot = sketch.slot(bytes: 4)
        sketch.before.append(
            GlobalTensor(dense: [experts.rows * choices], .int32, at: experts.offset)
                .loadIndices(into: slot, 1, at: [place]))
        return slot
    }
}

/// The first half of the experts' blocks: `h = activation(gate · x) · (up · x)`, in BF16.
struct ExpertGatedLaunch {
    var input: RowBuffer
    var rows: ExpertRows
    var gate, up: PackedMatrix
    var activation: GatedLaunch.Activation
    /// BF16, a row for each row and choice.
    var result: RowBuffer

    func program(rows count: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        let tiling = LinearTiling.choose(
            rows: 1, matrices: [gate, up], work: .gated, in: memory)
        var tile = LinearTile(tiling, input: input, inputRow: .tile(1))
        tile.sketch.grid = ExpertRows.grid(gate.tiles, rows: count, choices: rows.choices)
        let expert = rows.loadExpert(&tile.sketch)
        let shape = LocalShape(gate.width)
        let gateSums = LocalTile(tile.multiply(gate, expert: expert))
        let upSums = LocalTile(tile.multiply(up, expert: expert))
        let t = LocalTile(tile.outputSlot(.fp32, gate.width, buffers: 1))
        let slot = tile.outputSlot(.bf16, gate.width)
        tile.sketch.after += GatedLaunch.activate(activation, shape, gateSums, into: t)
        tile.sketch.after += [
            .vector(.mul, shape, LocalTile(slot, .bf16), t, .tile(upSums)),
            result.tensor().store(
                from: slot, box: [gate.width, 1], at: [.tile(0, gate.width), rows.place]),
        ]
        return try tile.sketch.program("expert gates", in: memory)
    }
}

/// The second half: `y = down · h`, in FP32.
struct ExpertDownLaunch {
    /// BF16 rows of the first half.
    var input: RowBuffer
    var rows: ExpertRows
    var down: PackedMatrix
    /// FP32, a row for each row and choice.
    var result: RowBuffer

    func program(rows count: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        let tiling = LinearTiling.choose(rows: 1, matrices: [down], work: .plain, in: memory)
        var tile = LinearTile(tiling, input: input, inputRow: rows.place)
        tile.sketch.grid = ExpertRows.grid(down.tiles, rows: count, choices: rows.choices)
        let expert = rows.loadExpert(&tile.sketch)
        let sums = tile.multiply(down, expert: expert)
        tile.sketch.after.append(
            result.tensor().store(
                from: sums, box: [down.width, 1], at: [.tile(0, down.width), rows.place]))
        return try tile.sketch.program("expert results", in: memory)
    }
}

/// Adds the experts' results, weighted, to the residual stream; the choices in order.
struct CombineLaunch {
    var results: RowBuffer
    var weights: RowBuffer
    var choices: Int
    var residual: RowBuffer

    func program(rows: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        let columns = residual.columns
        var sketch = TileSketch(grid: [rows])
        let row = Affine.tile(0)
        let x = sketch.slot(bytes: columns * 4)
        let y = sketch.slot(bytes: columns * choices * 4)
        let factor = sketch.slot(bytes: choices * 4)
        let sum = LocalTile(sketch.slot(bytes: columns * 4))
        let shape = LocalShape(columns)
        sketch.before += [
            residual.tensor().load(into: x, box: [columns, 1], at: [.zero, row]),
            results.tensor().load(
                into: y, box: [columns, choices], at: [.zero, .tile(0, choices)]),
            weights.tensor().load(into: factor, box: [choices, 1], at: [.zero, row]),
        ]
        for choice in 0..<choices {
            let part = LocalTile(y, .fp32, column: 1, offset: choice * columns)
            let weight = LocalOperand.tile(
                LocalTile(factor, .fp32, column: 0, offset: choice))
            sketch.after.append(
                choice == 0
                    ? .vector(.mul, shape, sum, part, weight)
                    : .vector(.fma, shape, sum, part, weight, .tile(sum)))
        }
        sketch.after += [
            .vector(.add, shape, LocalTile(x), LocalTile(x), .tile(sum)),
            residual.tensor().store(from: x, box: [columns, 1], at: [.zero, row]),
        ]
        return try sketch.program("experts combined", in: memory)
    }
}
