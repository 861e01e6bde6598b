import ApusGraph
import ApusNumerics

/// How the compiler treats a node.
enum NodeRole: Hashable, Sendable {
    /// Changes views; moves data only where no view can say it.
    case movement
    /// Computes each element from the elements at the same place.
    case elementwise
    /// Folds whole lines.
    case fold
    /// Begins a launch of its own, whose results elementwise nodes may follow.
    case anchor
    /// Runs on the host, for this reason.
    case host(String)
}

/// Decides which nodes have a lowering.
struct NodeRoles {
    let graph: Graph
    /// 64-bit and unsigned 32-bit values that are known to fit in INT32.
    let narrow: Set<ValueID>

    /// Lines longer than this are not folded in one command: all chips must fold alike.
    static let lineLengthMax = 8192
    /// Window positions per Vector chain.
    static let tapsMax = 128

    func role(of node: Node) -> NodeRole {
        if node.outputs.contains(where: { graph.type(of: $0).shape.elementCount == 0 })
            || node.inputs.contains(where: { graph.type(of: $0).shape.elementCount == 0 })
        {
            switch node.operation {
            case .reshape, .transpose, .broadcast, .slice: return .movement
            default: return .host("empty tensors")
            }
        }
        switch node.operation {
        case .reshape, .transpose, .broadcast, .slice, .concatenate, .bitcast: return .movement
        case .pad(let padding):
            guard graph.constant(node.inputs[1]) != nil else {
                return .host("fill is not constant")
            }
            let isDilated = padding.interior.contains { $0 > 0 }
            if isDilated { return dilatedPadRole(node) }
            return padIsView(node) ? .movement : .host("fill of 64-bit elements")
        case .unary, .binary, .compare, .select, .clamp, .convert: return elementwiseRole(node)
        case .reduce(_, let axes, _): return foldRole(node, axes)
        case .dot(let dot): return contractionRole(node, dot.resultType)
        case .convolution(let convolution): return convolutionRole(node, convolution)
        case .reduceWindow(let fold, let window): return windowRole(node, fold, window)
        case .scan(let scan):
            // Two such lines fit every chip, so that no chip leaves rounding to the host.
            return lineRole(node, axis: scan.axis, lengthMax: Self.lineLengthMax / 2)
        case .argument(let argument):
            return lineRole(node, axis: argument.axis, lengthMax: Self.lineLengthMax)
        case .sort(let sort): return lineRole(node, axis: sort.axis, lengthMax: Self.lineLengthMax)
        case .gather: return gatherRole(node)
        case .host(let operation): return .host("\(operation.name) has no kernel")
        case .gatherND, .gatherElements, .scatterElements, .scatterND, .iota, .random:
            return .host("\(node.operation.name) has no lowering")
        }
    }

    private func padIsView(_ node: Node) -> Bool {
        let type = graph.type(of: node.inputs[0]).elementType
        guard type.byteCount == 8 else { return true }
        guard let fill = graph.constant(node.inputs[1]) else { return false }
        return fill.bytes.allSatisfy { $0 == 0 }
    }

    private func dilatedPadRole(_ node: Node) -> NodeRole { .host("padding between elements") }

    /// Whether the chip computes on a value of this type.
    func isComputable(_ value: ValueID) -> Bool {
        let type = graph.type(of: value).elementType
        switch type {
        case .int64, .uint64, .uint32: return narrow.contains(value)
        default: return type.computeFormat != nil
        }
    }

    private func unsupportedType(_ node: Node) -> NodeRole? {
        for value in node.inputs + node.outputs where !isComputable(value) {
            return .host("arithmetic on \(graph.type(of: value).elementType)")
        }
        return nil
    }

    private func elementwiseRole(_ node: Node) -> NodeRole {
        let input = graph.type(of: node.inputs[0]).elementType
        let output = graph.type(of: node.outputs[0]).elementType
        if case .select = node.operation {
            // Selection moves bits: the condition is bool, the rest any type of up to four bytes.
            return output.byteCount <= 4
                || isComputable(node.outputs[0])
                    && node.inputs[1...].allSatisfy(isComputable)
                ? .elementwise : .host("selection of \(output)")
        }
        // Wrapping arithmetic and bits of unsigned words are those of signed ones.
        if input == .uint32, output == .uint32 || output == .bool {
            switch node.operation {
            case .binary(let binary):
                switch binary {
                case .add, .subtract, .multiply, .and, .or, .xor, .shiftLeft, .shiftRight:
                    return .elementwise
                default: break
                }
            case .compare(.equal), .compare(.notEqual), .unary(.not): return .elementwise
            default: break
            }
        }
        if let reason = unsupportedType(node) { return reason }
        switch node.operation {
        case .convert(let conversion): return conversionRole(from: input, conversion)
        case .binary(let binary):
            if !input.isFloat && (binary == .power) { return .host("integer powers") }
            return .elementwise
        case .unary(let unary):
            if input.isFloat && !input.isArithmeticFloat { return .host("arithmetic on \(input)") }
            if unary == .not && input.isUnsignedInteger && input.byteCount > 2 {
                return .elementwise
            }
            return .elementwise
        default: return .elementwise
        }
    }

    private func conversionRole(from input: ElementType, _ conversion: Conversion) -> NodeRole {
        let output = conversion.elementType
        if conversion.rounding != .nearestEven, output.isFloat { return .host("directed rounding") }
        return .elementwise
    }

    private func foldRole(_ node: Node, _ axes: [Int]) -> NodeRole {
        if let reason = unsupportedType(node) { return reason }
        let shape = graph.type(of: node.inputs[0]).shape
        let length = axes.reduce(1) { $0 * shape[$1] }
        guard length <= Self.lineLengthMax else { return .host("lines of \(length) elements") }
        return .fold
    }

    private func lineRole(_ node: Node, axis: Int, lengthMax: Int) -> NodeRole {
        let type = graph.type(of: node.inputs[0]).elementType
        guard isComputable(node.inputs[0]) else { return .host("arithmetic on \(type)") }
        let length = graph.type(of: node.inputs[0]).shape[axis]
        guard length <= lengthMax else { return .host("lines of \(length) elements") }
        return .anchor
    }

    private func contractionRole(_ node: Node, _ result: ElementType) -> NodeRole {
        let types = node.inputs.prefix(2).map { graph.type(of: $0).elementType }
        guard result.computeFormat != nil else { return .host("products to \(result)") }
        let floats: Set<ElementType> = [.float32, .float16, .bfloat16]
        let bytes: Set<ElementType> = [.int8, .uint8]
        if types.allSatisfy(floats.contains), floats.contains(result) { return .anchor }
        if types.allSatisfy(bytes.contains), result == .int32 { return .anchor }
        return .host("products of \(types[0]) and \(types[1])")
    }

    private func convolutionRole(_ node: Node, _ convolution: Convolution) -> NodeRole {
        let role = contractionRole(node, convolution.resultType)
        guard role == .anchor else { return role }
        if convolution.inputDilations.contains(where: { $0 != 1 }) {
            return .host("transposed convolution")
        }
        return .anchor
    }

    private func windowRole(_ node: Node, _ fold: WindowReduction, _ window: Window) -> NodeRole {
        if let reason = unsupportedType(node) { return reason }
        let type = graph.type(of: node.inputs[0]).elementType
        if fold == .maximum, type.lowestBits == nil { return .host("windows of \(type)") }
        let taps = window.extents.reduce(1, *)
        guard taps <= Self.tapsMax else { return .host("windows of \(taps) elements") }
        return .anchor
    }

    private func gatherRole(_ node: Node) -> NodeRole {
        guard graph.type(of: node.inputs[1]).shape.elementCount <= 4096 else {
            return .host("index tables of more than 4096 entries")
        }
        return .anchor
    }
}
