extension SimplificationPass {
    /// Puts operands in the place of nodes that change nothing.
    public static let removeIdentities = SimplificationPass("removeIdentities") {
        (node, rewriter) throws(GraphError) -> [ValueID]? in
        guard let first = node.inputs.first else { return nil }
        let type = rewriter.type(of: first)
        if node.operation.isIdentity(on: type) { return [first] }
        switch node.operation {
        case .concatenate(let axis):
            // Empty operands add nothing.
            let kept = node.inputs.filter { rewriter.shape(of: $0)[axis] > 0 }
            if kept.count == node.inputs.count || kept.isEmpty { return nil }
            if kept.count == 1 { return kept }
            return [try rewriter.emit(node.operation, kept, name: node.name)]
        case .binary(let function):
            return rewriter.neutralOperand(function, node.inputs).map { [$0] }
        case .select:
            guard let flags = rewriter.tensor(node.inputs[0])?.integers, let flag = flags.first,
                flags.allSatisfy({ $0 == flag })
            else { return nil }
            let chosen = node.inputs[flag != 0 ? 1 : 2]
            let shapes = node.inputs.map { rewriter.shape(of: $0) }
            guard let wide = shapes[0].broadcast(with: shapes[1])?.broadcast(with: shapes[2]) else {
                return nil
            }
            if rewriter.shape(of: chosen) == wide { return [chosen] }
            return [try rewriter.emit(.broadcast(wide), [chosen], name: node.name)]
        case .reduce(let reduction, let axes, _):
            // Folding single elements is a change of shape; squares and NaN bits are not kept.
            let isTrivial = axes.allSatisfy { type.shape[$0] == 1 } && reduction != .sumOfSquares
            guard isTrivial, let result = rewriter.resultTypes(of: node).first else { return nil }
            return [try rewriter.emit(.reshape(result.shape), [first], name: node.name)]
        default: return nil
        }
    }
}

extension Operation {
    /// Whether the result is the (one) operand itself.
    fileprivate func isIdentity(on type: TensorType) -> Bool {
        switch self {
        case .reshape(let shape), .broadcast(let shape): return shape == type.shape
        case .transpose(let permutation): return permutation == Array(0..<type.rank)
        case .convert(let conversion): return conversion.elementType == type.elementType
        case .bitcast(let elementType): return elementType == type.elementType
        case .slice(let slice):
            return slice.counts == type.shape.dimensions && slice.starts.allSatisfy { $0 == 0 }
                && slice.strides.allSatisfy { $0 == 1 }
        case .pad(let padding):
            return (padding.low + padding.high + padding.interior).allSatisfy { $0 == 0 }
        default: return false
        }
    }
}

extension Rewriter {
    /// The operand that a binary function returns unchanged because the other is its neutral
    /// element.
    ///
    /// Adding +0 is not neutral (−0 + 0 = +0), adding −0 and subtracting +0 are.
    fileprivate func neutralOperand(_ function: Binary, _ inputs: [ValueID]) -> ValueID? {
        for (kept, other) in [(0, 1), (1, 0)] {
            guard let tensor = tensor(inputs[other]), let values = tensor.doubles,
                shape(of: inputs[kept]).broadcast(with: tensor.shape) == shape(of: inputs[kept]),
                let value = values.first, values.allSatisfy({ $0.bitPattern == value.bitPattern })
            else { continue }
            let isFloat = tensor.elementType.isFloat
            let isNeutral: Bool
            switch function {
            case .add: isNeutral = value == 0 && (!isFloat || value.sign == .minus)
            case .subtract: isNeutral = kept == 0 && value == 0 && value.sign == .plus
            case .multiply: isNeutral = value == 1
            case .divide, .power: isNeutral = kept == 0 && value == 1
            default: isNeutral = false
            }
            if isNeutral { return inputs[kept] }
        }
        return nil
    }
}
