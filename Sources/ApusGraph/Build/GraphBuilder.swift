/// Builds a graph node by node; every node is checked and typed as it is added.
///
///     var builder = GraphBuilder()
///     let x = builder.input("x", TensorType(.float32, [2, 3]))
///     let y = try builder.add(.unary(.exp), [x])
///     builder.output("y", y)
///     let graph = builder.finish()
public struct GraphBuilder: Sendable {
    /// What has been built so far; well formed at any time.
    public private(set) var graph = Graph()
    // Values found by `constantValue`, and the node that defines each value.
    var evaluated: [ValueID: Tensor] = [:]
    private(set) var definitions: [ValueID: Int] = [:]
    // By value index: whether it depends on constants only.
    private var dependsOnConstantsOnly: [Bool] = []

    public init() {}

    /// Declares an input.
    public mutating func input(_ name: String, _ type: TensorType) -> ValueID {
        let value = makeValue(type, isConstant: false)
        graph.inputs.append(NamedValue(name: name, value: value))
        return value
    }

    /// Adds a constant.
    public mutating func constant(_ tensor: Tensor) -> ValueID {
        let value = makeValue(tensor.type, isConstant: true)
        graph.constants[value] = tensor
        return value
    }

    /// Names a value as an output.
    public mutating func output(_ name: String, _ value: ValueID) {
        graph.outputs.append(NamedValue(name: name, value: value))
    }

    /// Notes that the value of this input went into the graph.
    public mutating func specialise(_ inputName: String) {
        if !graph.specialisedInputs.contains(inputName) {
            graph.specialisedInputs.append(inputName)
        }
    }

    /// Adds a node and returns its results.
    ///
    /// - Throws: what ``Operation/resultTypes(of:)`` throws.
    public mutating func addNode(
        _ operation: Operation, _ inputs: [ValueID], name: String = ""
    ) throws(GraphError) -> [ValueID] {
        let types = try operation.resultTypes(of: inputs.map { graph.type(of: $0) })
        let isConstant = inputs.allSatisfy { dependsOnConstantsOnly[$0.index] }
        let outputs = types.map { makeValue($0, isConstant: isConstant) }
        for output in outputs { definitions[output] = graph.nodes.count }
        graph.nodes.append(
            Node(operation: operation, inputs: inputs, outputs: outputs, name: name))
        return outputs
    }

    /// Adds a node and returns its first result.
    ///
    /// - Throws: what ``Operation/resultTypes(of:)`` throws.
    public mutating func add(
        _ operation: Operation, _ inputs: [ValueID], name: String = ""
    ) throws(GraphError) -> ValueID {
        try addNode(operation, inputs, name: name)[0]
    }

    /// The type of a value.
    public func type(of value: ValueID) -> TensorType { graph.type(of: value) }

    /// The shape of a value.
    public func shape(of value: ValueID) -> Shape { graph.type(of: value).shape }

    /// Whether a value depends on constants only.
    public func isConstant(_ value: ValueID) -> Bool { dependsOnConstantsOnly[value.index] }

    private mutating func makeValue(_ type: TensorType, isConstant: Bool) -> ValueID {
        dependsOnConstantsOnly.append(isConstant)
        return graph.makeValue(type)
    }

    /// The graph as built.
    public func finish() -> Graph { graph }
}
