extension SimplificationPass {
    /// Computes nodes over constants, unless the result is much larger than what it comes from or
    /// the work is more than a moment's.
    public static let foldConstants = SimplificationPass("foldConstants") {
        (node, rewriter) throws(GraphError) -> [ValueID]? in
        if case .host = node.operation { return nil }
        var operands: [Tensor] = []
        for input in node.inputs {
            guard let tensor = rewriter.tensor(input) else { return nil }
            operands.append(tensor)
        }
        let types = node.outputs.map(\.index).isEmpty ? [] : rewriter.resultTypes(of: node)
        let resultBytes = types.reduce(0) { $0 + $1.byteCount }
        let operandBytes = operands.reduce(0) { $0 + $1.byteCount }
        guard resultBytes <= max(operandBytes * 8, 4 << 20),
            node.operation.workEstimate(operands.map(\.type), types) <= 1 << 28
        else { return nil }
        return try Interpreter.evaluate(node.operation, operands).map { rewriter.constant($0) }
    }

    /// Leaves out nodes and constants that no output depends on.
    public static let removeDead = SimplificationPass("removeDead") {
        (graph: Graph) throws(GraphError) -> Graph in
        var isLive = [Bool](repeating: false, count: graph.values.count)
        for output in graph.outputs { isLive[output.value.index] = true }
        var kept: [Node] = []
        for node in graph.nodes.reversed() where node.outputs.contains(where: { isLive[$0.index] })
        {
            for input in node.inputs { isLive[input.index] = true }
            kept.append(node)
        }
        var result = graph
        result.nodes = kept.reversed()
        result.constants = graph.constants.filter { isLive[$0.key.index] }
        return result.compacted()
    }

    /// Keeps one of several nodes that apply one operation to the same operands, and one of several
    /// constants with the same bits.
    public static let mergeCommon = SimplificationPass("mergeCommon") {
        (graph: Graph) throws(GraphError) -> Graph in
        var result = graph
        var representatives: [ValueID: ValueID] = [:]
        var tensors: [Tensor: ValueID] = [:]
        for (value, tensor) in graph.constants.sorted(by: { $0.key < $1.key }) {
            if let first = tensors[tensor] {
                representatives[value] = first
            } else {
                tensors[tensor] = value
            }
        }
        var seen: [Application: [ValueID]] = [:]
        result.nodes = []
        for var node in graph.nodes {
            node.inputs = node.inputs.map { representatives[$0] ?? $0 }
            let application = Application(operation: node.operation, inputs: node.inputs)
            if let first = seen[application] {
                for (output, same) in zip(node.outputs, first) { representatives[output] = same }
            } else {
                seen[application] = node.outputs
                result.nodes.append(node)
            }
        }
        result.outputs = graph.outputs.map {
            NamedValue(name: $0.name, value: representatives[$0.value] ?? $0.value)
        }
        result.constants = graph.constants.filter { representatives[$0.key] == nil }
        return result
    }
}

/// What makes two nodes compute the same.
private struct Application: Hashable {
    var operation: Operation
    var inputs: [ValueID]
}

extension Rewriter {
    /// The types of a node's results.
    func resultTypes(of node: Node) -> [TensorType] {
        (try? node.operation.resultTypes(of: node.inputs.map { type(of: $0) })) ?? []
    }
}

extension Operation {
    /// Elementary steps of an evaluation, roughly.
    fileprivate func workEstimate(_ operands: [TensorType], _ results: [TensorType]) -> Int {
        let touched = (operands + results).reduce(0) { $0 + $1.shape.elementCount }
        let produced = results.first?.shape.elementCount ?? 0
        switch self {
        case .dot(let dot):
            let inner = dot.leftContracting.reduce(1) { $0 * max(operands[0].shape[$1], 1) }
            return touched + (produced.multiplied(by: inner) ?? .max / 2)
        case .convolution:
            let inner = operands[1].shape.elementCount / max(operands[1].shape[0], 1)
            return touched + (produced.multiplied(by: inner) ?? .max / 2)
        case .sort: return touched * 32
        default: return touched * 4
        }
    }
}

extension Graph {
    /// The same graph without values that nothing defines.
    func compacted() -> Graph {
        var result = Graph()
        result.specialisedInputs = specialisedInputs
        var names = [ValueID?](repeating: nil, count: values.count)
        func renamed(_ value: ValueID) -> ValueID {
            if let name = names[value.index] { return name }
            let name = result.makeValue(type(of: value))
            names[value.index] = name
            return name
        }
        result.inputs = inputs.map { NamedValue(name: $0.name, value: renamed($0.value)) }
        for (value, tensor) in constants.sorted(by: { $0.key < $1.key }) {
            result.constants[renamed(value)] = tensor
        }
        result.nodes = nodes.map { node in
            Node(
                operation: node.operation, inputs: node.inputs.map(renamed),
                outputs: node.outputs.map(renamed), name: node.name)
        }
        result.outputs = outputs.map { NamedValue(name: $0.name, value: renamed($0.value)) }
        return result
    }
}
