import ApusNumerics

// pow: 2^(y·log₂|x|) with the logarithm as a sum of two binary32, then the sign and the special
// values.
extension Sequences {
    /// log₂ of a positive finite x, some 40 bits.
    private static func log2Sum(_ x: Term) -> (high: Term, low: Term) {
        let parts = split(x)
        let (numerator, denominator) = (parts.m - 1.0, parts.m + 1.0)
        let denominatorRest = choose(
            parts.m .< 1.0, (1.0 - denominator) + parts.m, (parts.m - denominator) + 1.0)
        let s = numerator / denominator
        let sRest =
            fma(-s, denominatorRest, fma(-s, denominator, numerator)) / denominator
        let q = s * s
        let qRest = fma(s + s, sRest, fma(s, s, -q))
        let t = q * Term(Table.pow3[0])
        let tExact = fma(q, Term(Table.pow3[0]), -t)
        let tLow = fma(qRest, Term(Table.pow3[0]), fma(q, Term(Table.pow3[1]), tExact))
        let tRest = fma(q * q, polynomial(q, Table.pow), tLow)
        let c = Term(Table.pow1[0]) + t
        let cRest = ((Term(Table.pow1[0]) - c) + t) + (tRest + Term(Table.pow1[1]))
        let product = s * c
        let rest = fma(s, c, -product) + fma(s, cRest, sRest * c)
        let high = parts.e + product
        let low = ((parts.e - high) + product) + rest
        let sum = high + low
        return (sum, (high - sum) + low)
    }

    private static func isInteger(_ y: Term) -> Term {
        let a = y.magnitude
        let rounded = (a + 0x1p23) - 0x1p23
        return (0x1p23 .<= a) | (rounded .== a)
    }

    static func pow(_ x: Term, _ y: Term) -> Term {
        let a = x.magnitude
        let log = log2Sum(a)
        let (isZero, isInfinite) = (a .== 0.0, a .== infinity)
        let logHigh = choose(isZero, .bits(0xFF80_0000), choose(isInfinite, infinity, log.high))
        let logLow = choose(isZero | isInfinite, 0.0, log.low)
        let high = y * logHigh
        let sum = fma(y, logHigh, -high) + y * logLow
        let low = choose(high.magnitude .< 256.0, sum, 0.0)
        let yIsInteger = isInteger(y)
        let isOdd = yIsInteger & ~isInteger(y * 0.5)
        let result = exp2(high, low: low) ^ (x & isOdd & .bits(0x8000_0000))
        let isInvalid = (x .< 0.0) & ~yIsInteger & ~isInfinite
        let isNumber = (x .== x) & (y .== y)
        let valid = choose(isNumber & ~isInvalid, result, nan)
        let isOne =
            (x .== 1.0) | (y .== 0.0) | ((a .== 1.0) & (y.magnitude .== infinity))
        return choose(isOne, 1.0, valid)
    }
}
