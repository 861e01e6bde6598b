import ApusGraph

// Activation functions.
extension OperatorTable {
    static let activations: [OperatorRow] = [
        OperatorRow("Relu", relu), OperatorRow("LeakyRelu", leakyRelu), OperatorRow("PRelu", pRelu),
        OperatorRow("ThresholdedRelu", thresholdedRelu), OperatorRow("Elu", elu),
        OperatorRow("Selu", selu), OperatorRow("Celu", celu),
        OperatorRow("Softplus") {
            (node: NodeContext) throws(ImportError) in try softplus(node, try node.input(0))
        },
        OperatorRow("Softsign", softsign), OperatorRow("HardSigmoid", hardSigmoid),
        OperatorRow("HardSwish", hardSwish), OperatorRow("Swish", swish), OperatorRow("Mish", mish),
        OperatorRow("Gelu", gelu), OperatorRow("Shrink", shrink), OperatorRow("Softmax", softmax),
        OperatorRow("LogSoftmax", logSoftmax), OperatorRow("Hardmax", hardmax),
        OperatorRow("SwiGLU", swiGLU),
    ]

    private static func relu(_ node: NodeContext) throws(ImportError) -> ValueID {
        try node.maximum(try node.input(0), 0)
    }

    private static func leakyRelu(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let alpha = node.float("alpha", default: 0.01)
        let scaled = try node.multiply(x, alpha)
        // For slopes of at most one the larger of the two is the right one on either side.
        if alpha >= 0, alpha <= 1 { return try node.maximum(x, scaled) }
        return try node.select(try isNegative(node, x), scaled, x)
    }

    private static func isNegative(_ node: NodeContext, _ x: ValueID) throws(ImportError) -> ValueID
    {
        try node.compare(.less, x, try node.scalar(0, like: x))
    }

    private static func pRelu(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        var slope = try node.input(1)
        if node.version < 7, node.rank(slope) == 1, node.rank(x) > 2, node.shape(slope)[0] > 1 {
            slope = try node.along(1, rank: node.rank(x), slope)
        }
        return try node.select(try isNegative(node, x), try node.multiply(x, slope), x)
    }

    private static func thresholdedRelu(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let threshold = try node.scalar(node.float("alpha", default: 1), like: x)
        return try node.select(
            try node.compare(.greater, x, threshold), x, try node.scalar(0, like: x))
    }

    private static func elu(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let below = try node.multiply(
            try node.add(try node.unary(.exp, x), -1), node.float("alpha", default: 1))
        return try node.select(try isNegative(node, x), below, x)
    }

    private static func selu(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        // The defaults are those of the operator's definition.
        let alpha = node.float("alpha", default: 1.67326319217681884765625)
        let gamma = node.float("gamma", default: 1.05070102214813232421875)
        let below = try node.multiply(try node.add(try node.unary(.exp, x), -1), alpha * gamma)
        return try node.select(try isNegative(node, x), below, try node.multiply(x, gamma))
    }

    private static func celu(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let alpha = node.float("alpha", default: 1)
        let exponential = try node.unary(.exp, try node.divide(x, alpha))
        let below = try node.multiply(try node.add(exponential, -1), alpha)
        return try node.select(try isNegative(node, x), below, x)
    }

    /// log(1 + exp x), arranged so that exp cannot overflow.
    static func softplus(_ node: NodeContext, _ x: ValueID) throws(ImportError) -> ValueID {
        let decay = try node.unary(.exp, try node.unary(.negate, try node.unary(.absolute, x)))
        return try node.add(try node.maximum(x, 0), try node.unary(.log, try node.add(decay, 1)))
    }

    private static func softsign(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        return try node.divide(x, try node.add(try node.unary(.absolute, x), 1))
    }

    /// clamp(alpha x + beta, 0, 1)
    static func hardSigmoid(
        _ node: NodeContext, _ x: ValueID, alpha: Double, beta: Double
    ) throws(ImportError) -> ValueID {
        let line = try node.add(try node.multiply(x, alpha), beta)
        return try node.emit(
            .clamp, line, try node.scalar(0, like: x), try node.scalar(1, like: x))
    }

    private static func hardSigmoid(_ node: NodeContext) throws(ImportError) -> ValueID {
        try hardSigmoid(
            node, try node.input(0), alpha: node.float("alpha", default: 0.2),
            beta: node.float("beta", default: 0.5))
    }

    private static func hardSwish(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        return try node.multiply(x, try hardSigmoid(node, x, alpha: 1.0 / 6, beta: 0.5))
    }

    /// x times sigmoid(alpha x)
    static func swish(_ node: NodeContext, _ x: ValueID, alpha: Double) throws(ImportError)
        -> ValueID
    {
        let scaled = alpha == 1 ? x : try node.multiply(x, alpha)
        return try node.multiply(x, try node.unary(.sigmoid, scaled))
    }

    private static func swish(_ node: NodeContext) throws(ImportError) -> ValueID {
        try swish(node, try node.input(0), alpha: node.float("alpha", default: 1))
    }

    private static func swiGLU(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (x, gate) = (try node.input(0), try node.input(1))
        return try node.multiply(
            try swish(node, x, alpha: node.float("alpha", default: 1)), gate)
    }

    private static func mish(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        return try node.multiply(x, try node.unary(.tanh, try softplus(node, x)))
    }

    private static func gelu(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.widened(try node.input(0))
        let mode = node.string("approximate", default: "none")
        let inner: ValueID
        switch mode {
        case "none":
            inner = try node.unary(.erf, try node.multiply(x, 0.5.squareRoot()))
        case "tanh":
            let cube = try node.multiply(try node.square(x), x)
            let line = try node.add(x, try node.multiply(cube, 0.044715))
            inner = try node.unary(.tanh, try node.multiply(line, (2 / Double.pi).squareRoot()))
        default:
            throw node.illegal("approximate", mode, "none or tanh")
        }
        let result = try node.multiply(try node.multiply(x, 0.5), try node.add(inner, 1))
        return try node.convert(result, like: try node.input(0))
    }

    private static func shrink(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let (bias, lambda) = (node.float("bias", default: 0), node.float("lambd", default: 0.5))
        let isBelow = try node.compare(.less, x, try node.scalar(-lambda, like: x))
        let isAbove = try node.compare(.greater, x, try node.scalar(lambda, like: x))
        let shrunk = try node.select(
            isAbove, try node.subtract(x, try node.scalar(bias, like: x)),
            try node.scalar(0, like: x))
        return try node.select(isBelow, try node.add(x, bias), shrunk)
    }

    /// The axes that a softmax runs over: before operator set 13 all from `axis` on.
    private static func softmaxAxes(_ node: NodeContext, rank: Int) throws(ImportError) -> [Int] {
        let axis = try node.axis(node.int("axis", default: node.version < 13 ? 1 : -1), rank: rank)
        return node.version < 13 ? Array(axis..<rank) : [axis]
    }

    /// exp(x − max) over its sum.
    static func softmax(_ node: NodeContext, _ x: ValueID, axes: [Int]) throws(ImportError)
        -> ValueID
    {
        let shifted = try node.subtract(x, try node.reduce(.maximum, x, axes: axes))
        let exponential = try node.unary(.exp, shifted)
        return try node.divide(exponential, try node.reduce(.sum, exponential, axes: axes))
    }

    private static func softmax(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.widened(try node.input(0))
        let axes = try softmaxAxes(node, rank: node.rank(x))
        return try node.convert(try softmax(node, x, axes: axes), like: try node.input(0))
    }

    /// x − max − log Σ exp(x − max)
    static func logSoftmax(
        _ node: NodeContext, _ x: ValueID, axes: [Int]
    ) throws(ImportError) -> ValueID {
        let shifted = try node.subtract(x, try node.reduce(.maximum, x, axes: axes))
        let sum = try node.reduce(.sum, try node.unary(.exp, shifted), axes: axes)
        return try node.subtract(shifted, try node.unary(.log, sum))
    }

    private static func logSoftmax(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.widened(try node.input(0))
        let axes = try softmaxAxes(node, rank: node.rank(x))
        return try node.convert(try logSoftmax(node, x, axes: axes), like: try node.input(0))
    }

    private static func hardmax(_ node: NodeContext) throws(ImportError) -> ValueID {
        let input = try node.input(0)
        let extents = node.shape(input).dimensions
        let axes = try softmaxAxes(node, rank: extents.count)
        let outer = extents[..<axes[0]].reduce(1, *)
        let isFlat = axes.count > 1
        let x = isFlat ? try node.reshape(input, [outer, extents[axes[0]...].reduce(1, *)]) : input
        let axis = isFlat ? 1 : axes[0]
        let best = try node.emit(
            .argument(ArgumentReduction(axis: axis, largest: true, keepDimension: true)), x)
        let positions = try node.iota(.int64, node.shape(x).dimensions, axis: axis)
        let hot = try node.convert(try node.compare(.equal, positions, best), like: x)
        return try node.reshape(hot, extents)
    }
}
