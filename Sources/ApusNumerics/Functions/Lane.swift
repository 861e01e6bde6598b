/// Steps on one binary32 that the sequences of the vector functions share. Each sequence is written
/// twice, here and in Sources/CApusNumerics/functions_*.inc; a test compares them bit for bit.
enum Lane {
    /// Adding and subtracting 1.5·2²³ rounds a number below 2²² to an integer, ties to even.
    static let roundingMagic: Float = 0x1.8p23

    static let canonicalNaN = Float(bitPattern: 0x7FC0_0000)

    static func canonical(_ x: Float) -> Float { x.isNaN ? canonicalNaN : x }

    /// a·b + c with one rounding.
    static func fma(_ a: Float, _ b: Float, _ c: Float) -> Float { c.addingProduct(a, b) }

    /// P(x) by Horner's rule, one fma for each degree, coefficients lowest degree first.
    static func polynomial(_ x: Float, _ coefficients: [Float]) -> Float {
        var p = coefficients[coefficients.count - 1]
        for coefficient in coefficients.dropLast().reversed() { p = fma(p, x, coefficient) }
        return p
    }

    /// `magnitude` with its sign turned if `signSource` is negative, −0 included.
    static func withSign(_ magnitude: Float, of signSource: Float) -> Float {
        Float(bitPattern: magnitude.bitPattern ^ (signSource.bitPattern & 0x8000_0000))
    }

    /// 2ⁿ for −126 ≤ n ≤ 127.
    static func powerOfTwo(_ n: Int32) -> Float {
        Float(bitPattern: UInt32(bitPattern: (n + 127) << 23))
    }

    /// The integer that the low bits of a number shifted by ``roundingMagic`` hold.
    static func integer(ofShifted shifted: Float) -> Int32 {
        Int32(bitPattern: shifted.bitPattern &- roundingMagic.bitPattern)
    }

    /// To an integer, ties to even; the sign of zero is the argument's.
    static func roundEven(_ x: Float) -> Float { x.rounded(.toNearestOrEven) }

    /// −0 is less than +0; a NaN wins.
    static func minimum(_ a: Float, _ b: Float) -> Float {
        if a.isNaN || b.isNaN { return canonicalNaN }
        if a == b { return Float(bitPattern: a.bitPattern | b.bitPattern) }
        return a < b ? a : b
    }

    /// +0 is greater than −0; a NaN wins.
    static func maximum(_ a: Float, _ b: Float) -> Float {
        if a.isNaN || b.isNaN { return canonicalNaN }
        if a == b { return Float(bitPattern: a.bitPattern & b.bitPattern) }
        return a > b ? a : b
    }

    /// The exact remainder of the truncated quotient.
    static func remainder(_ a: Float, _ b: Float) -> Float { a.truncatingRemainder(dividingBy: b) }

    /// The remainder of the floored quotient; it has the divisor's sign, zero too.
    static func modulo(_ a: Float, _ b: Float) -> Float {
        let r = remainder(a, b)
        if r == 0 { return withSign(0, of: b) }
        return (r < 0) != (b < 0) ? r + b : r
    }
}
