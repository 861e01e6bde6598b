import ApusGraph

/// Writes transposed convolutions as ordinary ones over an input with zeros between its elements.
enum UndilatePass {
    static func run(_ graph: Graph) throws(GraphError) -> Graph {
        var result = graph
        result.nodes = []
        for node in graph.nodes {
            guard case .convolution(var convolution) = node.operation,
                convolution.inputDilations.contains(where: { $0 > 1 })
            else {
                result.nodes.append(node)
                continue
            }
            let type = graph.type(of: node.inputs[0])
            let none = convolution.inputDilations.map { _ in 0 }
            let apart = Padding(
                low: [0, 0] + none, high: [0, 0] + none,
                interior: [0, 0] + convolution.inputDilations.map { $0 - 1 })
            let scalar = TensorType(type.elementType, .scalar)
            let zero = result.makeValue(scalar)
            result.constants[zero] = Tensor(zeros: scalar)
            let operation = Operation.pad(apart)
            let types = try operation.resultTypes(of: [type, scalar])
            let spread = result.makeValue(types[0])
            result.nodes.append(
                Node(
                    operation: operation, inputs: [node.inputs[0], zero], outputs: [spread],
                    name: node.name))
            convolution.inputDilations = none.map { _ in 1 }
            result.nodes.append(
                Node(
                    operation: .convolution(convolution), inputs: [spread, node.inputs[1]],
                    outputs: node.outputs, name: node.name))
        }
        return result
    }
}
