import ApusGraph

// Adding nodes to the graph, folding what is constant.
extension Trace {
    func type(of value: ValueID) -> TensorType { builder.graph.type(of: value) }

    /// Adds an operation and returns its results, computed at once if all operands are constant.
    func emit(_ operation: Operation, _ operands: [ValueID]) throws(ImportError) -> [ValueID] {
        if let same = identity(operation, operands) { return [same] }
        let types: [TensorType]
        do throws(GraphError) {
            types = try operation.resultTypes(of: operands.map { type(of: $0) })
        } catch {
            throw failure(.graph(error))
        }
        for type in types {
            try require(
                type.shape.elementCount <= limits.tensorBytesMax / type.elementType.byteCount,
                "bytes of a tensor of shape \(type.shape)", limits.tensorBytesMax)
        }
        if let folded = try fold(operation, operands, types) { return folded }
        guard builder.graph.nodes.count < limits.nodesMax else {
            throw failure(
                .limit(field: "number of nodes", found: limits.nodesMax + 1, bound: limits.nodesMax)
            )
        }
        do throws(GraphError) {
            let results = try builder.addNode(operation, operands, name: location.node)
            for result in results { definitions[result] = builder.graph.nodes.count - 1 }
            return results
        } catch {
            throw failure(.graph(error))
        }
    }

    private func require(_ holds: Bool, _ field: String, _ bound: Int) throws(ImportError) {
        guard holds else { throw failure(.limit(field: field, found: bound + 1, bound: bound)) }
    }

    /// The operand itself, if the operation changes nothing.
    private func identity(_ operation: Operation, _ operands: [ValueID]) -> ValueID? {
        guard let first = operands.first else { return nil }
        let type = type(of: first)
        switch operation {
        case .reshape(let shape), .broadcast(let shape):
            return shape == type.shape ? first : nil
        case .transpose(let permutation):
            return permutation == Array(0..<type.rank) ? first : nil
        case .convert(let conversion):
            return conversion.elementType == type.elementType ? first : nil
        case .concatenate(let axis):
            return operands.count == 1 && axis >= 0 && axis < type.rank ? first : nil
        case .slice(let slice):
            let isWhole =
                slice.counts == type.shape.dimensions && slice.starts.allSatisfy { $0 == 0 }
                && slice.strides.allSatisfy { $0 == 1 } && slice.starts.count == type.rank
            return isWhole ? first : nil
        case .pad(let padding):
            let isNothing = (padding.low + padding.high + padding.interior).allSatisfy { $0 == 0 }
            return isNothing && padding.low.count == type.rank ? first : nil
        default:
            return nil
        }
    }

    private func fold(
        _ operation: Operation, _ operands: [ValueID], _ types: [TensorType]
    ) throws(ImportError) -> [ValueID]? {
        if case .host = operation { return nil }
        if case .random = operation { return nil }
        var constants: [Tensor] = []
        for operand in operands {
            guard let constant = builder.graph.constant(operand) else { return nil }
            constants.append(constant)
        }
        let bytes = types.reduce(0) { $0 + $1.byteCount }
        let steps = operation.work(on: constants.map(\.type), types)
        guard bytes <= limits.computedBytesMax - computedBytes, steps <= limits.foldedWorkMax,
            steps <= limits.workMax - work
        else { return nil }
        return try compute(operation, constants, bytes: bytes, steps: steps).map {
            builder.constant($0)
        }
    }

    private func compute(
        _ operation: Operation, _ operands: [Tensor], bytes: Int, steps: Int
    ) throws(ImportError) -> [Tensor] {
        computedBytes += bytes
        work += steps
        do throws(GraphError) {
            return try Interpreter.evaluate(operation, operands)
        } catch {
            throw failure(.graph(error))
        }
    }
}

// Values that shapes and control flow depend on.
extension Trace {
    /// The elements of a value; inputs that it depends on become part of the graph's identity.
    func evaluate(_ value: ValueID) throws(ImportError) -> Tensor {
        if let known = known(value) { return known }
        evaluatedNodes.append(location.node)
        var pending = [value]
        while let next = pending.last {
            if known(next) != nil {
                pending.removeLast()
                continue
            }
            guard let index = definitions[next] else {
                evaluated[next] = try inputTensor(next)
                continue
            }
            let node = builder.graph.nodes[index]
            let missing = node.inputs.filter { known($0) == nil }
            guard missing.isEmpty else {
                pending += missing
                continue
            }
            let operands = node.inputs.compactMap { known($0) }
            let types = node.outputs.map { type(of: $0) }
            let bytes = types.reduce(0) { $0 + $1.byteCount }
            let steps = node.operation.work(on: operands.map(\.type), types)
            try require(
                steps <= limits.workMax - work, "work on values needed at import", limits.workMax)
            try require(
                bytes <= limits.computedBytesMax - computedBytes,
                "bytes of values needed at import", limits.computedBytesMax)
            let results = try compute(node.operation, operands, bytes: bytes, steps: steps)
            for (output, result) in zip(node.outputs, results) { evaluated[output] = result }
        }
        if let tensor = evaluated[value] { return tensor }
        return try inputTensor(value)
    }

    private func known(_ value: ValueID) -> Tensor? {
        builder.graph.constant(value) ?? evaluated[value]
    }

    private func inputTensor(_ value: ValueID) throws(ImportError) -> Tensor {
        let name = inputNames[value] ?? ""
        guard let tensor = inputValue(name) else { throw failure(.needsValue(ofInput: name)) }
        guard tensor.type == type(of: value) else {
            throw failure(
                .graph(.input(name: name, expected: type(of: value), found: tensor.type)))
        }
        builder.specialise(name)
        return tensor
    }
}

extension Operation {
    /// Elementary steps that evaluation takes, roughly; `Int.max` if they do not fit.
    func work(on operands: [TensorType], _ results: [TensorType]) -> Int {
        let touched = (operands + results).reduce(16) { $0 + $1.shape.elementCount }
        let produced = results.first?.shape.elementCount ?? 0
        let perResult: Int
        switch self {
        case .dot(let dot):
            perResult = dot.leftContracting.reduce(1) { $0 * max(operands[0].shape[$1], 1) }
        case .convolution:
            perResult = operands[1].shape.elementCount / max(operands[1].shape[0], 1)
        case .reduceWindow(_, let window):
            perResult = window.extents.reduce(1) {
                $0.multipliedReportingOverflow(by: $1).overflow ? 1 << 48 : $0 * $1
            }
        case .sort:
            return touched.multipliedReportingOverflow(by: 32).overflow ? .max : touched * 32
        default:
            return touched
        }
        let (product, overflow) = produced.multipliedReportingOverflow(by: max(perResult, 1))
        return overflow || product > .max - touched ? .max : product + touched
    }
}
