import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

/// The elementwise nodes and folds of a group, ready to be emitted for any tiling.
struct GroupBody: Sendable {
    /// A value read from the arena, laid on the domain.
    struct Use: Hashable, Sendable {
        var value: ValueID
        var map: [Int?]
    }

    /// A value written to the arena.
    struct Output: Sendable {
        var value: ValueID
        var view: View
    }

    let graph: Graph
    let group: Group
    /// For each value the node that defines it.
    let definitions: [Int?]
    /// Nodes without the anchor.
    let nodes: [Int]
    /// Views with an axis for each of the domain.
    var uses: [Use: View]
    var outputs: [Output]

    /// All views, for merging axes.
    var views: [View] { Array(uses.values) + outputs.map(\.view) }

    /// The body with every view replaced.
    func mappingViews(_ transform: (View) -> View) -> GroupBody {
        var result = self
        result.uses = uses.mapValues(transform)
        result.outputs = outputs.map { Output(value: $0.value, view: transform($0.view)) }
        return result
    }
}

extension GroupBody {
    /// The domain axes of a node's operand: the result's, aligned at the innermost.
    static func operandMap(_ node: Node, operand: ValueID, group: Group, graph: Graph) -> [Int?] {
        if let own = group.maps[operand] { return own }
        let shape = graph.type(of: operand).shape
        if case .reduce = node.operation {
            return (0..<shape.rank).map { shape[$0] == 1 ? nil : $0 }
        }
        let map = group.maps[node.outputs[0]] ?? []
        let shift = map.count - shape.rank
        return (0..<shape.rank).map { shape[$0] == 1 ? nil : map[$0 + shift] }
    }
}

/// Emits a body's commands into a tile.
struct BodyEmitter {
    let body: GroupBody
    var builder: TileBuilder
    /// Merged domain axes that folds run over.
    let folded: [Int]
    private var values: [ValueID: TileValue] = [:]
    private var loaded: [GroupBody.Use: TileValue] = [:]

    init(body: GroupBody, builder: TileBuilder, folded: [Int]) {
        self.body = body
        self.builder = builder
        self.folded = folded
    }

    private var graph: Graph { body.graph }

    /// Says where the anchor left its result.
    mutating func define(_ value: ValueID, _ tile: TileValue) { values[value] = tile }

    /// Emits all nodes and stores.
    mutating func emit() throws(TilingError) {
        for index in body.nodes { try emit(graph.nodes[index]) }
        for output in body.outputs {
            guard let value = resolved(output.value) else {
                throw .unsupported("a result that is not computed")
            }
            try store(value, output)
        }
    }

    /// The tile that holds a value or the value it is an alias of.
    private func resolved(_ value: ValueID) -> TileValue? {
        if let known = values[value] { return known }
        guard body.group.maps[value] != nil, let index = body.definitions[value.index],
            case .reshape = graph.nodes[index].operation
        else { return nil }
        return resolved(graph.nodes[index].inputs[0])
    }

    private mutating func store(
        _ value: TileValue, _ output: GroupBody.Output
    ) throws(TilingError) {
        let type = graph.type(of: output.value).elementType
        // Gathered 64-bit elements are whole; computed ones are their low words.
        guard type.byteCount == 8, value.format != .bits64 else {
            return try builder.store(value, to: output.view)
        }
        try builder.store(value, to: output.view.lowWords)
        let sign = try builder.elementwise(
            type == .int64 ? .sar : .sub, .value(value),
            type == .int64 ? .integer(31) : .value(value), format: .int32)
        try builder.store(sign, to: output.view.highWords)
    }

    /// The operand of a node, loaded if it comes from outside; `a` operands cannot be immediates.
    mutating func operand(
        _ node: Node, _ index: Int, allowsImmediate: Bool
    ) throws(TilingError) -> TileOperand {
        let value = node.inputs[index]
        if let known = resolved(value) { return .value(known) }
        if allowsImmediate, let bits = graph.constant(value)?.splatImmediate {
            return .immediate(bits)
        }
        return .value(try external(node, value))
    }

    private mutating func external(_ node: Node, _ value: ValueID) throws(TilingError) -> TileValue
    {
        let use = GroupBody.Use(
            value: value,
            map: GroupBody.operandMap(node, operand: value, group: body.group, graph: graph))
        if let known = loaded[use] { return known }
        guard let view = body.uses[use] else { throw .unsupported("an operand without a view") }
        var materialised: Set<Int> = []
        if case .reduce = node.operation { materialised = Set(folded) }
        let tile = try builder.load(view, format: view.format, materialised: materialised)
        loaded[use] = tile
        return tile
    }

    /// Where a node's result goes: in the arena's format at once if nobody else reads it.
    private func resultFormat(_ node: Node) -> ElementFormat {
        let value = node.outputs[0]
        let type = graph.type(of: value).elementType
        let format = type.computeFormat ?? .int32
        guard type == .float32, let output = body.outputs.first(where: { $0.value == value })
        else { return format }
        let isRead = body.nodes.contains { graph.nodes[$0].inputs.contains(value) }
        return isRead ? format : output.view.format
    }

    mutating func emit(_ node: Node) throws(TilingError) {
        let output = node.outputs[0]
        let inputType = graph.type(of: node.inputs[0]).elementType
        let outputType = graph.type(of: output).elementType
        let format = resultFormat(node)
        let result: TileValue
        switch node.operation {
        case .unary(let unary):
            let a = try operand(node, 0, allowsImmediate: false)
            result = try builder.elementwise(
                ElementwiseCommand.opcode(unary, on: inputType), a, format: format,
                rounding: outputType.storeRounding)
        case .convert(let conversion):
            result = try convert(node, conversion, from: inputType, format: format)
        case .binary(let binary):
            result = try binaryResult(
                node, ElementwiseCommand.opcode(binary, on: inputType), format, outputType)
        case .compare(let comparison):
            result = try binaryResult(
                node, ElementwiseCommand.opcode(comparison), format, outputType)
        case .select: result = try select(node, format: format)
        case .clamp:
            let a = try operand(node, 0, allowsImmediate: false)
            let b = try operand(node, 1, allowsImmediate: true)
            let c = try operand(node, 2, allowsImmediate: true)
            result = try builder.elementwise(.clamp, a, b, c, format: format)
        case .reduce(let reduction, _, _):
            result = try fold(node, reduction, format: format)
        default: throw .unsupported(node.operation.name)
        }
        values[output] = result
    }

    private func isImmediate(_ value: ValueID) -> Bool {
        resolved(value) == nil && graph.constant(value)?.splatImmediate != nil
    }

    private mutating func binaryResult(
        _ node: Node, _ opcode: VectorOpcode, _ format: ElementFormat, _ type: ElementType
    ) throws(TilingError) -> TileValue {
        var opcode = opcode
        var order = [0, 1]
        if isImmediate(node.inputs[0]), !isImmediate(node.inputs[1]),
            let exchanged = ElementwiseCommand.exchanged(opcode)
        {
            opcode = exchanged
            order = [1, 0]
        }
        let a = try operand(node, order[0], allowsImmediate: false)
        let b = try operand(node, order[1], allowsImmediate: true)
        return try builder.elementwise(opcode, a, b, format: format, rounding: type.storeRounding)
    }

    private mutating func convert(
        _ node: Node, _ conversion: Conversion, from: ElementType, format: ElementFormat
    ) throws(TilingError) -> TileValue {
        let a = try operand(node, 0, allowsImmediate: false)
        let to = conversion.elementType
        if to == .bool {
            return try builder.elementwise(.ne, a, .immediate(0), format: .uint8)
        }
        let rounding: RoundingRule
        if to.isFloat {
            rounding = conversion.saturates ? .nearestEven : .nearestEvenUnsaturated
        } else {
            rounding = from.isFloat ? .towardZero : .wrapping
        }
        return try builder.elementwise(.copy, a, format: format, rounding: Int(rounding.rawValue))
    }

    /// Selection moves bits, whatever they mean: FP32 values are selected as INT32.
    private mutating func select(
        _ node: Node, format: ElementFormat
    ) throws(TilingError) -> TileValue {
        let condition = try operand(node, 0, allowsImmediate: false)
        let moving = ElementwiseCommand.moving(format)
        var choices: [TileOperand] = []
        for index in 1...2 {
            let choice = try operand(node, index, allowsImmediate: format.bitWidth == 32)
            guard case .value(var value) = choice else {
                choices.append(choice)
                continue
            }
            if value.format != format {
                value = try builder.elementwise(.copy, choice, format: format)
            }
            value.format = moving
            choices.append(.value(value))
        }
        var result = try builder.elementwise(
            .select, condition, choices[0], choices[1], format: moving,
            rounding: Int(RoundingRule.wrapping.rawValue))
        result.format = format
        return result
    }

    private mutating func fold(
        _ node: Node, _ reduction: Reduction, format: ElementFormat
    ) throws(TilingError) -> TileValue {
        guard case .value(var a) = try operand(node, 0, allowsImmediate: false) else {
            throw .unsupported("a fold of an immediate")
        }
        if reduction == .sumOfSquares {
            let wide: ElementFormat = a.format.isFloatingPoint ? .fp32 : .int32
            a = try builder.elementwise(.mul, .value(a), .value(a), format: wide)
        }
        let varies = builder.domain.indices.map { a.strides[$0] != 0 && !folded.contains($0) }
        let d = builder.makeValue(format: format, varies: varies)
        try builder.alongLines(
            ElementwiseCommand.opcode(reduction), into: d, a, lines: folded,
            columnsOfResult: false,
            rounding: graph.type(of: node.outputs[0]).elementType.storeRounding)
        return d
    }
}

extension BodyEmitter {
    /// Says that a matmul left a value's sums in the accumulators; narrower types are rounded
    /// first.
    mutating func defineSum(
        _ value: ValueID, _ sums: TileValue, type: ElementType
    ) throws(TilingError) {
        let isRead = body.nodes.contains { index in
            body.graph.nodes[index].inputs.contains(value)
        }
        let format = type.computeFormat ?? sums.format
        guard isRead, format != sums.format else { return define(value, sums) }
        define(value, try builder.elementwise(.copy, .value(sums), format: format))
    }
}
