import ApusGraph

// Normalisations.
extension OperatorTable {
    static let normalizations: [OperatorRow] = [
        OperatorRow("BatchNormalization", outputs: batchNormalization),
        OperatorRow("InstanceNormalization", instanceNormalization),
        OperatorRow("LayerNormalization", outputs: layerNormalization),
        OperatorRow("GroupNormalization", groupNormalization),
        OperatorRow("RMSNormalization", rmsNormalization), OperatorRow("LRN", localResponse),
        OperatorRow("MeanVarianceNormalization", meanVariance),
        OperatorRow("LpNormalization", lpNormalization),
    ]

    private static func batchNormalization(_ node: NodeContext) throws(ImportError) -> [TraceValue]
    {
        let input = try node.input(0)
        let x = try node.widened(input)
        let rank = node.rank(x)
        try node.require(rank >= 1, "rank", "\(rank)", "at least 1")
        let (scale, bias) = (try node.input(1), try node.input(2))
        var (mean, variance) = (try node.input(3), try node.input(4))
        var running: [TraceValue] = []
        if node.flag("training_mode"), node.version >= 14 {
            let axes = (0..<rank).filter { $0 != 1 }
            let momentum = node.float("momentum", default: 0.9)
            let (batchMean, batchVariance) = try moments(node, x, axes: axes)
            let count = node.shape(scale).elementCount
            for (old, new) in [(mean, batchMean), (variance, batchVariance)] {
                let fresh = try node.convert(try node.reshape(new, [count]), like: old)
                let blend = try node.add(
                    try node.multiply(old, momentum), try node.multiply(fresh, 1 - momentum))
                running.append(.tensor(blend))
            }
            mean = try node.reshape(batchMean, [count])
            variance = try node.reshape(batchVariance, [count])
        }
        // One multiply-add per element; the per-channel factors are constants in most models.
        let epsilon = node.float("epsilon", default: 1e-5)
        let deviation = try node.unary(
            .sqrt, try node.add(try node.convert(variance, like: x), epsilon))
        let factor = try node.divide(try node.convert(scale, like: x), deviation)
        let offset = try node.subtract(
            try node.convert(bias, like: x),
            try node.multiply(try node.convert(mean, like: x), factor))
        let axis = min(1, rank - 1)
        let scaled = try node.multiply(x, try node.along(axis, rank: rank, factor))
        let result = try node.add(scaled, try node.along(axis, rank: rank, offset))
        return [.tensor(try node.convert(result, like: input))] + running
    }

    /// Mean and variance over axes, which stay with extent 1.
    static func moments(
        _ node: NodeContext, _ x: ValueID, axes: [Int]
    ) throws(ImportError) -> (mean: ValueID, variance: ValueID) {
        let mean = try node.mean(x, axes: axes)
        let centred = try node.subtract(x, mean)
        return (mean, try node.mean(try node.square(centred), axes: axes))
    }

    /// (x − mean) / sqrt(variance + epsilon) over axes.
    private static func normalized(
        _ node: NodeContext, _ x: ValueID, axes: [Int], epsilon: Double
    ) throws(ImportError) -> (result: ValueID, mean: ValueID, inverse: ValueID) {
        let mean = try node.mean(x, axes: axes)
        let centred = try node.subtract(x, mean)
        let variance = try node.mean(try node.square(centred), axes: axes)
        let inverse = try node.unary(
            .reciprocal, try node.unary(.sqrt, try node.add(variance, epsilon)))
        return (try node.multiply(centred, inverse), mean, inverse)
    }

    private static func instanceNormalization(_ node: NodeContext) throws(ImportError) -> ValueID {
        let input = try node.input(0)
        let x = try node.widened(input)
        let rank = node.rank(x)
        try node.require(rank >= 2, "rank", "\(rank)", "at least 2")
        let unit = try normalized(
            node, x, axes: Array(2..<rank), epsilon: node.float("epsilon", default: 1e-5)
        ).result
        let scale = try node.along(1, rank: rank, try node.convert(try node.input(1), like: x))
        let bias = try node.along(1, rank: rank, try node.convert(try node.input(2), like: x))
        return try node.convert(try node.add(try node.multiply(unit, scale), bias), like: input)
    }

    private static func layerNormalization(_ node: NodeContext) throws(ImportError) -> [TraceValue]
    {
        let input = try node.input(0)
        let x = try node.widened(input)
        let axis = try node.axis(node.int("axis", default: -1), rank: node.rank(x))
        let unit = try normalized(
            node, x, axes: Array(axis..<node.rank(x)), epsilon: node.float("epsilon", default: 1e-5)
        )
        var result = try node.multiply(
            try node.convert(unit.result, like: input), try node.input(1))
        if let bias = try node.optionalInput(2) { result = try node.add(result, bias) }
        return [.tensor(result), .tensor(unit.mean), .tensor(unit.inverse)]
    }

    private static func rmsNormalization(_ node: NodeContext) throws(ImportError) -> ValueID {
        let input = try node.input(0)
        let x = try node.widened(input)
        let axis = try node.axis(node.int("axis", default: -1), rank: node.rank(x))
        let meanSquare = try node.mean(try node.square(x), axes: Array(axis..<node.rank(x)))
        let root = try node.unary(
            .sqrt, try node.add(meanSquare, node.float("epsilon", default: 1e-5)))
        let unit = try node.divide(x, root)
        let scale = try node.input(1)
        return try node.multiply(try node.convert(unit, like: scale), scale)
    }

    private static func groupNormalization(_ node: NodeContext) throws(ImportError) -> ValueID {
        let input = try node.input(0)
        let x = try node.widened(input)
        let extents = node.shape(x).dimensions
        let groups = node.int("num_groups", default: 1)
        try node.require(
            extents.count >= 2 && groups >= 1 && extents[1] % max(groups, 1) == 0, "num_groups",
            "\(groups)", "a divisor of the channels")
        let split = [extents[0], groups, extents[1] / groups] + extents[2...]
        let unit = try normalized(
            node, try node.reshape(x, split), axes: Array(2..<split.count),
            epsilon: node.float("epsilon", default: 1e-5)
        ).result
        func spread(_ value: ValueID) throws(ImportError) -> ValueID {
            let wide = try node.convert(value, like: x)
            // Before operator set 21 there is one value for each group, then one for each channel.
            if node.shape(value).elementCount == groups, groups != extents[1] {
                return try node.along(1, rank: split.count, wide)
            }
            return try node.reshape(
                wide,
                [1, groups, extents[1] / groups] + Array(repeating: 1, count: split.count - 3))
        }
        let scaled = try node.multiply(unit, try spread(try node.input(1)))
        let result = try node.add(scaled, try spread(try node.input(2)))
        return try node.convert(try node.reshape(result, extents), like: input)
    }

    private static func localResponse(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let rank = node.rank(x)
        try node.require(rank >= 2, "rank", "\(rank)", "at least 2")
        let size = node.int("size", default: 1)
        try node.require((1...1 << 20).contains(size), "size", "\(size)", "from 1 to 2^20")
        var window = Window(
            extents: Array(repeating: 1, count: rank), strides: Array(repeating: 1, count: rank),
            low: Array(repeating: 0, count: rank), high: Array(repeating: 0, count: rank))
        window.extents[1] = size
        window.low[1] = (size - 1) / 2
        window.high[1] = size - 1 - (size - 1) / 2
        let sum = try node.emit(.reduceWindow(.sum, window), try node.square(x))
        let alpha = node.float("alpha", default: 0.0001)
        let base = try node.add(
            try node.multiply(sum, alpha / Double(size)), node.float("bias", default: 1))
        let beta = try node.scalar(node.float("beta", default: 0.75), like: x)
        return try node.divide(x, try node.binary(.power, base, beta))
    }

    private static func meanVariance(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let axes = try node.axes(node.ints("axes") ?? [0, 2, 3], rank: node.rank(x))
        let mean = try node.mean(x, axes: axes)
        let centred = try node.subtract(x, mean)
        let deviation = try node.unary(.sqrt, try node.mean(try node.square(centred), axes: axes))
        // The constant is that of the operator's definition.
        return try node.divide(centred, try node.add(deviation, 1e-9))
    }

    private static func lpNormalization(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let axis = try node.axis(node.int("axis", default: -1), rank: node.rank(x))
        let power = node.int("p", default: 2)
        try node.require([1, 2].contains(power), "p", "\(power)", "1 or 2")
        let norm =
            power == 1
            ? try node.reduce(.sum, try node.unary(.absolute, x), axes: [axis])
            : try node.unary(.sqrt, try node.reduce(.sumOfSquares, x, axes: [axis]))
        // A line of zeros stays one.
        let zero = try node.scalar(0, like: x)
        let isZero = try node.compare(.equal, norm, zero)
        return try node.select(isZero, zero, try node.divide(x, norm))
    }
}
