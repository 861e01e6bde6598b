extension Operation {
    /// The types of the results for operands of these types.
    ///
    /// - Throws: the ``GraphError`` that says why the operation is not defined on them.
    public func resultTypes(of operands: [TensorType]) throws(GraphError) -> [TensorType] {
        try requireOperandCount(operands.count)
        switch self {
        case .unary, .binary, .compare, .select, .clamp, .convert, .bitcast:
            return [try elementwiseType(operands)]
        case .reshape, .transpose, .broadcast, .slice, .pad, .concatenate, .iota:
            return [try movementType(operands)]
        case .gather, .gatherND, .gatherElements, .scatterElements, .scatterND:
            return [try indexedType(operands)]
        case .dot(let dot):
            return [try dot.resultType(operands[0], operands[1])]
        case .convolution(let convolution):
            return [try convolution.resultType(operands[0], operands[1])]
        case .reduce, .argument, .reduceWindow, .scan, .sort:
            return try foldTypes(operands)
        case .random(let random):
            return [TensorType(.float32, random.shape)]
        case .host(let operation):
            return operation.resultTypes
        }
    }

    /// The number of operands the operation takes; nil for any number.
    public var operandCount: Int? {
        switch self {
        case .iota, .random: return 0
        case .unary, .convert, .bitcast, .reshape, .transpose, .broadcast, .slice, .reduce,
            .argument, .reduceWindow, .scan, .sort:
            return 1
        case .binary, .compare, .pad, .gather, .gatherND, .gatherElements, .dot, .convolution:
            return 2
        case .select, .clamp, .scatterElements, .scatterND: return 3
        case .concatenate, .host: return nil
        }
    }

    private func requireOperandCount(_ found: Int) throws(GraphError) {
        if let expected = operandCount {
            guard found == expected else {
                throw .operandCount(operation: name, expected: expected, found: found)
            }
        } else if case .concatenate = self, found == 0 {
            throw .operandCount(operation: name, expected: 1, found: 0)
        }
    }
}

// MARK: - Checks that the inference of several operations shares

extension Operation {
    func require(_ condition: Bool, _ attribute: String, _ value: [Int]) throws(GraphError) {
        guard condition else {
            throw .attribute(operation: name, name: attribute, value: value)
        }
    }

    func requireElement(_ condition: Bool, _ type: ElementType) throws(GraphError) {
        guard condition else { throw .elementType(operation: name, type) }
    }

    func requireSame(_ left: ElementType, _ right: ElementType) throws(GraphError) {
        guard left == right else {
            throw .elementTypesDiffer(operation: name, left, right)
        }
    }

    func requireAxis(_ axis: Int, rank: Int) throws(GraphError) {
        guard 0 <= axis, axis < rank else {
            throw .axis(operation: name, axis: axis, rank: rank)
        }
    }

    /// Checks that axes exist and are named once.
    func requireAxes(_ axes: [Int], rank: Int) throws(GraphError) {
        var seen = Set<Int>()
        for axis in axes {
            try requireAxis(axis, rank: rank)
            guard seen.insert(axis).inserted else {
                throw .axis(operation: name, axis: axis, rank: rank)
            }
        }
    }

    func requireIndices(_ type: ElementType) throws(GraphError) {
        try requireElement(type == .int32 || type == .int64, type)
    }
}

extension ElementType {
    /// Whether arithmetic is defined: integers of 8 bits or more and floats of 16 or more.
    public var isNumber: Bool { isArithmeticFloat || (isInteger && bitCount >= 8) }
}
