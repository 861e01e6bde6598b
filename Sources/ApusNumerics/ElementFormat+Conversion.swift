/// The oracle of conversions: through binary64, which holds every value of every format exactly, so
/// that one rounding remains, the destination's.
extension ElementFormat {
    /// Converts the bits of one element; total on all bits and formats.
    ///
    /// A NaN becomes the destination's canonical NaN, 0 in integer formats and the largest value in
    /// E2M1. Between equal formats, and from or to `bits64`, the bits are moved unchanged.
    ///
    /// - Returns: The element's bits in the low ``bitWidth`` bits, zero above.
    public static func convert(
        _ bits: UInt64, from source: ElementFormat, to destination: ElementFormat,
        rounding: RoundingRule
    ) -> UInt64 {
        if source == destination || source == .bits64 || destination == .bits64 {
            return bits & source.mask & destination.mask
        }
        return destination.encode(source.decode(bits), rounding: rounding)
    }

    /// Ones in the bits that an element has.
    public var mask: UInt64 { bitWidth == 64 ? .max : (1 << UInt64(bitWidth)) - 1 }

    /// The exact value of an element; bits above ``bitWidth`` are ignored.
    ///
    /// - Precondition: The format is not `bits64`.
    public func decode(_ bits: UInt64) -> Double {
        let bits = bits & mask
        switch self {
        case .fp32, .bf16, .fp16, .e4m3, .e5m2, .e2m1:
            guard let layout else { preconditionFailure("a floating format has a layout") }
            return layout.decode(bits)
        case .int32: return Double(Int32(truncatingIfNeeded: bits))
        case .int16: return Double(Int16(truncatingIfNeeded: bits))
        case .int8: return Double(Int8(truncatingIfNeeded: bits))
        case .int4: return Double(Int8(truncatingIfNeeded: bits << 4) >> 4)
        case .uint16, .uint8, .uint4: return Double(bits)
        case .e8m0:
            return bits == 0xFF
                ? .nan : Double(sign: .plus, exponent: Int(bits) - 127, significand: 1)
        case .fixed54:
            let count = FixedPoint54.wrap(Int64(bitPattern: bits))
            return UInt64(bitPattern: count) == FixedPoint54.notANumber
                ? .nan : Double(count) * FixedPoint54.unit
        case .bits64: preconditionFailure("bits64 has no value")
        }
    }

    /// The bits of the value of this format that `rounding` chooses for `value`.
    ///
    /// - Precondition: The format is not `bits64`.
    public func encode(_ value: Double, rounding: RoundingRule) -> UInt64 {
        switch self {
        case .fp32, .bf16, .fp16, .e4m3, .e5m2, .e2m1:
            guard let layout else { preconditionFailure("a floating format has a layout") }
            return layout.encode(value, rounding: rounding)
        case .int32: return encodeInteger(value, -0x1p31, 0x1p31 - 1, rounding)
        case .int16: return encodeInteger(value, -0x1p15, 0x1p15 - 1, rounding)
        case .int8: return encodeInteger(value, -128, 127, rounding)
        case .int4: return encodeInteger(value, -8, 7, rounding)
        case .uint16: return encodeInteger(value, 0, 65535, rounding)
        case .uint8: return encodeInteger(value, 0, 255, rounding)
        case .uint4: return encodeInteger(value, 0, 15, rounding)
        case .e8m0: return encodeScale(value, rounding)
        case .fixed54:
            if value.isNaN { return FixedPoint54.notANumber }
            return encodeInteger(value * 0x1p18, -0x1p53 + 1, 0x1p53 - 1, rounding)
        case .bits64: preconditionFailure("bits64 has no value")
        }
    }

    private func encodeInteger(
        _ value: Double, _ lowest: Double, _ highest: Double, _ rounding: RoundingRule
    ) -> UInt64 {
        if value.isNaN { return 0 }
        let rounded = rounding.integral(value)
        if rounding.isSaturating {
            return UInt64(bitPattern: Int64(min(max(rounded, lowest), highest))) & mask
        }
        guard rounded.isFinite else { return 0 }
        // The remainder is exact, below 2^54 in magnitude and congruent to the value.
        let remainder = rounded.truncatingRemainder(dividingBy: 0x1p54)
        let wrapped = UInt64(bitPattern: Int64(remainder))
        return self == .fixed54
            ? UInt64(bitPattern: FixedPoint54.wrap(Int64(bitPattern: wrapped))) : wrapped & mask
    }

    /// E8M0 holds powers of two alone: at most 2^−127 gives code 0 (zero too), a negative number
    /// NaN.
    private func encodeScale(_ value: Double, _ rounding: RoundingRule) -> UInt64 {
        if value.isNaN || value < 0 { return 0xFF }
        let overflow: UInt64 = rounding.isSaturating || rounding == .wrapping ? 254 : 0xFF
        if value.isInfinite { return overflow }
        if value <= 0x1p-127 { return 0 }
        // Rounding acts on the significand 1 ≤ s < 2 and chooses 1 or 2, of which 2 is even.
        var code = Int(value.exponent) + 127
        let significand = value.significand
        let roundsUp =
            switch rounding {
            case .nearestEven, .nearestEvenUnsaturated: significand >= 1.5
            case .up: significand > 1
            case .towardZero, .wrapping, .down: false
            }
        if roundsUp { code += 1 }
        return code > 254 ? overflow : UInt64(code)
    }
}

extension FloatLayout {
    func decode(_ bits: UInt64) -> Double {
        let isNegative = bits & signBit != 0
        let magnitude = bits & (signBit - 1)
        if magnitude > finiteCodeMax {
            let infinity = UInt64(exponentCodeMax) << UInt64(fractionBits)
            if specials == .ieee, magnitude == infinity {
                return isNegative ? -.infinity : .infinity
            }
            return .nan
        }
        let code = Int(magnitude >> UInt64(fractionBits))
        let fraction = Double(magnitude & ((1 << UInt64(fractionBits)) - 1))
        let unit = Double(sign: .plus, exponent: -fractionBits, significand: 1)
        let significand = (code == 0 ? 0 : 1) + fraction * unit
        let value = Double(
            sign: .plus, exponent: max(code - bias, exponentMin), significand: significand)
        return isNegative ? -value : value
    }

    func encode(_ value: Double, rounding: RoundingRule) -> UInt64 {
        let sign = value.sign == .minus && !value.isNaN ? signBit : 0
        if value.isNaN { return nanCode }
        if value == 0 { return sign }
        if value.isInfinite { return overflowCode(rounding, isInfinite: true, sign: sign) }

        let exponent = max(Int(value.exponent), exponentMin)
        let quantum = Double(sign: .plus, exponent: exponent - fractionBits, significand: 1)
        // The division is by a power of two and exact: no quotient is subnormal that matters,
        // because a binary64 subnormal is far below half of every format's smallest number.
        let count = UInt64(abs(rounding.integral(value / quantum)))
        // A count with the hidden bit set carries into the exponent by addition.
        let code = count + UInt64(exponent - exponentMin) << UInt64(fractionBits)
        if code > finiteCodeMax { return overflowCode(rounding, isInfinite: false, sign: sign) }
        return sign | code
    }

    private var nanCode: UInt64 {
        switch specials {
        case .ieee:
            UInt64(exponentCodeMax) << UInt64(fractionBits) | 1 << UInt64(fractionBits - 1)
        case .onlyNaN: signBit - 1
        case .none: finiteCodeMax
        }
    }

    /// What lies beyond the largest finite number, for 16 and 32 bits by IEEE-754, else by
    /// saturation.
    private func overflowCode(_ rounding: RoundingRule, isInfinite: Bool, sign: UInt64) -> UInt64 {
        let infinity = sign | UInt64(exponentCodeMax) << UInt64(fractionBits)
        let largest = sign | finiteCodeMax
        let isWide = exponentBits + fractionBits >= 15
        if isWide {
            if isInfinite { return infinity }
            switch rounding {
            case .nearestEven, .nearestEvenUnsaturated: return infinity
            case .towardZero, .wrapping: return largest
            case .down: return sign != 0 ? infinity : largest
            case .up: return sign != 0 ? largest : infinity
            }
        }
        guard rounding == .nearestEvenUnsaturated else { return largest }
        switch specials {
        case .ieee: return infinity
        case .onlyNaN: return nanCode
        case .none: return largest
        }
    }
}
