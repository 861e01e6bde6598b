import ApusGraph

// Comparisons and choice.
extension OperatorTable {
    static let comparisons: [OperatorRow] =
        [
            ("Equal", Comparison.equal), ("Less", .less), ("LessOrEqual", .lessOrEqual),
            ("Greater", .greater), ("GreaterOrEqual", .greaterOrEqual),
        ].map { name, comparison in
            OperatorRow(name) { (node: NodeContext) throws(ImportError) in
                if comparison == .equal, case .strings(let a)? = node.inputs.first {
                    return try equalStrings(node, a, try node.strings(1))
                }
                return try node.compare(comparison, try node.input(0), try broadcastOperand(node))
            }
        } + [OperatorRow("Where", outputs: choose)]

    private static func choose(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        [.tensor(try node.select(try node.input(0), try node.input(1), try node.input(2)))]
    }

    private static func equalStrings(
        _ node: NodeContext, _ a: StringTensor, _ b: StringTensor
    ) throws(ImportError) -> ValueID {
        guard let shape = a.shape.broadcast(with: b.shape) else {
            throw node.failure(.graph(.shapesDisagree(operation: "equal", [a.shape, b.shape])))
        }
        let left = try node.broadcastIndices(a.shape, to: shape)
        let right = try node.broadcastIndices(b.shape, to: shape)
        let equal = zip(left, right).map { a.elements[$0] == b.elements[$1] }
        return node.constant(Tensor(equal, shape: shape))
    }
}

extension NodeContext {
    /// For each place of `shape`, the place of `source` that broadcasting reads.
    func broadcastIndices(_ source: Shape, to shape: Shape) throws(ImportError) -> [Int] {
        let extents = source.dimensions
        let places = (0..<source.elementCount).map { Int64($0) }
        let value = try reshape(constant(Tensor(places, shape: [places.count])), extents)
        return try integers(try broadcast(value, shape.dimensions))
    }
}
