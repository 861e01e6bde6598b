/// Why a graph cannot be built, is not well formed, or cannot be evaluated.
public enum GraphError: Error, Equatable, Sendable {
    /// An extent is negative or the element count exceeds ``Shape/elementCountMax``.
    case illegalShape([Int])
    /// Memory given for a tensor has another size than its type needs.
    case byteCountMismatch(TensorType, found: Int)
    /// An operation has another number of operands than it takes.
    case operandCount(operation: String, expected: Int, found: Int)
    /// An operation is not defined on this element type.
    case elementType(operation: String, ElementType)
    /// Operands that must have equal element types do not.
    case elementTypesDiffer(operation: String, ElementType, ElementType)
    /// Shapes of operands do not fit each other or the attributes.
    case shapesDisagree(operation: String, [Shape])
    /// An axis is outside `0..<rank` or is named twice.
    case axis(operation: String, axis: Int, rank: Int)
    /// An attribute's value is not legal for these operands.
    case attribute(operation: String, name: String, value: [Int])
    /// A value is used that no input, constant or earlier node defines.
    case undefinedValue(ValueID, node: String)
    /// A value is defined twice.
    case redefinedValue(ValueID, node: String)
    /// A node's recorded result type is not what its operation gives.
    case resultType(node: String, recorded: TensorType?, inferred: TensorType?)
    /// An index given as data is outside the axis it indexes.
    case indexOutOfRange(operation: String, index: Int, count: Int)
    /// A host operation has no function of this name.
    case unknownHostOperation(String)
    /// Data that a host operation cannot work on.
    case hostOperation(name: String, reason: String)
    /// An input of a graph is missing or has another type than the graph says.
    case input(name: String, expected: TensorType, found: TensorType?)
}

extension GraphError: CustomStringConvertible {
    /// The sentence for humans.
    public var description: String {
        switch self {
        case .illegalShape(let dimensions):
            return "shape \(dimensions) has a negative extent or too many elements"
        case .byteCountMismatch(let type, let found):
            return "\(type) needs \(type.byteCount) bytes, found \(found)"
        case .operandCount(let operation, let expected, let found):
            return "\(operation) takes \(expected) operands, found \(found)"
        case .elementType(let operation, let type):
            return "\(operation) is not defined on \(type)"
        case .elementTypesDiffer(let operation, let left, let right):
            return "\(operation) needs operands of one type, found \(left) and \(right)"
        case .shapesDisagree(let operation, let shapes):
            let list = shapes.map(\.description).joined(separator: " and ")
            return "\(operation): shapes \(list) do not fit"
        case .axis(let operation, let axis, let rank):
            return "\(operation): axis \(axis) is repeated or not an axis of rank \(rank)"
        case .attribute(let operation, let name, let value):
            return "\(operation): \(name) \(value) does not fit the operands"
        case .undefinedValue(let value, let node):
            return "node \(node) uses \(value) before it is defined"
        case .redefinedValue(let value, let node):
            return "node \(node) defines \(value) again"
        case .resultType(let node, let recorded, let inferred):
            let left = recorded.map(\.description) ?? "nothing"
            let right = inferred.map(\.description) ?? "nothing"
            return "node \(node) records \(left) where its operation gives \(right)"
        case .indexOutOfRange(let operation, let index, let count):
            return "\(operation): index \(index) is outside 0..<\(count)"
        case .unknownHostOperation(let name):
            return "there is no host operation \(name)"
        case .hostOperation(let name, let reason):
            return "\(name): \(reason)"
        case .input(let name, let expected, let found):
            guard let found else { return "input \(name) (\(expected)) is missing" }
            return "input \(name) is \(found), expected \(expected)"
        }
    }
}
