import ApusGraph

extension ONNXModel {
    /// Traces the model for inputs of these shapes.
    ///
    /// `values` gives an input's elements if shapes or control flow turn out to depend on them; the
    /// graph then lists the input in ``ImportedGraph/specialisedInputs``. It may answer nil.
    ///
    /// - Throws: ``ImportError``, among others if the model leaves open an input that has no shape.
    public func importGraph(
        shapes: [String: Shape], values: (String) -> Tensor?
    ) throws(ImportError) -> ImportedGraph {
        try importGraph(structures: shapes.mapValues { .tensor($0) }, values: values)
    }

    /// Traces the model for inputs of these structures.
    ///
    /// Items of a sequence are inputs `name[0]`, `name[1]` … of the graph.
    public func importGraph(
        structures: [String: InputStructure], values: (String) -> Tensor?
    ) throws(ImportError) -> ImportedGraph {
        let known = graph.inputs.map(\.name)
        for name in structures.keys.sorted() where !known.contains(name) {
            throw .unknownInput(file: file.path, input: name, known: inputs.map(\.name))
        }
        // The trace holds the closure while this call lasts and no longer.
        return try withoutActuallyEscaping(values) {
            (values) throws(ImportError) -> ImportedGraph in
            let trace = Trace(model: message, file: file, limits: limits, inputValue: values)
            return try run(trace, structures)
        }
    }

    private func run(
        _ trace: Trace, _ structures: [String: InputStructure]
    ) throws(ImportError) -> ImportedGraph {
        trace.frame.scopes = [Trace.Scope(graph)]
        for declared in graph.inputs {
            let given = structures[declared.name]
            if given == nil, trace.frame.scopes[0].initializers[declared.name] != nil { continue }
            if case .strings(let elements, let shape)? = given {
                try requireText(declared, elements, shape)
                trace.frame.scopes[0].values[declared.name] = .strings(
                    StringTensor(shape: shape, elements: elements))
                continue
            }
            guard let port = ModelPort(declared) else {
                throw .inputType(file: file.path, input: declared.name)
            }
            let chosen: InputStructure
            if let given { chosen = given } else { chosen = try structure(of: port) }
            let value = try bind(port, chosen, trace)
            trace.frame.scopes[0].values[port.name] = value
        }
        try trace.run(graph.nodes)
        var outputs: [OutputStructure] = []
        for output in graph.outputs {
            let value: TraceValue
            do throws(ImportError) {
                value = try trace.lookUp(output.name)
            } catch .node(_, .undefinedValue) {
                throw .undefinedOutput(file: file.path, output: output.name)
            }
            outputs.append(trace.output(output.name, value))
        }
        return ImportedGraph(
            graph: trace.builder.finish().withoutDeadNodes(),
            hostEvaluatedNodes: trace.evaluatedNodes,
            outputs: outputs)
    }

    private func requireText(
        _ declared: ValueMessage, _ elements: [String], _ shape: Shape
    ) throws(ImportError) {
        if case .tensor(DataType.string, _)? = declared.type, elements.count == shape.elementCount {
            return
        }
        throw .inputShape(
            file: file.path, input: declared.name, declared: "another type", given: "text \(shape)")
    }

    private func structure(of port: ModelPort) throws(ImportError) -> InputStructure {
        if port.kind == .optional { return .absent }
        guard port.kind == .tensor, let shape = port.fixedShape else {
            throw .missingInput(file: file.path, input: port.name, declared: port.declaration)
        }
        return .tensor(shape)
    }

    private func bind(
        _ port: ModelPort, _ structure: InputStructure, _ trace: Trace
    ) throws(ImportError) -> TraceValue {
        func value(_ name: String, _ structure: InputStructure) -> TraceValue {
            switch structure {
            case .absent: return .absent
            case .strings(let elements, let shape):
                return .strings(StringTensor(shape: shape, elements: elements))
            case .sequence(let items):
                return .sequence(items.enumerated().map { value("\(name)[\($0)]", $1) })
            case .tensor(let shape):
                let id = trace.builder.input(name, TensorType(port.elementType, shape))
                trace.inputNames[id] = name
                return .tensor(id)
            }
        }
        switch (structure, port.kind) {
        case (.tensor(let shape), .tensor) where !port.accepts(shape):
            throw .inputShape(
                file: file.path, input: port.name, declared: port.declaration,
                given: "\(port.elementType)\(shape)")
        case (.tensor, .tensor), (.tensor, .optional), (.sequence, .sequence),
            (.sequence, .optional),
            (.absent, .optional):
            return value(port.name, structure)
        default:
            throw .inputShape(
                file: file.path, input: port.name, declared: "\(port.kind) of \(port.declaration)",
                given: "another kind of value")
        }
    }
}

extension Trace {
    /// Names a value as an output of the graph, or its items if it is a sequence.
    func output(_ name: String, _ value: TraceValue) -> OutputStructure {
        switch value {
        case .tensor(let id):
            builder.output(name, id)
            return .tensor(name)
        case .sequence(let items):
            return .sequence(items.enumerated().map { output("\(name)[\($0)]", $1) })
        case .strings(let strings):
            return .strings(strings.elements, strings.shape)
        case .absent:
            return .absent
        }
    }
}

extension Graph {
    /// The graph without nodes and constants that no output depends on.
    func withoutDeadNodes() -> Graph {
        var isLive = [Bool](repeating: false, count: values.count)
        for output in outputs { isLive[output.value.index] = true }
        var kept: [Node] = []
        for node in nodes.reversed() where node.outputs.contains(where: { isLive[$0.index] }) {
            for input in node.inputs { isLive[input.index] = true }
            kept.append(node)
        }
        var result = self
        result.nodes = kept.reversed()
        result.constants = constants.filter { isLive[$0.key.index] }
        return result
    }
}
