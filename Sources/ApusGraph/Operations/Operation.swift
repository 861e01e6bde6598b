/// What a node computes: one of some sixty primitives, with its attributes.
///
/// Elementwise primitives broadcast their operands as NumPy does. Operands of one node have one
/// element type unless the case says otherwise. Axes count from 0 and are never negative.
public enum Operation: Hashable, Sendable {
    /// One operand, element by element.
    case unary(Unary)
    /// Two operands, element by element.
    case binary(Binary)
    /// Two operands to `bool`.
    case compare(Comparison)
    /// `condition ? a : b`; operands condition (`bool`), a, b.
    case select
    /// `min(max(x, low), high)`; operands x, low, high.
    case clamp
    /// Conversion to another element type, see ``Conversion``.
    case convert(Conversion)
    /// The same bits as another type of the same width.
    case bitcast(ElementType)

    /// The same elements in the same order under another shape.
    case reshape(Shape)
    /// Axis `i` of the result is axis `permutation[i]` of the operand.
    case transpose([Int])
    /// NumPy's `broadcast_to`.
    case broadcast(Shape)
    /// Elements `start, start + stride, …` of each axis, see ``Slice``.
    case slice(Slice)
    /// Operands x and a scalar that fills what is added, see ``Padding``.
    case pad(Padding)
    /// One or more operands, one after the other along `axis`.
    case concatenate(axis: Int)
    /// Operands data and indices (`int32` or `int64`): the result's shape is data's with `axis`
    /// replaced by the shape of the indices. A negative index counts from the end.
    case gather(axis: Int)
    /// Operands data and indices; the last axis of the indices holds coordinates of data, after
    /// `batchDimensions` leading axes that both share.
    case gatherND(batchDimensions: Int)
    /// `result[i][j] = data[index[i][j]][j]` for `axis` 0; operands data and indices.
    case gatherElements(axis: Int)
    /// Operands data, indices, updates; the inverse of ``gatherElements(axis:)``.
    case scatterElements(axis: Int, ScatterReduction)
    /// Operands data, indices, updates; the inverse of ``gatherND(batchDimensions:)`` with none.
    case scatterND(ScatterReduction)
    /// No operand; element `[…, i, …]` is `i` along `axis`.
    case iota(TensorType, axis: Int)

    /// The general matrix product of two operands, see ``Dot``.
    case dot(Dot)
    /// Convolution of operands x `[N, C, spatial…]` and weight `[O, C/groups, spatial…]`.
    case convolution(Convolution)

    /// Folds `axes`; they stay with extent 1 if `keepDimensions`.
    case reduce(Reduction, axes: [Int], keepDimensions: Bool)
    /// The `int64` position of the extreme element along `axis`, see ``ArgumentReduction``.
    case argument(ArgumentReduction)
    /// Folds sliding windows of every axis, see ``Window``.
    case reduceWindow(WindowReduction, Window)
    /// Running sum or product along `axis`, see ``Scan``.
    case scan(Scan)
    /// Operand x; results the first `count` of each line along `axis` in order, and their `int64`
    /// positions, see ``Sort``.
    case sort(Sort)
    /// No operand; uniform in [0, 1) from Philox4x32-10, see ``Random``.
    case random(Random)

    /// What only the reference interpreter does.
    case host(HostOperation)
}

/// An elementwise function of one operand.
public enum Unary: String, CaseIterable, Sendable {
    // Numbers of any type.
    case negate, absolute, sign
    // Floating-point numbers.
    case floor, ceil, roundEven, truncate
    case sqrt, rsqrt, reciprocal, exp, log
    case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh
    case sigmoid, erf
    // Floating-point numbers to bool.
    case isNaN, isInfinite
    // Logical on bool, bitwise on integers.
    case not
}

/// An elementwise function of two operands of one type, giving that type.
public enum Binary: String, CaseIterable, Sendable {
    /// Numbers; integers wrap. Integer division truncates and by zero gives 0.
    case add, subtract, multiply, divide
    /// `remainder` has the sign of the dividend, `modulo` that of the divisor.
    case remainder, modulo
    /// Numbers.
    case power
    /// Numbers and bool; a NaN operand gives NaN.
    case minimum, maximum
    /// Logical on bool, bitwise on integers.
    case and, or, xor
    /// Integers; a shift by the width or more gives 0 (or the sign, for signed right shifts).
    case shiftLeft, shiftRight
}

/// A comparison of two operands of one type; NaN is unequal to everything.
public enum Comparison: String, CaseIterable, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

/// How ``Operation/reduce(_:axes:keepDimensions:)`` folds.
public enum Reduction: String, CaseIterable, Sendable {
    /// Numbers; the empty sum is 0, the empty product 1.
    case sum, product
    /// Numbers and bool; NaN propagates; of nothing: the type's least or greatest value.
    case maximum, minimum
    /// Sum of squares, of numbers.
    case sumOfSquares
    /// Bool.
    case and, or
}

/// How ``Operation/reduceWindow(_:_:)`` folds; padding is the identity.
public enum WindowReduction: String, CaseIterable, Sendable {
    case sum, maximum
}

/// How a scattered update combines with what is there.
public enum ScatterReduction: String, CaseIterable, Sendable {
    case replace, add, multiply, maximum, minimum
}
