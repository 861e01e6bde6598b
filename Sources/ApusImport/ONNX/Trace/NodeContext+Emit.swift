import ApusGraph

// The primitives, one line each, for lowerings to be written in.
extension NodeContext {
    func type(_ value: ValueID) -> TensorType { trace.type(of: value) }
    func shape(_ value: ValueID) -> Shape { trace.type(of: value).shape }
    func rank(_ value: ValueID) -> Int { trace.type(of: value).rank }
    func elementType(_ value: ValueID) -> ElementType { trace.type(of: value).elementType }

    func emit(_ operation: Operation, _ operands: ValueID...) throws(ImportError) -> ValueID {
        try trace.emit(operation, operands)[0]
    }

    func constant(_ tensor: Tensor) -> ValueID { trace.builder.constant(tensor) }

    /// A scalar constant of an element type.
    func scalar(_ number: Double, _ type: ElementType) throws(ImportError) -> ValueID {
        switch type {
        case .float32: return constant(Tensor(scalar: Float(number)))
        case .float64: return constant(Tensor(scalar: number))
        case .int64: return constant(Tensor(scalar: Int64(clamping: number)))
        case .int32: return constant(Tensor(scalar: Int32(clamping: number)))
        case .bool: return constant(Tensor(scalar: number != 0))
        default:
            let wide =
                type.isFloat ? Tensor(scalar: number) : Tensor(scalar: Int64(clamping: number))
            return try convert(constant(wide), type)
        }
    }

    /// A scalar constant of a value's element type.
    func scalar(_ number: Double, like value: ValueID) throws(ImportError) -> ValueID {
        try scalar(number, elementType(value))
    }

    func unary(_ function: Unary, _ x: ValueID) throws(ImportError) -> ValueID {
        try emit(.unary(function), x)
    }

    func binary(_ function: Binary, _ a: ValueID, _ b: ValueID) throws(ImportError) -> ValueID {
        try emit(.binary(function), a, b)
    }

    func add(_ a: ValueID, _ b: ValueID) throws(ImportError) -> ValueID { try binary(.add, a, b) }
    func subtract(_ a: ValueID, _ b: ValueID) throws(ImportError) -> ValueID {
        try binary(.subtract, a, b)
    }
    func multiply(_ a: ValueID, _ b: ValueID) throws(ImportError) -> ValueID {
        try binary(.multiply, a, b)
    }
    func divide(_ a: ValueID, _ b: ValueID) throws(ImportError) -> ValueID {
        try binary(.divide, a, b)
    }
    func maximum(_ a: ValueID, _ b: ValueID) throws(ImportError) -> ValueID {
        try binary(.maximum, a, b)
    }
    func minimum(_ a: ValueID, _ b: ValueID) throws(ImportError) -> ValueID {
        try binary(.minimum, a, b)
    }

    func add(_ a: ValueID, _ b: Double) throws(ImportError) -> ValueID {
        try add(a, try scalar(b, like: a))
    }
    func subtract(_ a: Double, _ b: ValueID) throws(ImportError) -> ValueID {
        try subtract(try scalar(a, like: b), b)
    }
    func multiply(_ a: ValueID, _ b: Double) throws(ImportError) -> ValueID {
        try multiply(a, try scalar(b, like: a))
    }
    func divide(_ a: ValueID, _ b: Double) throws(ImportError) -> ValueID {
        try divide(a, try scalar(b, like: a))
    }
    func maximum(_ a: ValueID, _ b: Double) throws(ImportError) -> ValueID {
        try maximum(a, try scalar(b, like: a))
    }
    func minimum(_ a: ValueID, _ b: Double) throws(ImportError) -> ValueID {
        try minimum(a, try scalar(b, like: a))
    }
    func square(_ x: ValueID) throws(ImportError) -> ValueID { try multiply(x, x) }

    func compare(_ comparison: Comparison, _ a: ValueID, _ b: ValueID) throws(ImportError)
        -> ValueID
    {
        try emit(.compare(comparison), a, b)
    }

    func select(_ condition: ValueID, _ a: ValueID, _ b: ValueID) throws(ImportError) -> ValueID {
        try emit(.select, condition, a, b)
    }

    func convert(_ x: ValueID, _ type: ElementType) throws(ImportError) -> ValueID {
        try emit(.convert(Conversion(to: type)), x)
    }

    func convert(_ x: ValueID, like y: ValueID) throws(ImportError) -> ValueID {
        try convert(x, elementType(y))
    }

    /// The value in `float32` if its type is narrower, so that chains of operations round once.
    func widened(_ x: ValueID) throws(ImportError) -> ValueID {
        switch elementType(x) {
        case .float16, .bfloat16: try convert(x, .float32)
        default: x
        }
    }

    func reshape(_ x: ValueID, _ extents: [Int]) throws(ImportError) -> ValueID {
        try emit(.reshape(try checkedShape(extents)), x)
    }

    func broadcast(_ x: ValueID, _ extents: [Int]) throws(ImportError) -> ValueID {
        try emit(.broadcast(try checkedShape(extents)), x)
    }

    func transpose(_ x: ValueID, _ permutation: [Int]) throws(ImportError) -> ValueID {
        try emit(.transpose(permutation), x)
    }

    /// Swaps two axes.
    func swapAxes(_ x: ValueID, _ a: Int, _ b: Int) throws(ImportError) -> ValueID {
        var permutation = Array(0..<rank(x))
        permutation.swapAt(a, b)
        return try transpose(x, permutation)
    }

    /// Puts an axis of extent 1 in.
    func unsqueeze(_ x: ValueID, _ axis: Int) throws(ImportError) -> ValueID {
        var extents = shape(x).dimensions
        extents.insert(1, at: axis)
        return try reshape(x, extents)
    }

    /// Takes an axis of extent 1 out.
    func squeeze(_ x: ValueID, _ axis: Int) throws(ImportError) -> ValueID {
        var extents = shape(x).dimensions
        extents.remove(at: axis)
        return try reshape(x, extents)
    }

    /// Axes of extent 1 before all others, up to `rank` axes in all.
    func leadingOnes(_ x: ValueID, rank: Int) throws(ImportError) -> ValueID {
        let extents = shape(x).dimensions
        return try reshape(x, Array(repeating: 1, count: max(0, rank - extents.count)) + extents)
    }

    /// A value of one axis laid along `axis` of tensors of rank `rank`.
    func along(_ axis: Int, rank: Int, _ x: ValueID) throws(ImportError) -> ValueID {
        var extents = Array(repeating: 1, count: rank)
        extents[axis] = shape(x).elementCount
        return try reshape(x, extents)
    }

    /// Elements `start ..< end` along an axis.
    func slice(_ x: ValueID, axis: Int, _ range: Range<Int>) throws(ImportError) -> ValueID {
        var starts = Array(repeating: 0, count: rank(x))
        var counts = shape(x).dimensions
        starts[axis] = range.lowerBound
        counts[axis] = range.count
        return try emit(
            .slice(
                Slice(
                    starts: starts, counts: counts,
                    strides: Array(repeating: 1, count: counts.count))), x)
    }

    /// One position along an axis, which goes.
    func item(_ x: ValueID, axis: Int, _ index: Int) throws(ImportError) -> ValueID {
        try squeeze(try slice(x, axis: axis, index..<index + 1), axis)
    }

    /// The elements along an axis in the opposite order.
    func reverse(_ x: ValueID, axis: Int) throws(ImportError) -> ValueID {
        let extents = shape(x).dimensions
        var starts = Array(repeating: 0, count: extents.count)
        var strides = Array(repeating: 1, count: extents.count)
        starts[axis] = max(extents[axis] - 1, 0)
        strides[axis] = -1
        return try emit(.slice(Slice(starts: starts, counts: extents, strides: strides)), x)
    }

    func concatenate(_ parts: [ValueID], axis: Int) throws(ImportError) -> ValueID {
        try trace.emit(.concatenate(axis: axis), parts)[0]
    }

    /// Values of one shape, one after the other along a new axis.
    func stack(_ parts: [ValueID], axis: Int) throws(ImportError) -> ValueID {
        var items: [ValueID] = []
        for part in parts { items.append(try unsqueeze(part, axis)) }
        return try concatenate(items, axis: axis)
    }

    func pad(
        _ x: ValueID, low: [Int], high: [Int], interior: [Int]? = nil, fill: ValueID
    ) throws(ImportError) -> ValueID {
        try emit(.pad(Padding(low: low, high: high, interior: interior)), x, fill)
    }

    func reduce(
        _ reduction: Reduction, _ x: ValueID, axes: [Int], keep: Bool = true
    ) throws(ImportError) -> ValueID {
        try emit(.reduce(reduction, axes: axes, keepDimensions: keep), x)
    }

    /// The mean over axes.
    func mean(_ x: ValueID, axes: [Int], keep: Bool = true) throws(ImportError) -> ValueID {
        let extents = shape(x).dimensions
        let count = axes.reduce(1) { $0 * extents[$1] }
        return try divide(try reduce(.sum, x, axes: axes, keep: keep), Double(count))
    }

    func gather(_ x: ValueID, _ indices: ValueID, axis: Int) throws(ImportError) -> ValueID {
        try emit(.gather(axis: axis), x, indices)
    }

    /// Elements at known positions along an axis.
    func gather(_ x: ValueID, _ indices: [Int], axis: Int) throws(ImportError) -> ValueID {
        try gather(x, constant(Tensor(indices.map(Int64.init), shape: [indices.count])), axis: axis)
    }

    /// Matrix product of the last two axes after leading axes that both share.
    func matmul(_ a: ValueID, _ b: ValueID) throws(ImportError) -> ValueID {
        try emit(.dot(.matmul(batchRank: rank(a) - 2, resultType: elementType(a))), a, b)
    }

    /// `[…, k]` by `[k, n]`, contracting the last axis of `a` with axis `contracting` of `b`.
    func project(_ a: ValueID, _ b: ValueID, contracting: Int = 0) throws(ImportError) -> ValueID {
        try emit(
            .dot(
                Dot(
                    leftBatch: [], rightBatch: [], leftContracting: [rank(a) - 1],
                    rightContracting: [contracting], resultType: elementType(a))), a, b)
    }

    /// Positions 0, 1, … along an axis of a shape.
    func iota(_ type: ElementType, _ extents: [Int], axis: Int) throws(ImportError) -> ValueID {
        try emit(.iota(TensorType(type, try checkedShape(extents)), axis: axis))
    }
}

extension Int64 {
    /// The nearest integer toward zero; NaN is 0.
    init(clamping number: Double) {
        self = number.isNaN ? 0 : number >= 9.2e18 ? .max : number <= -9.2e18 ? .min : Int64(number)
    }
}

extension Int32 {
    /// The nearest integer toward zero; NaN is 0.
    init(clamping number: Double) { self = Int32(clamping: Int64(clamping: number)) }
}
