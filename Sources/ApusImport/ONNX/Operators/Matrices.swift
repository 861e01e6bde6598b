import ApusGraph

// Matrix products.
extension OperatorTable {
    static let matrices: [OperatorRow] = [
        OperatorRow("MatMul") { (node: NodeContext) throws(ImportError) in
            let (a, b) = (try node.input(0), try node.input(1))
            return try node.matrixProduct(a, b, node.elementType(a))
        },
        OperatorRow("Gemm", gemm), OperatorRow("Einsum", einsum), OperatorRow("Det", determinant),
    ]

    private static func gemm(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (a, b) = (try node.input(0), try node.input(1))
        try node.require(
            node.rank(a) == 2 && node.rank(b) == 2, "ranks", "\([node.rank(a), node.rank(b)])", "2")
        // A transposed operand is contracted along its other axis; nothing is moved.
        let dot = Dot(
            leftBatch: [], rightBatch: [], leftContracting: [node.flag("transA") ? 0 : 1],
            rightContracting: [node.flag("transB") ? 1 : 0], resultType: node.elementType(a))
        var product = try node.emit(.dot(dot), a, b)
        let alpha = node.float("alpha", default: 1)
        if alpha != 1 { product = try scaled(node, product, alpha) }
        let beta = node.float("beta", default: 1)
        guard var addend = try node.optionalInput(2), beta != 0 else { return product }
        if beta != 1 { addend = try scaled(node, addend, beta) }
        return try node.add(product, addend)
    }

    private static func scaled(
        _ node: NodeContext, _ x: ValueID, _ factor: Double
    ) throws(ImportError) -> ValueID {
        try node.throughFloat(x) { (x) throws(ImportError) in try node.multiply(x, factor) }
    }

    /// The determinants of the last two axes, by elimination with the largest pivot of each column.
    private static func determinant(_ node: NodeContext) throws(ImportError) -> ValueID {
        let input = try node.input(0)
        let extents = node.shape(input).dimensions
        try node.require(
            extents.count >= 2 && extents[extents.count - 1] == extents[extents.count - 2],
            "shape", "\(extents)", "square in its last two axes")
        let size = extents[extents.count - 1]
        try node.require((1...64).contains(size), "matrix size", "\(size)", "from 1 to 64")
        let batch = extents.dropLast(2).reduce(1, *)
        var rest = try node.reshape(try node.widened(input), [batch, size, size])
        var result = try node.broadcast(try node.scalar(1, like: rest), [batch])
        for step in 0..<size {
            let count = size - step
            let column = try node.item(rest, axis: 2, 0)
            let best = try node.emit(
                .argument(ArgumentReduction(axis: 1, largest: true, keepDimension: true)),
                try node.unary(.absolute, column))
            let rows = try node.iota(.int64, [batch, count], axis: 1)
            let isFirst = try node.compare(.equal, rows, try node.scalar(0, .int64))
            let isBest = try node.compare(.equal, rows, best)
            // Rows 0 and `best` change places.
            let order = try node.select(
                isFirst, try node.broadcast(best, [batch, count]),
                try node.select(isBest, try node.scalar(0, .int64), rows))
            let index = try node.broadcast(try node.unsqueeze(order, 2), [batch, count, count])
            let ordered = try node.emit(.gatherElements(axis: 1), rest, index)
            let top = try node.slice(ordered, axis: 1, 0..<1)
            let pivot = try node.slice(top, axis: 2, 0..<1)
            let didSwap = try node.compare(
                .notEqual, try node.reshape(best, [batch]), try node.scalar(0, .int64))
            let flat = try node.reshape(pivot, [batch])
            let signed = try node.select(didSwap, try node.unary(.negate, flat), flat)
            result = try node.multiply(result, signed)
            if count == 1 { break }
            let isZero = try node.compare(.equal, pivot, try node.scalar(0, like: pivot))
            let divisor = try node.select(isZero, try node.scalar(1, like: pivot), pivot)
            let below = try node.slice(ordered, axis: 1, 1..<count)
            let factor = try node.divide(try node.slice(below, axis: 2, 0..<1), divisor)
            let reduced = try node.subtract(below, try node.multiply(factor, top))
            rest = try node.slice(reduced, axis: 2, 1..<count)
        }
        return try node.convert(try node.reshape(result, Array(extents.dropLast(2))), like: input)
    }
}

extension NodeContext {
    /// NumPy's matmul: vectors are promoted, leading axes broadcast.
    func matrixProduct(
        _ left: ValueID, _ right: ValueID, _ resultType: ElementType
    ) throws(ImportError) -> ValueID {
        try require(rank(left) >= 1 && rank(right) >= 1, "rank", "0", "at least 1")
        var (a, b) = (left, right)
        if rank(left) == 1 { a = try unsqueeze(a, 0) }
        if rank(right) == 1 { b = try unsqueeze(b, 1) }
        var product: ValueID
        if rank(b) == 2 {
            product = try emit(
                .dot(
                    Dot(
                        leftBatch: [], rightBatch: [], leftContracting: [rank(a) - 1],
                        rightContracting: [0], resultType: resultType)), a, b)
        } else {
            let leading = Shape(Array(shape(a).dimensions.dropLast(2)))
            guard let batch = leading.broadcast(with: Shape(Array(shape(b).dimensions.dropLast(2))))
            else {
                throw failure(
                    .graph(.shapesDisagree(operation: "matmul", [shape(left), shape(right)])))
            }
            a = try broadcast(a, batch.dimensions + shape(a).dimensions.suffix(2))
            b = try broadcast(b, batch.dimensions + shape(b).dimensions.suffix(2))
            product = try emit(.dot(.matmul(batchRank: batch.rank, resultType: resultType)), a, b)
        }
        if rank(right) == 1 { product = try squeeze(product, rank(product) - 1) }
        if rank(left) == 1 {
            product = try squeeze(product, rank(product) - (rank(right) == 1 ? 1 : 2))
        }
        return product
    }
}
