import ApusGraph

// Pooling over sliding windows and over whole images.
extension OperatorTable {
    static let pooling: [OperatorRow] = [
        OperatorRow("MaxPool", outputs: maxPool), OperatorRow("AveragePool", averagePool),
        OperatorRow("LpPool", lpPool), OperatorRow("MaxUnpool", maxUnpool),
        OperatorRow("GlobalMaxPool") { (node: NodeContext) throws(ImportError) in
            let x = try node.input(0)
            return try node.reduce(.maximum, x, axes: Array(2..<max(node.rank(x), 2)))
        },
        OperatorRow("GlobalAveragePool") { (node: NodeContext) throws(ImportError) in
            let x = try node.input(0)
            return try node.mean(x, axes: Array(2..<max(node.rank(x), 2)))
        },
        OperatorRow("GlobalLpPool") { (node: NodeContext) throws(ImportError) in
            let x = try node.input(0)
            let power = Double(node.int("p", default: 2))
            let axes = Array(2..<max(node.rank(x), 2))
            return try root(
                node, try node.reduce(.sum, try raised(node, x, power), axes: axes), power)
        },
    ]

    /// The window of a pooling node; rounding up widens the high padding.
    private static func poolingWindow(
        _ node: NodeContext, _ x: ValueID
    ) throws(ImportError) -> SpatialWindow {
        let extents = try node.spatialExtents(x)
        let kernel = node.ints("kernel_shape") ?? []
        var window = try node.window(kernel: kernel, over: extents)
        guard node.flag("ceil_mode") else { return window }
        for axis in extents.indices {
            let padded = extents[axis] + window.low[axis] + window.high[axis]
            let stride = window.strides[axis]
            var count = (padded - window.reach(axis) + stride - 1) / stride + 1
            // A window that would begin in the padding past the end is left out.
            if (count - 1) * stride >= extents[axis] + window.low[axis] { count -= 1 }
            window.high[axis] =
                (count - 1) * stride + window.reach(axis) - extents[axis] - window.low[axis]
        }
        return window
    }

    private static func slide(
        _ node: NodeContext, _ reduction: WindowReduction, _ x: ValueID, _ window: SpatialWindow
    ) throws(ImportError) -> ValueID {
        try node.emit(
            .reduceWindow(
                reduction,
                Window(
                    extents: [1, 1] + window.kernel, strides: [1, 1] + window.strides,
                    low: [0, 0] + window.low, high: [0, 0] + window.high,
                    dilations: [1, 1] + window.dilations)), x)
    }

    private static func maxPool(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let x = try node.input(0)
        let window = try poolingWindow(node, x)
        let largest = try slide(node, .maximum, x, window)
        guard node.node.outputs.count > 1, !node.node.outputs[1].isEmpty else {
            return [.tensor(largest)]
        }
        return [.tensor(largest), .tensor(try positions(node, x, window))]
    }

    /// The flat position in the whole input of each window's largest element.
    private static func positions(
        _ node: NodeContext, _ x: ValueID, _ window: SpatialWindow
    ) throws(ImportError) -> ValueID {
        let extents = node.shape(x).dimensions
        let spatial = Array(extents.dropFirst(2))
        let counts = spatial.indices.map { axis in
            let free = spatial[axis] + window.low[axis] + window.high[axis] - window.reach(axis)
            return free < 0 ? 0 : free / window.strides[axis] + 1
        }
        let columnMajor = node.int("storage_order", default: 0) == 1
        var strides = Shape(spatial).strides
        if columnMajor {
            strides = spatial.indices.map { spatial[..<$0].reduce(1, *) }
        }
        // For each window element: a place in the image, clamped, and whether it is inside.
        let size = window.kernel.reduce(1, *)
        let total = counts.reduce(1, *)
        guard size.multipliedReportingOverflow(by: max(total, 1)).partialValue <= 1 << 26 else {
            throw node.failure(
                .limit(field: "elements of all windows", found: size * total, bound: 1 << 26))
        }
        var places: [Int64] = []
        var flat: [Int64] = []
        var isInside: [Bool] = []
        let rowMajor = Shape(spatial).strides
        for position in Shape(counts).places {
            for offset in Shape(window.kernel).places {
                var inside = true
                var (place, index) = (0, 0)
                for axis in spatial.indices {
                    let at =
                        position[axis] * window.strides[axis] + offset[axis]
                        * window.dilations[axis] - window.low[axis]
                    inside = inside && at >= 0 && at < spatial[axis]
                    place += min(max(at, 0), spatial[axis] - 1) * rowMajor[axis]
                    index += at * strides[axis]
                }
                places.append(Int64(place))
                flat.append(Int64(index))
                isInside.append(inside)
            }
        }
        let lines = try node.reshape(x, [extents[0] * extents[1], spatial.reduce(1, *)])
        let table = node.constant(Tensor(places, shape: [total, size]))
        let gathered = try node.gather(lines, table, axis: 1)
        let least = try node.reduce(.minimum, lines, axes: [0, 1], keep: false)
        let masked = try node.select(
            node.constant(Tensor(isInside, shape: [total, size])), gathered, least)
        let best = try node.emit(
            .argument(ArgumentReduction(axis: 2, largest: true, keepDimension: true)), masked)
        let names = try node.broadcast(
            node.constant(Tensor(flat, shape: [1, total, size])),
            [extents[0] * extents[1], total, size])
        let within = try node.emit(.gatherElements(axis: 2), names, best)
        let image = try node.multiply(
            try node.iota(.int64, [extents[0] * extents[1], 1, 1], axis: 0),
            Double(spatial.reduce(1, *)))
        return try node.reshape(try node.add(within, image), Array(extents[..<2]) + counts)
    }

    private static func averagePool(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let window = try poolingWindow(node, x)
        let sum = try slide(node, .sum, x, window)
        let extents = try node.spatialExtents(x)
        var divisor: ValueID?
        var uniform = 1
        for axis in extents.indices {
            let counts = elementCounts(
                node, window, axis, extents[axis], results: node.shape(sum)[axis + 2])
            guard let first = counts.first else { continue }
            if counts.allSatisfy({ $0 == first }) {
                uniform *= first
            } else {
                let factor = try node.along(
                    axis + 2, rank: node.rank(x),
                    try node.convert(
                        node.constant(Tensor(counts.map(Int64.init), shape: [counts.count])),
                        like: x))
                divisor =
                    try divisor.map { (known) throws(ImportError) in
                        try node.multiply(known, factor)
                    } ?? factor
            }
        }
        guard let divisor else { return try node.divide(sum, Double(max(uniform, 1))) }
        return try node.divide(sum, try node.multiply(divisor, Double(uniform)))
    }

    /// How many elements each window along an axis is the mean of.
    private static func elementCounts(
        _ node: NodeContext, _ window: SpatialWindow, _ axis: Int, _ extent: Int, results: Int
    ) -> [Int] {
        let includesPadding = node.flag("count_include_pad")
        var end = extent
        var begin = 0
        if includesPadding {
            begin = -window.low[axis]
            // Rounding up adds places past the declared padding, which never count.
            let declared = node.ints("pads").map {
                $0.count == 2 * window.kernel.count ? $0[window.kernel.count + axis] : 0
            }
            end = extent + (node.flag("ceil_mode") ? declared ?? 0 : window.high[axis])
        }
        return (0..<results).map { position in
            (0..<window.kernel[axis]).reduce(0) { count, offset in
                let at =
                    position * window.strides[axis] - window.low[axis] + offset
                    * window.dilations[axis]
                return count + (at >= begin && at < end ? 1 : 0)
            }
        }
    }

    private static func raised(
        _ node: NodeContext, _ x: ValueID, _ power: Double
    ) throws(ImportError) -> ValueID {
        if power == 2 { return try node.square(x) }
        let magnitude = try node.unary(.absolute, x)
        return power == 1
            ? magnitude : try node.binary(.power, magnitude, try node.scalar(power, like: x))
    }

    private static func root(
        _ node: NodeContext, _ x: ValueID, _ power: Double
    ) throws(ImportError) -> ValueID {
        if power == 1 { return x }
        if power == 2 { return try node.unary(.sqrt, x) }
        return try node.binary(.power, x, try node.scalar(1 / power, like: x))
    }

    private static func lpPool(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let power = Double(node.int("p", default: 2))
        let window = try poolingWindow(node, x)
        return try root(node, try slide(node, .sum, try raised(node, x, power), window), power)
    }

    private static func maxUnpool(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (x, positions) = (try node.input(0), try node.input(1))
        let extents = node.shape(x).dimensions
        let window = try node.window(
            kernel: node.ints("kernel_shape") ?? [], over: try node.spatialExtents(x))
        let natural = window.kernel.indices.map {
            (extents[$0 + 2] - 1) * window.strides[$0] + window.kernel[$0] - window.low[$0]
                - window.high[$0]
        }
        var target = Array(extents[..<2]) + natural
        let source = try node.checkedShape(target)
        if let shape = try node.optionalInput(2) { target = try node.shortList(shape) }
        let result = try node.checkedShape(target)
        try node.require(
            result.rank == extents.count, "length of output_shape", "\(result.rank)",
            "\(extents.count)")
        // Positions count in the natural extents; a larger output keeps coordinates, not positions.
        var places = try node.reshape(positions, [node.shape(positions).elementCount])
        if result != source { places = try renumbered(node, places, source, result) }
        let zeros = try node.broadcast(try node.scalar(0, like: x), [result.elementCount])
        let flat = try node.reshape(x, [node.shape(x).elementCount])
        let filled = try node.emit(.scatterElements(axis: 0, .replace), zeros, places, flat)
        return try node.reshape(filled, target)
    }

    private static func renumbered(
        _ node: NodeContext, _ places: ValueID, _ source: Shape, _ result: Shape
    ) throws(ImportError) -> ValueID {
        var sum = try node.multiply(places, 0)
        for axis in 0..<source.rank {
            let stride = try node.scalar(Double(source.strides[axis]), .int64)
            let extent = try node.scalar(Double(source[axis]), .int64)
            let coordinate = try node.binary(.remainder, try node.divide(places, stride), extent)
            sum = try node.add(sum, try node.multiply(coordinate, Double(result.strides[axis])))
        }
        return sum
    }
}

extension Shape {
    /// All index tuples of the shape in row-major order.
    var places: [[Int]] {
        var result: [[Int]] = []
        result.reserveCapacity(elementCount)
        var index = Array(repeating: 0, count: rank)
        for _ in 0..<elementCount {
            result.append(index)
            var axis = rank - 1
            while axis >= 0 {
                index[axis] += 1
                if index[axis] < self[axis] { break }
                index[axis] = 0
                axis -= 1
            }
        }
        return result
    }
}
