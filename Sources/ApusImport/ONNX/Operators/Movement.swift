import ApusGraph

// Operators that move elements by a rule that is known at import.
extension OperatorTable {
    static let movement: [OperatorRow] = [
        OperatorRow("Transpose", transpose), OperatorRow("Concat", outputs: concatenate),
        OperatorRow("Split", outputs: split), OperatorRow("Slice", outputs: slice),
        OperatorRow("Pad", pad), OperatorRow("Tile", tile),
        OperatorRow("DepthToSpace", depthToSpace), OperatorRow("SpaceToDepth", spaceToDepth),
        OperatorRow("Trilu", trilu), OperatorRow("CenterCropPad", centerCropPad),
        OperatorRow("ReverseSequence", reverseSequence), OperatorRow("EyeLike", eyeLike),
        OperatorRow("Crop", since: 1, note: "experimental, removed in 10", crop),
    ]

    private static func transpose(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let permutation = node.ints("perm") ?? Array((0..<node.rank(x)).reversed())
        return try node.transpose(x, try node.axes(permutation, rank: node.rank(x)))
    }

    private static func concatenate(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        if case .strings? = node.inputs.first { return [.strings(try concatenatedStrings(node))] }
        let parts = try node.allInputs()
        let axis = try node.axis(
            node.int("axis", default: node.version < 4 ? 1 : 0), rank: node.rank(parts[0]))
        return [.tensor(try node.concatenate(parts, axis: axis))]
    }

    private static func concatenatedStrings(_ node: NodeContext) throws(ImportError) -> StringTensor
    {
        var elements: [String] = []
        for index in node.inputs.indices {
            let part = try node.strings(index)
            try node.require(part.shape.rank == 1, "rank of strings", "\(part.shape.rank)", "1")
            elements += part.elements
        }
        return StringTensor(shape: [elements.count], elements: elements)
    }

    private static func split(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let x = try node.input(0)
        let axis = try node.axis(node.int("axis", default: 0), rank: node.rank(x))
        let extent = node.shape(x)[axis]
        var sizes: [Int]
        if let given = try node.integers(input: 1, since: 13, attribute: "split"), !given.isEmpty {
            sizes = given
        } else {
            let count = node.int("num_outputs", default: node.node.outputs.count)
            try node.require(
                (1...4096).contains(count), "number of outputs", "\(count)", "from 1 to 4096")
            let size = (extent + count - 1) / count
            sizes = (0..<count).map { max(0, min(size, extent - $0 * size)) }
        }
        try node.require(
            sizes.allSatisfy { (0...extent).contains($0) } && sizes.reduce(0, +) == extent, "split",
            "\(sizes)", "a division of \(extent)")
        var parts: [TraceValue] = []
        var start = 0
        for size in sizes {
            parts.append(.tensor(try node.slice(x, axis: axis, start..<start + size)))
            start += size
        }
        return parts
    }

    private static func slice(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let x = try node.input(0)
        let rank = node.rank(x)
        guard let starts = try node.integers(input: 1, since: 10, attribute: "starts"),
            let ends = try node.integers(input: 2, since: 10, attribute: "ends")
        else { throw node.failure(.missingInput(1)) }
        let given = try node.integers(input: 3, since: 10, attribute: "axes")
        let axes = try node.axes(given ?? Array(starts.indices), rank: rank)
        let steps =
            (node.version < 10 ? nil : try node.integers(input: 4, since: 10, attribute: ""))
            ?? starts.map { _ in 1 }
        try node.require(
            starts.count == ends.count && starts.count == axes.count && starts.count == steps.count,
            "lengths of starts, ends, axes, steps",
            "\([starts.count, ends.count, axes.count, steps.count])", "equal")
        var slice = Slice(
            starts: Array(repeating: 0, count: rank), counts: node.shape(x).dimensions,
            strides: Array(repeating: 1, count: rank))
        for (index, axis) in axes.enumerated() {
            let extent = node.shape(x)[axis]
            let step = steps[index]
            try node.require(step != 0 && step != .min, "step", "\(step)", "not zero")
            func place(_ position: Int, _ range: ClosedRange<Int>) -> Int {
                let front =
                    position < 0 ? position.addingReportingOverflow(extent).partialValue : position
                return min(max(front, range.lowerBound), range.upperBound)
            }
            let bounds = step > 0 ? 0...extent : -1...max(extent - 1, -1)
            let start = place(starts[index], step > 0 ? bounds : 0...max(extent - 1, 0))
            let end = ends[index] < -extent ? bounds.lowerBound : place(ends[index], bounds)
            let span = step > 0 ? end - start : start - end
            // One step at most is taken beyond the span, so huge steps cannot overflow.
            let stride = min(max(step, -(extent + 1)), extent + 1)
            let count = extent == 0 || span <= 0 ? 0 : (span - 1) / abs(stride) + 1
            slice.counts[axis] = count
            slice.starts[axis] = count == 0 ? 0 : start
            slice.strides[axis] = count <= 1 ? 1 : stride
        }
        return [.tensor(try node.emit(.slice(slice), x))]
    }

    private static func tile(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let extents = node.shape(x).dimensions
        var repeats: [Int]
        if node.version < 6 {
            repeats = Array(repeating: 1, count: extents.count)
            let axis = try node.axis(try node.integer(try node.input(2)), rank: extents.count)
            repeats[axis] = try node.integer(try node.input(1))
        } else {
            repeats = try node.shortList(try node.input(1))
        }
        try node.require(
            repeats.count == extents.count, "length of repeats", "\(repeats.count)",
            "\(extents.count)")
        // Each axis becomes two, of which the outer one is broadcast.
        var split: [Int] = []
        var wide: [Int] = []
        for (extent, count) in zip(extents, repeats) {
            split += [1, extent]
            wide += [count, extent]
        }
        let repeated = try node.broadcast(try node.reshape(x, split), wide)
        return try node.reshape(
            repeated,
            zip(extents, repeats).map { $0.multipliedReportingOverflow(by: $1).partialValue })
    }

    private static func blockExtents(
        _ node: NodeContext, _ x: ValueID
    ) throws(ImportError) -> (block: Int, extents: [Int]) {
        let block = node.int("blocksize", default: 0)
        let extents = node.shape(x).dimensions
        try node.require(extents.count == 4, "rank", "\(extents.count)", "4")
        try node.require((1...4096).contains(block), "blocksize", "\(block)", "from 1 to 4096")
        return (block, extents)
    }

    private static func depthToSpace(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let (block, extents) = try blockExtents(node, x)
        try node.require(
            extents[1] % (block * block) == 0, "channels", "\(extents[1])",
            "a multiple of blocksize²")
        let (n, c, h, w) = (extents[0], extents[1] / (block * block), extents[2], extents[3])
        let isDepthFirst = node.string("mode", default: "DCR") == "DCR"
        let split = isDepthFirst ? [n, block, block, c, h, w] : [n, c, block, block, h, w]
        let order = isDepthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]
        let moved = try node.transpose(try node.reshape(x, split), order)
        return try node.reshape(moved, [n, c, h * block, w * block])
    }

    private static func spaceToDepth(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let (block, extents) = try blockExtents(node, x)
        try node.require(
            extents[2] % block == 0 && extents[3] % block == 0, "height and width",
            "\(extents[2...])", "multiples of blocksize")
        let (n, c, h, w) = (extents[0], extents[1], extents[2] / block, extents[3] / block)
        let split = try node.reshape(x, [n, c, h, block, w, block])
        let isDepthFirst = node.string("mode", default: "DCR") == "DCR"
        let moved = try node.transpose(
            split, isDepthFirst ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4])
        return try node.reshape(moved, [n, c * block * block, h, w])
    }

    private static func trilu(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let rank = node.rank(x)
        try node.require(rank >= 2, "rank", "\(rank)", "at least 2")
        var diagonal = 0
        if let input = try node.optionalInput(1) { diagonal = try node.integer(input) }
        let extents = Array(node.shape(x).dimensions.suffix(2))
        let rows = try node.iota(.int64, extents, axis: 0)
        let columns = try node.iota(.int64, extents, axis: 1)
        let limit = extents[0] + extents[1]
        let edge = try node.add(rows, Double(min(max(diagonal, -limit), limit)))
        let isKept = try node.compare(
            node.flag("upper", default: true) ? .greaterOrEqual : .lessOrEqual, columns, edge)
        return try node.select(isKept, x, try node.scalar(0, like: x))
    }

    private static func centerCropPad(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let extents = node.shape(x).dimensions
        let target = try node.shortList(try node.input(1))
        let axes = try node.axes(node.ints("axes") ?? Array(extents.indices), rank: extents.count)
        try node.require(
            target.count == axes.count, "length of shape", "\(target.count)", "\(axes.count)")
        var low = Array(repeating: 0, count: extents.count)
        var high = low
        for (axis, extent) in zip(axes, target) {
            try node.require(extent >= 0 && extent < 1 << 40, "extent", "\(extent)", "not negative")
            let excess = extents[axis] - extent
            // Half of what is cropped or added, rounded down, goes to the front.
            low[axis] = excess > 0 ? -(excess / 2) : -excess / 2
            high[axis] = -excess - low[axis]
        }
        return try node.pad(x, low: low, high: high, fill: try node.scalar(0, like: x))
    }

    private static func crop(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let border = node.ints("border") ?? [0, 0, 0, 0]
        try node.require(
            border.count == 4 && node.rank(x) == 4, "border", "\(border)", "four extents")
        return try node.pad(
            x, low: [0, 0, -border[1], -border[0]], high: [0, 0, -border[3], -border[2]],
            fill: try node.scalar(0, like: x))
    }

    private static func reverseSequence(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let lengths = try node.input(1)
        let extents = node.shape(x).dimensions
        let batch = try node.axis(node.int("batch_axis", default: 1), rank: extents.count)
        let time = try node.axis(node.int("time_axis", default: 0), rank: extents.count)
        try node.require(batch != time, "batch_axis", "\(batch)", "other than time_axis")
        try node.require(
            node.shape(lengths) == [extents[batch]], "shape of sequence_lens",
            "\(node.shape(lengths))", "[\(extents[batch])]")
        let length = try node.along(batch, rank: extents.count, try node.convert(lengths, .int64))
        let time64 = try node.iota(.int64, extents, axis: time)
        let mirrored = try node.add(try node.subtract(length, time64), -1)
        let index = try node.select(try node.compare(.less, time64, length), mirrored, time64)
        return try node.emit(.gatherElements(axis: time), x, index)
    }

    private static func eyeLike(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let extents = node.shape(x).dimensions
        try node.require(extents.count == 2, "rank", "\(extents.count)", "2")
        let type = DataType.elementType(node.int("dtype", default: 0)) ?? node.elementType(x)
        let limit = extents[0] + extents[1]
        let offset = min(max(node.int("k", default: 0), -limit), limit)
        let diagonal = try node.add(try node.iota(.int64, extents, axis: 0), Double(offset))
        let hot = try node.compare(.equal, diagonal, try node.iota(.int64, extents, axis: 1))
        return try node.convert(hot, type)
    }
}
