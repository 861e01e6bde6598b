import ApusGraph

/// One import in progress: the graph so far, the scopes of names, and what may still be spent.
///
/// A class because lowerings share and extend it. It lives for one call of
/// ``ONNXModel/importGraph(shapes:values:)``.
final class Trace {
    /// Names of one graph or one iteration of a loop's body.
    struct Scope {
        var values: [String: TraceValue] = [:]
        var initializers: [String: TensorMessage] = [:]
        var sparseInitializers: [String: SparseTensorMessage] = [:]
    }

    /// The scopes that a node sees: those of its graph and of the graphs around it, up to the
    /// enclosing function's or the model's.
    struct Frame {
        var scopes: [Scope]
        var operatorSets: [String: Int]
        var attributes: [String: AttributeMessage] = [:]
    }

    let file: MappedFile
    let limits: ImportLimits
    let loader: TensorLoader
    let functions: [FunctionMessage]
    let inputValue: (String) -> Tensor?

    var builder = GraphBuilder()
    var frame: Frame
    var location: NodeLocation
    /// Values that depend on inputs but were evaluated, by ``evaluate(_:)``.
    var evaluated: [ValueID: Tensor] = [:]
    /// The graph node that defines a value.
    var definitions: [ValueID: Int] = [:]
    var inputNames: [ValueID: String] = [:]
    var evaluatedNodes: [String] = []
    var nesting = 0
    var iterations = 0
    var work = 0
    var computedBytes = 0

    init(
        model: ModelMessage, file: MappedFile, limits: ImportLimits,
        inputValue: @escaping (String) -> Tensor?
    ) {
        self.file = file
        self.limits = limits
        self.inputValue = inputValue
        functions = model.functions
        loader = TensorLoader(file: file, limits: limits)
        frame = Frame(scopes: [Scope()], operatorSets: model.operatorSets)
        location = NodeLocation(file: file.path, node: "", operation: "graph", domain: "")
    }

    /// An error at the node that is being imported.
    func failure(_ problem: NodeProblem) -> ImportError { .node(location, problem) }

    /// Counts an iteration of any loop.
    func countIteration() throws(ImportError) {
        iterations += 1
        guard iterations <= limits.iterationsMax else {
            throw failure(
                .limit(
                    field: "number of loop iterations", found: iterations,
                    bound: limits.iterationsMax))
        }
    }
}

// Names.
extension Trace {
    /// The value of a name, searched from the innermost scope outward.
    func lookUp(_ name: String) throws(ImportError) -> TraceValue {
        if name.isEmpty { return .absent }
        for depth in frame.scopes.indices.reversed() {
            if let value = frame.scopes[depth].values[name] { return value }
            if let message = frame.scopes[depth].initializers[name] {
                let value = try initializer(message)
                frame.scopes[depth].values[name] = value
                return value
            }
            if let message = frame.scopes[depth].sparseInitializers[name] {
                let value = TraceValue.tensor(builder.constant(try loader.tensor(message)))
                frame.scopes[depth].values[name] = value
                return value
            }
        }
        throw failure(.undefinedValue(name))
    }

    func initializer(_ message: TensorMessage) throws(ImportError) -> TraceValue {
        if message.dataType == DataType.string { return .strings(try loader.stringTensor(message)) }
        return .tensor(builder.constant(try loader.tensor(message)))
    }

    /// Defines a name in the innermost scope.
    func define(_ name: String, _ value: TraceValue) throws(ImportError) {
        if name.isEmpty { return }
        let innermost = frame.scopes.count - 1
        guard frame.scopes[innermost].values.updateValue(value, forKey: name) == nil else {
            throw failure(.redefinedValue(name))
        }
    }
}

// Nodes and graphs.
extension Trace {
    /// Lowers all nodes of a graph in the innermost scope.
    func run(_ nodes: [NodeMessage]) throws(ImportError) {
        for node in nodes { try run(node) }
    }

    /// Traces a nested graph and returns its outputs.
    func run(_ graph: GraphMessage, inputs: [TraceValue]) throws(ImportError) -> [TraceValue] {
        try enterNesting()
        defer { nesting -= 1 }
        guard inputs.count <= graph.inputs.count else {
            throw failure(
                .illegal(
                    field: "number of inputs of the graph \(graph.name)",
                    found: "\(graph.inputs.count)", allowed: "\(inputs.count)"))
        }
        frame.scopes.append(Scope(graph))
        defer { frame.scopes.removeLast() }
        for (declared, value) in zip(graph.inputs, inputs) { try define(declared.name, value) }
        try run(graph.nodes)
        var outputs: [TraceValue] = []
        for output in graph.outputs { outputs.append(try lookUp(output.name)) }
        return outputs
    }

    private func enterNesting() throws(ImportError) {
        nesting += 1
        guard nesting <= limits.nestingMax else {
            throw failure(.limit(field: "nesting depth", found: nesting, bound: limits.nestingMax))
        }
    }

    private func run(_ node: NodeMessage) throws(ImportError) {
        let outer = location
        defer { location = outer }
        location = NodeLocation(
            file: file.path, node: node.name.isEmpty ? node.outputs.first ?? "" : node.name,
            operation: node.operation, domain: node.domain)
        var inputs: [TraceValue] = []
        for name in node.inputs { inputs.append(try lookUp(name)) }
        let attributes = resolved(node.attributes)
        let outputs: [TraceValue]
        if let function = function(for: node) {
            outputs = try inline(function, inputs: inputs, attributes: attributes)
        } else {
            outputs = try lower(node, inputs: inputs, attributes: attributes)
        }
        for (index, name) in node.outputs.enumerated() where !name.isEmpty {
            guard index < outputs.count else {
                throw failure(
                    .illegal(
                        field: "number of outputs", found: "\(node.outputs.count)",
                        allowed: "at most \(outputs.count)"))
            }
            try define(name, outputs[index])
        }
    }

    private func lower(
        _ node: NodeMessage, inputs: [TraceValue], attributes: [String: AttributeMessage]
    ) throws(ImportError) -> [TraceValue] {
        let version = frame.operatorSets[node.domain] ?? 1
        guard let row = OperatorTable.row(node.operation, domain: node.domain, version: version)
        else {
            throw failure(.unsupportedOperator(operatorSet: version))
        }
        let context = NodeContext(
            trace: self, node: node, version: version, inputs: inputs, attributes: attributes)
        return try row.lower(context)
    }

    /// Attributes with those that name an attribute of the enclosing function replaced.
    private func resolved(_ attributes: [String: AttributeMessage]) -> [String: AttributeMessage] {
        var result = attributes
        for (name, attribute) in attributes where !attribute.reference.isEmpty {
            result[name] = frame.attributes[attribute.reference]
        }
        return result
    }

    private func function(for node: NodeMessage) -> FunctionMessage? {
        functions.first {
            $0.name == node.operation && $0.domain == node.domain && $0.overload == node.overload
        }
    }

    private func inline(
        _ function: FunctionMessage, inputs: [TraceValue], attributes: [String: AttributeMessage]
    ) throws(ImportError) -> [TraceValue] {
        try enterNesting()
        defer { nesting -= 1 }
        let caller = frame
        var sets = caller.operatorSets
        sets.merge(function.operatorSets) { $1 }
        frame = Frame(
            scopes: [Scope()], operatorSets: sets,
            attributes: function.defaults.merging(attributes) { $1 })
        defer { frame = caller }
        for (index, name) in function.inputs.enumerated() {
            try define(name, index < inputs.count ? inputs[index] : .absent)
        }
        try run(function.nodes)
        var outputs: [TraceValue] = []
        for output in function.outputs { outputs.append(try lookUp(output)) }
        return outputs
    }
}

extension Trace.Scope {
    /// A scope that knows a graph's stored tensors; each is read when it is first used.
    init(_ graph: GraphMessage) {
        for tensor in graph.initializers { initializers[tensor.name] = tensor }
        for tensor in graph.sparseInitializers {
            sparseInitializers[tensor.values?.name ?? ""] = tensor
        }
    }
}
