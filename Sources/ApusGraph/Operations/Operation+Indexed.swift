extension Operation {
    /// The result type of an operation whose places are given by an operand.
    func indexedType(_ operands: [TensorType]) throws(GraphError) -> TensorType {
        let (data, indices) = (operands[0], operands[1])
        try requireIndices(indices.elementType)
        switch self {
        case .gather(let axis):
            try requireAxis(axis, rank: data.rank)
            var extents = data.shape.dimensions
            extents.replaceSubrange(axis...axis, with: indices.shape.dimensions)
            return TensorType(data.elementType, try Shape(checked: extents))
        case .gatherND(let batchDimensions):
            let tail = try coordinateTail(data, indices, batchDimensions: batchDimensions)
            let extents = indices.shape.dimensions.dropLast() + tail
            return TensorType(data.elementType, try Shape(checked: Array(extents)))
        case .gatherElements(let axis):
            try requireSameRankExcept(axis, data, indices)
            return TensorType(data.elementType, indices.shape)
        case .scatterElements(let axis, let reduction):
            try requireReduction(reduction, data.elementType)
            try requireSame(data.elementType, operands[2].elementType)
            try requireSameRankExcept(axis, data, indices)
            guard operands[2].shape == indices.shape else {
                throw .shapesDisagree(operation: name, operands.map(\.shape))
            }
            return data
        case .scatterND(let reduction):
            try requireReduction(reduction, data.elementType)
            try requireSame(data.elementType, operands[2].elementType)
            let tail = try coordinateTail(data, indices, batchDimensions: 0)
            guard operands[2].shape.dimensions == indices.shape.dimensions.dropLast() + tail else {
                throw .shapesDisagree(operation: name, operands.map(\.shape))
            }
            return data
        default:
            preconditionFailure("\(name) takes no indices")
        }
    }

    private func requireReduction(
        _ reduction: ScatterReduction, _ type: ElementType
    ) throws(GraphError) {
        try requireElement(reduction == .replace || type.isNumber, type)
    }

    private func requireSameRankExcept(
        _ axis: Int, _ data: TensorType, _ indices: TensorType
    ) throws(GraphError) {
        try requireAxis(axis, rank: data.rank)
        let fits =
            indices.rank == data.rank
            && (0..<data.rank).allSatisfy { $0 == axis || indices.shape[$0] <= data.shape[$0] }
        guard fits else { throw .shapesDisagree(operation: name, [data.shape, indices.shape]) }
    }

    /// The axes of data that the coordinates in the last axis of `indices` leave whole.
    private func coordinateTail(
        _ data: TensorType, _ indices: TensorType, batchDimensions: Int
    ) throws(GraphError) -> [Int] {
        let disagreement = GraphError.shapesDisagree(
            operation: name, [data.shape, indices.shape])
        guard let depth = indices.shape.last else { throw disagreement }
        try require(
            0 <= batchDimensions && batchDimensions < indices.rank, "batchDimensions",
            [batchDimensions])
        guard depth <= data.rank - batchDimensions,
            indices.shape.prefix(batchDimensions).elementsEqual(data.shape.prefix(batchDimensions))
        else { throw disagreement }
        return Array(data.shape.dropFirst(batchDimensions + depth))
    }
}
