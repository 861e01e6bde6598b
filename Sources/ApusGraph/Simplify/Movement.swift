extension SimplificationPass {
    /// Makes one node of two that only move elements, and a reshape of a transposition that moves
    /// none.
    public static let mergeMovement = SimplificationPass("mergeMovement") {
        (node, rewriter) throws(GraphError) -> [ValueID]? in
        guard let input = node.inputs.first else { return nil }
        let shape = rewriter.shape(of: input)
        if case .transpose(let permutation) = node.operation,
            permutation.filter({ shape[$0] != 1 })
                == permutation.filter({ shape[$0] != 1 }).sorted()
        {
            let moved = Shape(permutation.map { shape[$0] })
            return [try rewriter.emit(.reshape(moved), [input], name: node.name)]
        }
        guard let before = rewriter.definition(of: input), let origin = before.inputs.first,
            let merged = node.operation.merged(after: before.operation, rewriter.type(of: origin))
        else { return nil }
        return [try rewriter.emit(merged, [origin], name: node.name)]
    }

    /// Lets an elementwise node broadcast an operand itself.
    public static let removeBroadcasts = SimplificationPass("removeBroadcasts") {
        (node, rewriter) throws(GraphError) -> [ValueID]? in
        guard node.operation.isElementwise, node.inputs.count > 1,
            let result = rewriter.resultTypes(of: node).first
        else { return nil }
        var inputs = node.inputs
        for position in inputs.indices {
            guard let before = rewriter.definition(of: inputs[position]),
                case .broadcast = before.operation
            else { continue }
            var narrower = inputs
            narrower[position] = before.inputs[0]
            let types = narrower.map { rewriter.type(of: $0) }
            if let type = try? node.operation.resultTypes(of: types).first, type == result {
                inputs = narrower
            }
        }
        guard inputs != node.inputs else { return nil }
        return [try rewriter.emit(node.operation, inputs, name: node.name)]
    }

    /// Moves zero padding into the convolution, and least-value or zero padding into the window
    /// reduction, that reads it.
    public static let mergePadding = SimplificationPass("mergePadding") {
        (node, rewriter) throws(GraphError) -> [ValueID]? in
        guard let padded = node.inputs.first, let before = rewriter.definition(of: padded),
            case .pad(let padding) = before.operation,
            padding.interior.allSatisfy({ $0 == 0 }),
            (padding.low + padding.high).allSatisfy({ $0 >= 0 }),
            let fill = rewriter.tensor(before.inputs[1])?.doubles?.first
        else { return nil }
        switch node.operation {
        case .convolution(var convolution):
            // With dilated input the padding would be dilated as well.
            guard fill == 0, convolution.inputDilations.allSatisfy({ $0 == 1 }),
                padding.low.prefix(2) == [0, 0], padding.high.prefix(2) == [0, 0],
                (convolution.low + convolution.high).allSatisfy({ $0 >= 0 })
            else { return nil }
            convolution.low = zip(convolution.low, padding.low.dropFirst(2)).map { $0 + $1 }
            convolution.high = zip(convolution.high, padding.high.dropFirst(2)).map { $0 + $1 }
            let inputs = [before.inputs[0]] + node.inputs.dropFirst()
            return [try rewriter.emit(.convolution(convolution), inputs, name: node.name)]
        case .reduceWindow(let reduction, var window):
            let identity = reduction == .sum ? 0 : -Double.infinity
            guard fill == identity, (window.low + window.high).allSatisfy({ $0 >= 0 }) else {
                return nil
            }
            window.low = zip(window.low, padding.low).map { $0 + $1 }
            window.high = zip(window.high, padding.high).map { $0 + $1 }
            let merged = Operation.reduceWindow(reduction, window)
            return [try rewriter.emit(merged, [before.inputs[0]], name: node.name)]
        default: return nil
        }
    }
}

extension Operation {
    /// The one operation that does what `before` on an operand of `type` and then this one do.
    fileprivate func merged(after before: Operation, _ type: TensorType) -> Operation? {
        switch (self, before) {
        case (.reshape, .reshape): return self
        case (.bitcast, .bitcast): return self
        case (.transpose(let second), .transpose(let first)):
            return .transpose(second.map { first[$0] })
        case (.broadcast(let second), .broadcast(let first)):
            // A broadcast to an empty shape hides what the first one checked.
            return first.elementCount > 0 && type.shape.broadcast(with: second) == second
                ? self : nil
        case (.slice(let second), .slice(let first)):
            return .slice(
                Slice(
                    starts: second.starts.indices.map {
                        first.starts[$0] + second.starts[$0] * first.strides[$0]
                    }, counts: second.counts,
                    strides: zip(first.strides, second.strides).map { $0 * $1 }))
        case (.convert(let second), .convert(let first)):
            // A widening first step loses nothing that the second could have kept. But integers
            // wrap where what went through a floating-point type saturates.
            let isDetour =
                !type.elementType.isFloat && first.elementType.isFloat
                && !second.elementType.isFloat
            return first.elementType.holds(type.elementType) && !isDetour ? .convert(second) : nil
        default: return nil
        }
    }
}

extension ElementType {
    /// Whether every value of `other` is a value of this type.
    public func holds(_ other: ElementType) -> Bool {
        if self == other { return true }
        let precision: [ElementType: (bits: Int, least: Int, greatest: Int)] = [
            .float16: (11, -24, 15), .bfloat16: (8, -133, 127), .float32: (24, -149, 127),
            .float64: (53, -1074, 1023),
        ]
        if let wide = precision[self] {
            if let narrow = precision[other] {
                return narrow.bits <= wide.bits && narrow.least >= wide.least
                    && narrow.greatest <= wide.greatest
            }
            guard other.isInteger || other == .bool else { return false }
            return other.bitCount - (other.isSignedInteger ? 1 : 0) <= min(wide.bits, wide.greatest)
        }
        guard isInteger else { return false }
        if other == .bool { return true }
        guard other.isInteger else { return false }
        let room = bitCount - (isSignedInteger ? 1 : 0)
        let needed = other.bitCount - (other.isSignedInteger ? 1 : 0)
        return needed <= room && (isSignedInteger || other.isUnsignedInteger)
    }
}
