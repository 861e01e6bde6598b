#if canImport(Glibc)
    import Glibc
#endif

extension Unary {
    /// The function on floating-point numbers.
    var onDouble: (Double) -> Double {
        switch self {
        case .negate: return { -$0 }
        case .absolute: return { $0.magnitude }
        case .sign: return { $0 > 0 ? 1 : $0 < 0 ? -1 : $0.isNaN ? $0 : 0 }
        case .floor: return { $0.rounded(.down) }
        case .ceil: return { $0.rounded(.up) }
        case .roundEven: return { $0.rounded(.toNearestOrEven) }
        case .truncate: return { $0.rounded(.towardZero) }
        case .sqrt: return { $0.squareRoot() }
        case .rsqrt: return { 1 / $0.squareRoot() }
        case .reciprocal: return { 1 / $0 }
        case .sigmoid: return { 1 / (1 + Glibc.exp(-$0)) }
        case .exp: return { Glibc.exp($0) }
        case .log: return { Glibc.log($0) }
        case .sin: return { Glibc.sin($0) }
        case .cos: return { Glibc.cos($0) }
        case .tan: return { Glibc.tan($0) }
        case .asin: return { Glibc.asin($0) }
        case .acos: return { Glibc.acos($0) }
        case .atan: return { Glibc.atan($0) }
        case .sinh: return { Glibc.sinh($0) }
        case .cosh: return { Glibc.cosh($0) }
        case .tanh: return { Glibc.tanh($0) }
        case .asinh: return { Glibc.asinh($0) }
        case .acosh: return { Glibc.acosh($0) }
        case .atanh: return { Glibc.atanh($0) }
        case .erf: return { Glibc.erf($0) }
        case .isNaN, .isInfinite, .not:
            preconditionFailure("\(self) does not give a floating-point number")
        }
    }

    /// The function on integers.
    func onInteger(_ type: ElementType) -> (Int64) -> Int64 {
        let isUnsigned = type.isUnsignedInteger
        switch self {
        case .negate: return { 0 &- $0 }
        case .absolute: return { isUnsigned || $0 >= 0 ? $0 : 0 &- $0 }
        case .sign: return { $0 == 0 ? 0 : isUnsigned || $0 > 0 ? 1 : -1 }
        default: preconditionFailure("\(self) is not defined on integers")
        }
    }
}

extension Binary {
    /// The function on floating-point numbers.
    var onDouble: (Double, Double) -> Double {
        switch self {
        case .add: return { $0 + $1 }
        case .subtract: return { $0 - $1 }
        case .multiply: return { $0 * $1 }
        case .divide: return { $0 / $1 }
        case .remainder: return { Glibc.fmod($0, $1) }
        case .modulo:
            return { x, y in
                let remainder = Glibc.fmod(x, y)
                if remainder == 0 { return y < 0 ? -0.0 : 0 }
                return (remainder < 0) != (y < 0) ? remainder + y : remainder
            }
        case .power: return { Glibc.pow($0, $1) }
        case .minimum: return { $0.isNaN || $1.isNaN ? .nan : Double.minimum($0, $1) }
        case .maximum: return { $0.isNaN || $1.isNaN ? .nan : Double.maximum($0, $1) }
        case .and, .or, .xor, .shiftLeft, .shiftRight:
            preconditionFailure("\(self) is not defined on floating-point numbers")
        }
    }

    /// The function on integers and `bool`, wrapping.
    func onInteger(_ type: ElementType) -> (Int64, Int64) -> Int64 {
        let isWide = type == .uint64
        switch self {
        case .add: return { $0 &+ $1 }
        case .subtract: return { $0 &- $1 }
        case .multiply: return { $0 &* $1 }
        case .and: return { $0 & $1 }
        case .or: return { $0 | $1 }
        case .xor: return { $0 ^ $1 }
        case .minimum: return isWide ? { unsigned($0, $1, min) } : { min($0, $1) }
        case .maximum: return isWide ? { unsigned($0, $1, max) } : { max($0, $1) }
        case .divide:
            return isWide
                ? { x, y in y == 0 ? 0 : unsigned(x, y, /) }
                : { x, y in y == 0 ? 0 : x.dividedReportingOverflow(by: y).partialValue }
        case .remainder:
            return isWide
                ? { x, y in y == 0 ? 0 : unsigned(x, y, %) }
                : { x, y in y == 0 ? 0 : x.remainderReportingOverflow(dividingBy: y).partialValue }
        case .modulo:
            return isWide
                ? { x, y in y == 0 ? 0 : unsigned(x, y, %) }
                : { x, y in
                    guard y != 0 else { return 0 }
                    let remainder = x.remainderReportingOverflow(dividingBy: y).partialValue
                    return remainder != 0 && (remainder < 0) != (y < 0) ? remainder + y : remainder
                }
        case .power: return { integerPower($0, $1, isUnsigned: type.isUnsignedInteger) }
        case .shiftLeft:
            let width = Int64(type.bitCount)
            return { x, count in (0..<width).contains(count) ? x << count : 0 }
        case .shiftRight:
            let width = Int64(type.bitCount)
            if isWide {
                return { x, count in
                    (0..<width).contains(count)
                        ? Int64(bitPattern: UInt64(bitPattern: x) >> count) : 0
                }
            }
            return { x, count in (0..<width).contains(count) ? x >> count : (x < 0 ? -1 : 0) }
        }
    }
}

extension Comparison {
    /// The comparison as a function of two numbers.
    func function<Number: Comparable>() -> (Number, Number) -> Bool {
        switch self {
        case .equal: return { $0 == $1 }
        case .notEqual: return { $0 != $1 }
        case .less: return { $0 < $1 }
        case .lessOrEqual: return { $0 <= $1 }
        case .greater: return { $0 > $1 }
        case .greaterOrEqual: return { $0 >= $1 }
        }
    }
}

private func unsigned(
    _ left: Int64, _ right: Int64, _ function: (UInt64, UInt64) -> UInt64
) -> Int64 {
    Int64(bitPattern: function(UInt64(bitPattern: left), UInt64(bitPattern: right)))
}

/// Wrapping power; a negative exponent gives the truncated quotient 1 / base^|exponent|.
private func integerPower(_ base: Int64, _ exponent: Int64, isUnsigned: Bool) -> Int64 {
    if exponent < 0, !isUnsigned {
        if base == 1 { return 1 }
        return base == -1 ? (exponent & 1 == 0 ? 1 : -1) : 0
    }
    var (result, factor, remaining) = (Int64(1), base, UInt64(bitPattern: exponent))
    while remaining != 0 {
        if remaining & 1 == 1 { result = result &* factor }
        factor = factor &* factor
        remaining >>= 1
    }
    return result
}
