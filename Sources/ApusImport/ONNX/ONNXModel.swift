import ApusGraph

/// An ONNX model, opened but not yet imported for any input shapes.
///
///     let model = try ONNXModel(path: "model.onnx")
///     let imported = try model.importGraph(shapes: ["x": [1, 3, 224, 224]]) { _ in nil }
///
/// Opening parses the structure; weights stay in the mapped file until something reads them.
public struct ONNXModel: Sendable {
    /// Operator set versions of ai.onnx that lowerings know.
    public static let operatorSetsSupported = 1...28

    /// What the caller gives, in the model's order, without inputs that the file holds values for.
    public let inputs: [ModelPort]
    /// What the model computes, in its order.
    public let outputs: [ModelPort]
    /// Operator set version by domain; ai.onnx is filed under "".
    public let operatorSets: [String: Int]
    /// What the file says about itself: its maker's properties, producer, IR and operator sets.
    public let metadata: [String: String]

    let file: MappedFile
    let message: ModelMessage
    let graph: GraphMessage
    let limits: ImportLimits

    /// Opens the model at `path`.
    ///
    /// - Throws: ``ImportError`` if the file cannot be read, is no model, or needs an operator set
    ///   that is not supported.
    public init(path: String, limits: ImportLimits = ImportLimits()) throws(ImportError) {
        try self.init(file: try MappedFile(path: path), limits: limits)
    }

    /// Opens a model whose bytes are in memory; external data is looked for beside `file`'s path.
    public init(file: MappedFile, limits: ImportLimits = ImportLimits()) throws(ImportError) {
        let message = try ModelMessage(reading: WireReader(file.span))
        guard let graph = message.graph,
            let version = message.operatorSets[""] ?? message.operatorSets.values.first
        else { throw .notAModel(file: file.path) }
        guard
            !message.operatorSets.keys.contains("") || Self.operatorSetsSupported.contains(version)
        else {
            throw .operatorSet(
                file: file.path, domain: "", version: version, supported: Self.operatorSetsSupported
            )
        }
        self.file = file
        self.message = message
        self.graph = graph
        self.limits = limits
        operatorSets = message.operatorSets
        let stored = Set(graph.initializers.map(\.name))
        inputs = graph.inputs.filter { !stored.contains($0.name) }.compactMap { ModelPort($0) }
        outputs = graph.outputs.compactMap { ModelPort($0) }
        var metadata = message.properties
        metadata["producer"] = message.producer
        metadata["ir"] = "\(message.irVersion)"
        for (domain, version) in message.operatorSets {
            metadata["opset " + (domain.isEmpty ? "ai.onnx" : domain)] = "\(version)"
        }
        self.metadata = metadata
    }

    /// Names of all inputs that the file holds no value for, of any type, in the model's order.
    public var inputNames: [String] {
        let stored = Set(graph.initializers.map(\.name))
        return graph.inputs.map(\.name).filter { !stored.contains($0) }
    }

    /// The version of the ai.onnx operator set.
    public var operatorSet: Int { operatorSets[""] ?? 1 }
}

/// A graph made from a model for given input shapes.
public struct ImportedGraph: Sendable {
    public var graph: Graph
    /// Inputs whose values went into the graph: import again when one changes.
    public var specialisedInputs: [String] { graph.specialisedInputs }
    /// Names of ONNX nodes whose operands were computed at import from input values.
    public var hostEvaluatedNodes: [String]
    /// The structure of each output of the model, in its order.
    public var outputs: [OutputStructure]
}

/// How an output of a model is made of outputs of the graph.
public indirect enum OutputStructure: Hashable, Sendable {
    /// The graph's output of this name.
    case tensor(String)
    /// A list of values.
    case sequence([OutputStructure])
    /// Text that was known at import.
    case strings([String], Shape)
    /// An optional without an element.
    case absent
}

/// What a caller says about an input before its elements are known.
public indirect enum InputStructure: Hashable, Sendable {
    case tensor(Shape)
    /// Text, which becomes part of the graph.
    case strings([String], Shape)
    case sequence([InputStructure])
    case absent
}
