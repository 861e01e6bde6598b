import ApusISA
import ApusKernels
import ApusNumerics

/// The part that linear layers share: inputs, codes, scales and the matmuls over chunks.
///
/// Grid: output tiles, then row tiles, so that codes stay while the rows change.
struct LinearTile {
    let tiling: LinearTiling
    var sketch: TileSketch
    private let inputSlot: Int

    /// - Parameter inputRow: the first row of a tile's inputs, if not that of its results.
    init(_ tiling: LinearTiling, input: RowBuffer, inputRow: Affine? = nil) {
        self.tiling = tiling
        sketch = TileSketch(grid: [tiling.tiles / tiling.span, tiling.rowTiles])
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
        let (length, span) = (tiling.length, tiling.span)
        let run = length / tiling.pieces
        let local = matrix.localBytes(length: run, span: span)
        let sums = sketch.sums(
            bytes: tiling.height * tiling.columns(matrix) * 4, buffers: tiling.sumsBuffers)
        var operands = PackedMatrix.Operands(
            inputs: inputSlot, inputsRow: length, codes: 0, sums: sums)
        for index in 0..<tiling.pieces {
            let piece = tiling.pieces > 1 ? index : nil
            operands.codes = sketch.slot(bytes: local.codes, buffers: tiling.isDoubled ? 2 : 1)
            sketch.each.append(
                matrix.loadCodes(
                    into: operands.codes, length: run, piece: piece, span: span, tile: 0,
                    expert: expert))
            func parameter(at offset: Int) -> Int {
                let slot = sketch.slot(bytes: local.scales)
                sketch.each.append(
                    matrix.loadScales(
                        at: offset, into: slot, length: run, piece: piece, span: span, tile: 0,
                        expert: expert))
                return slot
            }
            if matrix.format.isGrouped { operands.scales = parameter(at: matrix.scales) }
            if matrix.format.hasMinimum { operands.minimums = parameter(at: matrix.minimums) }
            sketch.each.append(
                matrix.multiply(
                    rows: tiling.height, length: run, piece: piece, span: span, operands))
        }
        return sums
    }

    /// A slot for a tile of results.
    mutating func outputSlot(_ format: ElementFormat, _ width: Int, buffers: Int? = nil) -> Int {
        sketch.slot(
            bytes: tiling.height * width * format.bitWidth / 8,
            buffers: buffers ?? tiling.sumsBuffers)
    }
}
