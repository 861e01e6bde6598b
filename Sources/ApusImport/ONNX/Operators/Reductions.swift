import ApusGraph

// Reductions along axes and running sums.
extension OperatorTable {
    static let reductions: [OperatorRow] = [
        reduction("ReduceSum", axesInputSince: 13) { (node, x, axes, keep) throws(ImportError) in
            try node.reduce(.sum, x, axes: axes, keep: keep)
        },
        reduction("ReduceMean") { (node, x, axes, keep) throws(ImportError) in
            try node.mean(x, axes: axes, keep: keep)
        },
        reduction("ReduceMax") { (node, x, axes, keep) throws(ImportError) in
            try node.reduce(.maximum, x, axes: axes, keep: keep)
        },
        reduction("ReduceMin") { (node, x, axes, keep) throws(ImportError) in
            try node.reduce(.minimum, x, axes: axes, keep: keep)
        },
        reduction("ReduceProd") { (node, x, axes, keep) throws(ImportError) in
            try node.reduce(.product, x, axes: axes, keep: keep)
        },
        reduction("ReduceL1") { (node, x, axes, keep) throws(ImportError) in
            let magnitude = node.elementType(x).isUnsignedInteger ? x : try node.unary(.absolute, x)
            return try node.reduce(.sum, magnitude, axes: axes, keep: keep)
        },
        reduction("ReduceL2") { (node, x, axes, keep) throws(ImportError) in
            let sum = try node.reduce(.sumOfSquares, x, axes: axes, keep: keep)
            return try node.throughFloat(sum) { (sum) throws(ImportError) in
                try node.unary(.sqrt, sum)
            }
        },
        reduction("ReduceSumSquare") { (node, x, axes, keep) throws(ImportError) in
            try node.reduce(.sumOfSquares, x, axes: axes, keep: keep)
        },
        reduction("ReduceLogSum") { (node, x, axes, keep) throws(ImportError) in
            let sum = try node.reduce(.sum, x, axes: axes, keep: keep)
            return try node.throughFloat(sum) { (sum) throws(ImportError) in
                try node.unary(.log, sum)
            }
        },
        reduction("ReduceLogSumExp") { (node, x, axes, keep) throws(ImportError) in
            try node.throughFloat(x) { (x) throws(ImportError) in
                try logSumExp(node, x, axes, keep)
            }
        },
        OperatorRow("CumSum") { (node: NodeContext) throws(ImportError) in try scan(node, .sum) },
        OperatorRow("CumProd") { (node: NodeContext) throws(ImportError) in try scan(node, .product)
        },
    ]

    private static func reduction(
        _ name: String, axesInputSince since: Int = 18,
        _ fold:
            @escaping @Sendable (NodeContext, ValueID, [Int], Bool) throws(ImportError) -> ValueID
    ) -> OperatorRow {
        OperatorRow(name) { (node: NodeContext) throws(ImportError) in
            let x = try node.input(0)
            let given = try node.integers(input: 1, since: since, attribute: "axes") ?? []
            var axes = try node.axes(given, rank: node.rank(x))
            if given.isEmpty, !node.flag("noop_with_empty_axes") { axes = Array(0..<node.rank(x)) }
            return try fold(node, x, axes, node.flag("keepdims", default: true))
        }
    }

    /// log Σ exp x, with the largest x taken out first.
    private static func logSumExp(
        _ node: NodeContext, _ x: ValueID, _ axes: [Int], _ keep: Bool
    ) throws(ImportError) -> ValueID {
        let isEmpty = node.shape(x).elementCount == 0
        // Of nothing the largest would be −∞, whose difference to anything is not a number.
        let largest =
            isEmpty
            ? try node.scalar(0, like: x) : try node.reduce(.maximum, x, axes: axes, keep: true)
        let sum = try node.reduce(
            .sum, try node.unary(.exp, try node.subtract(x, largest)), axes: axes, keep: keep)
        let extents = node.shape(sum).dimensions
        let logarithm = try node.unary(.log, sum)
        if isEmpty { return logarithm }
        return try node.add(logarithm, try node.reshape(largest, extents))
    }

    private static func scan(_ node: NodeContext, _ fold: Scan.Fold) throws(ImportError) -> ValueID
    {
        let x = try node.input(0)
        let axis = try node.axis(try node.integer(try node.input(1)), rank: node.rank(x))
        return try node.emit(
            .scan(
                Scan(
                    fold, axis: axis, isExclusive: node.flag("exclusive"),
                    isReversed: node.flag("reverse"))), x)
    }
}

extension NodeContext {
    /// Applies a function of floating-point numbers to a value of any number type.
    func throughFloat(
        _ x: ValueID, _ function: (ValueID) throws(ImportError) -> ValueID
    ) throws(ImportError) -> ValueID {
        if elementType(x).isFloat { return try function(x) }
        return try convert(try function(try convert(x, .float64)), like: x)
    }
}
