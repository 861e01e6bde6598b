extension Operation {
    /// The result types of an operation that folds or orders elements along axes.
    func foldTypes(_ operands: [TensorType]) throws(GraphError) -> [TensorType] {
        let operand = operands[0]
        let type = operand.elementType
        switch self {
        case .reduce(let reduction, let axes, let keepDimensions):
            try requireElement(reduction.isDefined(on: type), type)
            try requireAxes(axes, rank: operand.rank)
            let shape = try reduced(operand.shape, axes, keepDimensions)
            return [TensorType(type, shape)]
        case .argument(let argument):
            try requireElement(type.isNumber, type)
            try requireAxis(argument.axis, rank: operand.rank)
            try require(operand.shape[argument.axis] > 0, "axis", [argument.axis])
            let shape = try reduced(operand.shape, [argument.axis], argument.keepDimension)
            return [TensorType(.int64, shape)]
        case .reduceWindow(_, let window):
            try requireElement(type.isNumber, type)
            return [TensorType(type, try windowed(operand.shape, window))]
        case .scan(let scan):
            try requireElement(type.isNumber, type)
            try requireAxis(scan.axis, rank: operand.rank)
            return [operand]
        case .sort(let sort):
            try requireElement(type.isNumber, type)
            try requireAxis(sort.axis, rank: operand.rank)
            try require(
                (0...operand.shape[sort.axis]).contains(sort.count), "count", [sort.count])
            var extents = operand.shape.dimensions
            extents[sort.axis] = sort.count
            let shape = try Shape(checked: extents)
            return [TensorType(type, shape), TensorType(.int64, shape)]
        default:
            preconditionFailure("\(name) does not fold")
        }
    }

    private func reduced(
        _ shape: Shape, _ axes: [Int], _ keepDimensions: Bool
    ) throws(GraphError) -> Shape {
        var extents: [Int] = []
        for axis in 0..<shape.rank {
            if !axes.contains(axis) {
                extents.append(shape[axis])
            } else if keepDimensions {
                extents.append(1)
            }
        }
        return try Shape(checked: extents)
    }

    private func windowed(_ shape: Shape, _ window: Window) throws(GraphError) -> Shape {
        let rank = shape.rank
        for (name, list) in [
            ("extents", window.extents), ("strides", window.strides),
            ("dilations", window.dilations),
        ] {
            let isLegal = list.count == rank && list.allSatisfy { (1...1 << 24).contains($0) }
            try require(isLegal, name, list)
        }
        for (name, list) in [("low", window.low), ("high", window.high)] {
            let bound = -(1 << 40)...(1 << 40)
            try require(list.count == rank && list.allSatisfy(bound.contains), name, list)
        }
        var extents: [Int] = []
        for axis in 0..<rank {
            let padded = shape[axis] + window.low[axis] + window.high[axis]
            let free = padded - (window.extents[axis] - 1) * window.dilations[axis] - 1
            extents.append(free < 0 ? 0 : free / window.strides[axis] + 1)
        }
        return try Shape(checked: extents)
    }
}

extension Reduction {
    /// Whether the reduction is defined on elements of this type.
    public func isDefined(on type: ElementType) -> Bool {
        switch self {
        case .sum, .product, .sumOfSquares: return type.isNumber
        case .maximum, .minimum: return type.isNumber || type == .bool
        case .and, .or: return type == .bool
        }
    }
}
