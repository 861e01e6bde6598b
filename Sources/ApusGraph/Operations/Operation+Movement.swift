extension Operation {
    /// The result type of an operation that moves elements by a fixed rule.
    func movementType(_ operands: [TensorType]) throws(GraphError) -> TensorType {
        switch self {
        case .reshape(let shape):
            guard shape.elementCount == operands[0].shape.elementCount else {
                throw .shapesDisagree(operation: name, [operands[0].shape, shape])
            }
            return TensorType(operands[0].elementType, shape)
        case .transpose(let permutation):
            let shape = operands[0].shape
            try require(permutation.count == shape.rank, "permutation", permutation)
            try requireAxes(permutation, rank: shape.rank)
            return TensorType(
                operands[0].elementType, try Shape(checked: permutation.map { shape[$0] }))
        case .broadcast(let shape):
            guard operands[0].shape.broadcast(with: shape) == shape else {
                throw .shapesDisagree(operation: name, [operands[0].shape, shape])
            }
            return TensorType(operands[0].elementType, shape)
        case .slice(let slice):
            return try sliceType(slice, operands[0])
        case .pad(let padding):
            return try paddedType(padding, operands)
        case .concatenate(let axis):
            return try concatenatedType(axis, operands)
        case .iota(let type, let axis):
            try requireElement(type.elementType.isNumber, type.elementType)
            try requireAxis(axis, rank: type.rank)
            return type
        default:
            preconditionFailure("\(name) does not move by a fixed rule")
        }
    }

    private func sliceType(_ slice: Slice, _ operand: TensorType) throws(GraphError) -> TensorType {
        let rank = operand.rank
        try require(slice.starts.count == rank, "starts", slice.starts)
        try require(slice.counts.count == rank, "counts", slice.counts)
        try require(slice.strides.count == rank, "strides", slice.strides)
        let shape = try Shape(checked: slice.counts)
        for axis in 0..<rank where slice.counts[axis] > 0 {
            let extent = operand.shape[axis]
            try require((0..<extent).contains(slice.starts[axis]), "starts", slice.starts)
            let (span, overflow) = (slice.counts[axis] - 1)
                .multipliedReportingOverflow(by: slice.strides[axis])
            let (last, carried) = slice.starts[axis].addingReportingOverflow(span)
            try require(
                !overflow && !carried && (0..<extent).contains(last), "counts", slice.counts)
        }
        return TensorType(operand.elementType, shape)
    }

    private func paddedType(
        _ padding: Padding, _ operands: [TensorType]
    ) throws(GraphError) -> TensorType {
        try requireSame(operands[0].elementType, operands[1].elementType)
        guard operands[1].shape.elementCount == 1, operands[1].rank == 0 else {
            throw .shapesDisagree(operation: name, operands.map(\.shape))
        }
        let rank = operands[0].rank
        try require(padding.low.count == rank, "low", padding.low)
        try require(padding.high.count == rank, "high", padding.high)
        try require(padding.interior.count == rank, "interior", padding.interior)
        var extents: [Int] = []
        for axis in 0..<rank {
            let extent = operands[0].shape[axis]
            let (low, high) = (padding.low[axis], padding.high[axis])
            let interior = padding.interior[axis]
            try require(abs(checked: low) <= Shape.elementCountMax, "low", padding.low)
            try require(abs(checked: high) <= Shape.elementCountMax, "high", padding.high)
            try require(
                (0...Shape.elementCountMax >> 24).contains(interior), "interior", padding.interior)
            guard let between = (max(extent, 1) - 1).multiplied(by: interior) else {
                throw .illegalShape([extent, interior])
            }
            extents.append(extent + between + low + high)
        }
        return TensorType(operands[0].elementType, try Shape(checked: extents))
    }

    private func concatenatedType(
        _ axis: Int, _ operands: [TensorType]
    ) throws(GraphError) -> TensorType {
        let first = operands[0]
        try requireAxis(axis, rank: first.rank)
        var extents = first.shape.dimensions
        for operand in operands.dropFirst() {
            try requireSame(first.elementType, operand.elementType)
            let fits =
                operand.rank == first.rank
                && (0..<first.rank).allSatisfy { $0 == axis || operand.shape[$0] == extents[$0] }
            guard fits else { throw .shapesDisagree(operation: name, operands.map(\.shape)) }
            extents[axis] += operand.shape[axis]
        }
        return TensorType(first.elementType, try Shape(checked: extents))
    }
}

/// The magnitude, with the one that does not fit taken as the greatest.
private func abs(checked value: Int) -> Int { value == .min ? .max : Swift.abs(value) }

extension Int {
    /// The product, or nil if it does not fit.
    func multiplied(by other: Int) -> Int? {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? nil : product
    }
}
