import ApusGraph

/// What a lowering sees of the node it lowers: inputs, attributes, and the graph to add to.
struct NodeContext {
    let trace: Trace
    let node: NodeMessage
    /// The version of the operator set of the node's domain.
    let version: Int
    let inputs: [TraceValue]
    let attributes: [String: AttributeMessage]

    /// An error at this node.
    func failure(_ problem: NodeProblem) -> ImportError { trace.failure(problem) }

    /// An error that names a field, what it is and what it may be.
    func illegal(_ field: String, _ found: String, _ allowed: String) -> ImportError {
        trace.failure(.illegal(field: field, found: found, allowed: allowed))
    }

    /// Fails unless a fact about a field holds.
    func require(
        _ holds: Bool, _ field: String, _ found: String, _ allowed: String
    ) throws(ImportError) {
        guard holds else { throw illegal(field, found, allowed) }
    }
}

// Inputs.
extension NodeContext {
    /// Whether input `index` is given.
    func hasInput(_ index: Int) -> Bool {
        guard index < inputs.count else { return false }
        if case .absent = inputs[index] { return false }
        return true
    }

    /// The tensor that input `index` is.
    func input(_ index: Int) throws(ImportError) -> ValueID {
        guard hasInput(index) else { throw failure(.missingInput(index)) }
        return try tensor(inputs[index], index)
    }

    /// The tensor that input `index` is, or nil if it is left out.
    func optionalInput(_ index: Int) throws(ImportError) -> ValueID? {
        hasInput(index) ? try tensor(inputs[index], index) : nil
    }

    /// All inputs, which must be tensors.
    func allInputs() throws(ImportError) -> [ValueID] {
        var values: [ValueID] = []
        for index in inputs.indices { values.append(try input(index)) }
        guard !values.isEmpty else { throw failure(.missingInput(0)) }
        return values
    }

    /// The sequence that input `index` is.
    func sequence(_ index: Int) throws(ImportError) -> [TraceValue] {
        guard hasInput(index) else { throw failure(.missingInput(index)) }
        guard case .sequence(let items) = inputs[index] else {
            throw failure(.inputKind(index, expected: "a sequence"))
        }
        return items
    }

    /// The tensor that a value is; `index` is the input that it came by.
    func tensor(_ value: TraceValue, _ index: Int) throws(ImportError) -> ValueID {
        guard case .tensor(let id) = value else {
            throw failure(.inputKind(index, expected: "a tensor of numbers"))
        }
        return id
    }

    /// The strings that input `index` holds.
    func strings(_ index: Int) throws(ImportError) -> StringTensor {
        guard hasInput(index) else { throw failure(.missingInput(index)) }
        guard case .strings(let strings) = inputs[index] else {
            throw failure(.inputKind(index, expected: "a tensor of strings"))
        }
        return strings
    }

    /// The elements of an integer tensor, evaluated at import.
    func integers(_ value: ValueID) throws(ImportError) -> [Int] {
        guard let integers = try trace.evaluate(value).integers else {
            throw illegal("element type", "\(elementType(value))", "an integer type")
        }
        return integers
    }

    /// The elements of a number tensor, evaluated at import.
    func doubles(_ value: ValueID) throws(ImportError) -> [Double] {
        guard let doubles = try trace.evaluate(value).doubles else {
            throw illegal("element type", "\(elementType(value))", "a number type")
        }
        return doubles
    }

    /// The one element of an integer tensor, evaluated at import.
    func integer(_ value: ValueID) throws(ImportError) -> Int {
        let list = try integers(value)
        guard list.count == 1 else { throw illegal("element count", "\(list.count)", "1") }
        return list[0]
    }

    /// The integers of input `index` from the version on in which it was one, or of an attribute.
    func integers(
        input index: Int, since: Int, attribute name: String
    ) throws(ImportError) -> [Int]? {
        if version >= since {
            guard let value = try optionalInput(index) else { return nil }
            return try shortList(value)
        }
        return ints(name)
    }

    /// The elements of a list of axes or extents, which cannot be long.
    func shortList(_ value: ValueID) throws(ImportError) -> [Int] {
        let count = shape(value).elementCount
        guard count <= 4096 else {
            throw failure(.limit(field: "length of a list of extents", found: count, bound: 4096))
        }
        return try integers(value)
    }
}

// Attributes.
extension NodeContext {
    func int(_ name: String) -> Int? { attributes[name]?.int }

    func int(_ name: String, default value: Int) -> Int { attributes[name]?.int ?? value }

    func flag(_ name: String, default value: Bool = false) -> Bool {
        attributes[name].map { $0.int != 0 } ?? value
    }

    func float(_ name: String, default value: Float) -> Double {
        Double(attributes[name]?.float ?? value)
    }

    func ints(_ name: String) -> [Int]? { attributes[name]?.ints }

    func floats(_ name: String) -> [Float]? { attributes[name]?.floats }

    func string(_ name: String, default value: String) -> String {
        attributes[name].map { String(decoding: $0.string, as: UTF8.self) } ?? value
    }

    func strings(attribute name: String) -> [String]? {
        attributes[name].map { $0.strings.map { String(decoding: $0, as: UTF8.self) } }
    }

    func graph(_ name: String) throws(ImportError) -> GraphMessage {
        guard let graph = attributes[name]?.graphs.first else {
            throw illegal("attribute \(name)", "missing", "a graph")
        }
        return graph
    }

    /// A list with one entry for each of `count` spatial axes, all `value` if it is not given.
    func spatial(_ name: String, _ count: Int, default value: Int) throws(ImportError) -> [Int] {
        guard let list = ints(name), !list.isEmpty else {
            return Array(repeating: value, count: count)
        }
        try require(list.count == count, "length of \(name)", "\(list.count)", "\(count)")
        let bound = 1 << 24
        try require(
            list.allSatisfy { $0 >= 1 && $0 <= bound }, name, "\(list.prefix(8))", "from 1 to 2^24")
        return list
    }
}

// Axes.
extension NodeContext {
    /// An axis counted from the front; negative ones count from the end.
    func axis(_ axis: Int, rank: Int) throws(ImportError) -> Int {
        guard axis >= -rank, axis < rank else {
            throw illegal(
                "axis", "\(axis)",
                rank == 0 ? "none: the tensor is a scalar" : "in \(-rank)..<\(rank)")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// Axes counted from the front, each once.
    func axes(_ list: [Int], rank: Int) throws(ImportError) -> [Int] {
        var result: [Int] = []
        for item in list { result.append(try axis(item, rank: rank)) }
        try require(Set(result).count == result.count, "axes", "\(list)", "distinct")
        return result
    }

    /// A shape of extents that come from the model.
    func checkedShape(_ extents: [Int]) throws(ImportError) -> Shape {
        guard extents.count <= trace.limits.rankMax, let shape = try? Shape(checked: extents) else {
            throw failure(.graph(.illegalShape(Array(extents.prefix(8)))))
        }
        return shape
    }
}
