extension SimplificationPass {
    /// Merges additions of and multiplications by `float32` constants, and multiplications into the
    /// constant weights of the convolution or product before them.
    ///
    ///     (x + a) + b → x + (a + b)            (x · a) · b → x · (a · b)
    ///     (x · a + b) · c → x · (a · c) + b · c   conv(x, W) · c → conv(x, W · c), c per channel
    ///
    /// Constants are combined in binary64 and rounded once. Results may differ from the graph's by
    /// the roundings that this moves, as folding a batch normalisation always does.
    public static let mergeAffine = SimplificationPass("mergeAffine") {
        (node, rewriter) throws(GraphError) -> [ValueID]? in
        guard let outer = rewriter.affine(node), rewriter.isUsedOnce(outer.operand) else {
            return nil
        }
        if let product = rewriter.definition(of: outer.operand), outer.function == .multiply,
            let scaled = try rewriter.scaled(product, by: outer.constant)
        {
            return [scaled]
        }
        guard let before = rewriter.definition(of: outer.operand),
            let inner = rewriter.affine(before),
            let combined = try combine(outer, inner),
            combined.shape.elementCount
                <= max(outer.constant.elementCount, inner.constant.elementCount)
        else { return nil }
        if outer.function == inner.function {
            let constant = rewriter.constant(rounded(combined))
            return [
                try rewriter.emit(
                    .binary(outer.function), [inner.operand, constant], name: node.name)
            ]
        }
        // (x + a) · b, where b can go on into what computes x.
        guard outer.function == .multiply, rewriter.isUsedOnce(inner.operand),
            let source = rewriter.definition(of: inner.operand), rewriter.absorbs(source)
        else { return nil }
        let product: ValueID
        if let scaled = try rewriter.scaled(source, by: outer.constant) {
            product = scaled
        } else if let factor = rewriter.affine(source), factor.function == .multiply,
            let merged = try combine(outer, factor)
        {
            let constant = rewriter.constant(rounded(merged))
            product = try rewriter.emit(
                .binary(.multiply), [factor.operand, constant], name: node.name)
        } else {
            return nil
        }
        let shift = rewriter.constant(rounded(combined))
        return [try rewriter.emit(.binary(.add), [product, shift], name: node.name)]
    }

    /// The outer constant applied to the inner one: their sum if both add, else their product.
    private static func combine(_ outer: Affine, _ inner: Affine) throws(GraphError) -> Tensor? {
        if outer.function == .add, inner.function == .multiply { return nil }
        guard outer.constant.shape.broadcast(with: inner.constant.shape) != nil else { return nil }
        let operands = [outer.constant, inner.constant]
        return try Interpreter.evaluate(.binary(outer.function), operands).first
    }
}

/// A node that adds a constant to its operand or multiplies it by one.
private struct Affine {
    /// `add` or `multiply`.
    var function: Binary
    var operand: ValueID
    /// In `float64`.
    var constant: Tensor
}

private func rounded(_ tensor: Tensor) -> Tensor {
    Interpreter.convert(tensor, Conversion(to: .float32))
}

extension Rewriter {
    fileprivate func affine(_ node: Node) -> Affine? {
        guard case .binary(let function) = node.operation,
            type(of: node.inputs[0]).elementType == .float32
        else { return nil }
        let isCommutative = function == .add || function == .multiply
        let isConstantFirst = isCommutative && tensor(node.inputs[0]) != nil
        let (operand, other) = isConstantFirst ? (1, 0) : (0, 1)
        guard tensor(node.inputs[operand]) == nil, let constant = tensor(node.inputs[other]) else {
            return nil
        }
        let wide = Interpreter.convert(constant, Conversion(to: .float64))
        switch function {
        case .add, .multiply:
            return Affine(function: function, operand: node.inputs[operand], constant: wide)
        case .subtract:
            let negated = Interpreter.evaluate(.negate, wide, wide.type)
            return Affine(function: .add, operand: node.inputs[0], constant: negated)
        case .divide:
            let inverse = Interpreter.evaluate(.reciprocal, wide, wide.type)
            return Affine(function: .multiply, operand: node.inputs[0], constant: inverse)
        default: return nil
        }
    }

    /// Whether a node can take in a factor: a product with constant weights or by a constant.
    fileprivate func absorbs(_ node: Node) -> Bool {
        switch node.operation {
        case .convolution, .dot:
            return tensor(node.inputs[1])?.elementType == .float32
                && type(of: node.inputs[0]).elementType == .float32
        case .binary: return affine(node)?.function == .multiply
        default: return false
        }
    }

    /// A product with its constant weights times a factor for each output channel, or nil.
    fileprivate mutating func scaled(_ node: Node, by factor: Tensor) throws(GraphError) -> ValueID?
    {
        guard absorbs(node), node.inputs.count == 2, let weight = tensor(node.inputs[1]) else {
            return nil
        }
        let channelAxis: Int
        let weightAxis: Int
        let result = shape(of: node.outputs[0])
        switch node.operation {
        case .convolution: (channelAxis, weightAxis) = (1, 0)
        case .dot(let dot):
            let free = dot.rightFree(rank: weight.shape.rank)
            guard free.count == 1 else { return nil }
            (channelAxis, weightAxis) = (result.rank - 1, free[0])
        default: return nil
        }
        let missing = result.rank - factor.shape.rank
        guard missing >= 0, factor.shape.broadcast(with: result) == result,
            (0..<factor.shape.rank).allSatisfy({
                factor.shape[$0] == 1 || $0 + missing == channelAxis
            })
        else { return nil }
        var extents = [Int](repeating: 1, count: weight.shape.rank)
        extents[weightAxis] = factor.elementCount
        let wide = Interpreter.convert(weight, Conversion(to: .float64))
        let product = try Interpreter.evaluate(
            .binary(.multiply), [wide, factor.reshaped(to: Shape(extents))])
        let constant = constant(rounded(product[0]))
        return try emit(node.operation, [node.inputs[0], constant], name: node.name)
    }
}
