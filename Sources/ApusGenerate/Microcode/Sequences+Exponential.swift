import ApusNumerics

/// The sequences of docs/numerics/functions.md as formulas; tests compare them bit for bit with
/// those of ApusNumerics, whose constants they take.
enum Sequences {
    typealias Table = FunctionConstants

    static let roundingMagic: Term = 0x1.8p23
    static let infinity = Term.bits(0x7F80_0000)
    static let nan = Term.bits(0x7FC0_0000)
    /// The bits of 1.5·2²³.
    private static let magicBits = Term.bits((0x1.8p23 as Float).bitPattern)

    /// The integer that the low bits of a number shifted by `roundingMagic` hold.
    static func integer(ofShifted shifted: Term) -> Term { shifted &- magicBits }

    /// p·2ⁿ with one rounding.
    private static func scale(_ p: Term, _ n: Term) -> Term {
        let half = n >> 1
        return p * half.powerOfTwo * (n &- half).powerOfTwo
    }

    private static func clamped(_ x: Term, _ low: Term, _ high: Term) -> Term {
        let raised = choose(x .< low, low, x)
        return choose(high .< raised, high, raised)
    }

    static func exp(_ argument: Term, extra: UInt32? = nil) -> Term {
        let x = clamped(argument, -104.0, 90.0)
        let shifted = fma(x, Term(Table.log2e[0]), roundingMagic)
        let count = shifted - roundingMagic
        let first = fma(count, Term(-Table.ln2[0]), x)
        let r = fma(count, Term(-Table.ln2[1]), first)
        let p = fma(r * r, polynomial(r, Table.exp), r) + 1.0
        let n = integer(ofShifted: shifted)
        return scale(p, extra.map { n &+ .bits($0) } ?? n)
    }

    /// 2^(x + low).
    static func exp2(_ argument: Term, low: Term? = nil) -> Term {
        let x = clamped(argument, -151.0, 129.0)
        let shifted = x + roundingMagic
        let rest = x - (shifted - roundingMagic)
        let r = low.map { rest + $0 } ?? rest
        let p = fma(r, polynomial(r, Table.exp2), 1.0)
        return scale(p, integer(ofShifted: shifted))
    }

    /// A positive finite x as m·2ᵉ.
    static func split(_ x: Term) -> (m: Term, e: Term) {
        let isSmall = x .< 0x1p-126
        let bits = choose(isSmall, x * 0x1p23, x)
        let e = (bits &- .bits(0x3F35_04F3)) >> 23
        return (bits &- (e &<< 23), (e &- (isSmall & .bits(23))).asFloat)
    }

    /// The value for zero, negative, infinite and NaN arguments, else `result`.
    private static func logSpecial(_ x: Term, _ result: Term) -> Term {
        let finite = choose(x .== infinity, infinity, result)
        let positive = choose(x .== 0.0, .bits(0xFF80_0000), finite)
        return choose(0.0 .<= x, positive, nan)
    }

    /// ln x + extra·ln 2 + low.
    static func log(_ x: Term, extra: Term? = nil, low: Term? = nil) -> Term {
        let parts = split(x)
        let e = extra.map { parts.e + $0 } ?? parts.e
        let f = parts.m - 1.0
        let square = f * f
        let cubic = f * square * polynomial(f, Table.log)
        let tail = fma(square, -0.5, fma(e, Term(Table.ln2[1]), cubic))
        let whole = e * Term(Table.ln2[0])
        let high = whole + f
        let rest = (whole - high) + f
        return logSpecial(x, high + (rest + (low.map { tail + $0 } ?? tail)))
    }

    static func log2(_ x: Term) -> Term {
        let parts = split(x)
        let f = parts.m - 1.0
        let square = f * f
        let tail = fma(square, -0.5, f * square * polynomial(f, Table.log))
        let ln = f + tail
        let lnRest = (f - ln) + tail
        let scaled = ln * Term(Table.log2e[0])
        let scaledRest = fma(ln, Term(Table.log2e[0]), -scaled)
        let rest = fma(
            lnRest, Term(Table.log2e[0]), fma(ln, Term(Table.log2e[1]), scaledRest))
        let high = parts.e + scaled
        let highRest = (parts.e - high) + scaled
        return logSpecial(x, high + (highRest + rest))
    }

    static func sinh(_ x: Term) -> Term {
        let (a, z) = (x.magnitude, x * x)
        let half = exp(a, extra: 0xFFFF_FFFF)
        let large = (half - 0.25 / half).withSign(of: x)
        let small = fma(x * z, polynomial(z, Table.sinh), x)
        return choose(a .< 1.0, small, large)
    }

    static func cosh(_ x: Term) -> Term {
        let half = exp(x.magnitude, extra: 0xFFFF_FFFF)
        return half + 0.25 / half
    }

    static func tanh(_ x: Term) -> Term {
        let (a, z) = (x.magnitude, x * x)
        let large = (1.0 - 2.0 / (exp(a + a) + 1.0)).withSign(of: x)
        let small = fma(x * z, polynomial(z, Table.tanh), x)
        return choose(a .< 0.625, small, large)
    }

    static func sigmoid(_ x: Term) -> Term {
        let e = exp(x | .bits(0x8000_0000))
        return choose(x .< 0.0, e, 1.0) / (1.0 + e)
    }

    static func asinh(_ x: Term) -> Term {
        let (a, z) = (x.magnitude, x * x)
        let isHuge = 4096.0 .< a
        let square = z + 1.0
        let larger = choose(z .< 1.0, 1.0, z)
        let lesser = choose(z .< 1.0, z, 1.0)
        let squareRest = ((larger - square) + lesser) + fma(x, x, -z)
        let root = square.squareRoot
        let rootRest = (fma(-root, root, square) + squareRest) / (root + root)
        let sum = root + a
        let rest = ((root - sum) + a) + rootRest
        let large = log(
            choose(isHuge, a, sum), extra: isHuge.truth, low: choose(isHuge, 0.0, rest / sum))
        let small = fma(a * z, polynomial(z, Table.asinh), a)
        return choose(a .< 0.5, small, large).withSign(of: x)
    }

    static func acosh(_ x: Term) -> Term {
        let isHuge = 4096.0 .< x
        let t = x - 1.0
        let u = t + (t * (t + 2.0)).squareRoot
        let sum = u + 1.0
        let larger = choose(u .< 1.0, 1.0, u)
        let lesser = choose(u .< 1.0, u, 1.0)
        let rest = (larger - sum) + lesser
        let result = log(
            choose(isHuge, x, sum), extra: isHuge.truth, low: choose(isHuge, 0.0, rest / sum))
        return choose(1.0 .<= x, result, nan)
    }

    static func atanh(_ x: Term) -> Term {
        let (a, z) = (x.magnitude, x * x)
        let large = 0.5 * log((1.0 + a) / (1.0 - a))
        let small = fma(a * z, polynomial(z, Table.atanh), a)
        return choose(a .< 0.5, small, large).withSign(of: x)
    }

    static func erf(_ x: Term) -> Term {
        let (a, z) = (x.magnitude, x * x)
        let t = choose(4.0 .< a, 4.0, a)
        let large = (1.0 - exp(-polynomial(t, Table.erfc))).withSign(of: x)
        let small = fma(x, polynomial(z, Table.erf), x)
        return choose(a .< 0.9375, small, large)
    }
}
