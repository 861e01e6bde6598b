/// How the bits of one element are read: the formats that commands, descriptors and ports name.
///
/// The raw value is the five-bit code of the command words.
public enum ElementFormat: UInt8, CaseIterable, Sendable, Hashable {
    /// IEEE-754 binary32.
    case fp32 = 0
    /// The upper half of an IEEE-754 binary32.
    case bf16 = 1
    /// IEEE-754 binary16.
    case fp16 = 2
    /// OCP FP8 E4M3: no infinities, largest value 448.
    case e4m3 = 3
    /// OCP FP8 E5M2: infinities and NaNs as in IEEE-754, largest value 57344.
    case e5m2 = 4
    /// Two's complement, 32 bits.
    case int32 = 5
    /// Two's complement, 16 bits.
    case int16 = 6
    /// Two's complement, 8 bits.
    case int8 = 7
    /// Unsigned, 8 bits; also truth values, 0 or 1.
    case uint8 = 8
    /// Two's complement, 4 bits; two elements a byte, the first in the low half.
    case int4 = 9
    /// Unsigned, 4 bits; two elements a byte, the first in the low half.
    case uint4 = 10
    /// OCP MXFP4 E2M1, 4 bits; two elements a byte, the first in the low half.
    case e2m1 = 11
    /// Sixty-four bits without a meaning: moved, never computed on.
    case bits64 = 12
    /// Unsigned, 16 bits.
    case uint16 = 13
    /// The exact E4M3 accumulator: a 64-bit two's complement count of 2⁻¹⁸.
    case fixed54 = 14
    /// OCP MX scale: a power of two, 2^(code − 127); 255 is NaN.
    case e8m0 = 15

    /// The bits that one element takes in memory.
    public var bitWidth: Int {
        switch self {
        case .int4, .uint4, .e2m1: 4
        case .e4m3, .e5m2, .int8, .uint8, .e8m0: 8
        case .bf16, .fp16, .int16, .uint16: 16
        case .fp32, .int32: 32
        case .bits64, .fixed54: 64
        }
    }

    /// Whether values are binary floating point (the vector engine computes in FP32 on them).
    public var isFloatingPoint: Bool {
        switch self {
        case .fp32, .bf16, .fp16, .e4m3, .e5m2, .e2m1, .fixed54, .e8m0: true
        case .int32, .int16, .int8, .uint8, .int4, .uint4, .bits64, .uint16: false
        }
    }

    /// The bytes that `count` elements take when packed, rounded up to whole bytes.
    public func byteCount(_ count: Int) -> Int { (count * bitWidth + 7) / 8 }
}
