extension Graph: CustomStringConvertible {
    /// The graph as text, one line for each input, constant, node and output.
    ///
    ///     input %0 x: f32[2, 3]
    ///     constant %1: f32[3]
    ///     %2 = add %0 %1: f32[2, 3]    // Add_0
    ///     output %2 y
    public var description: String {
        var lines: [String] = []
        for input in inputs {
            lines.append("input \(input.value) \(input.name): \(type(of: input.value))")
        }
        for value in constants.keys.sorted() {
            lines.append("constant \(value): \(type(of: value))\(elementsText(value))")
        }
        for node in nodes {
            lines.append(text(of: node))
        }
        for output in outputs {
            lines.append("output \(output.value) \(output.name)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The line of one node.
    public func text(of node: Node) -> String {
        let results = node.outputs.map(\.description).joined(separator: ", ")
        let operands = node.inputs.map { " \($0)" }.joined()
        let types = node.outputs.map { type(of: $0).description }.joined(separator: ", ")
        let attributes = node.operation.attributesText
        let origin = node.name.isEmpty ? "" : "    // \(node.name)"
        return "\(results) = \(node.operation.name)\(attributes)\(operands): \(types)\(origin)"
    }

    /// Small constants show their elements.
    private func elementsText(_ value: ValueID) -> String {
        guard let tensor = constants[value], tensor.elementCount <= 8 else { return "" }
        if let integers = tensor.integers { return " = \(integers)" }
        return tensor.doubles.map { " = \($0)" } ?? ""
    }
}

extension Operation {
    /// The attributes as `(name: value, …)`, empty if there are none.
    var attributesText: String {
        switch self {
        case .unary, .binary, .compare, .select, .clamp, .scatterND: return ""
        case .convert(let conversion): return "(\(conversion.elementType))"
        case .bitcast(let type): return "(\(type))"
        case .reshape(let shape), .broadcast(let shape): return "(\(shape))"
        case .transpose(let permutation): return "(\(permutation))"
        case .slice(let slice):
            return "(starts: \(slice.starts), counts: \(slice.counts), strides: \(slice.strides))"
        case .pad(let padding):
            return "(low: \(padding.low), high: \(padding.high), interior: \(padding.interior))"
        case .concatenate(let axis), .gather(let axis), .gatherElements(let axis),
            .scatterElements(let axis, _), .iota(_, let axis):
            return "(axis: \(axis))"
        case .gatherND(let batchDimensions): return "(batchDimensions: \(batchDimensions))"
        case .dot(let dot):
            return "(batch: \(dot.leftBatch) \(dot.rightBatch), "
                + "contracting: \(dot.leftContracting) \(dot.rightContracting))"
        case .convolution(let convolution):
            return "(strides: \(convolution.strides), low: \(convolution.low), "
                + "high: \(convolution.high), inputDilations: \(convolution.inputDilations), "
                + "weightDilations: \(convolution.weightDilations), groups: \(convolution.groups))"
        case .reduce(_, let axes, _): return "(axes: \(axes))"
        case .argument(let argument): return "(axis: \(argument.axis))"
        case .reduceWindow(_, let window):
            return "(extents: \(window.extents), strides: \(window.strides), low: \(window.low), "
                + "high: \(window.high), dilations: \(window.dilations))"
        case .scan(let scan):
            return "(axis: \(scan.axis), exclusive: \(scan.isExclusive), "
                + "reverse: \(scan.isReversed))"
        case .sort(let sort):
            return "(axis: \(sort.axis), count: \(sort.count), descending: \(sort.descending))"
        case .random(let random): return "(seed: \(random.seed))"
        case .host(let operation):
            let pairs = operation.attributes.sorted { $0.key < $1.key }
            return pairs.isEmpty ? "" : "(\(pairs.map { "\($0.key)" }.joined(separator: ", ")))"
        }
    }
}
