/// The messages of onnx.proto that an importer needs, as read from the file. Weights are spans of
/// the mapped file; names are strings.

/// ModelProto: a whole model.
struct ModelMessage: Sendable {
    var irVersion = 0
    var producer = ""
    /// Operator set version by domain; "ai.onnx" is filed under "".
    var operatorSets: [String: Int] = [:]
    var graph: GraphMessage?
    var functions: [FunctionMessage] = []
    /// What the model's maker wrote beside it, such as the characters that a recogniser knows.
    var properties: [String: String] = [:]
}

/// GraphProto: nodes, constants, inputs and outputs.
struct GraphMessage: Sendable {
    var name = ""
    var nodes: [NodeMessage] = []
    var initializers: [TensorMessage] = []
    var sparseInitializers: [SparseTensorMessage] = []
    var inputs: [ValueMessage] = []
    var outputs: [ValueMessage] = []
}

/// NodeProto: one operator's use.
struct NodeMessage: Sendable {
    var inputs: [String] = []
    var outputs: [String] = []
    var name = ""
    var operation = ""
    var domain = ""
    var overload = ""
    var attributes: [String: AttributeMessage] = [:]
}

/// AttributeProto: a named argument known at export time.
struct AttributeMessage: Sendable {
    /// AttributeProto.AttributeType.
    enum Kind: Int, Sendable {
        case undefined = 0, float, int, string, tensor, graph, floats, ints, strings, tensors,
            graphs
        case sparseTensor, sparseTensors, type, types
    }

    var name = ""
    /// Name of the enclosing function's attribute that gives the value, or empty.
    var reference = ""
    var kind = Kind.undefined
    var float: Float = 0
    var int = 0
    var string: [UInt8] = []
    var tensors: [TensorMessage] = []
    var graphs: [GraphMessage] = []
    var floats: [Float] = []
    var ints: [Int] = []
    var strings: [[UInt8]] = []
    var sparseTensors: [SparseTensorMessage] = []
    var types: [TypeMessage] = []
}

/// TensorProto: a constant. Its elements are read on demand, straight from the map.
struct TensorMessage: Sendable {
    var name = ""
    var shape: [Int] = []
    /// TensorProto.DataType.
    var dataType = 0
    /// The whole message, walked again for the typed data fields.
    var message: FileSpan
    var raw: FileSpan?
    /// Key and value pairs that locate data outside the file.
    var external: [String: String] = [:]
    var isExternal = false
    var isSegmented = false
}

/// SparseTensorProto.
struct SparseTensorMessage: Sendable {
    var values: TensorMessage?
    var indices: TensorMessage?
    var shape: [Int] = []
}

/// ValueInfoProto: an input or output.
struct ValueMessage: Sendable {
    var name = ""
    var type: TypeMessage?
}

/// TypeProto.
indirect enum TypeMessage: Sendable {
    /// A tensor; the shape is nil when even the rank is unknown.
    case tensor(dataType: Int, shape: [SymbolicExtent]?)
    case sparseTensor
    case sequence(TypeMessage?)
    case optional(TypeMessage?)
    case map
    case opaque
}

/// One extent of a declared shape.
public enum SymbolicExtent: Equatable, Sendable, CustomStringConvertible {
    /// A fixed extent.
    case fixed(Int)
    /// A named extent, to be chosen by the caller; equal names mean equal extents.
    case named(String)
    /// An extent about which nothing is said.
    case unknown

    /// `3`, `batch` or `?`.
    public var description: String {
        switch self {
        case .fixed(let extent): "\(extent)"
        case .named(let name): name
        case .unknown: "?"
        }
    }
}

/// FunctionProto: a model-local function, inlined where it is used.
struct FunctionMessage: Sendable {
    var name = ""
    var domain = ""
    var overload = ""
    var inputs: [String] = []
    var outputs: [String] = []
    var nodes: [NodeMessage] = []
    /// Names of attributes without a default.
    var attributes: [String] = []
    /// Attributes with a default.
    var defaults: [String: AttributeMessage] = [:]
    var operatorSets: [String: Int] = [:]
}
