import ApusImport
import ApusISA
import ApusKernels
import ApusNumerics

/// Where a weight lies in the arena, in the layout in which the chip streams it.
///
///     codes    [stack][tile][input][width]
///     scales   [stack][tile][group][width], minimums likewise
///
/// A tile is `width` outputs; the last one is filled up with zeros. So what a core loads for a tile
/// is one run of bytes. A stack is the same matrix of several experts. Of matrices that take turns,
/// as gate and up do, the tiles lie in turn: the first tile of each, then the second ones.
struct PackedMatrix: Sendable {
    var inputs: Int
    /// Of each matrix, if several take turns.
    var outputs: Int
    /// Outputs of a tile, a multiple of 16.
    var width: Int
    var stack = 1
    var turns = 1
    var format: StreamedFormat
    /// Byte offsets in the arena.
    var codes = 0
    var scales = 0
    var minimums = 0

    var tiles: Int { (outputs + width - 1) / width * turns }
    var groups: Int {
        format.isGrouped ? (inputs + format.groupLength - 1) / format.groupLength : 0
    }
    /// Elements of a tile.
    var tileCodes: Int { inputs * width }
    var tileScales: Int { groups * width }
    var codeBytes: Int { format.code.byteCount(stack * tiles * tileCodes) }
    var scaleBytes: Int { format.scale.byteCount(stack * tiles * tileScales) }

    /// All bytes in the arena.
    var bytes: Int { codeBytes + scaleBytes * (format.hasMinimum ? 2 : format.isGrouped ? 1 : 0) }

    /// Reserves the matrix in an arena; nothing is packed yet.
    init(
        inputs: Int, outputs: Int, width: Int, stack: Int = 1, turns: Int = 1,
        format: StreamedFormat, in arena: inout ArenaLayout
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.width = width
        self.stack = stack
        self.turns = turns
        self.format = format
        codes = arena.reserve(codeBytes)
        if format.isGrouped { scales = arena.reserve(scaleBytes) }
        if format.hasMinimum { minimums = arena.reserve(scaleBytes) }
    }

    /// A width that gives all cores the same number of tiles where the matrix is large enough.
    static func width(outputs: Int, memory: CoreMemory) -> Int {
        let largest = memory.scratchpad >= 512 << 10 ? 256 : 64
        let each = (outputs + memory.cores * largest - 1) / (memory.cores * largest)
        let width = (outputs + memory.cores * each - 1) / (memory.cores * each)
        return max((width + 15) & ~15, 16)
    }
}

extension PackedMatrix {
    /// Loads inputs `run · length ..< (run + 1) · length` of the codes of `span` tiles, one
    /// tile's after the other's.
    ///
    /// - Parameters:
    ///   - tile: the grid dimension that counts runs of `span` tiles.
    ///   - expert: the slot with the index of the matrix in the stack, if there are several.
    func loadCodes(
        into slot: Int, length: Int, run: Affine, span: Int, tile: Int, expert: Int?
    ) -> TileCommand {
        let tensor = GlobalTensor(dense: [tileCodes, tiles, stack], format.code, at: codes)
        return load(
            tensor, into: slot, box: [length * width, span], run, tile: tile, expert: expert)
    }

    /// Loads the scales, or minimums, of the same inputs: [group][span · width].
    func loadScales(
        at offset: Int, into slot: Int, length: Int, run: Affine, span: Int, tile: Int,
        expert: Int?
    ) -> TileCommand {
        let lines = length / format.groupLength
        if span == 1 {
            let tensor = GlobalTensor(
                dense: [tileScales, tiles, stack], format.scale, at: offset)
            return load(
                tensor, into: slot, box: [lines * width, 1], run, tile: tile, expert: expert)
        }
        precondition(expert == nil, "tiles of experts stand alone")
        return GlobalTensor(dense: [width, groups, tiles], format.scale, at: offset).load(
            into: slot, box: [width, lines, span],
            at: [.zero, run.times(lines), .tile(tile, span)],
            localStrides: [1, span * width, width])
    }

    private func load(
        _ tensor: GlobalTensor, into slot: Int, box: [Int], _ run: Affine, tile: Int, expert: Int?
    ) -> TileCommand {
        let coordinates: [Affine] = [run.times(box[0]), .tile(tile, box[1])]
        guard let expert else { return tensor.load(into: slot, box: box, at: coordinates) }
        return tensor.load(
            into: slot, box: box + [1], at: coordinates + [.zero], gather: 2, table: expert)
    }

    /// The codes as [inputs, place], where a token's place is the element of its first code: for
    /// embeddings, whose matrix is also that of the logits.
    var embeddingCodes: GlobalTensor {
        let bytes = format.code.bitWidth / 8
        return GlobalTensor(
            extents: [inputs, tiles * tileCodes],
            strides: bytes == 0 ? [width, 1] : [width * bytes, bytes], format.code, at: codes)
    }

    /// The scales as [groups, place]; minimums likewise.
    func embeddingScales(at offset: Int) -> GlobalTensor {
        let bytes = format.scale.bitWidth / 8
        return GlobalTensor(
            extents: [groups, tiles * tileScales], strides: [width * bytes, bytes], format.scale,
            at: offset)
    }

    /// A token's place among the codes, and among the scales.
    func place(of output: Int) -> (codes: Int, scales: Int) {
        let (tile, column) = output.quotientAndRemainder(dividingBy: width)
        return (tile * tileCodes + column, tile * tileScales + column)
    }

    /// Bytes of local memory for `length` inputs of `span` tiles: codes, scales.
    func localBytes(length: Int, span: Int) -> (codes: Int, scales: Int) {
        let groups = format.isGrouped ? length / format.groupLength : 0
        return (
            format.code.byteCount(length * span * width),
            format.scale.byteCount(groups * span * width)
        )
    }

    /// Where the operands of a matmul lie.
    struct Operands {
        /// The first input, and how many inputs a row of its slot has.
        var inputs: Place
        var inputsRow: Int
        var codes: Int
        var scales, minimums: Int?
        var sums: Int
    }

    /// The matmul of `rows` rows of `length` BF16 inputs and the codes of `span` tiles.
    func multiply(
        rows: Int, length: Int, span: Int, _ operands: Operands, accumulation: Accumulation
    ) -> TileCommand {
        let element = Int32(max(format.code.bitWidth / 8, 1))
        let scale = Int32(format.scale.bitWidth / 8)
        let columns = Int32(span * width)
        let descriptor = MatrixDescriptor(
            m0: Int32(rows), m1: 1, n0: Int32(width), n1: Int32(span), k0: Int32(length), k1: 1,
            k2: 1,
            aStrides: .init(m0: Int32(operands.inputsRow * 2), m1: 0, k0: 2, k1: 0, k2: 0),
            bStrides: .init(
                n0: element, n1: Int32(length * width) * element, k0: Int32(width) * element,
                k1: 0, k2: 0),
            accumulatorRowStride: columns * 4,
            scales: format.isGrouped
                ? .init(
                    a: 0, b: 0, bMinimums: 0, groupLength: Int32(format.groupLength),
                    aRowStride: 0, bRowStride: columns * scale, format: format.scale)
                : .none)
        return .matrix(
            MatrixStep(
                a: operands.inputs, b: Place(operands.codes),
                accumulators: Place(operands.sums), descriptor: descriptor, aFormat: .bf16,
                bFormat: format.code,
                accumulation: accumulation,
                scaling: format.isGrouped ? .dequantiseB : .none,
                bScales: operands.scales.map { Place($0) },
                bMinimums: operands.minimums.map { Place($0) }))
    }
}
