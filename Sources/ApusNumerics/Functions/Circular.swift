/// sin, cos, tan and their inverses.
enum Circular {
    private typealias Table = FunctionConstants

    /// x = n·π/2 + high + low; n modulo 4 matters.
    struct Angle {
        var high: Float
        var low: Float
        var n: Int32
    }

    /// Above this the angle is reduced with 96 bits of 2/π in integers.
    static let reductionLimit: Float = 131072

    static func reduce(_ x: Float) -> Angle {
        if x.isNaN || x.isInfinite { return Angle(high: .nan, low: 0, n: 0) }
        if x.magnitude > reductionLimit { return reduceLarge(x) }
        let shifted = Lane.fma(x, Table.twoOverPi[0], Lane.roundingMagic)
        let count = shifted - Lane.roundingMagic
        // Exact: both are multiples of 2⁻²³ and nearly equal.
        let first = Lane.fma(count, -Table.halfPi[0], x)
        // first − count·P1 as a sum without error; which of the two is larger varies.
        let product = count * Table.halfPi[1]
        let productRest = Lane.fma(count, Table.halfPi[1], -product)
        let second = first - product
        let taken = second - first
        var rest = (first - (second - taken)) - (product + taken)
        rest = Lane.fma(count, -Table.halfPi[2], rest - productRest)
        let high = second + rest
        return Angle(
            high: high, low: (second - high) + rest, n: Lane.integer(ofShifted: shifted))
    }

    /// 32 bits of 2/π from bit `first`, where bit 32 has weight 1/2 and the bits before are zero.
    private static func window(_ first: Int) -> UInt64 {
        let (word, shift) = first.quotientAndRemainder(dividingBy: 32)
        let high = word == 0 ? 0 : UInt64(Table.twoOverPiWords[word - 1])
        let low = UInt64(Table.twoOverPiWords[word])
        return (high << 32 | low) >> UInt64(32 - shift) & 0xFFFF_FFFF
    }

    /// The mantissa times a window of 2/π, modulo whole turns.
    private static func reduceLarge(_ x: Float) -> Angle {
        let bits = x.magnitude.bitPattern
        let mantissa = UInt64(bits & 0x7F_FFFF | 0x80_0000)
        let first = Int(bits >> 23) - 150 + 30
        let carry = (mantissa * window(first + 64)) >> 32
        let turns = (mantissa * window(first)) << 32 &+ mantissa * window(first + 32) &+ carry
        let n = Int32((turns &+ 1 << 61) >> 62)
        let fraction = Int64(bitPattern: turns << 2)

        var magnitude = fraction.magnitude
        let zeros = magnitude == 0 ? 63 : magnitude.leadingZeroBitCount
        magnitude <<= UInt64(zeros)
        let unit = Lane.powerOfTwo(-24 - Int32(zeros))
        let upper = Float(magnitude >> 40) * unit
        let lower = Float(magnitude >> 16 & 0xFF_FFFF) * (unit * 0x1p-24)
        let product = upper * Table.halfPi[0]
        var rest = Lane.fma(upper, Table.halfPi[0], -product)
        rest = rest + Lane.fma(upper, Table.halfPi[1], lower * Table.halfPi[0])
        let sum = product + rest
        let sumRest = (product - sum) + rest
        let isNegative = (fraction < 0) != (x < 0)
        return Angle(
            high: isNegative ? -sum : sum, low: isNegative ? -sumRest : sumRest, n: x < 0 ? -n : n)
    }

    private static func sine(_ angle: Angle) -> Float {
        let z = angle.high * angle.high
        let cubic = angle.high * z * Lane.polynomial(z, Table.sin)
        return angle.high + (cubic + angle.low)
    }

    private static func cosine(_ angle: Angle) -> Float {
        let z = angle.high * angle.high
        let half = 0.5 * z
        let main = 1 - half
        var rest = (1 - main) - half
        rest = Lane.fma(z * z, Lane.polynomial(z, Table.cos), rest)
        return main + Lane.fma(-angle.high, angle.low, rest)
    }

    private static func quadrant(_ angle: Angle, _ n: Int32) -> Float {
        let value = n & 1 != 0 ? cosine(angle) : sine(angle)
        return n & 2 != 0 ? -value : value
    }

    static func sin(_ x: Float) -> Float {
        if x == 0 { return x }
        let angle = reduce(x)
        return quadrant(angle, angle.n)
    }

    static func cos(_ x: Float) -> Float {
        let angle = reduce(x)
        return quadrant(angle, angle.n + 1)
    }

    static func tan(_ x: Float) -> Float {
        if x == 0 { return x }
        let angle = reduce(x)
        return angle.n & 1 != 0 ? -cosine(angle) / sine(angle) : sine(angle) / cosine(angle)
    }

    /// asin t of t = √((1 − a)/2) for a > ½, and of a itself below.
    private static func asinCore(_ a: Float) -> Float {
        let isLarge = 0.5 < a
        let z = isLarge ? (1 - a) * 0.5 : a * a
        let t = isLarge ? z.squareRoot() : a
        return Lane.fma(t * z, Lane.polynomial(z, Table.asin), t)
    }

    static func asin(_ x: Float) -> Float {
        let a = x.magnitude
        guard a <= 1 else { return .nan }
        let p = asinCore(a)
        let turned = Lane.fma(p, -2, Table.halfPi[0]) + Table.halfPi[1]
        return Lane.withSign(0.5 < a ? turned : p, of: x)
    }

    static func acos(_ x: Float) -> Float {
        let a = x.magnitude
        guard a <= 1 else { return .nan }
        let p = asinCore(a)
        if 0.5 < a {
            let twice = p + p
            return x < 0 ? (2 * Table.halfPi[0] - twice) + 2 * Table.halfPi[1] : twice
        }
        return Table.halfPi[0] - (Lane.withSign(p, of: x) - Table.halfPi[1])
    }

    static func atan(_ x: Float) -> Float {
        let a = x.magnitude
        let isInverted = 1 < a
        let t = isInverted ? 1 / a : a
        let p = Lane.fma(t * (t * t), Lane.polynomial(t * t, Table.atan), t)
        let value = isInverted ? Table.halfPi[0] - (p - Table.halfPi[1]) : p
        return Lane.withSign(value, of: x)
    }
}
