/// What the bits of one element mean.
///
/// The raw value is the code of the format in command and descriptor fields.
///
/// - Source: docs/Architecture.md, "Formats"; docs/numerics/formats.md.
public enum ElementFormat: UInt8, CaseIterable, Hashable, Sendable {
    /// IEEE-754 binary32.
    case fp32 = 0
    /// The upper half of binary32: 8 exponent bits, 7 fraction bits.
    case bf16 = 1
    /// IEEE-754 binary16.
    case fp16 = 2
    /// OCP FP8 E4M3 (the "FN" encoding): no infinities, NaN is S.1111.111, largest 448.
    case e4m3 = 3
    /// OCP FP8 E5M2: IEEE-like with infinities, largest 57344.
    case e5m2 = 4
    case int32 = 5
    case int16 = 6
    case int8 = 7
    case uint8 = 8
    /// Two's complement, two elements to a byte, the lower nibble first.
    case int4 = 9
    /// Two elements to a byte, the lower nibble first.
    case uint4 = 10
    /// OCP MX FP4 E2M1: ±{0, 0.5, 1, 1.5, 2, 3, 4, 6}; neither NaN nor infinity.
    case e2m1 = 11
    /// Eight bytes that are moved and never computed on.
    case bits64 = 12
    case uint16 = 13
    /// The exact E4M3 accumulator: a 54-bit two's complement count of 2⁻¹⁸ in a 64-bit word.
    case fixed54 = 14
    /// OCP MX scale: 2^(code − 127), code 255 is NaN.
    case e8m0 = 15
}

extension ElementFormat {
    /// The name used in assembly, pages and messages.
    public var name: String { "\(self)" }

    /// Bits that one element takes in memory.
    public var bitWidth: Int {
        switch self {
        case .fp32, .int32: 32
        case .bf16, .fp16, .int16, .uint16: 16
        case .e4m3, .e5m2, .int8, .uint8, .e8m0: 8
        case .int4, .uint4, .e2m1: 4
        case .bits64, .fixed54: 64
        }
    }

    /// Bytes that `count` consecutive elements take, the last byte possibly half used.
    public func byteCount(_ count: Int) -> Int { (count * bitWidth + 7) / 8 }

    /// Whether Vector computes in FP32 (and not INT32) on elements of this format.
    public var isFloatingPoint: Bool {
        switch self {
        case .fp32, .bf16, .fp16, .e4m3, .e5m2, .e2m1, .e8m0, .fixed54: true
        case .int32, .int16, .int8, .uint8, .int4, .uint4, .uint16, .bits64: false
        }
    }

    /// Whether the format has values below zero.
    public var isSigned: Bool {
        switch self {
        case .uint8, .uint4, .uint16, .e8m0, .bits64: false
        default: true
        }
    }

    /// The layout of a floating format with a sign, an exponent and a fraction.
    var layout: FloatLayout? {
        switch self {
        case .fp32: FloatLayout(exponentBits: 8, fractionBits: 23, specials: .ieee)
        case .bf16: FloatLayout(exponentBits: 8, fractionBits: 7, specials: .ieee)
        case .fp16: FloatLayout(exponentBits: 5, fractionBits: 10, specials: .ieee)
        case .e5m2: FloatLayout(exponentBits: 5, fractionBits: 2, specials: .ieee)
        case .e4m3: FloatLayout(exponentBits: 4, fractionBits: 3, specials: .onlyNaN)
        case .e2m1: FloatLayout(exponentBits: 2, fractionBits: 1, specials: .none)
        default: nil
        }
    }

    /// The bits of the one NaN that conversions and computations produce; `nil` without a NaN.
    public var canonicalNaN: UInt64? {
        switch self {
        case .fp32: 0x7FC0_0000
        case .bf16: 0x7FC0
        case .fp16: 0x7E00
        case .e4m3: 0x7F
        case .e5m2: 0x7E
        case .e8m0: 0xFF
        case .fixed54: FixedPoint54.notANumber
        default: nil
        }
    }
}

/// Widths of the fields of a floating format and which codes are not numbers.
struct FloatLayout: Sendable {
    enum Specials: Sendable {
        /// The largest exponent holds infinities and NaNs.
        case ieee
        /// Only the code with all ones is a NaN; there is no infinity.
        case onlyNaN
        /// Every code is a finite number.
        case none
    }

    let exponentBits: Int
    let fractionBits: Int
    let specials: Specials

    var bias: Int { (1 << (exponentBits - 1)) - 1 }
    var exponentCodeMax: Int { (1 << exponentBits) - 1 }
    var exponentMin: Int { 1 - bias }
    var signBit: UInt64 { 1 << UInt64(exponentBits + fractionBits) }

    /// The magnitude code of the largest finite number.
    var finiteCodeMax: UInt64 {
        switch specials {
        case .ieee: UInt64(exponentCodeMax) << UInt64(fractionBits) - 1
        case .onlyNaN: signBit - 2
        case .none: signBit - 1
        }
    }
}

/// The exact accumulator of E4M3 products.
///
/// The sum is kept modulo 2^54, sign-extended to 64 bits. The most negative pattern, −2^53, is NaN
/// and stays NaN whatever is added.
public enum FixedPoint54 {
    /// The 64-bit word that means NaN.
    public static let notANumber: UInt64 = 0xFFE0_0000_0000_0000

    /// The value of the least significant bit: 2⁻¹⁸, the square of the smallest E4M3 subnormal.
    public static let unit: Double = 0x1p-18

    /// Keeps the low 54 bits of a count, sign-extended.
    public static func wrap(_ count: Int64) -> Int64 { (count << 10) >> 10 }
}
