extension Graph {
    /// Checks that the graph is well formed: each value is defined once and before it is used, and
    /// each node's results have the types that its operation gives.
    ///
    /// - Throws: the first ``GraphError`` found.
    public func verify() throws(GraphError) {
        var isDefined = [Bool](repeating: false, count: values.count)
        for input in inputs {
            try define(input.value, node: input.name, &isDefined)
        }
        for (value, tensor) in constants {
            try define(value, node: "constant", &isDefined)
            guard tensor.type == values[value.index] else {
                throw .resultType(
                    node: "constant \(value)", recorded: values[value.index], inferred: tensor.type)
            }
        }
        for node in nodes {
            try verify(node, &isDefined)
        }
        for output in outputs {
            try requireDefined(output.value, node: output.name, isDefined)
        }
    }

    private func verify(_ node: Node, _ isDefined: inout [Bool]) throws(GraphError) {
        let label = node.name.isEmpty ? node.operation.name : node.name
        for input in node.inputs {
            try requireDefined(input, node: label, isDefined)
        }
        let inferred = try node.operation.resultTypes(of: node.inputs.map { type(of: $0) })
        for position in 0..<max(inferred.count, node.outputs.count) {
            let recorded: TensorType? =
                position < node.outputs.count
                    && values.indices.contains(node.outputs[position].index)
                ? type(of: node.outputs[position]) : nil
            let type: TensorType? = position < inferred.count ? inferred[position] : nil
            guard recorded == type, recorded != nil else {
                throw .resultType(node: label, recorded: recorded, inferred: type)
            }
        }
        for output in node.outputs {
            try define(output, node: label, &isDefined)
        }
    }

    private func requireDefined(
        _ value: ValueID, node: String, _ isDefined: [Bool]
    ) throws(GraphError) {
        guard isDefined.indices.contains(value.index), isDefined[value.index] else {
            throw .undefinedValue(value, node: node)
        }
    }

    private func define(
        _ value: ValueID, node: String, _ isDefined: inout [Bool]
    ) throws(GraphError) {
        guard isDefined.indices.contains(value.index) else {
            throw .undefinedValue(value, node: node)
        }
        guard !isDefined[value.index] else { throw .redefinedValue(value, node: node) }
        isDefined[value.index] = true
    }
}
