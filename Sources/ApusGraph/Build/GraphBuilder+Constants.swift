extension GraphBuilder {
    /// The elements of a value that depends on constants only, else nil.
    ///
    /// Evaluated by the reference interpreter and remembered.
    ///
    /// - Throws: what ``Interpreter/evaluate(_:_:)`` throws.
    public mutating func constantValue(_ value: ValueID) throws(GraphError) -> Tensor? {
        if let known = graph.constants[value] ?? evaluated[value] { return known }
        guard isConstant(value) else { return nil }
        // Depth first without recursion: chains of nodes may be long.
        var pending = [value]
        while let next = pending.last {
            if graph.constants[next] != nil || evaluated[next] != nil {
                pending.removeLast()
                continue
            }
            guard let index = definitions[next] else { return nil }
            let node = graph.nodes[index]
            let missing = node.inputs.filter {
                graph.constants[$0] == nil && evaluated[$0] == nil
            }
            guard missing.isEmpty else {
                pending += missing
                continue
            }
            let operands = node.inputs.compactMap { graph.constants[$0] ?? evaluated[$0] }
            let results = try Interpreter.evaluate(node.operation, operands)
            for (output, result) in zip(node.outputs, results) { evaluated[output] = result }
        }
        return evaluated[value]
    }
}
