import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

/// A tile of an input with the halo that a tile of windows needs, read tap by tap.
struct TapsTile: Sendable {
    /// For each domain axis the windows along it; axes without one have a kernel of 1.
    var window: WindowGeometry
    /// The input, with an axis for each of the domain.
    var view: View

    /// Loads the halo tile; `fill` stands outside the input.
    func load(
        format: ElementFormat, fill: UInt32, in builder: inout TileBuilder
    ) throws(TilingError) -> TapsInput {
        var stride = format.bitWidth / 8
        var axes: [MoveAxis] = []
        var local = [Int](repeating: 0, count: builder.domain.count)
        for axis in builder.domain.indices.reversed() {
            let source = view.axes[axis]
            let box = window.covered(axis, count: builder.domain[axis].tile)
            var coordinate = builder.coordinate(of: axis)
            coordinate.perGrid = coordinate.perGrid.map { $0 * window.strides[axis] }
            coordinate.base = -window.low[axis] - source.low
            axes.append(
                MoveAxis(
                    globalStride: source.stride, bound: source.bound, box: box,
                    localStride: stride, coordinate: coordinate))
            local[axis] = stride
            stride *= box
        }
        let piece = builder.makePiece(bytes: stride)
        try builder.load(
            piece: piece, axes: axes.reversed(), view: view, localFormat: format,
            phase: .beforeChunks, fill: fill)
        let strides = local.indices.map {
            builder.domain[$0].tile > 1 ? local[$0] * window.strides[$0] : 0
        }
        var taps = [0]
        for axis in local.indices {
            taps = taps.flatMap { base in
                (0..<window.kernel[axis]).map { base + $0 * window.dilations[axis] * local[axis] }
            }
        }
        return TapsInput(
            value: TileValue(piece: piece, offset: 0, format: format, strides: strides),
            taps: taps, pitch: pitch(in: builder))
    }

    /// If windows step by one along rows and columns: the elements from one row of the halo tile to
    /// the next. Results with that pitch, too, are computed as one long row for each channel, with
    /// a few elements between rows that nobody reads. Axes 0 and 1 are batch and channels, along
    /// which weights differ.
    private func pitch(in builder: TileBuilder) -> Int? {
        let rank = builder.domain.count
        guard rank >= 4, window.strides[rank - 1] == 1, window.strides[rank - 2] == 1,
            builder.domain[rank - 2].tile > 1
        else { return nil }
        return window.covered(rank - 1, count: builder.domain[rank - 1].tile)
    }
}

/// A halo tile in local memory.
struct TapsInput: Sendable {
    /// The tile as the first tap reads it.
    var value: TileValue
    /// Bytes from the first tap to each.
    var taps: [Int]
    /// Elements from row to row of both input and result, if they run as one long row.
    var pitch: Int?

    /// Memory for the folded windows.
    func makeResult(in builder: inout TileBuilder) -> TileValue {
        let format: ElementFormat = value.format.isFloatingPoint ? .fp32 : .int32
        guard let pitch else {
            return builder.makeValue(format: format, varies: builder.domain.map { _ in true })
        }
        let rank = builder.domain.count
        var strides = [Int](repeating: 0, count: rank)
        var stride = 4
        for axis in builder.domain.indices.reversed() {
            if builder.domain[axis].tile > 1 { strides[axis] = stride }
            stride *= axis == rank - 1 ? pitch : builder.domain[axis].tile
        }
        return TileValue(
            piece: builder.makePiece(bytes: stride), offset: 0, format: format, strides: strides)
    }

    /// Emits one step of the fold: `d = opcode(a, b, c)`, `a` being a shifted input.
    func step(
        _ opcode: VectorOpcode, into d: TileValue, _ a: TileValue, _ b: TileOperand,
        _ c: TileOperand, in builder: inout TileBuilder
    ) throws(TilingError) {
        guard let pitch else { return try builder.elementwise(opcode, into: d, .value(a), b, c) }
        let rank = builder.domain.count
        var loops: [TileBuilder.Loop] = []
        for axis in 0..<rank - 2 where builder.domain[axis].tile > 1 {
            loops.append(
                TileBuilder.Loop(
                    extent: builder.domain[axis].tile, d: d.strides[axis], a: a.strides[axis],
                    b: b.value?.strides[axis] ?? 0, c: c.value?.strides[axis] ?? 0))
        }
        let count = (builder.domain[rank - 2].tile - 1) * pitch + builder.domain[rank - 1].tile
        let runs = { (operand: TileOperand) -> Int in
            guard let value = operand.value, value.strides[rank - 2] != 0 else { return 0 }
            return value.format.bitWidth / 8
        }
        loops.append(
            TileBuilder.Loop(extent: count, d: 4, a: a.format.bitWidth / 8, b: runs(b), c: runs(c)))
        try builder.emit(opcode, loops: loops, d: d, .value(a), b, c, rounding: 0)
    }
}
