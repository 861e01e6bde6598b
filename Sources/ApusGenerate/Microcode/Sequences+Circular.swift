import ApusNumerics

// sin, cos, tan and their inverses.
extension Sequences {
    /// x = n·π/2 + high + low; n modulo 4 matters.
    private struct Angle {
        var high, low, n: Term
    }

    private static func reduce(_ x: Term) -> Angle {
        let (near, far) = (reduceSmall(x), reduceLarge(x))
        return Angle(
            high: choose(isLarge(x), far.high, near.high),
            low: choose(isLarge(x), far.low, near.low), n: choose(isLarge(x), far.n, near.n))
    }

    /// Whether 2¹⁷ < |x| < ∞. Asked anew each time: a register is dearer than three steps.
    private static func isLarge(_ x: Term) -> Term {
        let least = (131072 as Float).bitPattern + 1
        let distance = (x &<< 1) &- .bits(2 * least)
        return .step(.lessUnsigned, distance, .bits(2 * (0x7F80_0000 - least)))
    }

    private static func reduceSmall(_ x: Term) -> Angle {
        let shifted = fma(x, Term(Table.twoOverPi[0]), roundingMagic)
        let count = shifted - roundingMagic
        let first = fma(count, Term(-Table.halfPi[0]), x)
        let product = count * Term(Table.halfPi[1])
        let productRest = fma(count, Term(Table.halfPi[1]), -product)
        let second = first - product
        let taken = second - first
        let error = (first - (second - taken)) - (product + taken)
        let rest = fma(count, Term(-Table.halfPi[2]), error - productRest)
        let high = second + rest
        return Angle(high: high, low: (second - high) + rest, n: integer(ofShifted: shifted))
    }

    /// The mantissa times a window of 2/π, modulo whole turns, in pairs of 32 bits.
    private static func reduceLarge(_ x: Term) -> Angle {
        let bits = x.magnitude
        let mantissa = (bits & .bits(0x7F_FFFF)) | .bits(0x80_0000)
        let first = (bits &>> 23) &- .bits(120)
        let carry = Term.step(.mulHigh, mantissa, .step(.window, first &+ .bits(64)))
        let middle = Term.step(.window, first &+ .bits(32))
        let low = mantissa &* middle &+ carry
        let carried = Term.step(.lessUnsigned, low, carry)
        let high =
            (mantissa &* .step(.window, first)) &+ .step(.mulHigh, mantissa, middle) &- carried
        let n = (high &+ .bits(0x2000_0000)) &>> 30

        let fractionHigh = (high &<< 2) | (low &>> 30)
        let fractionLow = low &<< 2
        let sign = fractionHigh >> 31
        let magnitudeLow = (fractionLow ^ sign) &- sign
        let borrow = sign & .step(.equalInt, fractionLow, .bits(0))
        let magnitudeHigh = (fractionHigh ^ sign) &- borrow
        let zerosLow = Term.step(.leadingZeros, magnitudeLow) &+ .bits(32)
        let zeros = choose(magnitudeHigh, .step(.leadingZeros, magnitudeHigh), zerosLow)
        let upperBits =
            (magnitudeHigh &<< zeros) | (magnitudeLow &>> (.bits(32) &- zeros))
            | (magnitudeLow &<< (zeros &- .bits(32)))
        let lowerBits = ((upperBits & .bits(0xFF)) &<< 16) | ((magnitudeLow &<< zeros) &>> 16)
        return reduceLarge(
            x, n, sign, upper: (upperBits &>> 8).asFloat, lower: lowerBits.asFloat,
            unit: (.bits(103) &- zeros) &<< 23)
    }

    private static func reduceLarge(
        _ x: Term, _ n: Term, _ sign: Term, upper upperCount: Term, lower lowerCount: Term,
        unit: Term
    ) -> Angle {
        let upper = upperCount * unit
        let lower = lowerCount * (unit * 0x1p-24)
        let product = upper * Term(Table.halfPi[0])
        let productRest = fma(upper, Term(Table.halfPi[0]), -product)
        let tail = fma(upper, Term(Table.halfPi[1]), lower * Term(Table.halfPi[0]))
        let rest = productRest + tail
        let sum = product + rest
        let sumRest = (product - sum) + rest
        let turned = (sign & .bits(0x8000_0000)) ^ x.signBit
        let negative = x >> 31
        return Angle(high: sum ^ turned, low: sumRest ^ turned, n: (n ^ negative) &- negative)
    }

    private static func sine(_ angle: Angle) -> Term {
        let z = angle.high * angle.high
        let cubic = angle.high * z * polynomial(z, Table.sin)
        return angle.high + (cubic + angle.low)
    }

    private static func cosine(_ angle: Angle) -> Term {
        let z = angle.high * angle.high
        let half = 0.5 * z
        let main = 1.0 - half
        let rest = (1.0 - main) - half
        let tail = fma(z * z, polynomial(z, Table.cos), rest)
        return main + fma(-angle.high, angle.low, tail)
    }

    private static func quadrant(_ angle: Angle, _ n: Term) -> Term {
        let value = choose(n & .bits(1), cosine(angle), sine(angle))
        return value ^ ((n & .bits(2)) &<< 30)
    }

    static func sin(_ x: Term) -> Term {
        let angle = reduce(x)
        return choose(x .== 0.0, x, quadrant(angle, angle.n))
    }

    static func cos(_ x: Term) -> Term {
        let angle = reduce(x)
        return quadrant(angle, angle.n &+ .bits(1))
    }

    static func tan(_ x: Term) -> Term {
        let angle = reduce(x)
        let isOdd = angle.n & .bits(1)
        let (sine, cosine) = (sine(angle), cosine(angle))
        let value =
            choose(isOdd, cosine ^ .bits(0x8000_0000), sine) / choose(isOdd, sine, cosine)
        return choose(x .== 0.0, x, value)
    }

    private static func asinCore(_ a: Term, _ isLarge: Term) -> Term {
        let z = choose(isLarge, (1.0 - a) * 0.5, a * a)
        let t = choose(isLarge, z.squareRoot, a)
        return fma(t * z, polynomial(z, Table.asin), t)
    }

    static func asin(_ x: Term) -> Term {
        let a = x.magnitude
        let isLarge = 0.5 .< a
        let p = asinCore(a, isLarge)
        let turned = fma(p, -2.0, Term(Table.halfPi[0])) + Term(Table.halfPi[1])
        let result = choose(isLarge, turned, p)
        return choose(a .<= 1.0, result, nan).withSign(of: x)
    }

    static func acos(_ x: Term) -> Term {
        let a = x.magnitude
        let isLarge = 0.5 .< a
        let p = asinCore(a, isLarge)
        let twice = p + p
        let obtuse = (Term(2 * Table.halfPi[0]) - twice) + Term(2 * Table.halfPi[1])
        let outer = choose(x .< 0.0, obtuse, twice)
        let inner = Term(Table.halfPi[0]) - (p.withSign(of: x) - Term(Table.halfPi[1]))
        return choose(a .<= 1.0, choose(isLarge, outer, inner), nan)
    }

    static func atan(_ x: Term) -> Term {
        let a = x.magnitude
        let isInverted = 1.0 .< a
        let t = choose(isInverted, 1.0 / a, a)
        let z = t * t
        let p = fma(t * z, polynomial(z, Table.atan), t)
        let turned = Term(Table.halfPi[0]) - (p - Term(Table.halfPi[1]))
        return choose(isInverted, turned, p).withSign(of: x)
    }
}
