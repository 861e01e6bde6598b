import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

/// Lowers convolutions: as matrix products over windows read in place, or as chains of Vector taps
/// when each output channel sees one input channel.
enum ConvolutionLowering {
    static func lower(
        _ convolution: Convolution, _ group: Group, state: inout LoweringState
    ) throws(TilingError) -> TileProgram {
        let node = state.graph.nodes[group.nodes[0]]
        let types = node.inputs.map { state.graph.type(of: $0) }
        let kernel = Array(types[1].shape.dropFirst(2))
        let formats = state.operandFormats(node)
        let hasPadding = (convolution.low + convolution.high).contains { $0 != 0 }
        if node.isDepthwise(in: state.graph), formats.sum == .fp32 {
            return try DepthwiseLowering.lower(convolution, group, state: &state)
        }
        if kernel.allSatisfy({ $0 == 1 }), !hasPadding {
            return try pointwise(convolution, group, formats, state: &state)
        }
        return try windowed(convolution, group, formats, state: &state)
    }

    /// A kernel of one element: a matrix product whose n runs over places.
    private static func pointwise(
        _ convolution: Convolution, _ group: Group, _ formats: OperandFormats,
        state: inout LoweringState
    ) throws(TilingError) -> TileProgram {
        let node = state.graph.nodes[group.nodes[0]]
        var x = try state.readView(node.inputs[0])
        let spatial = group.domain.count - 2
        for axis in 0..<spatial {
            let sliced = { (view: View) in
                view.sliced(
                    axis: axis + 2, start: 0, count: group.domain[axis + 2],
                    stride: convolution.strides[axis])
            }
            if let view = sliced(x) {
                x = view
            } else {
                x = try state.contiguous(x, format: x.format, label: node.name, node: -1)
                guard let view = sliced(x) else { throw .unsupported("a strided view") }
                x = view
            }
        }
        let groups = convolution.groups
        let w = try state.readView(node.inputs[1])
        guard let channels = x.splitting(axis: 1, outer: groups),
            let weights = w.splitting(axis: 0, outer: groups)
        else { throw .unsupported("padded channels in groups") }
        let rank = 3 + spatial
        let a = weights.placed([(0, 1), (1, 2), (2, rank)], rank: rank + 1)
        let b = channels.placed(
            [(0, 0), (1, 1), (2, rank)] + (0..<spatial).map { ($0 + 3, $0 + 3) }, rank: rank + 1)
        let contraction = Contraction(
            roles: [.batch, .batch, .m] + (0..<spatial).map { _ in .n },
            summed: [channels.axes[2].extent], a: a, b: b, formats: formats)
        var extents = group.domain
        extents[1] /= groups
        extents.insert(groups, at: 1)
        return try ContractionLowering.lower(contraction, group, extents, state: &state) {
            view throws(TilingError) in try split(view, groups)
        }
    }

    /// The channel axis of a view of the output cut into groups.
    static func split(_ view: View, _ groups: Int) throws(TilingError) -> View {
        guard let result = view.splitting(axis: 1, outer: groups) else {
            throw .unsupported("padded channels in groups")
        }
        return result
    }

    private static func windowed(
        _ convolution: Convolution, _ group: Group, _ formats: OperandFormats,
        state: inout LoweringState
    ) throws(TilingError) -> TileProgram {
        let node = state.graph.nodes[group.nodes[0]]
        let original = try state.body(of: group)
        let groups = convolution.groups
        var x = try state.readView(node.inputs[0])
        if x.isPadded, x.fill != .zero || x.axes[1].isPadded {
            x = try state.contiguous(x, format: x.format, label: node.name, node: -1)
        }
        let w = try state.readView(node.inputs[1])
        guard let channels = x.splitting(axis: 1, outer: groups),
            var weights = w.splitting(axis: 0, outer: groups)
        else { throw .unsupported("padded channels in groups") }
        // Weights lie [groups, input channels, kernel, output channels] in memory.
        let rank = weights.axes.count
        weights = state.packedIfConstant(
            weights, format: formats.a, order: [0] + Array(2..<rank) + [1])
        var window = WindowGeometry(
            strides: convolution.strides, low: convolution.low,
            dilations: convolution.weightDilations, kernel: Array(weights.shape.dropFirst(3)))
        // At least rows and columns; one dimension gets a row of one.
        var image = channels
        let isFlat = window.kernel.count == 1
        if isFlat {
            window.insertRow()
            image.axes.insert(ViewAxis(extent: 1, stride: 0), at: 3)
            weights.axes.insert(ViewAxis(extent: 1, stride: 0), at: 3)
        }
        let lay = { (view: View) throws(TilingError) -> View in
            var result = try split(view, groups)
            if isFlat { result.axes.insert(ViewAxis(extent: 1, stride: 0), at: 3) }
            return result
        }
        var extents = group.domain
        extents[1] /= groups
        extents.insert(groups, at: 1)
        if isFlat { extents.insert(1, at: 3) }
        let body = try original.mapping(lay)
        let tiled = TiledConvolution(
            extents: extents, window: window, image: image, weights: weights, formats: formats)
        let program = try tiled.search(
            body: body, result: node.outputs[0],
            resultType: state.graph.type(of: node.outputs[0]).elementType, state: state)
        state.markComputed(original)
        return program
    }
}

/// How windows of a convolution or pooling lie, by spatial axis.
struct WindowGeometry: Hashable, Sendable {
    var strides: [Int]
    var low: [Int]
    var dilations: [Int]
    var kernel: [Int]

    /// Elements of the input that `count` neighbouring windows cover.
    func covered(_ axis: Int, count: Int) -> Int {
        (count - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1
    }

    mutating func insertRow() {
        strides.insert(1, at: 0)
        low.insert(0, at: 0)
        dilations.insert(1, at: 0)
        kernel.insert(1, at: 0)
    }
}
