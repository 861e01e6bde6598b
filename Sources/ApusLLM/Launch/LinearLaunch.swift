import ApusISA
import ApusKernels
import ApusNumerics

/// A linear layer over the rows of a step, with what follows it.
///
///     sum[m, n] = Σₖ x[m, k] · w[k, n],  k ascending, in FP32
///
/// Inputs are BF16. The order of the sum, hence its bits, depends on nothing but K.
struct LinearLaunch {
    /// What becomes of the sums.
    enum Result {
        /// Stored as FP32 or BF16 from a column on.
        case stored(RowBuffer, column: Int)
        /// Added to FP32 rows.
        case addedTo(RowBuffer)
        /// `cap · tanh(sum / cap)`, stored.
        case capped(RowBuffer, Float)
    }

    var label: String
    /// BF16 rows of the matrix's inputs.
    var input: RowBuffer
    var matrix: PackedMatrix
    /// FP32 biases in the arena.
    var bias: Int?
    var result: Result

    func program(rows: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        let tiling = LinearTiling.choose(
            rows: rows, matrices: [matrix], work: .plain, in: memory)
        var tile = LinearTile(tiling, input: input)
        let sums = tile.multiply(matrix)
        let columns = tiling.columns(matrix)
        let shape = LocalShape(columns, tiling.height)
        var values = LocalTile(sums, row: columns)
        let column = Affine.tile(0, columns)
        if let bias {
            let slot = tile.sketch.slot(bytes: columns * 4)
            let out = LocalTile(tile.outputSlot(.fp32, columns), row: columns)
            tile.sketch.after += [
                GlobalTensor(dense: [matrix.outputs], .fp32, at: bias)
                    .load(into: slot, box: [columns], at: [column]),
                .vector(.add, shape, out, values, .tile(LocalTile(slot))),
            ]
            values = out
        }
        finish(&tile, shape, values, column)
        return try tile.sketch.program(label, in: memory)
    }

    private func finish(
        _ tile: inout LinearTile, _ shape: LocalShape, _ values: LocalTile, _ column: Affine
    ) {
        let box = [shape.columns, shape.rows]
        let row = tile.row
        switch result {
        case .stored(let buffer, let first):
            let target = buffer.tensor(first: first, count: matrix.outputs)
            guard buffer.format == .fp32 else {
                let out = tile.outputSlot(buffer.format, shape.columns)
                tile.sketch.after.append(
                    .vector(
                        .copy, shape, LocalTile(out, buffer.format, row: shape.columns), values))
                tile.sketch.after.append(target.store(from: out, box: box, at: [column, row]))
                return
            }
            tile.sketch.after.append(target.store(from: values.slot, box: box, at: [column, row]))
        case .addedTo(let buffer):
            let slot = tile.outputSlot(.fp32, shape.columns)
            let out = LocalTile(slot, row: shape.columns)
            let before = tile.sketch.slot(bytes: shape.rows * shape.columns * 4, buffers: 1)
            tile.sketch.before.append(
                buffer.tensor().load(into: before, box: box, at: [column, row]))
            tile.sketch.after += [
                .vector(
                    .add, shape, out, values, .tile(LocalTile(before, row: shape.columns))),
                buffer.tensor().store(from: slot, box: box, at: [column, row]),
            ]
        case .capped(let buffer, let cap):
            let slot = tile.outputSlot(.fp32, shape.columns)
            let out = LocalTile(slot, row: shape.columns)
            tile.sketch.after += [
                .vector(.mul, shape, out, values, .float(1 / cap)),
                .vector(.tanh, shape, out, out),
                .vector(.mul, shape, out, out, .float(cap)),
                buffer.tensor().store(from: slot, box: box, at: [column, row]),
            ]
        }
    }
}

/// The first half of a gated feed-forward block.
///
///     h[m, n] = activation(Σ x · gate) · Σ x · up,  rounded to BF16
struct GatedLaunch {
    enum Activation { case silu, geluTanh }

    var label: String
    var input: RowBuffer
    /// Gate and up: one matrix whose tiles take turns, or two.
    var matrices: [PackedMatrix]
    var activation: Activation
    var result: RowBuffer

    func program(rows: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        let tiling = LinearTiling.choose(
            rows: rows, matrices: matrices, work: .gated, in: memory)
        var tile = LinearTile(tiling, input: input)
        let (width, turns) = (matrices[0].width, matrices[0].turns)
        // Planes are rows of the result, and rows its packed tiles.
        let shape = LocalShape(width, tiling.span / turns, tiling.height)
        let columns = shape.columns * shape.rows
        let slots = matrices.map { tile.multiply($0) }
        func sums(_ index: Int) -> LocalTile {
            LocalTile(
                slots[index % slots.count], .fp32, column: 1, row: turns * width,
                plane: turns * columns, offset: index % turns * width)
        }
        func results(_ format: ElementFormat, buffers: Int? = nil) -> LocalTile {
            LocalTile(
                tile.outputSlot(format, columns, buffers: buffers), format, row: width,
                plane: columns)
        }
        let (t, rounded) = (results(.fp32, buffers: 1), results(.bf16))
        tile.sketch.after += Self.activate(activation, shape, sums(0), into: t)
        tile.sketch.after += [
            .vector(.mul, shape, rounded, t, .tile(sums(1))),
            result.tensor().store(
                from: rounded.slot, box: [columns, tiling.height],
                at: [.tile(0, columns), tile.row]),
        ]
        return try tile.sketch.program(label, in: memory)
    }

    /// `t = activation(x)`.
    static func activate(
        _ activation: Activation, _ shape: LocalShape, _ x: LocalTile, into t: LocalTile
    ) -> [TileCommand] {
        switch activation {
        case .silu:
            return [
                .vector(.sigmoid, shape, t, x), .vector(.mul, shape, t, t, .tile(x)),
            ]
        case .geluTanh:
            // x/2 · (1 + tanh u) is x · sigmoid(2u), with u = √(2/π) · (x + 0.044715 · x³).
            let slope: Float = 2 * 0.797_884_560_8
            return [
                .vector(.mul, shape, t, x, .tile(x)),
                .vector(.fma, shape, t, t, .float(slope * 0.044715), .float(slope)),
                .vector(.mul, shape, t, t, .tile(x)),
                .vector(.sigmoid, shape, t, t),
                .vector(.mul, shape, t, t, .tile(x)),
            ]
        }
    }
}
