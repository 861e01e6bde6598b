import ApusGraph

// Images put together of columns.
extension OperatorTable {
    static let columns: [OperatorRow] = [OperatorRow("Col2Im", columnsToImage)]

    /// Adds columns of blocks into images: the transpose of taking the blocks out.
    private static func columnsToImage(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let image = try node.shortList(try node.input(1))
        let block = try node.shortList(try node.input(2))
        let extents = node.shape(x).dimensions
        let size = try node.checkedShape(block).elementCount
        try node.require(
            extents.count == 3 && size > 0 && extents[1] % max(size, 1) == 0
                && image.count == block.count,
            "shape", "\(extents)", "[batch, channels · \(size), blocks]")
        let window = try node.window(kernel: block, over: image)
        let counts = image.indices.map { axis in
            let free = image[axis] + window.low[axis] + window.high[axis] - window.reach(axis)
            return free < 0 ? 0 : free / window.strides[axis] + 1
        }
        try node.require(
            counts.reduce(1, *) == extents[2], "number of blocks", "\(extents[2])",
            "\(counts.reduce(1, *))")
        let padded = image.indices.map { image[$0] + window.low[$0] + window.high[$0] }
        let paddedShape = try node.checkedShape(padded)
        try node.require(
            size * extents[2] <= 1 << 24, "elements of all blocks", "\(size * extents[2])",
            "at most 2^24")
        var places: [Int64] = []
        for offset in Shape(block).places {
            for position in Shape(counts).places {
                var place = 0
                for axis in image.indices {
                    place +=
                        (position[axis] * window.strides[axis] + offset[axis]
                            * window.dilations[axis]) * paddedShape.strides[axis]
                }
                places.append(Int64(place))
            }
        }
        let lines = extents[0] * extents[1] / size
        let columns = try node.reshape(x, [lines, size * extents[2]])
        let zeros = try node.broadcast(
            try node.scalar(0, like: x), [lines, paddedShape.elementCount])
        let table = try node.broadcast(
            node.constant(Tensor(places, shape: [1, places.count])), [lines, places.count])
        let sum = try node.emit(.scatterElements(axis: 1, .add), zeros, table, columns)
        let whole = try node.reshape(sum, [extents[0], extents[1] / size] + padded)
        return try node.pad(
            whole, low: [0, 0] + window.low.map { -$0 }, high: [0, 0] + window.high.map { -$0 },
            fill: try node.scalar(0, like: x))
    }
}
