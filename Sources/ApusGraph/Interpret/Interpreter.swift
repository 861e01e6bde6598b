/// Runs graphs on the host, plainly: the meaning of every primitive.
///
/// Floating-point arithmetic is done in binary64 and rounded once to the result's type, also sums
/// of products and reductions, so results are at least as accurate as the chip's; where the chip
/// rounds in between, docs/Architecture.md says how. A NaN result is the canonical one. Integers
/// wrap.
public enum Interpreter {
    /// Runs a graph on inputs in the order of ``Graph/inputs`` and returns its outputs in order.
    ///
    /// - Throws: ``GraphError/input(name:expected:found:)`` if an input does not fit, and what
    ///   ``evaluate(_:_:)`` throws.
    public static func run(_ graph: Graph, _ inputs: [Tensor]) throws(GraphError) -> [Tensor] {
        var values = [Tensor?](repeating: nil, count: graph.values.count)
        for (position, input) in graph.inputs.enumerated() {
            let expected = graph.type(of: input.value)
            let found = position < inputs.count ? inputs[position] : nil
            guard let found, found.type == expected else {
                throw .input(name: input.name, expected: expected, found: found?.type)
            }
            values[input.value.index] = found
        }
        for (value, tensor) in graph.constants { values[value.index] = tensor }
        let lastUse = graph.lastUses()
        for (index, node) in graph.nodes.enumerated() {
            let results = try evaluate(node.operation, try operands(of: node, values))
            for (output, result) in zip(node.outputs, results) {
                values[output.index] = result
            }
            for value in node.inputs + node.outputs where lastUse[value.index] <= index {
                values[value.index] = nil
            }
        }
        var outputs: [Tensor] = []
        for output in graph.outputs {
            guard let tensor = values[output.value.index] else {
                throw .undefinedValue(output.value, node: output.name)
            }
            outputs.append(tensor)
        }
        return outputs
    }

    private static func operands(
        of node: Node, _ values: [Tensor?]
    ) throws(GraphError) -> [Tensor] {
        var operands: [Tensor] = []
        for input in node.inputs {
            guard let tensor = values[input.index] else {
                throw .undefinedValue(input, node: node.name)
            }
            operands.append(tensor)
        }
        return operands
    }

    /// The results of one operation.
    ///
    /// - Throws: ``GraphError`` if the operation is not defined on the operands, or on their data.
    public static func evaluate(
        _ operation: Operation, _ operands: [Tensor]
    ) throws(GraphError) -> [Tensor] {
        let types = try operation.resultTypes(of: operands.map(\.type))
        if case .host(let host) = operation {
            return try HostFunctions.evaluate(host, operands)
        }
        switch operation {
        case .sort(let sort): return evaluate(sort, operands[0], types)
        default: return [try evaluateOne(operation, operands, types[0])]
        }
    }

    private static func evaluateOne(
        _ operation: Operation, _ operands: [Tensor], _ type: TensorType
    ) throws(GraphError) -> Tensor {
        switch operation {
        case .unary(let function): return evaluate(function, operands[0], type)
        case .binary(let function): return evaluate(function, operands, type)
        case .compare(let comparison): return evaluate(comparison, operands, type)
        case .select: return select(operands, type)
        case .clamp: return clamp(operands, type)
        case .convert(let conversion): return convert(operands[0], conversion)
        case .bitcast(let elementType): return operands[0].reinterpreted(as: elementType)
        case .reshape(let shape): return operands[0].reshaped(to: shape)
        case .transpose(let permutation): return transpose(operands[0], permutation)
        case .broadcast: return broadcast(operands[0], type)
        case .slice(let slice): return evaluate(slice, operands[0], type)
        case .pad(let padding): return evaluate(padding, operands, type)
        case .concatenate(let axis): return concatenate(operands, axis, type)
        case .iota(_, let axis): return iota(type, axis)
        case .gather(let axis): return try gather(operands, axis, type)
        case .gatherND(let batch): return try gatherND(operands, batch, type)
        case .gatherElements(let axis): return try gatherElements(operands, axis, type)
        case .scatterElements(let axis, let reduction):
            return try scatterElements(operands, axis, reduction)
        case .scatterND(let reduction): return try scatterND(operands, reduction)
        case .dot(let dot): return evaluate(dot, operands, type)
        case .convolution(let convolution): return evaluate(convolution, operands, type)
        case .reduce(let reduction, let axes, _):
            return reduce(reduction, operands[0], axes, type)
        case .argument(let argument): return evaluate(argument, operands[0], type)
        case .reduceWindow(let reduction, let window):
            return reduceWindow(reduction, operands[0], window, type)
        case .scan(let scan): return evaluate(scan, operands[0])
        case .random(let random): return evaluate(random)
        case .sort, .host: preconditionFailure("\(operation.name) has its own path")
        }
    }
}

extension Graph {
    /// For each value, the index of the last node that uses it; −1 if none, `nodes.count` if it is
    /// an output.
    public func lastUses() -> [Int] {
        var result = [Int](repeating: -1, count: values.count)
        for (index, node) in nodes.enumerated() {
            for input in node.inputs { result[input.index] = index }
        }
        for output in outputs { result[output.value.index] = nodes.count }
        return result
    }
}
