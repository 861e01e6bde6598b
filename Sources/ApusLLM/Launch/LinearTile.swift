import ApusISA
import ApusKernels
import ApusNumerics

/// The part that linear layers share: inputs, codes, scales and the matmuls over chunks.
///
/// Grid: output tiles, then row tiles, so that codes stay while the rows change.
struct LinearTile {
    let tiling: LinearTiling
    var sketch: TileSketch
    /// The slot of each set's inputs, and their Loads, each of which goes before the first matmul
    /// that needs it.
    private var inputSlots: [Int] = []
    private var inputLoads: [TileCommand] = []

    /// - Parameter inputRow: the first row of a tile's inputs, if not that of its results.
    init(_ tiling: LinearTiling, input: RowBuffer, inputRow: Affine? = nil) {
        self.tiling = tiling
        sketch = TileSketch(grid: [tiling.tiles / tiling.span, tiling.rowTiles])
        sketch.chunks = tiling.chunks / tiling.sets
        for set in 0..<tiling.sets {
            let slot = sketch.slot(
                bytes: tiling.height * tiling.length * 2,
                buffers: tiling.doublesInputs && tiling.sets == 1 ? 2 : 1)
            inputSlots.append(slot)
            inputLoads.append(
                input.tensor(count: tiling.inputs).load(
                    into: slot, box: [tiling.length, tiling.height],
                    at: [
                        Affine(set * tiling.length, perChunk: tiling.sets * tiling.length),
                        inputRow ?? row,
                    ]))
        }
    }

    /// The first row of a tile.
    var row: Affine { .tile(1, tiling.height) }

    /// Adds the matmul of a matrix; the slot of its sums.
    mutating func multiply(_ matrix: PackedMatrix, expert: Int? = nil) -> Int {
        let (length, span) = (tiling.length, tiling.span)
        let run = length / tiling.pieces
        let buffers = tiling.isDoubled && tiling.sets == 1 ? 2 : 1
        let local = matrix.localBytes(length: run, span: span)
        let sums = sketch.sums(
            bytes: tiling.height * tiling.columns(matrix) * 4, buffers: tiling.sumsBuffers)
        for index in 0..<tiling.sets * tiling.pieces {
            let (set, piece) = index.quotientAndRemainder(dividingBy: tiling.pieces)
            if set < inputLoads.count, piece == 0 { sketch.each.append(inputLoads[set]) }
            // Which run of inputs it is.
            let place = Affine(index, perChunk: tiling.sets * tiling.pieces)
            var operands = PackedMatrix.Operands(
                inputs: Place(inputSlots[set], offset: 2 * run * piece), inputsRow: length,
                codes: sketch.slot(bytes: local.codes, buffers: buffers), sums: sums)
            sketch.each.append(
                matrix.loadCodes(
                    into: operands.codes, length: run, run: place, span: span, tile: 0,
                    expert: expert))
            func parameter(at offset: Int) -> Int {
                let slot = sketch.slot(bytes: local.scales)
                sketch.each.append(
                    matrix.loadScales(
                        at: offset, into: slot, length: run, run: place, span: span, tile: 0,
                        expert: expert))
                return slot
            }
            if matrix.format.isGrouped { operands.scales = parameter(at: matrix.scales) }
            if matrix.format.hasMinimum { operands.minimums = parameter(at: matrix.minimums) }
            sketch.each.append(
                matrix.multiply(
                    rows: tiling.height, length: run, span: span, operands,
                    accumulation: index == 0 ? .afterFirstChunk : .always))
        }
        inputLoads = []
        return sums
    }

    /// A slot for a tile of results.
    mutating func outputSlot(_ format: ElementFormat, _ width: Int, buffers: Int? = nil) -> Int {
        sketch.slot(
            bytes: tiling.height * width * format.bitWidth / 8,
            buffers: buffers ?? tiling.sumsBuffers)
    }
}
