/// pow: 2^(y·log₂|x|) with the logarithm as a sum of two binary32, then the sign and the special
/// values.
enum Power {
    private typealias Table = FunctionConstants

    /// log₂ of a positive finite x, some 40 bits.
    private static func log2(_ x: Float) -> (high: Float, low: Float) {
        let parts = Exponential.split(x)
        // s = (m − 1)/(m + 1) and its remainder; the numerator is exact, the denominator a sum.
        let numerator = parts.m - 1
        let denominator = parts.m + 1
        let denominatorRest =
            parts.m < 1 ? (1 - denominator) + parts.m : (parts.m - denominator) + 1
        let s = numerator / denominator
        var sRest = Lane.fma(-s, denominator, numerator)
        sRest = Lane.fma(-s, denominatorRest, sRest) / denominator
        // q = s², with remainder; t = 2/(3 ln 2)·q + q²·P(q), with remainder.
        let q = s * s
        let qRest = Lane.fma(s + s, sRest, Lane.fma(s, s, -q))
        let t = q * Table.pow3[0]
        var tRest = Lane.fma(q, Table.pow3[0], -t)
        tRest = Lane.fma(qRest, Table.pow3[0], Lane.fma(q, Table.pow3[1], tRest))
        tRest = Lane.fma(q * q, Lane.polynomial(q, Table.pow), tRest)
        // c = 2/ln 2 + t; log₂ m = s·c, then + e.
        let c = Table.pow1[0] + t
        let cRest = ((Table.pow1[0] - c) + t) + (tRest + Table.pow1[1])
        let product = s * c
        let rest = Lane.fma(s, c, -product) + Lane.fma(s, cRest, sRest * c)
        let high = parts.e + product
        let low = ((parts.e - high) + product) + rest
        let sum = high + low
        return (sum, (high - sum) + low)
    }

    private static func isInteger(_ y: Float) -> Bool { y.isInfinite || y.rounded() == y }

    private static func isOdd(_ y: Float) -> Bool { isInteger(y) && !isInteger(y * 0.5) }

    static func pow(_ x: Float, _ y: Float) -> Float {
        let a = x.magnitude
        if x == 1 || y == 0 || (a == 1 && y.isInfinite) { return 1 }
        if x.isNaN || y.isNaN { return .nan }
        if x < 0, !isInteger(y), !a.isInfinite { return .nan }
        let log: (high: Float, low: Float) =
            a == 0 ? (-.infinity, 0) : a.isInfinite ? (.infinity, 0) : log2(a)
        let high = y * log.high
        let low = high.magnitude < 256 ? Lane.fma(y, log.high, -high) + y * log.low : 0
        let result = Exponential.exp2(high, low: low)
        return x.sign == .minus && isOdd(y) ? -result : result
    }
}
