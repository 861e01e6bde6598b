import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

/// A convolution as a matrix product whose B operand is read in place from a tile of the image:
/// m counts output channels, n rows and columns, k input channels and, inside, the kernel.
///
/// The domain is [batch, groups, output channels, (planes,) rows, columns].
struct TiledConvolution: Sendable {
    var extents: [Int]
    var window: WindowGeometry
    /// [batch, groups, input channels, spatial…].
    var image: View
    /// [groups, output channels, input channels, kernel…].
    var weights: View
    var formats: OperandFormats

    struct Choice: Hashable, Sendable {
        var channels: Int
        var rows: Int
        var columns: Int
        /// Input channels of a chunk.
        var chunk: Int
        var mIsInner: Bool
    }

    private var rank: Int { extents.count }
    private var hasPlanes: Bool { rank == 6 }
    private var rowAxis: Int { rank - 2 }
    private var columnAxis: Int { rank - 1 }

    func search(
        body: GroupBody, result: ValueID, resultType: ElementType, state: LoweringState
    ) throws(TilingError) -> TileProgram {
        if hasPlanes, window.kernel[0] > 1, window.dilations[0] != 1 {
            throw .unsupported("a kernel dilated along planes")
        }
        return try state.cheapest(choices(state.memory)) { choice throws(TilingError) in
            var builder = try makeBuilder(choice)
            let tile = try multiply(choice, in: &builder)
            var emitter = BodyEmitter(body: body, builder: builder, folded: [])
            try emitter.defineSum(result, tile, type: resultType)
            try emitter.emit()
            return emitter.builder
        }
    }

    /// Ways of tiling whose operands and sums fit local memory at all.
    private func choices(_ memory: LocalMemory) -> [Choice] {
        let inputs = weights.axes[2].extent
        let ms = tileSizes(
            extent: extents[2], targets: [512, 256, 128, 64, 32, 16, 8, 1], multiple: 4)
        let halves = { (extent: Int) in (0..<8).map { max(extent >> $0, 1) } }
        let rows = tileSizes(extent: extents[rowAxis], targets: halves(extents[rowAxis]))
        let columns = tileSizes(extent: extents[columnAxis], targets: halves(extents[columnAxis]))
        let chunks = tileSizes(extent: inputs, targets: halves(inputs))
        let width = formats.a.bitWidth / 8
        let taps = window.kernel.reduce(1, *)
        var result: [Choice] = []
        for column in columns {
            for row in rows where column == extents[columnAxis] || row <= 8 {
                for m in ms where m * row * column * 4 <= memory.accumulators {
                    for chunk in chunks {
                        let covered =
                            window.covered(spatial(rowAxis), count: row)
                            * window.covered(spatial(columnAxis), count: column)
                        let planes = hasPlanes ? window.kernel[0] : 1
                        let bytes = (m * chunk * taps + chunk * planes * covered) * width
                        guard bytes <= memory.scratchpad else { continue }
                        for mIsInner in [false, true] {
                            result.append(
                                Choice(
                                    channels: m, rows: row, columns: column, chunk: chunk,
                                    mIsInner: mIsInner))
                        }
                        // Smaller chunks only cost more once two buffers fit.
                        if bytes * 2 <= memory.scratchpad { break }
                    }
                }
            }
        }
        return result
    }

    private func spatial(_ axis: Int) -> Int { axis - 3 }

    private func makeBuilder(_ choice: Choice) throws(TilingError) -> TileBuilder {
        var tile = extents.map { _ in 1 }
        tile[2] = choice.channels
        tile[rowAxis] = choice.rows
        tile[columnAxis] = choice.columns
        var domain = extents.indices.map { DomainAxis(extent: extents[$0], tile: tile[$0]) }
        let places = Array(3..<rank)
        let order = choice.mIsInner ? [0, 1] + places + [2] : [0, 1, 2] + places
        var grid: [Int] = []
        for axis in order where domain[axis].tileCount > 1 {
            domain[axis].grid = grid.count
            grid.append(domain[axis].tileCount)
        }
        guard grid.count <= 5 else { throw .dimensions(grid.count) }
        var builder = TileBuilder(domain: domain, grid: grid)
        builder.chunks = (weights.axes[2].extent + choice.chunk - 1) / choice.chunk
        return builder
    }

    private func multiply(
        _ choice: Choice, in builder: inout TileBuilder
    ) throws(TilingError) -> TileValue {
        let sums = builder.makeValue(
            format: formats.sum, varies: extents.indices.map { $0 >= 2 }, memory: .accumulators)
        let image = try loadImage(choice, &builder)
        let weights = try loadWeights(choice, &builder)
        let row = spatial(rowAxis)
        let column = spatial(columnAxis)
        let planes = hasPlanes ? window.kernel[0] : 1
        let width = Int32(formats.b.bitWidth / 8)
        let m = Int32(choice.channels)
        let descriptor = MatrixDescriptor(
            m0: m, m1: 1, n0: Int32(choice.columns), n1: Int32(choice.rows),
            k0: Int32(window.kernel[column]), k1: Int32(window.kernel[row]),
            k2: Int32(choice.chunk * planes),
            aStrides: .init(
                m0: width, m1: 0, k0: m * width, k1: m * width * Int32(window.kernel[column]),
                k2: m * width * Int32(window.kernel[column] * window.kernel[row])),
            bStrides: .init(
                n0: Int32(window.strides[column]) * width,
                n1: Int32(window.strides[row]) * image.row,
                k0: Int32(window.dilations[column]) * width,
                k1: Int32(window.dilations[row]) * image.row, k2: image.plane),
            accumulatorRowStride: Int32(choice.rows * choice.columns) * 4, scales: .none)
        builder.append(
            .matrix(
                MatrixStep(
                    a: Place(weights), b: Place(image.piece),
                    accumulators: Place(sums.piece), descriptor: descriptor,
                    aFormat: formats.a, bFormat: formats.b, passes: formats.passes)),
            phase: .eachChunk)
        return sums
    }

    /// Loads [input channels, planes, rows, columns] with the halo that the windows need.
    private func loadImage(
        _ choice: Choice, _ builder: inout TileBuilder
    ) throws(TilingError) -> (piece: Int, row: Int32, plane: Int32) {
        let width = formats.b.bitWidth / 8
        var stride = width
        var axes: [MoveAxis] = []
        var strides: [Int] = []
        for axis in (3..<rank).reversed() {
            let place = spatial(axis)
            let count = builder.domain[axis].tile
            let source = image.axes[axis]
            let box = window.covered(place, count: count)
            var coordinate = builder.coordinate(of: axis)
            coordinate.perGrid = coordinate.perGrid.map { $0 * window.strides[place] }
            coordinate.base = -window.low[place] - source.low
            axes.append(
                MoveAxis(
                    globalStride: source.stride, bound: source.bound, box: box,
                    localStride: stride, coordinate: coordinate))
            strides.append(stride)
            stride *= box
        }
        let channel = image.axes[2]
        axes.append(
            MoveAxis(
                globalStride: channel.stride, bound: channel.bound, box: choice.chunk,
                localStride: stride,
                coordinate: Affine(0, perChunk: builder.chunks > 1 ? choice.chunk : 0)))
        for axis in [1, 0] where image.axes[axis].extent > 1 {
            axes.append(
                MoveAxis(
                    globalStride: image.axes[axis].stride, bound: image.axes[axis].bound, box: 1,
                    localStride: 0, coordinate: builder.coordinate(of: axis)))
        }
        let piece = builder.makePiece(bytes: stride * choice.chunk)
        try builder.load(
            piece: piece, axes: axes.reversed(), view: image, localFormat: formats.b,
            phase: .eachChunk, fill: 0)
        // Planes of one channel follow each other, and channels follow planes: one stride.
        return (piece, Int32(strides[1]), Int32(hasPlanes ? strides[2] : stride))
    }

    /// Loads [input channels, kernel, output channels].
    private func loadWeights(
        _ choice: Choice, _ builder: inout TileBuilder
    ) throws(TilingError) -> Int {
        let width = formats.a.bitWidth / 8
        var axes: [MoveAxis] = []
        let output = weights.axes[1]
        axes.append(
            MoveAxis(
                globalStride: output.stride, bound: output.bound, box: choice.channels,
                localStride: width, coordinate: builder.coordinate(of: 2)))
        var stride = choice.channels * width
        for axis in (3..<weights.axes.count).reversed() {
            let source = weights.axes[axis]
            axes.append(
                MoveAxis(
                    globalStride: source.stride, bound: source.bound, box: source.extent,
                    localStride: stride))
            stride *= source.extent
        }
        let input = weights.axes[2]
        axes.append(
            MoveAxis(
                globalStride: input.stride, bound: input.bound, box: choice.chunk,
                localStride: stride,
                coordinate: Affine(0, perChunk: builder.chunks > 1 ? choice.chunk : 0)))
        if weights.axes[0].extent > 1 {
            axes.append(
                MoveAxis(
                    globalStride: weights.axes[0].stride, bound: weights.axes[0].bound, box: 1,
                    localStride: 0, coordinate: builder.coordinate(of: 1)))
        }
        let piece = builder.makePiece(bytes: stride * choice.chunk)
        try builder.load(
            piece: piece, axes: axes.reversed(), view: weights, localFormat: formats.a,
            phase: .eachChunk, fill: formats.neutralA)
        return piece
    }
}
