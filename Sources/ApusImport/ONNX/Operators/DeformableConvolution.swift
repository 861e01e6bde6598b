import ApusGraph

// A convolution that reads between the pixels.
extension OperatorTable {
    static let deformable: [OperatorRow] = [
        OperatorRow("DeformConv", note: "two spatial axes", deformableConvolution)
    ]

    /// One neighbour of a position along an axis: its index, its weight, whether it is inside.
    private struct Tap {
        var index: ValueID
        var weight: ValueID
        var isInside: ValueID
    }

    /// The two neighbours of a position; outside the image there is nothing.
    private static func taps(
        _ node: NodeContext, _ position: ValueID, _ extent: Int
    ) throws(ImportError) -> [Tap] {
        try node.require(extent > 0, "extent", "0", "positive")
        let base = try node.unary(.floor, position)
        let fraction = try node.subtract(position, base)
        var result: [Tap] = []
        for (offset, weight) in [(0.0, try node.subtract(1, fraction)), (1.0, fraction)] {
            let place = try node.add(base, offset)
            let inside = try node.emit(
                .clamp, place, try node.scalar(0, like: place),
                try node.scalar(Double(extent - 1), like: place))
            result.append(
                Tap(
                    index: try node.convert(inside, .int64), weight: weight,
                    isInside: try node.compare(.equal, inside, place)))
        }
        return result
    }

    /// The weighted sum over all combinations of taps, which hold `[batch, count]` values.
    private static func gathered(
        _ node: NodeContext, _ x: ValueID, _ axes: [[Tap]]
    ) throws(ImportError) -> ValueID {
        let extents = node.shape(x).dimensions
        // [batch, places, channels], so that one index reads all channels.
        let lines = try node.transpose(
            try node.reshape(x, [extents[0], extents[1], extents[2] * extents[3]]), [0, 2, 1])
        var terms: [ValueID] = []
        for row in axes[0] {
            for column in axes[1] {
                let start = try node.multiply(row.index, Double(extents[3]))
                let place = try node.unsqueeze(try node.add(start, column.index), 2)
                let value = try node.emit(.gatherND(batchDimensions: 1), lines, place)
                let isInside = try node.binary(.and, row.isInside, column.isInside)
                let weight = try node.select(
                    isInside, try node.multiply(row.weight, column.weight),
                    try node.scalar(0, like: row.weight))
                terms.append(
                    try node.multiply(
                        value, try node.unsqueeze(try node.convert(weight, like: value), 2)))
            }
        }
        var sum = terms[0]
        for term in terms.dropFirst() { sum = try node.add(sum, term) }
        return try node.transpose(sum, [0, 2, 1])
    }

    /// A convolution whose kernel's places are moved by learnt offsets.
    private static func deformableConvolution(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (x, weight, offset) = (try node.input(0), try node.input(1), try node.input(2))
        let extents = node.shape(x).dimensions
        try node.require(
            extents.count == 4 && node.rank(weight) == 4 && node.rank(offset) == 4, "rank",
            "\(extents.count)", "4")
        let kernel = Array(node.shape(weight).dimensions[2...])
        let window = try node.window(kernel: kernel, over: Array(extents[2...]))
        let groups = node.int("offset_group", default: 1)
        let size = kernel[0] * kernel[1]
        let output = Array(node.shape(offset).dimensions[2...])
        let count = output.reduce(1, *)
        try node.require(
            groups >= 1 && extents[1] % max(groups, 1) == 0
                && node.shape(offset)[1] == groups * size * 2,
            "shape of the offsets", "\(node.shape(offset))",
            "[\(extents[0]), \(groups * size * 2), …]")
        let channels = extents[1] / groups
        let offsets = try node.reshape(
            try node.widened(offset), [extents[0] * groups, size, 2, output[0], output[1]])
        var axes: [[Tap]] = []
        for axis in 0..<2 {
            let moved = try node.item(offsets, axis: 2, axis)
            let inKernel = (0..<size).map {
                Double(
                    (axis == 0 ? $0 / kernel[1] : $0 % kernel[1]) * window.dilations[axis]
                        - window.low[axis])
            }
            let start = try node.convert(
                node.constant(Tensor(inKernel, shape: [size, 1, 1])), like: moved)
            let along = (0..<output[axis]).map { Double($0 * window.strides[axis]) }
            let step = try node.convert(
                node.constant(Tensor(along, shape: axis == 0 ? [output[0], 1] : [output[1]])),
                like: moved)
            let position = try node.reshape(
                try node.add(try node.add(moved, start), step), [extents[0] * groups, size * count])
            axes.append(try taps(node, position, extents[axis + 2]))
        }
        let images = try node.reshape(x, [extents[0] * groups, channels, extents[2], extents[3]])
        var columns = try gathered(node, images, axes)
        columns = try node.reshape(columns, [extents[0], groups, channels, size, count])
        if let mask = try node.optionalInput(4) {
            columns = try node.multiply(
                columns, try node.reshape(mask, [extents[0], groups, 1, size, count]))
        }
        let result = try contracted(node, columns, with: weight, channels: extents[1], to: output)
        guard let bias = try node.optionalInput(3) else { return result }
        return try node.addPerChannel(result, bias)
    }

    /// Channels by kernel places, contracted with the weight group by group.
    private static func contracted(
        _ node: NodeContext, _ columns: ValueID, with weight: ValueID, channels: Int,
        to output: [Int]
    ) throws(ImportError) -> ValueID {
        let batch = node.shape(columns).dimensions[0]
        let size = node.shape(columns).dimensions[3]
        let count = node.shape(columns).dimensions[4]
        let split = node.int("group", default: 1)
        let filters = node.shape(weight)[0]
        try node.require(
            split >= 1 && channels % max(split, 1) == 0 && filters % max(split, 1) == 0
                && node.shape(weight)[1] == channels / max(split, 1), "group", "\(split)",
            "a divisor of the channels")
        let patches = try node.reshape(
            columns, [batch, split, channels / split * size, count])
        let weights = try node.reshape(weight, [split, filters / split, channels / split * size])
        let dot = Dot(
            leftBatch: [0], rightBatch: [1], leftContracting: [2], rightContracting: [2],
            resultType: node.elementType(weight))
        // [groups, filters, batch, places]
        let product = try node.emit(.dot(dot), weights, patches)
        return try node.reshape(
            try node.transpose(product, [2, 0, 1, 3]), [batch, filters] + output)
    }
}
