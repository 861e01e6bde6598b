/// The meaning of the functions on INT32, which wraps; the oracle of CApusNumerics.
extension VectorFunction {
    /// The result on INT32 operands, of which those beyond the function's ``shape`` are ignored.
    /// `nil` if the function has no meaning on INT32 or is not element by element.
    public func evaluate(_ a: Int32, _ b: Int32, _ c: Int32) -> Int32? {
        switch shape {
        case .unary: unary(a)
        case .binary: binary(a, b)
        case .ternary: ternary(a, b, c)
        case .reduction, .scan: nil
        }
    }

    private func unary(_ x: Int32) -> Int32? {
        switch self {
        case .copy, .floor, .ceil, .roundeven, .trunc: x
        case .neg: 0 &- x
        case .abs: x < 0 ? 0 &- x : x
        case .sign: x.signum()
        case .bitnot: ~x
        case .isnan, .isinf: 0
        case .lognot: x == 0 ? 1 : 0
        default: nil
        }
    }

    private func binary(_ a: Int32, _ b: Int32) -> Int32? {
        switch self {
        case .add: a &+ b
        case .sub: a &- b
        case .mul: a &* b
        case .div: Integers.quotient(a, b)
        case .rem: Integers.remainder(a, b)
        case .mod: Integers.modulo(a, b)
        case .min: Swift.min(a, b)
        case .max: Swift.max(a, b)
        case .pow: Integers.power(a, b)
        case .and: a & b
        case .or: a | b
        case .xor: a ^ b
        case .shl, .shr, .sar: Integers.shift(self, a, b)
        case .eq: a == b ? 1 : 0
        case .ne: a != b ? 1 : 0
        case .lt: a < b ? 1 : 0
        case .le: a <= b ? 1 : 0
        case .gt: a > b ? 1 : 0
        case .ge: a >= b ? 1 : 0
        default: nil
        }
    }

    private func ternary(_ a: Int32, _ b: Int32, _ c: Int32) -> Int32? {
        switch self {
        case .fma: a &* b &+ c
        case .select: a != 0 ? b : c
        case .clamp: Swift.min(Swift.max(a, b), c)
        default: nil
        }
    }
}

/// Division and powers of INT32, total.
private enum Integers {
    /// Division by zero gives −1, as in RISC-V; Int32.min / −1 wraps.
    static func quotient(_ a: Int32, _ b: Int32) -> Int32 {
        b == 0 ? -1 : a.dividedReportingOverflow(by: b).partialValue
    }

    /// Of division by zero, a.
    static func remainder(_ a: Int32, _ b: Int32) -> Int32 {
        b == 0 ? a : a.remainderReportingOverflow(dividingBy: b).partialValue
    }

    static func modulo(_ a: Int32, _ b: Int32) -> Int32 {
        let r = remainder(a, b)
        return b != 0 && r != 0 && (r < 0) != (b < 0) ? r + b : r
    }

    /// a^b modulo 2³²; of a negative b the truncated value: 0 unless a is 1 or −1.
    static func power(_ a: Int32, _ b: Int32) -> Int32 {
        if b < 0 { return a == 1 ? 1 : a == -1 ? (b & 1 != 0 ? -1 : 1) : 0 }
        var (result, base, rest) = (Int32(1), a, b)
        while rest != 0 {
            if rest & 1 != 0 { result = result &* base }
            base = base &* base
            rest >>= 1
        }
        return result
    }

    /// Counts outside 0…31 shift everything out.
    static func shift(_ function: VectorFunction, _ a: Int32, _ b: Int32) -> Int32 {
        let isInRange = (0..<32).contains(b)
        switch function {
        case .shl: return isInRange ? a << b : 0
        case .shr: return isInRange ? Int32(bitPattern: UInt32(bitPattern: a) >> UInt32(b)) : 0
        default: return a >> (isInRange ? b : 31)
        }
    }
}
