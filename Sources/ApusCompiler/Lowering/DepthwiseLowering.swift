import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

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
        // [channels, 1, kernel…]
        var weights = try state.readView(node.inputs[1])
        weights = state.packedIfConstant(
            weights, format: weights.format, order: Array(weights.axes.indices))
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
            let input = try tile.load(format: .fp32, fill: 0, in: &builder)
            let filter = try loadFilter(
                weights, kernel: kernel, spatial: spatial, format: .fp32, in: &builder)
            let result = input.makeResult(in: &builder)
            for (index, tap) in input.taps.enumerated() {
                var shifted = input.value
                shifted.offset += tap
                var factor = filter
                factor.offset += index * filter.format.bitWidth / 8
                try input.step(
                    index == 0 ? .mul : .fma, into: result, shifted, .value(factor),
                    index == 0 ? .none : .value(result), in: &builder)
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
