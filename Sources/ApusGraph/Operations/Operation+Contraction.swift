extension Dot {
    /// The type of the product of two operands.
    func resultType(_ left: TensorType, _ right: TensorType) throws(GraphError) -> TensorType {
        let operation = Operation.dot(self)
        try operation.requireProduct(left.elementType, right.elementType, self.resultType)
        try operation.requireAxes(leftBatch + leftContracting, rank: left.rank)
        try operation.requireAxes(rightBatch + rightContracting, rank: right.rank)
        let pairs =
            zip(leftBatch, rightBatch).map { ($0, $1) }
            + zip(leftContracting, rightContracting).map { ($0, $1) }
        guard leftBatch.count == rightBatch.count, leftContracting.count == rightContracting.count,
            pairs.allSatisfy({ left.shape[$0.0] == right.shape[$0.1] })
        else { throw .shapesDisagree(operation: operation.name, [left.shape, right.shape]) }
        let extents =
            leftBatch.map { left.shape[$0] } + leftFree(rank: left.rank).map { left.shape[$0] }
            + rightFree(rank: right.rank).map { right.shape[$0] }
        return TensorType(self.resultType, try Shape(checked: extents))
    }

    /// The left operand's axes that are neither batch nor contracting, ascending.
    public func leftFree(rank: Int) -> [Int] {
        (0..<rank).filter { !leftBatch.contains($0) && !leftContracting.contains($0) }
    }

    /// The right operand's axes that are neither batch nor contracting, ascending.
    public func rightFree(rank: Int) -> [Int] {
        (0..<rank).filter { !rightBatch.contains($0) && !rightContracting.contains($0) }
    }
}

extension Convolution {
    /// The type of the convolution of two operands.
    func resultType(_ x: TensorType, _ weight: TensorType) throws(GraphError) -> TensorType {
        let operation = Operation.convolution(self)
        try operation.requireProduct(x.elementType, weight.elementType, self.resultType)
        let spatial = strides.count
        let disagreement = GraphError.shapesDisagree(
            operation: operation.name, [x.shape, weight.shape])
        guard (1...3).contains(spatial), x.rank == spatial + 2, weight.rank == spatial + 2 else {
            throw disagreement
        }
        try operation.require(
            groups >= 1 && weight.shape[0] % max(groups, 1) == 0, "groups", [groups])
        guard x.shape[1] / groups == weight.shape[1], x.shape[1] % groups == 0 else {
            throw disagreement
        }
        var extents = [x.shape[0], weight.shape[0]]
        for (name, list) in [
            ("strides", strides), ("inputDilations", inputDilations),
            ("weightDilations", weightDilations),
        ] {
            try operation.require(
                list.count == spatial && list.allSatisfy { (1...1 << 24).contains($0) }, name, list)
        }
        for (name, list) in [("low", low), ("high", high)] {
            let bound = -(1 << 40)...(1 << 40)
            try operation.require(
                list.count == spatial && list.allSatisfy(bound.contains), name, list)
        }
        for axis in 0..<spatial {
            guard let extent = windowCount(axis, x.shape[axis + 2], weight.shape[axis + 2]) else {
                throw disagreement
            }
            extents.append(extent)
        }
        return TensorType(self.resultType, try Shape(checked: extents))
    }

    private func windowCount(_ axis: Int, _ extent: Int, _ kernel: Int) -> Int? {
        guard let dilated = (max(extent, 1) - 1).multiplied(by: inputDilations[axis]),
            let reach = (max(kernel, 1) - 1).multiplied(by: weightDilations[axis]), kernel > 0
        else { return nil }
        let padded = (extent == 0 ? 0 : dilated + 1) + low[axis] + high[axis]
        let free = padded - reach - 1
        return free < 0 ? 0 : free / strides[axis] + 1
    }
}

extension Operation {
    /// Checks the element types of a product that is summed in `result`.
    fileprivate func requireProduct(
        _ left: ElementType, _ right: ElementType, _ result: ElementType
    ) throws(GraphError) {
        let bytes: [ElementType] = [.int8, .uint8]
        if bytes.contains(left), bytes.contains(right), result == .int32 { return }
        try requireSame(left, right)
        try requireElement(left.isNumber, left)
        try requireElement(result == left || (left.isArithmeticFloat && result == .float32), result)
    }
}
