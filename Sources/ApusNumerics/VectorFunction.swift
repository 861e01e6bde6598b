/// What one Vector command computes on each element, or on each row.
///
/// The raw value is the code of `enum apus_function` in CApusNumerics; opcodes are ApusISA's
/// matter.
///
/// - Source: docs/numerics/functions.md says each function's sequence, special values and error.
public enum VectorFunction: UInt8, CaseIterable, Hashable, Sendable {
    // One operand.
    case copy = 0, neg = 1, abs = 2, sign = 3, floor = 4, ceil = 5, roundeven = 6, trunc = 7,
        sqrt = 8, rsqrt = 9, recip = 10, exp = 11, exp2 = 12, log = 13, log2 = 14, sin = 15,
        cos = 16, tan = 17, asin = 18, acos = 19, atan = 20, sinh = 21, cosh = 22, tanh = 23,
        asinh = 24, acosh = 25, atanh = 26, sigmoid = 27, erf = 28, bitnot = 29, isnan = 30,
        isinf = 31, lognot = 32
    // Two operands.
    case add = 33, sub = 34, mul = 35, div = 36, rem = 37, mod = 38, min = 39, max = 40,
        pow = 41, and = 42, or = 43, xor = 44, shl = 45, shr = 46, sar = 47, eq = 48, ne = 49,
        lt = 50, le = 51, gt = 52, ge = 53
    // Three operands.
    case fma = 54, select = 55, clamp = 56
    // A row to one value.
    case rsum = 57, rprod = 58, rmax = 59, rmin = 60, rargmax = 61, rargmin = 62
    // A row to a row, along the columns.
    case cumsum = 63, cumprod = 64
}

extension VectorFunction {
    /// How many values go in and out.
    public enum Shape: Hashable, Sendable {
        case unary, binary, ternary
        /// One value for each row.
        case reduction
        /// As many values as the row has.
        case scan
    }

    /// How many values go in and out.
    public var shape: Shape {
        if rawValue < VectorFunction.add.rawValue { return .unary }
        if rawValue < VectorFunction.fma.rawValue { return .binary }
        if rawValue < VectorFunction.rsum.rawValue { return .ternary }
        return rawValue < VectorFunction.cumsum.rawValue ? .reduction : .scan
    }
}
