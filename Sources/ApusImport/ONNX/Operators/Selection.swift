import ApusGraph

// Operators whose results have as many elements as their data says: evaluated at import.
extension OperatorTable {
    static let selection: [OperatorRow] = [
        OperatorRow("NonZero", note: "evaluated at import", nonZero),
        OperatorRow("Compress", note: "condition evaluated at import", compress),
        OperatorRow("Unique", note: "evaluated at import", outputs: unique),
        OperatorRow("NonMaxSuppression", note: "evaluated at import", nonMaxSuppression),
    ]

    private static func nonZero(_ node: NodeContext) throws(ImportError) -> ValueID {
        try node.hostConstants("nonZero", [try node.input(0)])[0]
    }

    private static func compress(_ node: NodeContext) throws(ImportError) -> ValueID {
        var x = try node.input(0)
        let flags = try node.integers(try node.input(1))
        var axis = 0
        if let given = node.int("axis") {
            axis = try node.axis(given, rank: node.rank(x))
        } else {
            x = try node.reshape(x, [node.shape(x).elementCount])
        }
        let extent = node.shape(x)[axis]
        try node.require(
            flags.count <= extent, "length of the condition", "\(flags.count)", "at most \(extent)")
        return try node.gather(x, flags.indices.filter { flags[$0] != 0 }, axis: axis)
    }

    private static func unique(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let x = try node.input(0)
        var attributes: [String: HostOperation.Attribute] = [
            "sorted": .integer(node.int("sorted", default: 1))
        ]
        if let axis = node.int("axis") {
            attributes["axis"] = .integer(try node.axis(axis, rank: node.rank(x)))
        }
        return try node.hostConstants("unique", [x], attributes).map { .tensor($0) }
    }

    private static func nonMaxSuppression(_ node: NodeContext) throws(ImportError) -> ValueID {
        var attributes: [String: HostOperation.Attribute] = [
            "isCentred": .integer(node.int("center_point_box", default: 0))
        ]
        if let count = try node.optionalInput(2) {
            attributes["countMax"] = .integer(try node.integer(count))
        }
        for (index, name) in [(3, "overlapMax"), (4, "scoreMin")] {
            if let value = try node.optionalInput(index),
                let number = try node.doubles(value).first
            {
                attributes[name] = .float(number)
            }
        }
        let operands = [try node.input(0), try node.input(1)]
        return try node.hostConstants("nonMaxSuppression", operands, attributes)[0]
    }
}

extension NodeContext {
    /// The results of a host function on values that are evaluated at import.
    func hostConstants(
        _ name: String, _ operands: [ValueID],
        _ attributes: [String: HostOperation.Attribute] = [:]
    ) throws(ImportError) -> [ValueID] {
        var tensors: [Tensor] = []
        for operand in operands { tensors.append(try trace.evaluate(operand)) }
        do throws(GraphError) {
            let operation = HostOperation(name: name, attributes: attributes, resultTypes: [])
            return try HostFunctions.run(operation, tensors).map { constant($0) }
        } catch {
            throw failure(.graph(error))
        }
    }
}
