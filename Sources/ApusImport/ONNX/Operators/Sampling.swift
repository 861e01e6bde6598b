import ApusGraph

// Sampling at computed places: GridSample and AffineGrid; RoiAlign is next door.
extension OperatorTable {
    static let sampling: [OperatorRow] = [
        OperatorRow("GridSample") { (node: NodeContext) throws(ImportError) in
            try GridSampling(node).apply()
        },
        OperatorRow("AffineGrid", affineGrid),
        OperatorRow("RoiAlign", note: "regions evaluated at import") {
            (node: NodeContext) throws(ImportError) in try RegionAlignment(node).apply()
        },
    ]

    private static func affineGrid(_ node: NodeContext) throws(ImportError) -> ValueID {
        let theta = try node.input(0)
        let extents = Array(try node.shortList(try node.input(1)).dropFirst(2))
        let count = extents.count
        try node.require(
            (2...3).contains(count) && node.rank(theta) == 3
                && Array(node.shape(theta).dropFirst()) == [count, count + 1], "shape of theta",
            "\(node.shape(theta))", "[N, \(count), \(count + 1)]")
        let shape = try node.checkedShape(extents)
        let isAligned = node.flag("align_corners")
        var places: [Float] = []
        for position in 0..<shape.elementCount {
            // The last axis, x, comes first.
            for axis in (0..<count).reversed() {
                let index = Double(position / shape.strides[axis] % extents[axis])
                let extent = Double(extents[axis])
                places.append(
                    Float(isAligned ? 2 * index / (extent - 1) - 1 : (2 * index + 1) / extent - 1))
            }
            places.append(1)
        }
        let base = node.constant(Tensor(places, shape: [shape.elementCount, count + 1]))
        let grid = try node.project(
            try node.convert(base, like: theta), try node.swapAxes(theta, 1, 2), contracting: 1)
        let order = try node.transpose(grid, [1, 0, 2])
        return try node.reshape(order, [node.shape(theta)[0]] + extents + [count])
    }
}

/// One GridSample node: weighted sums of gathered rows, one for each place that a sample touches.
private struct GridSampling {
    let node: NodeContext
    let mode: String
    let padding: String
    let isAligned: Bool

    /// A place along one axis: its index, and its weight.
    struct Tap {
        var index: ValueID
        var weight: ValueID?
    }

    init(_ node: NodeContext) {
        self.node = node
        let names = ["bilinear": "linear", "bicubic": "cubic"]
        let name = node.string("mode", default: "linear")
        mode = names[name] ?? name
        padding = node.string("padding_mode", default: "zeros")
        isAligned = node.flag("align_corners")
    }

    func apply() throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let grid = try node.widened(try node.input(1))
        let shape = node.shape(x)
        let spatial = shape.dimensions.count - 2
        try node.require(
            spatial >= 1 && node.rank(grid) == spatial + 2 && node.shape(grid).last == spatial
                && node.shape(grid)[0] == shape[0], "shape of the grid", "\(node.shape(grid))",
            "[N, …, \(spatial)]")
        try node.require(
            ["nearest", "linear", "cubic"].contains(mode), "mode", mode, "nearest, linear or cubic")
        try node.require(
            ["zeros", "border", "reflection"].contains(padding), "padding_mode", padding,
            "zeros, border or reflection")
        let plane = shape.dropFirst(2).reduce(1, *)
        try node.require(plane > 0, "extents", "\(shape)", "positive")
        // Rows of channels, one for each place of each image.
        let rows = try node.reshape(
            try node.transpose(x, [0] + Array(2..<spatial + 2) + [1]), [shape[0] * plane, shape[1]])
        var axes: [[Tap]] = []
        for axis in 0..<spatial {
            let coordinate = try node.item(grid, axis: spatial + 1, spatial - 1 - axis)
            axes.append(try taps(coordinate, extent: shape[axis + 2]))
        }
        let sum = try weightedSum(rows, axes, shape: shape, like: x)
        return try node.transpose(sum, [0, spatial + 1] + Array(1...spatial))
    }

    /// The sum over all combinations of one place for each axis.
    private func weightedSum(
        _ rows: ValueID, _ axes: [[Tap]], shape: Shape, like x: ValueID
    ) throws(ImportError) -> ValueID {
        let plane = shape.dropFirst(2).reduce(1, *)
        let rank = node.rank(axes[0][0].index)
        let images = try node.multiply(
            try node.along(0, rank: rank, try node.iota(.int32, [shape[0]], axis: 0)), Double(plane)
        )
        var combinations: [(row: ValueID, weight: ValueID?)] = [(images, nil)]
        var stride = plane
        for (axis, taps) in axes.enumerated() {
            stride /= shape[axis + 2]
            var longer: [(row: ValueID, weight: ValueID?)] = []
            for (row, weight) in combinations {
                for tap in taps {
                    let offset = try node.multiply(tap.index, Double(stride))
                    var product = weight ?? tap.weight
                    if let weight, let other = tap.weight {
                        product = try node.multiply(weight, other)
                    }
                    longer.append((try node.add(row, offset), product))
                }
            }
            combinations = longer
        }
        var sum: ValueID?
        for (row, weight) in combinations {
            var value = try node.gather(rows, row, axis: 0)
            if let weight {
                value = try node.multiply(
                    value, try node.convert(try node.unsqueeze(weight, rank), like: x))
            }
            sum =
                try sum.map { (partial) throws(ImportError) in try node.add(partial, value) }
                ?? value
        }
        return sum ?? rows
    }

    /// The places that a sample touches along an axis.
    private func taps(_ coordinate: ValueID, extent: Int) throws(ImportError) -> [Tap] {
        let length = Double(extent)
        var place = try node.add(coordinate, 1)
        if isAligned {
            place = try node.multiply(place, (length - 1) / 2)
        } else {
            let shifted = try node.add(try node.multiply(place, length), -1)
            place = try node.multiply(shifted, 0.5)
        }
        if mode == "nearest" { place = try node.unary(.roundEven, place) }
        switch padding {
        case "border": place = try clamped(place, length)
        case "reflection": place = try reflected(place, length)
        default: break
        }
        if mode == "nearest" { return [try tap(place, weight: nil, length)] }
        let base = try node.unary(.floor, place)
        let fraction = try node.subtract(place, base)
        var result: [Tap] = []
        for (offset, weight) in try mode == "linear" ? linear(fraction) : cubic(fraction) {
            result.append(try tap(try node.add(base, offset), weight: weight, length))
        }
        return result
    }

    private func clamped(_ place: ValueID, _ length: Double) throws(ImportError) -> ValueID {
        try node.minimum(try node.maximum(place, 0), length - 1)
    }

    /// Back and forth between the borders, as a triangle wave.
    private func reflected(_ place: ValueID, _ length: Double) throws(ImportError) -> ValueID {
        let (low, range) = isAligned ? (0, length - 1) : (-0.5, length)
        guard range > 0 else { return try node.multiply(place, 0) }
        let turn = try node.binary(
            .modulo, try node.add(place, -low), try node.scalar(2 * range, like: place))
        let distance = try node.unary(.absolute, try node.add(turn, -range))
        return try node.subtract(low + range, distance)
    }

    private func tap(
        _ place: ValueID, weight: ValueID?, _ length: Double
    ) throws(ImportError) -> Tap {
        var weight = weight
        var inside = place
        if padding == "zeros" {
            let zero = try node.scalar(0, like: place)
            let last = try node.scalar(length - 1, like: place)
            let flags = try node.binary(
                .and, try node.compare(.greaterOrEqual, place, zero),
                try node.compare(.lessOrEqual, place, last))
            let one = try node.scalar(1, like: place)
            weight = try node.select(flags, weight ?? one, zero)
        } else if padding == "reflection", mode != "nearest" {
            inside = try reflected(place, length)
        }
        let index = try node.convert(try clamped(inside, length), .int32)
        return Tap(index: index, weight: weight)
    }

    private func linear(
        _ fraction: ValueID
    ) throws(ImportError) -> [(offset: Double, weight: ValueID)] {
        [(0, try node.subtract(1, fraction)), (1, fraction)]
    }

    /// The cubic convolution kernel with a = −0.75 at distances 1 + t, t, 1 − t and 2 − t.
    private func cubic(
        _ fraction: ValueID
    ) throws(ImportError) -> [(offset: Double, weight: ValueID)] {
        let a = -0.75
        let rest = try node.subtract(1, fraction)
        func near(_ t: ValueID) throws(ImportError) -> ValueID {
            let slope = try node.add(try node.multiply(t, a + 2), -(a + 3))
            return try node.add(try node.multiply(try node.square(t), slope), 1)
        }
        func far(_ t: ValueID) throws(ImportError) -> ValueID {
            let first = try node.add(try node.multiply(t, a), -5 * a)
            let second = try node.add(try node.multiply(first, t), 8 * a)
            return try node.add(try node.multiply(second, t), -4 * a)
        }
        return [
            (-1, try far(try node.add(fraction, 1))), (0, try near(fraction)),
            (1, try near(rest)), (2, try far(try node.add(rest, 1))),
        ]
    }
}
