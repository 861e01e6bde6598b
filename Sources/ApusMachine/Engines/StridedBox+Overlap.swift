/// When the tiles of a Vector command overlap: columns, rows and planes, in this order.
extension StridedBox {
    /// The bytes from the first to the last element.
    var byteSpan: Range<Int> {
        let (low, high) = span
        return low >> 1..<(high + 1) >> 1
    }

    /// From the first half byte to behind the last.
    private var span: (low: Int, high: Int) {
        var low = base
        var high = base + elementNibbles
        for dimension in dimensions where dimension.count > 0 {
            let reach = (dimension.count - 1) &* dimension.stride
            if reach < 0 { low &+= reach } else { high &+= reach }
        }
        return (low, high)
    }

    /// Whether no two elements overlap because each dimension's stride is at least what the
    /// dimensions of smaller strides span.
    var isDistinct: Bool {
        var reach = elementNibbles
        let nested = dimensions.filter { $0.count > 1 }.sorted { abs($0.stride) < abs($1.stride) }
        for dimension in nested {
            if abs(dimension.stride) < reach { return false }
            reach += (dimension.count - 1) * abs(dimension.stride)
        }
        return true
    }

    /// Whether both have the same elements in the same places; a missing column (a reduction's
    /// result) does not matter.
    func isIdentical(to other: StridedBox) -> Bool {
        guard base == other.base, elementNibbles == other.elementNibbles else { return false }
        return zip(dimensions, other.dimensions).allSatisfy { mine, others in
            mine.count <= 1 || others.count <= 1 || mine.stride == others.stride
        }
    }

    /// Whether the byte spans of any row of one and any row of the other meet. Where the strides of
    /// rows or planes differ, and for 4-bit elements, the spans of the whole tiles decide.
    func meets(_ other: StridedBox) -> Bool {
        if !byteSpan.overlaps(other.byteSpan) { return false }
        let outer = zip(dimensions.dropFirst(), other.dimensions.dropFirst())
        let isComparable = outer.allSatisfy { $0.count == 1 || $0.stride == $1.stride }
        if !isComparable || elementNibbles == 1 || other.elementNibbles == 1
            || dimensions[2].count > StridedBox.planesComparedMax
        {
            return true
        }
        let (mine, theirs) = (firstRow.byteSpan, other.firstRow.byteSpan)
        let (rows, planes) = (dimensions[1], dimensions[2])
        for plane in 1 - planes.count..<planes.count {
            for row in 1 - rows.count..<rows.count {
                let shift = (row * rows.stride + plane * planes.stride) / 2
                let moved = theirs.lowerBound + shift..<theirs.upperBound + shift
                if mine.overlaps(moved) { return true }
            }
        }
        return false
    }

    private static let planesComparedMax = 4096

    private var firstRow: StridedBox {
        var row = self
        row.dimensions[1].count = 1
        row.dimensions[2].count = 1
        return row
    }
}
