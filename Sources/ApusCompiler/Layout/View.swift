import ApusGraph
import ApusNumerics

/// The name of a piece of the arena before it has an address.
struct BufferID: Hashable, Comparable, Sendable {
    let index: Int

    static func < (left: BufferID, right: BufferID) -> Bool { left.index < right.index }
}

/// One axis of a ``View``.
///
/// Logical index `i` stands for stored index `g = i − low`; where `0 ≤ g < bound` the element lies
/// `g · stride` bytes along, elsewhere it is the view's fill.
struct ViewAxis: Hashable, Sendable {
    var extent: Int
    /// Bytes, signed; zero repeats one element.
    var stride: Int
    var low: Int
    var bound: Int

    init(extent: Int, stride: Int) {
        self.extent = extent
        self.stride = stride
        low = 0
        bound = extent
    }

    init(extent: Int, stride: Int, low: Int, bound: Int) {
        self.extent = extent
        self.stride = stride
        self.low = low
        self.bound = bound
    }

    /// Whether some logical indices are outside what is stored.
    var isPadded: Bool { low != 0 || bound != extent }
}

/// A strided look at a buffer of the arena: what a Load reads or a Store writes.
///
/// Transposing, slicing, broadcasting, reversing, padding and most reshapes change the view and
/// move nothing; the consumer's Load does the rest.
struct View: Hashable, Sendable {
    var buffer: BufferID
    /// How elements lie in the arena.
    var format: ElementFormat
    /// Byte offset in the buffer of the element whose stored indices are all zero.
    var offset: Int
    /// Outermost first.
    var axes: [ViewAxis]
    /// The value of elements outside what is stored.
    var fill: Fill

    /// What a padded view holds outside.
    enum Fill: Hashable, Sendable {
        case zero
        /// Bits in the element's own format.
        case bits(UInt32)
    }

    init(
        buffer: BufferID, format: ElementFormat, offset: Int = 0, axes: [ViewAxis],
        fill: Fill = .zero
    ) {
        self.buffer = buffer
        self.format = format
        self.offset = offset
        self.axes = axes
        self.fill = fill
    }

    /// A row-major view of a whole buffer.
    init(buffer: BufferID, format: ElementFormat, shape: [Int], elementBytes: Int? = nil) {
        var stride = elementBytes ?? format.bitWidth / 8
        var axes: [ViewAxis] = []
        for extent in shape.reversed() {
            axes.append(ViewAxis(extent: extent, stride: stride))
            stride *= max(extent, 1)
        }
        self.init(buffer: buffer, format: format, axes: axes.reversed())
    }

    var shape: [Int] { axes.map(\.extent) }
    var elementCount: Int { axes.reduce(1) { $0 * $1.extent } }
    var isPadded: Bool { axes.contains(where: \.isPadded) }
    var elementBytes: Int { format.bitWidth / 8 }

    /// Whether elements follow each other without gaps in row-major order.
    func isContiguous(elementBytes: Int) -> Bool {
        var stride = elementBytes
        for axis in axes.reversed() where axis.extent != 1 {
            if axis.isPadded || axis.stride != stride { return false }
            stride *= axis.extent
        }
        return true
    }
}

extension View {
    /// Axis `i` of the result is axis `permutation[i]`.
    func transposed(_ permutation: [Int]) -> View {
        var result = self
        result.axes = permutation.map { axes[$0] }
        return result
    }

    /// Elements `start, start + stride, …` of an axis; nil if a padded axis is stepped over.
    func sliced(axis: Int, start: Int, count: Int, stride step: Int) -> View? {
        var result = self
        var axis_ = axes[axis]
        axis_.extent = count
        if count == 0 {
            axis_.low = 0
            axis_.bound = 0
        } else if !axes[axis].isPadded {
            result.offset += start * axis_.stride
            axis_.stride *= step
            axis_.bound = count
        } else {
            guard step == 1 else { return nil }
            axis_.low -= start
        }
        result.axes[axis] = axis_
        return result.normalised()
    }

    /// `low` and `high` more elements, holding `value`; nil if another value already pads this
    /// view.
    func padded(axis: Int, low: Int, high: Int, value: Fill) -> View? {
        guard low != 0 || high != 0 else { return self }
        var result = self
        result.axes[axis].extent += low + high
        result.axes[axis].low += low
        guard result.axes[axis].extent > 0 else { return nil }
        if low > 0 || high > 0 {
            if isPadded && fill != value { return nil }
            result.fill = value
        }
        return result.normalised()
    }

    /// The view with broadcast axes: aligned at the innermost, extents of one repeated.
    func broadcast(to shape: [Int]) -> View {
        var result = self
        let missing = shape.count - axes.count
        result.axes = shape.enumerated().map { index, extent in
            guard index >= missing else { return ViewAxis(extent: extent, stride: 0) }
            let axis = axes[index - missing]
            guard axis.extent != extent else { return axis }
            // A padded axis of one element keeps its fill only if nothing is stored.
            var repeated = ViewAxis(extent: extent, stride: 0)
            if axis.isPadded && (axis.low > 0 || axis.low + axis.bound <= 0) { repeated.bound = 0 }
            return repeated
        }
        return result
    }

    /// Axes whose every logical index is stored lose their padding.
    private func normalised() -> View {
        var result = self
        for (index, axis) in axes.enumerated() where axis.isPadded {
            guard axis.low <= 0, axis.extent - axis.low <= axis.bound else { continue }
            result.offset += -axis.low * axis.stride
            result.axes[index] = ViewAxis(extent: axis.extent, stride: axis.stride)
        }
        return result
    }
}

extension View {
    /// The same elements in the same order under another shape, or nil if no strides say so.
    func reshaped(to shape: [Int]) -> View? {
        guard !shape.contains(0) else {
            return View(
                buffer: buffer, format: format, offset: offset,
                axes: shape.map {
                    ViewAxis(extent: $0, stride: 0)
                })
        }
        let old = axes.filter { $0.extent != 1 || $0.isPadded }
        var result: [ViewAxis] = []
        var taken = 0
        var index = 0
        while index < shape.count {
            if shape[index] == 1 {
                result.append(ViewAxis(extent: 1, stride: 0))
                index += 1
                continue
            }
            // The shortest runs of old and new axes that hold as many elements.
            guard taken < old.count else { return nil }
            let firstOld = taken
            let firstNew = index
            var oldCount = old[taken].extent
            var newCount = shape[index]
            taken += 1
            index += 1
            while oldCount != newCount {
                if oldCount < newCount {
                    guard taken < old.count else { return nil }
                    oldCount *= old[taken].extent
                    taken += 1
                } else {
                    guard index < shape.count else { return nil }
                    newCount *= shape[index]
                    index += 1
                }
            }
            guard
                let axes = View.split(Array(old[firstOld..<taken]), Array(shape[firstNew..<index]))
            else { return nil }
            result += axes
        }
        // What is left over has one element; padded, it must be stored.
        guard old[taken...].allSatisfy({ !$0.isPadded }) else { return nil }
        var view = self
        view.axes = result
        return view
    }

    /// Old axes that form one run of memory, as axes of new extents.
    private static func split(_ old: [ViewAxis], _ extents: [Int]) -> [ViewAxis]? {
        let wide = extents.filter { $0 != 1 }
        if old.count == 1, wide.count <= 1 {
            return extents.map { $0 == 1 ? ViewAxis(extent: 1, stride: 0) : old[0] }
        }
        for axis in old where axis.isPadded { return nil }
        for (outer, inner) in zip(old, old.dropFirst())
        where outer.stride != inner.stride * inner.extent { return nil }
        var stride = old[old.count - 1].stride
        var result: [ViewAxis] = []
        for extent in extents.reversed() {
            result.append(ViewAxis(extent: extent, stride: stride))
            stride *= extent
        }
        return result.reversed()
    }
}
