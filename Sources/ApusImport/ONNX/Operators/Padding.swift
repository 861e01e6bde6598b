import ApusGraph

// Pad with all its modes.
extension OperatorTable {
    static func pad(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let (low, high) = try padding(node, rank: node.rank(x))
        let mode = node.string("mode", default: "constant")
        switch mode {
        case "constant":
            var fill = try node.scalar(
                node.version < 11 ? node.float("value", default: 0) : 0, like: x)
            if node.version >= 11, let value = try node.optionalInput(2) {
                try node.require(
                    node.shape(value).elementCount == 1, "constant_value", "\(node.shape(value))",
                    "a scalar")
                fill = try node.reshape(value, [])
            }
            return try node.pad(x, low: low, high: high, fill: fill)
        case "reflect", "edge", "wrap":
            var result = x
            for axis in 0..<node.rank(x) where low[axis] != 0 || high[axis] != 0 {
                result = try padded(node, result, axis, low[axis], high[axis], mode)
            }
            return result
        default:
            throw node.illegal("mode", mode, "constant, reflect, edge or wrap")
        }
    }

    private static func padding(
        _ node: NodeContext, rank: Int
    ) throws(ImportError) -> (low: [Int], high: [Int]) {
        let name = node.version < 2 ? "paddings" : "pads"
        guard let pads = try node.integers(input: 1, since: 11, attribute: name) else {
            throw node.failure(.missingInput(1))
        }
        var axes = Array(0..<rank)
        if node.version >= 18, let given = try node.optionalInput(3) {
            axes = try node.axes(try node.shortList(given), rank: rank)
        }
        try node.require(
            pads.count == 2 * axes.count, "length of pads", "\(pads.count)", "\(2 * axes.count)")
        try node.require(
            pads.allSatisfy { abs(Double($0)) < 1e12 }, "pads", "\(pads.prefix(8))", "small")
        var low = Array(repeating: 0, count: rank)
        var high = low
        for (index, axis) in axes.enumerated() {
            low[axis] = pads[index]
            high[axis] = pads[index + axes.count]
        }
        return (low, high)
    }

    /// Pads one axis by reading each place of the result from where the mode says.
    private static func padded(
        _ node: NodeContext, _ x: ValueID, _ axis: Int, _ low: Int, _ high: Int, _ mode: String
    ) throws(ImportError) -> ValueID {
        let extent = node.shape(x)[axis]
        let count = extent + low + high
        try node.require(
            count >= 0 && extent > 0, "pads", "\([low, high])", "at most the extent \(extent)")
        guard count <= 1 << 24 else {
            throw node.failure(.limit(field: "padded extent", found: count, bound: 1 << 24))
        }
        let indices = (0..<count).map { place in source(place - low, extent, mode) }
        return try node.gather(x, indices, axis: axis)
    }

    /// The place inside `0..<extent` that a place outside reads.
    static func source(_ place: Int, _ extent: Int, _ mode: String) -> Int {
        switch mode {
        case "edge": return min(max(place, 0), extent - 1)
        case "wrap": return ((place % extent) + extent) % extent
        default:
            if extent == 1 { return 0 }
            let period = 2 * (extent - 1)
            let folded = ((place % period) + period) % period
            return folded < extent ? folded : period - folded
        }
    }
}
