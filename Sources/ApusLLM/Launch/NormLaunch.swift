import ApusISA
import ApusKernels
import ApusNumerics

/// Root-mean-square norm of rows.
///
///     y = x · rsqrt(mean(x²) + ε) · weight
///
/// in FP32, the sum by the law's tree; rounded to BF16 where matmuls read it.
struct NormLaunch {
    /// Where the normed rows go.
    enum Result {
        /// To rows of their own, in their format.
        case rows(RowBuffer)
        /// Added to FP32 rows.
        case addedTo(RowBuffer)
    }

    var input: RowBuffer
    /// Columns of the input that are normed: the first ones.
    var columns: Int
    /// FP32 weights in the arena.
    var weight: Int
    var epsilon: Float
    var result: Result
    /// Row numbers (INT32, -1 for none) in the arena, if not all rows in order.
    var selection: RowBuffer?

    func program(rows: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        // Several tiles a core, so that one comes while another is computed.
        var height = min(max(rows / memory.cores / 4, 1), 16)
        while height > 1, !sketch(rows: rows, height: height).fits(memory) { height /= 2 }
        return try sketch(rows: rows, height: height).program("norm", in: memory)
    }

    private func sketch(rows: Int, height: Int) -> TileSketch {
        var sketch = TileSketch(grid: [(rows + height - 1) / height])
        let bytes = height * columns * 4
        let x = sketch.slot(bytes: bytes, buffers: rows > height ? 2 : 1)
        let gain = sketch.slot(bytes: columns * 4)
        let squares = sketch.slot(bytes: bytes)
        let norm = sketch.slot(bytes: height * 4)
        let row = Affine.tile(0, height)
        let source = input.tensor(count: columns)
        if let selection {
            let table = sketch.slot(bytes: height * 4)
            let list = GlobalTensor(dense: [rows], .int32, at: selection.offset)
            sketch.before.append(list.loadIndices(into: table, height, at: [row]))
            sketch.before.append(
                source.load(
                    into: x, box: [columns, height], at: [.zero, .zero], gather: 1, table: table))
        } else {
            sketch.before.append(source.load(into: x, box: [columns, height], at: [.zero, row]))
        }
        sketch.before.append(
            GlobalTensor(dense: [columns], .fp32, at: weight)
                .load(into: gain, box: [columns], at: [.zero]))
        let shape = LocalShape(columns, height)
        let values = LocalTile(x, row: columns)
        let scale = LocalTile(norm, column: 0, row: 1)
        sketch.after += [
            .vector(.mul, shape, LocalTile(squares, row: columns), values, .tile(values)),
            .vector(.rsum, shape, scale, LocalTile(squares, row: columns)),
            .vector(
                .fma, LocalShape(1, height), scale, scale, .float(1 / Float(columns)),
                .float(epsilon)),
            .vector(.rsqrt, LocalShape(1, height), scale, scale),
            .vector(.mul, shape, values, values, .tile(scale)),
        ]
        finish(&sketch, shape, values, gain: gain, spare: squares, row)
        return sketch
    }

    private func finish(
        _ sketch: inout TileSketch, _ shape: LocalShape, _ values: LocalTile, gain: Int, spare: Int,
        _ row: Affine
    ) {
        let weights = LocalOperand.tile(LocalTile(gain))
        switch result {
        case .rows(let buffer):
            let out = sketch.slot(
                bytes: shape.rows * buffer.format.byteCount(columns), buffers: 2)
            sketch.after += [
                .vector(.mul, shape, LocalTile(out, buffer.format, row: columns), values, weights),
                buffer.tensor().store(from: out, box: [columns, shape.rows], at: [.zero, row]),
            ]
        case .addedTo(let buffer):
            let sum = sketch.slot(bytes: shape.rows * columns * 4)
            let total = LocalTile(sum, row: columns)
            sketch.before.append(
                buffer.tensor().load(into: sum, box: [columns, shape.rows], at: [.zero, row]))
            sketch.after += [
                .vector(.mul, shape, LocalTile(spare, row: columns), values, weights),
                .vector(.add, shape, total, total, .tile(LocalTile(spare, row: columns))),
                buffer.tensor().store(from: sum, box: [columns, shape.rows], at: [.zero, row]),
            ]
        }
    }
}
