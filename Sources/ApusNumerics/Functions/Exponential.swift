/// Exponentials, logarithms and what is built of them.
enum Exponential {
    private typealias Table = FunctionConstants

    /// p·2ⁿ with one rounding, −150 ≤ n ≤ 130: in two steps, because 2ⁿ may not be representable.
    private static func scale(_ p: Float, _ n: Int32) -> Float {
        let half = n >> 1
        return p * Lane.powerOfTwo(half) * Lane.powerOfTwo(n - half)
    }

    /// e^x · 2^extra, extra 0 or −1.
    private static func exp(_ argument: Float, extra: Int32) -> Float {
        if argument.isNaN { return argument }
        var x = argument < -104 ? -104 : argument
        x = 90 < x ? 90 : x
        let shifted = Lane.fma(x, Table.log2e[0], Lane.roundingMagic)
        let count = shifted - Lane.roundingMagic
        var r = Lane.fma(count, -Table.ln2[0], x)
        r = Lane.fma(count, -Table.ln2[1], r)
        let p = Lane.fma(r * r, Lane.polynomial(r, Table.exp), r) + 1
        return scale(p, Lane.integer(ofShifted: shifted) + extra)
    }

    static func exp(_ x: Float) -> Float { exp(x, extra: 0) }

    /// 2^(x + low), |low| far below x's last place.
    static func exp2(_ argument: Float, low: Float = 0) -> Float {
        if argument.isNaN { return argument }
        var x = argument < -151 ? -151 : argument
        x = 129 < x ? 129 : x
        let shifted = x + Lane.roundingMagic
        let r = (x - (shifted - Lane.roundingMagic)) + low
        let p = Lane.fma(r, Lane.polynomial(r, Table.exp2), 1)
        return scale(p, Lane.integer(ofShifted: shifted))
    }

    /// A positive finite x as m·2ᵉ, √½ ≤ m < √2.
    static func split(_ x: Float) -> (m: Float, e: Float) {
        let isSmall = x < 0x1p-126
        let bits = Int32(bitPattern: (isSmall ? x * 0x1p23 : x).bitPattern)
        let e = (bits &- 0x3F35_04F3) >> 23
        let m = Float(bitPattern: UInt32(bitPattern: bits &- (e << 23)))
        return (m, Float(e - (isSmall ? 23 : 0)))
    }

    /// The value for zero, negative, infinite and NaN arguments, `nil` for others.
    private static func logSpecial(_ x: Float) -> Float? {
        if x == 0 { return -.infinity }
        if x == .infinity { return x }
        return x > 0 ? nil : .nan
    }

    /// ln x + extra·ln 2 + low.
    private static func log(_ x: Float, extra: Float, low: Float) -> Float {
        if let special = logSpecial(x) { return special }
        let parts = split(x)
        let e = parts.e + extra
        let f = parts.m - 1
        let square = f * f
        var tail = f * square * Lane.polynomial(f, Table.log)
        tail = Lane.fma(e, Table.ln2[1], tail)
        tail = Lane.fma(square, -0.5, tail)
        let whole = e * Table.ln2[0]
        let high = whole + f
        let rest = (whole - high) + f
        return high + (rest + (tail + low))
    }

    static func log(_ x: Float) -> Float { log(x, extra: 0, low: 0) }

    static func log2(_ x: Float) -> Float {
        if let special = logSpecial(x) { return special }
        let parts = split(x)
        let f = parts.m - 1
        let square = f * f
        let tail = Lane.fma(square, -0.5, f * square * Lane.polynomial(f, Table.log))
        let ln = f + tail
        let lnRest = (f - ln) + tail
        let scaled = ln * Table.log2e[0]
        var rest = Lane.fma(ln, Table.log2e[0], -scaled)
        rest = Lane.fma(lnRest, Table.log2e[0], Lane.fma(ln, Table.log2e[1], rest))
        let high = parts.e + scaled
        let highRest = (parts.e - high) + scaled
        return high + (highRest + rest)
    }

    static func sinh(_ x: Float) -> Float {
        let a = x.magnitude
        if a < 1 { return Lane.fma(x * (x * x), Lane.polynomial(x * x, Table.sinh), x) }
        let half = exp(a, extra: -1)
        return Lane.withSign(half - 0.25 / half, of: x)
    }

    static func cosh(_ x: Float) -> Float {
        let half = exp(x.magnitude, extra: -1)
        return half + 0.25 / half
    }

    static func tanh(_ x: Float) -> Float {
        let a = x.magnitude
        if a < 0.625 { return Lane.fma(x * (x * x), Lane.polynomial(x * x, Table.tanh), x) }
        return Lane.withSign(1 - 2 / (exp(a + a) + 1), of: x)
    }

    static func sigmoid(_ x: Float) -> Float {
        let e = exp(-x.magnitude)
        return (x < 0 ? e : 1) / (1 + e)
    }

    /// asinh x = ln(|x| + √(x² + 1)); above 2¹², where the root is |x|, ln|x| + ln 2.
    static func asinh(_ x: Float) -> Float {
        let a = x.magnitude
        let z = x * x
        if a < 0.5 {
            return Lane.withSign(Lane.fma(a * z, Lane.polynomial(z, Table.asinh), a), of: x)
        }
        if 4096 < a { return Lane.withSign(log(a, extra: 1, low: 0), of: x) }
        let square = z + 1
        let larger = z < 1 ? 1 : z
        let lesser = z < 1 ? z : 1
        let squareRest = ((larger - square) + lesser) + Lane.fma(x, x, -z)
        let root = square.squareRoot()
        let rootRest = (Lane.fma(-root, root, square) + squareRest) / (root + root)
        let sum = root + a
        let rest = ((root - sum) + a) + rootRest
        return Lane.withSign(log(sum, extra: 0, low: rest / sum), of: x)
    }

    /// acosh x = ln(1 + t + √(t·(t + 2))), t = x − 1; above 2¹² ln x + ln 2.
    static func acosh(_ x: Float) -> Float {
        guard 1 <= x else { return .nan }
        if 4096 < x { return log(x, extra: 1, low: 0) }
        let t = x - 1
        let u = t + (t * (t + 2)).squareRoot()
        let sum = u + 1
        let larger = u < 1 ? 1 : u
        let lesser = u < 1 ? u : 1
        let rest = (larger - sum) + lesser
        return log(sum, extra: 0, low: rest / sum)
    }

    static func atanh(_ x: Float) -> Float {
        let a = x.magnitude
        let z = x * x
        let value =
            a < 0.5
            ? Lane.fma(a * z, Lane.polynomial(z, Table.atanh), a) : 0.5 * log((1 + a) / (1 - a))
        return Lane.withSign(value, of: x)
    }

    static func erf(_ x: Float) -> Float {
        let a = x.magnitude
        if a < 0.9375 { return Lane.fma(x, Lane.polynomial(x * x, Table.erf), x) }
        let t = 4 < a ? 4 : a
        return Lane.withSign(1 - exp(-Lane.polynomial(t, Table.erfc)), of: x)
    }
}
