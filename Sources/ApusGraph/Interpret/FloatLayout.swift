/// How a floating-point format of at most 16 bits lays out a number, for the formats that Swift has
/// no type for.
struct FloatLayout: Sendable {
    let exponentBits: Int
    let fractionBits: Int
    let bias: Int
    /// Code of the largest finite magnitude.
    let codeMax: UInt16
    /// Code of positive infinity, or nil.
    let infinity: UInt16?
    /// Code of the canonical NaN, or nil if the format has none.
    let notANumber: UInt16?
    /// Whether the code of minus zero is the only NaN (the "fnuz" formats).
    let isUnsignedZero: Bool

    static let bfloat16 = FloatLayout(
        exponentBits: 8, fractionBits: 7, bias: 127, codeMax: 0x7F7F, infinity: 0x7F80,
        notANumber: 0x7FC0, isUnsignedZero: false)
    static let float8e4m3fn = FloatLayout(
        exponentBits: 4, fractionBits: 3, bias: 7, codeMax: 0x7E, infinity: nil,
        notANumber: 0x7F, isUnsignedZero: false)
    static let float8e4m3fnuz = FloatLayout(
        exponentBits: 4, fractionBits: 3, bias: 8, codeMax: 0x7F, infinity: nil,
        notANumber: 0x80, isUnsignedZero: true)
    static let float8e5m2 = FloatLayout(
        exponentBits: 5, fractionBits: 2, bias: 15, codeMax: 0x7B, infinity: 0x7C,
        notANumber: 0x7E, isUnsignedZero: false)
    static let float8e5m2fnuz = FloatLayout(
        exponentBits: 5, fractionBits: 2, bias: 16, codeMax: 0x7F, infinity: nil,
        notANumber: 0x80, isUnsignedZero: true)
    static let float4e2m1 = FloatLayout(
        exponentBits: 2, fractionBits: 1, bias: 1, codeMax: 0x7, infinity: nil,
        notANumber: nil, isUnsignedZero: false)

    private var signBit: UInt16 { 1 << (exponentBits + fractionBits) }

    /// The code of `value`, rounded once.
    ///
    /// Without a NaN, NaN becomes minus zero, as in ml_dtypes.
    func encode(_ value: Double, _ rounding: Conversion.Rounding, saturates: Bool) -> UInt16 {
        let sign = value.sign == .minus ? signBit : 0
        if value.isNaN {
            return notANumber.map { isUnsignedZero ? $0 : $0 | sign } ?? signBit
        }
        let magnitude = value.magnitude
        guard magnitude != 0 else { return isUnsignedZero ? 0 : sign }
        guard magnitude.isFinite else { return overflow(sign, saturates: saturates) }
        let exponent = max(Int(magnitude.exponent), 1 - bias)
        let scaled = Double(sign: .plus, exponent: fractionBits - exponent, significand: magnitude)
        let rule: FloatingPointRoundingRule =
            switch rounding {
            case .nearestEven: .toNearestOrEven
            case .up: value < 0 ? .down : .up
            case .down: value < 0 ? .up : .down
            }
        let significand = UInt64(scaled.rounded(rule))
        let hidden = UInt64(1) << fractionBits
        // A carry out of the fraction moves into the exponent by itself.
        let code =
            significand < hidden
            ? significand : UInt64(exponent + bias) << fractionBits + (significand - hidden)
        guard code <= UInt64(codeMax) else { return overflow(sign, saturates: saturates) }
        return isUnsignedZero && code == 0 ? 0 : UInt16(code) | sign
    }

    private func overflow(_ sign: UInt16, saturates: Bool) -> UInt16 {
        if saturates || (infinity == nil && notANumber == nil) { return codeMax | sign }
        if let infinity { return infinity | sign }
        return isUnsignedZero ? signBit : codeMax + 1 | sign
    }

    /// The number of a code.
    func decode(_ code: UInt16) -> Double {
        let magnitude = code & (signBit - 1)
        let sign: FloatingPointSign = code & signBit == 0 ? .plus : .minus
        if isUnsignedZero && code == signBit { return .nan }
        if magnitude > codeMax {
            return magnitude == infinity ? (sign == .plus ? .infinity : -.infinity) : .nan
        }
        let exponent = Int(magnitude >> fractionBits)
        let fraction = Double(magnitude & (1 << fractionBits - 1))
        let hidden = Double(1 << fractionBits)
        let (significand, scale) =
            exponent == 0 ? (fraction, 1 - bias) : (fraction + hidden, exponent - bias)
        let value = Double(sign: .plus, exponent: scale - fractionBits, significand: significand)
        return sign == .plus ? value : -value
    }
}

/// The exponent-only format of block scales: code c is 2^(c − 127), 255 is NaN.
enum ExponentScale {
    static func decode(_ code: UInt8) -> Double {
        code == 255 ? .nan : Double(sign: .plus, exponent: Int(code) - 127, significand: 1)
    }

    /// The code of the magnitude; zero and what is smaller than the smallest scale give code 0,
    /// infinity and NaN code 255.
    static func encode(
        _ value: Double, _ rounding: Conversion.Rounding, saturates: Bool
    ) -> UInt8 {
        guard value.isFinite else { return 255 }
        let magnitude = value.magnitude
        guard magnitude != 0 else { return 0 }
        let fraction = magnitude.significand
        var exponent = Int(magnitude.exponent)
        switch rounding {
        case .up: if fraction > 1 { exponent += 1 }
        case .down: break
        case .nearestEven: if fraction >= 1.5 { exponent += 1 }
        }
        if exponent > 127 { return saturates ? 254 : 255 }
        return UInt8(max(exponent, -127) + 127)
    }
}
