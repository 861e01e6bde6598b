import ApusGraph

/// Why bytes are not a protobuf message.
public enum MalformedReason: Error, Equatable, Sendable {
    /// The message ends inside a field.
    case truncated
    /// A length goes past the end of the enclosing message.
    case lengthPastEnd
    /// A varint has more than 64 bits.
    case varintOverflow
    /// A field has a wire type that its number does not allow.
    case wireType
    /// A field number is 0 or too large.
    case fieldNumber
    /// Messages nest deeper than any model needs.
    case nestedTooDeep
}

/// Why a stored tensor cannot be used.
public enum TensorProblem: Equatable, Sendable {
    /// An extent is negative, or the tensor is larger than ``ImportLimits/tensorBytesMax``.
    case shape([Int])
    /// TensorProto.DataType is unknown or one that no operation takes.
    case dataType(Int)
    /// The stored bytes or elements are too few or too many.
    case size(expected: Int, found: Int)
    /// Segmented tensors, which no exporter writes, are not read.
    case segmented
    /// The path of external data leaves the model's folder.
    case externalPath(String)
    /// The file of external data cannot be opened.
    case externalFile(String, reason: String)
    /// The range of external data is not inside its file.
    case externalRange(String, offset: String, length: String, fileBytes: Int)
    /// An index of a sparse tensor is outside its shape, or the shapes of its parts disagree.
    case sparse
}

/// Where in a model something is wrong.
public struct NodeLocation: Equatable, Sendable {
    public let file: String
    /// The node's name, or its first output's if it has none.
    public let node: String
    public let operation: String
    public let domain: String
}

/// Why a node cannot be imported.
public enum NodeProblem: Equatable, Sendable {
    /// No lowering knows this operator at this version of its domain.
    case unsupportedOperator(operatorSet: Int)
    /// A name that no input, constant or earlier node defines: missing, or part of a cycle.
    case undefinedValue(String)
    /// A name is defined twice in one graph.
    case redefinedValue(String)
    /// An input that the operator needs is not given.
    case missingInput(Int)
    /// An input is a tensor, sequence or optional where the operator needs another of them.
    case inputKind(Int, expected: String)
    /// An attribute, input or type has a value that the operator does not take.
    case illegal(field: String, found: String, allowed: String)
    /// Operand types or shapes do not fit.
    case graph(GraphError)
    /// Shapes depend on the value of a model input that the caller did not give.
    case needsValue(ofInput: String)
    /// A bound of ``ImportLimits`` would be passed.
    case limit(field: String, found: Int, bound: Int)
}

/// Why a model cannot be imported. Cases hold facts; ``description`` makes the sentence.
public enum ImportError: Error, Equatable, Sendable {
    /// The file does not exist, cannot be read or is not a regular file.
    case cannotOpen(path: String, reason: String)
    /// A file cannot be created or written.
    case cannotWrite(path: String, reason: String)
    /// The bytes are not a protobuf message.
    case malformed(file: String, atByte: Int, MalformedReason)
    /// The message holds no graph or no operator set: it is not an ONNX model.
    case notAModel(file: String)
    /// The model needs another version of the operator set.
    case operatorSet(file: String, domain: String, version: Int, supported: ClosedRange<Int>)
    /// A stored tensor cannot be used.
    case tensor(file: String, tensor: String, TensorProblem)
    /// A node cannot be imported.
    case node(NodeLocation, NodeProblem)
    /// The caller named an input that the model does not have.
    case unknownInput(file: String, input: String, known: [String])
    /// The caller gave no shape for an input, and the model's declaration leaves it open.
    case missingInput(file: String, input: String, declared: String)
    /// The shape or kind given for an input is not the declared one.
    case inputShape(file: String, input: String, declared: String, given: String)
    /// An input has a type that cannot be imported, such as a map or strings.
    case inputType(file: String, input: String)
    /// An output of the graph is defined by nothing.
    case undefinedOutput(file: String, output: String)
    /// Sizes of the model that are known before any node is imported pass a limit.
    case limit(file: String, field: String, found: Int, bound: Int)
    /// A language model's weights or description cannot be used.
    case languageModel(file: String, LanguageModelProblem)
}

extension ImportError {
    /// Whether an operator was met that the importer does not know.
    public var isUnsupportedOperator: Bool {
        if case .node(_, .unsupportedOperator) = self { return true }
        return false
    }
}
