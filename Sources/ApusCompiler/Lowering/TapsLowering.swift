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
    ) throws(TilingError) -> (value: TileValue, taps: [Int]) {
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
        return (TileValue(piece: piece, offset: 0, format: format, strides: strides), taps)
    }
}

/// Lowers pooling: the fold of a window is a chain of Vector commands over shifted tiles.
enum PoolingLowering {
    static func lower(
        _ fold: WindowReduction, _ window: Window, _ group: Group, state: inout LoweringState
    ) throws(TilingError) -> TileProgram {
        let node = state.graph.nodes[group.nodes[0]]
        let type = state.graph.type(of: node.inputs[0]).elementType
        let body = try state.body(of: group)
        var view = try state.readView(node.inputs[0])
        if type.byteCount == 8 { view = view.lowWords }
        if view.isPadded {
            view = try state.contiguous(view, format: view.format, label: node.name, node: -1)
        }
        let format: ElementFormat = type.isFloat ? .fp32 : (type.computeFormat ?? .int32)
        let lowest = ElementFormat.convert(
            UInt64(type.lowestBits ?? 0), from: type.arenaFormat, to: format,
            rounding: .nearestEven)
        let fill = fold == .maximum ? UInt32(truncatingIfNeeded: lowest) : 0
        let tile = TapsTile(
            window: WindowGeometry(
                strides: window.strides, low: window.low, dilations: window.dilations,
                kernel: window.extents),
            view: view)
        let opcode: VectorOpcode = fold == .maximum ? .max : .add
        let program = try StreamLowering.search(
            extents: group.domain, folded: [], views: [view], state: state
        ) { start throws(TilingError) in
            var builder = start
            let (input, taps) = try tile.load(format: format, fill: fill, in: &builder)
            let wide: ElementFormat = format.isFloatingPoint ? .fp32 : .int32
            let result = builder.makeValue(format: wide, varies: group.domain.map { _ in true })
            for (index, tap) in taps.enumerated() {
                var shifted = input
                shifted.offset += tap
                if index == 0 {
                    if taps.count == 1 { try builder.elementwise(.copy, into: result, .value(shifted)) }
                    continue
                }
                var previous = result
                if index == 1 { previous = input }
                try builder.elementwise(opcode, into: result, .value(shifted), .value(previous))
            }
            var emitter = BodyEmitter(body: body, builder: builder, folded: [])
            try emitter.defineSum(node.outputs[0], result, type: type)
            try emitter.emit()
            return emitter.builder
        }
        state.markComputed(body)
        return program
    }
}

/// Lowers convolutions in which each output channel sees one input channel: a chain of
/// multiply-adds, in the order in which the matrix engine would add.
enum DepthwiseLowering {
    static func lower(
        _ convolution: Convolution, _ group: Group, state: inout LoweringState
    ) throws(TilingError) -> TileProgram {
        let node = state.graph.nodes[group.nodes[0]]
        let body = try state.body(of: group)
        var image = try state.readView(node.inputs[0])
        if image.isPadded, image.fill != .zero {
            image = try state.contiguous(image, format: image.format, label: node.name, node: -1)
        }
        let types = node.inputs.map { state.graph.type(of: $0).elementType }
        let rounds = state.options.precision == .bf16 && types.contains(.float32)
        // [channels, 1, kernel…] in FP32, already rounded where that is known now.
        var weights = try state.readView(node.inputs[1])
        weights = state.packedIfConstant(
            weights, format: rounds ? .bf16 : weights.format, order: Array(weights.axes.indices))
        let spatial = group.domain.count - 2
        let kernel = Array(weights.shape.dropFirst(2))
        let tile = TapsTile(
            window: WindowGeometry(
                strides: [1, 1] + convolution.strides, low: [0, 0] + convolution.low,
                dilations: [1, 1] + convolution.weightDilations, kernel: [1, 1] + kernel),
            view: image)
        let program = try StreamLowering.search(
            extents: group.domain, folded: [], views: [image], state: state
        ) { start throws(TilingError) in
            var builder = start
            let roundsImage = rounds && image.format == .fp32
            let (loaded, taps) = try tile.load(
                format: roundsImage ? .bf16 : .fp32, fill: 0, in: &builder)
            let input = roundsImage ? try widened(loaded, in: &builder) : loaded
            let scale = taps.count > 0 && roundsImage ? 2 : 1
            let roundsWeights = rounds && weights.format == .fp32
            let filter = try loadFilter(
                weights, kernel: kernel, spatial: spatial,
                format: roundsWeights ? .bf16 : .fp32, in: &builder)
            let result = builder.makeValue(format: .fp32, varies: group.domain.map { _ in true })
            for (index, tap) in taps.enumerated() {
                var shifted = input
                shifted.offset += tap * scale
                var factor = filter
                factor.offset += index * filter.format.bitWidth / 8
                if index == 0 {
                    try builder.elementwise(.mul, into: result, .value(shifted), .value(factor))
                } else {
                    try builder.elementwise(
                        .fma, into: result, .value(shifted), .value(factor), .value(result))
                }
            }
            var emitter = BodyEmitter(body: body, builder: builder, folded: [])
            try emitter.defineSum(
                node.outputs[0], result,
                type: state.graph.type(of: node.outputs[0]).elementType)
            try emitter.emit()
            return emitter.builder
        }
        state.markComputed(body)
        return program
    }

    /// BF16 elements as FP32, so that each tap need not convert again.
    private static func widened(
        _ value: TileValue, in builder: inout TileBuilder
    ) throws(TilingError) -> TileValue {
        let count = builder.pieces[value.piece].bytes / 2
        let piece = builder.makePiece(bytes: count * 4)
        let loop = TileBuilder.Loop(extent: count, d: 4, a: 2, b: 0, c: 0)
        let d = TileValue(piece: piece, offset: 0, format: .fp32, strides: value.strides.map { $0 * 2 })
        try builder.emit(.copy, loops: [loop], d: d, .value(value), .none, .none, rounding: 0)
        return d
    }

    /// Loads [channels, taps]; the value varies along channels alone.
    private static func loadFilter(
        _ view: View, kernel: [Int], spatial: Int, format: ElementFormat,
        in builder: inout TileBuilder
    ) throws(TilingError) -> TileValue {
        let width = format.bitWidth / 8
        var stride = width
        var axes: [MoveAxis] = []
        for axis in (2..<2 + spatial).reversed() {
            axes.append(
                MoveAxis(
                    globalStride: view.axes[axis].stride, bound: view.axes[axis].bound,
                    box: view.axes[axis].extent, localStride: stride))
            stride *= view.axes[axis].extent
        }
        axes.append(
            MoveAxis(
                globalStride: view.axes[0].stride, bound: view.axes[0].bound,
                box: builder.domain[1].tile, localStride: stride,
                coordinate: builder.coordinate(of: 1)))
        let piece = builder.makePiece(bytes: stride * builder.domain[1].tile)
        try builder.load(
            piece: piece, axes: axes.reversed(), view: view, localFormat: format,
            phase: .beforeChunks)
        var strides = [Int](repeating: 0, count: builder.domain.count)
        if builder.domain[1].tile > 1 { strides[1] = stride }
        return TileValue(piece: piece, offset: 0, format: format, strides: strides)
    }
}
