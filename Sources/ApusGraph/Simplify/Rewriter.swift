/// Copies a graph node by node, so that a rule can put other nodes in a node's place.
///
/// Values that a rule sees and returns are values of the copy.
struct Rewriter {
    private let source: Graph
    /// The copy so far.
    private(set) var graph = Graph()
    // By index of the source's values.
    private var copies: [ValueID?]
    // By index of the copy's values.
    private var definitions: [Int?] = []
    private var useCounts: [Int] = []
    private let sourceUseCounts: [Int]

    init(_ source: Graph) {
        self.source = source
        copies = [ValueID?](repeating: nil, count: source.values.count)
        var counts = [Int](repeating: 0, count: source.values.count)
        for node in source.nodes {
            for input in node.inputs { counts[input.index] += 1 }
        }
        for output in source.outputs { counts[output.value.index] += 1 }
        sourceUseCounts = counts
    }

    mutating func run(
        _ rule: (Node, inout Rewriter) throws(GraphError) -> [ValueID]?
    ) throws(GraphError) -> Graph {
        graph.specialisedInputs = source.specialisedInputs
        for input in source.inputs {
            let value = makeValue(
                source.type(of: input.value), uses: useCount(ofSource: input.value))
            copies[input.value.index] = value
            graph.inputs.append(NamedValue(name: input.name, value: value))
        }
        for (value, tensor) in source.constants.sorted(by: { $0.key < $1.key }) {
            let copy = makeValue(tensor.type, uses: useCount(ofSource: value))
            graph.constants[copy] = tensor
            copies[value.index] = copy
        }
        for node in source.nodes {
            var copy = node
            copy.inputs = try node.inputs.map { input throws(GraphError) in try self.copy(of: input)
            }
            let results: [ValueID]
            if let replaced = try rule(copy, &self) {
                results = replaced
            } else {
                results = try emitAll(node.operation, copy.inputs, name: node.name)
            }
            for (output, result) in zip(node.outputs, results) {
                copies[output.index] = result
                useCounts[result.index] += useCount(ofSource: output)
            }
        }
        for output in source.outputs {
            graph.outputs.append(NamedValue(name: output.name, value: try copy(of: output.value)))
        }
        return graph
    }

    private func copy(of value: ValueID) throws(GraphError) -> ValueID {
        guard let copy = copies[value.index] else { throw .undefinedValue(value, node: "rewriter") }
        return copy
    }

    private func useCount(ofSource value: ValueID) -> Int { sourceUseCounts[value.index] }

    private mutating func makeValue(_ type: TensorType, uses: Int) -> ValueID {
        definitions.append(nil)
        useCounts.append(uses)
        return graph.makeValue(type)
    }
}

// MARK: - What rules use

extension Rewriter {
    /// Adds a node and returns its results.
    mutating func emitAll(
        _ operation: Operation, _ inputs: [ValueID], name: String
    ) throws(GraphError) -> [ValueID] {
        let types = try operation.resultTypes(of: inputs.map { graph.type(of: $0) })
        let outputs = types.map { makeValue($0, uses: 0) }
        for output in outputs { definitions[output.index] = graph.nodes.count }
        graph.nodes.append(
            Node(operation: operation, inputs: inputs, outputs: outputs, name: name))
        return outputs
    }

    /// Adds a node and returns its first result.
    mutating func emit(
        _ operation: Operation, _ inputs: [ValueID], name: String
    ) throws(GraphError) -> ValueID {
        try emitAll(operation, inputs, name: name)[0]
    }

    /// Adds a constant.
    mutating func constant(_ tensor: Tensor) -> ValueID {
        let value = makeValue(tensor.type, uses: 0)
        graph.constants[value] = tensor
        return value
    }

    /// The elements of a constant.
    func tensor(_ value: ValueID) -> Tensor? { graph.constants[value] }

    /// The node that defines a value.
    func definition(of value: ValueID) -> Node? {
        definitions[value.index].map { graph.nodes[$0] }
    }

    /// Whether one node of the source, and no output, uses the value.
    func isUsedOnce(_ value: ValueID) -> Bool { useCounts[value.index] == 1 }

    func type(of value: ValueID) -> TensorType { graph.type(of: value) }
    func shape(of value: ValueID) -> Shape { graph.type(of: value).shape }
}
