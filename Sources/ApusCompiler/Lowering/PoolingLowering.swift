import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

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
            let input = try tile.load(format: format, fill: fill, in: &builder)
            let result = input.makeResult(in: &builder)
            if input.taps.count == 1 {
                try input.step(.copy, into: result, input.value, .none, .none, in: &builder)
            }
            for (index, tap) in input.taps.enumerated().dropFirst() {
                var shifted = input.value
                shifted.offset += tap
                let previous = index == 1 ? input.value : result
                try input.step(
                    opcode, into: result, shifted, .value(previous), .none, in: &builder)
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
