import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

/// Lowers gathers along one axis: a Load that looks its coordinates up in a table of indices.
enum GatherLowering {
    static func lower(
        axis: Int, _ group: Group, state: inout LoweringState
    ) throws(TilingError) -> TileProgram {
        let node = state.graph.nodes[group.nodes[0]]
        let types = node.inputs.map { state.graph.type(of: $0) }
        let original = try state.body(of: group)
        var data = try state.readView(node.inputs[0])
        if data.isPadded {
            data = try state.contiguous(data, format: data.format, label: node.name, node: -1)
        }
        let count = types[1].shape.elementCount
        let table = try flatTable(node, state: &state)
        let indexRank = types[1].rank
        // One axis for all indices.
        let lay = { (view: View) throws(TilingError) -> View in
            let merged = Self.merged(view.shape[axis..<axis + indexRank])
            guard merged == 1 || merged == count else {
                throw .unsupported("operands that repeat along some indices")
            }
            let shape =
                Array(view.shape[..<axis]) + [merged]
                + Array(view.shape[(axis + indexRank)...])
            guard let result = view.reshaped(to: shape) else {
                throw .unsupported("indices that do not lie in one line")
            }
            return result
        }
        let body = try original.mapping(lay)
        var extents = types[0].shape.dimensions
        let bound = extents[axis]
        extents[axis] = count
        let program = try StreamLowering.search(
            extents: extents, folded: [], views: [data] + body.views, state: state
        ) { start throws(TilingError) in
            var builder = start
            let indices = try loadTable(
                table, axis: axis, bound: bound, in: &builder)
            let value = try builder.gather(data, axis: axis, table: indices)
            var emitter = BodyEmitter(body: body, builder: builder, folded: [])
            emitter.define(node.outputs[0], value)
            try emitter.emit()
            return emitter.builder
        }
        state.markComputed(original)
        return program
    }

    private static func merged(_ extents: ArraySlice<Int>) -> Int { extents.reduce(1, *) }

    /// The indices in one line of INT32.
    private static func flatTable(_ node: Node, state: inout LoweringState) throws(TilingError)
        -> View
    {
        let count = state.graph.type(of: node.inputs[1]).shape.elementCount
        let view = try state.readView(node.inputs[1])
        if let flat = view.reshaped(to: [count]), !flat.isPadded { return flat.lowWords }
        let copy = try state.contiguous(view, format: view.format, label: node.name, node: -1)
        guard let flat = copy.reshaped(to: [count]) else { throw .unsupported("a table") }
        return flat.lowWords
    }

    /// Loads the whole table; negative indices count from the end.
    ///
    /// The last tile may reach beyond the table: what it looks up there is index 0, and what comes
    /// of it is not stored.
    private static func loadTable(
        _ view: View, axis: Int, bound: Int, in builder: inout TileBuilder
    ) throws(TilingError) -> TileValue {
        let tile = builder.domain[axis].tile
        let length = view.axes[0].extent
        let count = (length + tile - 1) / tile * tile
        let zero = builder.domain.map { _ in 0 }
        let piece = builder.makePiece(bytes: count * 4, isPinned: true)
        try builder.load(
            piece: piece,
            axes: [
                MoveAxis(
                    globalStride: view.axes[0].stride, bound: length, box: count, localStride: 4)
            ], view: view, localFormat: .int32, phase: .beforeChunks)
        let indices = TileValue(piece: piece, offset: 0, format: .int32, strides: zero)
        builder.phase = .beforeChunks
        defer { builder.phase = .afterChunks }
        let loop = TileBuilder.Loop(extent: count, d: 4, a: 4, b: 0, c: 0)
        let both = TileBuilder.Loop(extent: count, d: 4, a: 4, b: 4, c: 0)
        func fresh(_ builder: inout TileBuilder) -> TileValue {
            TileValue(
                piece: builder.makePiece(bytes: count * 4, isPinned: true), offset: 0,
                format: .int32, strides: zero)
        }
        // idx + (idx >> 31 & bound)
        let sign = fresh(&builder)
        try builder.emit(
            .sar, loops: [loop], d: sign, .value(indices), .integer(31), .none, rounding: 0)
        let offset = fresh(&builder)
        try builder.emit(
            .and, loops: [loop], d: offset, .value(sign), .integer(bound), .none, rounding: 0)
        let result = fresh(&builder)
        try builder.emit(
            .add, loops: [both], d: result, .value(indices), .value(offset), .none, rounding: 0)
        return result
    }
}

extension TileBuilder {
    /// Loads a tile of `data` whose coordinates along `axis` come from a table.
    mutating func gather(
        _ data: View, axis: Int, table: TileValue
    ) throws(TilingError) -> TileValue {
        let value = makeValue(format: data.format, varies: domain.map { _ in true })
        var axes: [MoveAxis] = []
        for (index, source) in data.axes.enumerated() {
            axes.append(
                MoveAxis(
                    globalStride: source.stride, bound: source.bound, box: domain[index].tile,
                    localStride: value.strides[index], coordinate: coordinate(of: index),
                    isGathered: index == axis))
        }
        try load(
            piece: value.piece, axes: axes, view: data, localFormat: data.format,
            phase: .beforeChunks, table: Place(table.piece))
        return value
    }
}
