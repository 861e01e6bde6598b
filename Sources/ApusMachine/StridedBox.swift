import ApusNumerics

/// The elements `base + Σ i_d · stride_d` for `0 ≤ i_d < count_d`.
///
/// Places are counted in half bytes, so that 4-bit elements have one.
public struct StridedBox: Hashable, Sendable {
    /// One dimension; its stride is in half bytes, signed.
    public struct Dimension: Hashable, Sendable {
        public var count: Int
        public var stride: Int

        public init(count: Int, stride: Int) {
            self.count = count
            self.stride = stride
        }
    }

    /// The element at index 0, in half bytes from address 0.
    public var base: Int
    /// Half bytes of one element.
    public var elementNibbles: Int
    public var dimensions: [Dimension]

    /// Elements of `format` from byte `address` on; strides are in bytes, or in elements where the
    /// format has four bits.
    public init(address: Int, format: ElementFormat, extents: [Int], strides: [Int]) {
        let unit = format.bitWidth == 4 ? 1 : 2
        base = address &* 2
        elementNibbles = format.bitWidth / 4
        dimensions = zip(extents, strides).map { Dimension(count: $0, stride: $1 &* unit) }
    }

    /// Whether there is no element.
    public var isEmpty: Bool { dimensions.contains { $0.count == 0 } }

    /// Calls `body` with ranges of byte addresses that together are those of the elements. Elements
    /// that follow one another or overlap give one range; a byte may come in two ranges.
    public func forEachByteRange(_ body: (Range<Int>) -> Void) {
        if isEmpty { return }
        var start = base
        var length = elementNibbles
        var outer: [Dimension] = []
        let nested = dimensions.filter { $0.count > 1 && $0.stride != 0 }
            .sorted { abs($0.stride) < abs($1.stride) }
        for dimension in nested {
            let stride = abs(dimension.stride)
            if dimension.stride < 0 { start += (dimension.count - 1) * dimension.stride }
            if outer.isEmpty, stride <= length {
                length += (dimension.count - 1) * stride
            } else {
                outer.append(Dimension(count: dimension.count, stride: stride))
            }
        }
        StridedBox.visit(outer[...], start, length, body)
    }

    private static func visit(
        _ outer: ArraySlice<Dimension>, _ start: Int, _ length: Int, _ body: (Range<Int>) -> Void
    ) {
        guard let last = outer.last else {
            body(start >> 1..<(start + length + 1) >> 1)
            return
        }
        for index in 0..<last.count {
            visit(outer.dropLast(), start + index * last.stride, length, body)
        }
    }
}
