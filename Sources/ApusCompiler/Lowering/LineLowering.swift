import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

/// Lowers what runs along whole lines of a tensor: scans, positions of extremes, sorting.
struct LineLowering {
    /// The operand, and the axis that lines run along.
    let view: View
    let axis: Int
    let node: Node
    let group: Group

    init(_ node: Node, axis: Int, _ group: Group, state: inout LoweringState) throws(TilingError) {
        self.node = node
        self.axis = axis
        self.group = group
        let type = state.graph.type(of: node.inputs[0]).elementType
        var view = try state.readView(node.inputs[0])
        if view.isPadded {
            view = try state.contiguous(view, format: view.format, label: node.name, node: -1)
        }
        self.view = type.byteCount == 8 ? view.lowWords : view
    }

    private var extents: [Int] { view.shape }

    /// Lines last, so that a tile holds them as rows.
    private func search(
        others: [View], state: LoweringState,
        emit: (inout TileBuilder, _ line: Int, _ input: View, _ others: [View]) throws(TilingError)
            -> Void
    ) throws(TilingError) -> TileProgram {
        let order = extents.indices.filter { $0 != axis } + [axis]
        func laid(_ view: View) -> View { view.transposed(order) }
        let outputs = others.map(laid)
        let input = laid(view)
        let line = extents.count - 1
        return try StreamLowering.search(
            extents: order.map { extents[$0] }, folded: [line], views: [input] + outputs,
            state: state
        ) { start throws(TilingError) in
            var builder = start
            try emit(&builder, line, input, outputs)
            return builder
        }
    }

    func scan(_ scan: Scan, state: inout LoweringState) throws(TilingError) -> TileProgram {
        let output = state.storageView(node.outputs[0])
        let flags = (scan.isExclusive ? 1 : 0) + (scan.isReversed ? 2 : 0)
        let type = state.graph.type(of: node.outputs[0]).elementType
        let program = try search(
            others: [type.byteCount == 8 ? output.lowWords : output], state: state
        ) {
            builder, line, input, outputs throws(TilingError) in
            let a = try builder.load(
                input, format: input.format, materialised: Set(builder.domain.indices))
            let d = builder.makeValue(
                format: type.computeFormat ?? .fp32, varies: builder.domain.map { _ in true })
            try builder.alongLines(
                scan.fold == .sum ? .cumsum : .cumprod, into: d, a, lines: [line],
                b: .integer(flags), columnsOfResult: true, rounding: type.storeRounding)
            try storeWords(d, to: outputs[0], isWide: type.byteCount == 8, in: &builder)
        }
        state.markComputed(node.outputs[0])
        return program
    }

    func argument(
        _ argument: ArgumentReduction, state: inout LoweringState
    ) throws(TilingError) -> TileProgram {
        var output = state.storageView(node.outputs[0]).lowWords
        if !argument.keepDimension {
            output.axes.insert(ViewAxis(extent: 1, stride: 0), at: axis)
        }
        let length = extents[axis]
        let isFloat = view.format.isFloatingPoint
        let program = try search(others: [output], state: state) {
            builder, line, input, outputs throws(TilingError) in
            var input = input
            if argument.selectsLast {
                guard
                    let reversed = input.sliced(
                        axis: line, start: length - 1, count: length, stride: -1)
                else { throw .unsupported("a padded view reversed") }
                input = reversed
            }
            let a = try builder.load(
                input, format: isFloat ? input.format : .int32,
                materialised: Set(builder.domain.indices))
            var d = builder.makeValue(
                format: .int32, varies: builder.domain.indices.map { $0 != line })
            try builder.alongLines(
                argument.largest ? .rargmax : .rargmin, into: d, a, lines: [line],
                columnsOfResult: false)
            if argument.selectsLast {
                let negative = try builder.elementwise(.neg, .value(d), format: .int32)
                d = try builder.elementwise(
                    .add, .value(negative), .integer(length - 1), format: .int32)
            }
            try storeWords(d, to: outputs[0], isWide: true, in: &builder)
        }
        state.markComputed(node.outputs[0])
        return program
    }

    /// Stores INT32 values; of 64-bit elements first the low words, then the signs.
    private func storeWords(
        _ value: TileValue, to view: View, isWide: Bool, boxes: [Int: Int] = [:],
        in builder: inout TileBuilder
    ) throws(TilingError) {
        try builder.store(value, to: view, boxes: boxes)
        guard isWide else { return }
        let sign = builder.makePiece(bytes: builder.pieces[value.piece].bytes)
        var high = value
        high.piece = sign
        try builder.elementwise(.sar, into: high, .value(value), .integer(31), boxes: boxes)
        try builder.store(high, to: view.highWords, boxes: boxes)
    }

    func sort(_ sort: Sort, state: inout LoweringState) throws(TilingError) -> TileProgram {
        let type = state.graph.type(of: node.inputs[0]).elementType
        let values = state.storageView(node.outputs[0])
        let positions = state.storageView(node.outputs[1]).lowWords
        let boxes = [extents.count - 1: sort.count]
        let isFloat = view.format.isFloatingPoint
        let program = try search(
            others: [type.byteCount == 8 ? values.lowWords : values, positions], state: state
        ) { builder, line, input, outputs throws(TilingError) in
            let wide: ElementFormat = isFloat ? .fp32 : .int32
            var a = try builder.load(input, format: wide, materialised: Set(builder.domain.indices))
            if !sort.descending { a = try ascendingKey(a, isFloat: isFloat, in: &builder) }
            var result = builder.makeLines(line: line, count: sort.count, format: a.format)
            let indices = builder.makeLines(line: line, count: sort.count, format: .int32)
            try builder.alongLines(
                .topk, into: result, a, lines: [line], b: .integer(sort.count),
                c: .value(indices), columnsOfResult: true)
            if !sort.descending {
                result = try descendingValue(
                    result, isFloat: isFloat, line: line, count: sort.count, in: &builder)
            }
            try storeWords(
                result, to: outputs[0], isWide: type.byteCount == 8, boxes: boxes, in: &builder)
            try storeWords(indices, to: outputs[1], isWide: true, boxes: boxes, in: &builder)
        }
        for output in node.outputs { state.markComputed(output) }
        return program
    }

    /// An INT32 key whose descending order is the values' ascending order, NaN last.
    ///
    /// Bits of FP32 numbers order as integers once those below zero have their magnitude inverted.
    private func ascendingKey(
        _ value: TileValue, isFloat: Bool, in builder: inout TileBuilder
    ) throws(TilingError) -> TileValue {
        guard isFloat else {
            return try builder.elementwise(.bitnot, .value(value), format: .int32)
        }
        // −0 and 0 are equal: adding 0 makes them the same bits.
        var bits = try builder.elementwise(.add, .value(value), .float(0), format: .fp32)
        bits.format = .int32
        let sign = try builder.elementwise(.sar, .value(bits), .integer(31), format: .int32)
        let mask = try builder.elementwise(
            .and, .value(sign), .immediate(0x7FFF_FFFF), format: .int32)
        let key = try builder.elementwise(.xor, .value(bits), .value(mask), format: .int32)
        return try builder.elementwise(.bitnot, .value(key), format: .int32)
    }

    private func descendingValue(
        _ key: TileValue, isFloat: Bool, line: Int, count: Int, in builder: inout TileBuilder
    ) throws(TilingError) -> TileValue {
        let boxes = [line: count]
        func apply(
            _ opcode: VectorOpcode, _ a: TileValue, _ b: TileOperand, _ builder: inout TileBuilder
        ) throws(TilingError) -> TileValue {
            let d = builder.makeLines(line: line, count: count, format: .int32)
            try builder.elementwise(opcode, into: d, .value(a), b, boxes: boxes)
            return d
        }
        let inverted = try apply(.bitnot, key, .none, &builder)
        guard isFloat else { return inverted }
        let sign = try apply(.sar, inverted, .integer(31), &builder)
        let mask = try apply(.and, sign, .immediate(0x7FFF_FFFF), &builder)
        var bits = try apply(.xor, inverted, .value(mask), &builder)
        bits.format = .fp32
        return bits
    }
}

extension TileBuilder {
    /// Fresh memory for lines of another length than the domain's.
    mutating func makeLines(line: Int, count: Int, format: ElementFormat) -> TileValue {
        var strides = [Int](repeating: 0, count: domain.count)
        var stride = format.bitWidth / 8
        for index in domain.indices.reversed() {
            let extent = index == line ? count : domain[index].tile
            if extent > 1 { strides[index] = stride }
            stride *= extent
        }
        return TileValue(
            piece: makePiece(bytes: stride), offset: 0, format: format, strides: strides)
    }
}
