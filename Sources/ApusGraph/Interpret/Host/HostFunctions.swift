/// What ``Operation/host(_:)`` can name: functions that only the reference interpreter has.
public enum HostFunctions {
    // A function's results must have the types that the operation records.
    private static let functions:
        [String:
            @Sendable (HostOperation, [Tensor]) throws(GraphError) ->
            [Tensor]] = [
                "nonZero": nonZero, "unique": unique, "nonMaxSuppression": nonMaxSuppression,
            ]

    /// The functions' names, sorted.
    public static var names: [String] { functions.keys.sorted() }

    /// Whether a function of this name exists.
    public static func contains(_ name: String) -> Bool { functions[name] != nil }

    /// Runs the function that an operation names.
    ///
    /// - Throws: ``GraphError/unknownHostOperation(_:)``;
    ///   ``GraphError/hostOperation(name:reason:)`` if the data does not fit or the results have
    ///   other types than the operation records.
    public static func evaluate(
        _ operation: HostOperation, _ operands: [Tensor]
    ) throws(GraphError) -> [Tensor] {
        let results = try run(operation, operands)
        guard results.map(\.type) == operation.resultTypes else {
            throw .hostOperation(
                name: operation.name,
                reason: "results \(results.map(\.type)), recorded \(operation.resultTypes)")
        }
        return results
    }

    /// Runs the function that an operation names, whatever types its results have.
    ///
    /// An import uses this to find the types when the data is known.
    public static func run(
        _ operation: HostOperation, _ operands: [Tensor]
    ) throws(GraphError) -> [Tensor] {
        guard let function = functions[operation.name] else {
            throw .unknownHostOperation(operation.name)
        }
        return try function(operation, operands)
    }

    static func operand(
        _ operation: HostOperation, _ operands: [Tensor], _ position: Int
    ) throws(GraphError) -> Tensor {
        guard position < operands.count else {
            throw .operandCount(
                operation: operation.name, expected: position + 1, found: operands.count)
        }
        return operands[position]
    }

    /// Operand x; the `int64` coordinates `[rank, count]` of its elements that are not zero.
    private static func nonZero(
        _ operation: HostOperation, _ operands: [Tensor]
    ) throws(GraphError) -> [Tensor] {
        let x = try operand(operation, operands, 0)
        let flags = Interpreter.convert(x, Conversion(to: .bool)).bytes
        let places = flags.indices.filter { flags[$0] != 0 }
        let shape = x.shape
        var coordinates: [Int64] = []
        for (extent, stride) in zip(shape, shape.strides) {
            coordinates += places.map { Int64($0 / stride % extent) }
        }
        return [Tensor(coordinates, shape: [shape.rank, places.count])]
    }
}
