/// The name of a value inside one graph.
public struct ValueID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Position in ``Graph/values``.
    public let index: Int

    public init(_ index: Int) {
        self.index = index
    }

    public static func < (left: ValueID, right: ValueID) -> Bool { left.index < right.index }

    /// `%12`.
    public var description: String { "%\(index)" }
}

/// One operation applied to values.
public struct Node: Hashable, Sendable {
    public var operation: Operation
    public var inputs: [ValueID]
    public var outputs: [ValueID]
    /// Where the node comes from, such as the name of an ONNX node; need not be unique.
    public var name: String

    public init(operation: Operation, inputs: [ValueID], outputs: [ValueID], name: String) {
        self.operation = operation
        self.inputs = inputs
        self.outputs = outputs
        self.name = name
    }
}

/// A value that the world outside names: an input or an output.
public struct NamedValue: Hashable, Sendable {
    public var name: String
    public var value: ValueID

    public init(name: String, value: ValueID) {
        self.name = name
        self.value = value
    }
}

/// A straight line of typed primitives: nodes in an order in which each follows what it uses.
public struct Graph: Sendable {
    /// The type of each value, by ``ValueID/index``. A value that nothing defines is dead.
    public var values: [TensorType] = []
    public var inputs: [NamedValue] = []
    public var outputs: [NamedValue] = []
    public var nodes: [Node] = []
    public var constants: [ValueID: Tensor] = [:]
    /// Inputs whose values, not only types, went into the graph.
    public var specialisedInputs: [String] = []

    public init() {}

    /// The type of a value.
    public func type(of value: ValueID) -> TensorType { values[value.index] }

    /// The elements of a value that is a constant.
    public func constant(_ value: ValueID) -> Tensor? { constants[value] }

    /// Adds a value of `type` that the caller then defines.
    public mutating func makeValue(_ type: TensorType) -> ValueID {
        values.append(type)
        return ValueID(values.count - 1)
    }
}

extension Graph {
    /// For each value, the index in ``nodes`` of the node that defines it, or nil.
    public func definingNodes() -> [Int?] {
        var result = [Int?](repeating: nil, count: values.count)
        for (index, node) in nodes.enumerated() {
            for output in node.outputs { result[output.index] = index }
        }
        return result
    }

    /// For each value, the indices in ``nodes`` of the nodes that use it, ascending, each once.
    public func usingNodes() -> [[Int]] {
        var result = [[Int]](repeating: [], count: values.count)
        for (index, node) in nodes.enumerated() {
            for input in node.inputs where result[input.index].last != index {
                result[input.index].append(index)
            }
        }
        return result
    }
}
