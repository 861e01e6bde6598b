import ApusISA
import ApusKernels
import ApusNumerics

/// Rows of the token embedding, gathered by the tokens of a step and dequantised in FP32.
struct EmbeddingLaunch {
    var matrix: PackedMatrix
    /// INT32 places of the tokens' codes and scales (``PackedMatrix/place(of:)``).
    var codePlaces: RowBuffer
    var scalePlaces: RowBuffer
    /// The factor on embeddings.
    var scale: Float
    /// FP32 rows.
    var result: RowBuffer

    func program(rows: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        var height = min(max(rows / memory.cores, 1), 8)
        while height > 1, !sketch(rows: rows, height: height).fits(memory) { height /= 2 }
        return try sketch(rows: rows, height: height).program("embedding", in: memory)
    }

    private func sketch(rows: Int, height: Int) -> TileSketch {
        let columns = matrix.inputs
        var sketch = TileSketch(grid: [(rows + height - 1) / height])
        let x = sketch.slot(bytes: height * columns * 4, buffers: 2)
        let row = Affine.tile(0, height)
        load(matrix.embeddingCodes, into: x, codePlaces, rows, height, &sketch)
        let values = LocalTile(x, row: columns)
        if matrix.format.isGrouped {
            let group = matrix.format.groupLength
            let grouped = LocalTile(x, row: group, plane: columns)
            func parameter(at offset: Int) -> LocalOperand {
                let slot = sketch.slot(bytes: height * matrix.groups * 4)
                load(
                    matrix.embeddingScales(at: offset), into: slot, scalePlaces, rows, height,
                    &sketch)
                return .tile(LocalTile(slot, column: 0, row: 1, plane: matrix.groups))
            }
            let scales = parameter(at: matrix.scales)
            let shape = LocalShape(group, matrix.groups, height)
            if matrix.format.hasMinimum {
                let minimums = parameter(at: matrix.minimums)
                sketch.after.append(.vector(.fma, shape, grouped, grouped, scales, minimums))
            } else {
                sketch.after.append(.vector(.mul, shape, grouped, grouped, scales))
            }
        }
        if scale != 1 {
            sketch.after.append(
                .vector(.mul, LocalShape(columns, height), values, values, .float(scale)))
        }
        sketch.after.append(
            result.tensor().store(from: x, box: [columns, height], at: [.zero, row]))
        return sketch
    }

    /// Loads a row of `source` for each token, by the places in `table`.
    private func load(
        _ source: GlobalTensor, into slot: Int, _ places: RowBuffer, _ rows: Int, _ height: Int,
        _ sketch: inout TileSketch
    ) {
        let table = sketch.slot(bytes: height * 4)
        let list = GlobalTensor(dense: [rows], .int32, at: places.offset)
        sketch.before.append(list.loadIndices(into: table, height, at: [.tile(0, height)]))
        sketch.before.append(
            source.load(
                into: slot, box: [source.extents[0], height], at: [.zero, .zero], as: .fp32,
                gather: 1, table: table))
    }
}
