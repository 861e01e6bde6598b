/// The type of a tensor's elements.
///
/// Every element takes whole bytes in a host ``Tensor``; types of fewer than eight bits hold one
/// element per byte, in its low bits (signed ones sign-extended).
public enum ElementType: UInt8, CaseIterable, Sendable, Hashable {
    case bool
    case int2, int4, int8, int16, int32, int64
    case uint2, uint4, uint8, uint16, uint32, uint64
    case float4e2m1
    case float8e4m3fn, float8e4m3fnuz, float8e5m2, float8e5m2fnuz, float8e8m0
    case float16, bfloat16, float32, float64

    /// Bytes that one element takes in a host tensor.
    public var byteCount: Int {
        switch self {
        case .bool, .int2, .int4, .int8, .uint2, .uint4, .uint8, .float4e2m1, .float8e4m3fn,
            .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0:
            return 1
        case .int16, .uint16, .float16, .bfloat16: return 2
        case .int32, .uint32, .float32: return 4
        case .int64, .uint64, .float64: return 8
        }
    }

    /// Bits that carry information: 4 for `int4`, 1 for `bool`.
    public var bitCount: Int {
        switch self {
        case .bool: return 1
        case .int2, .uint2: return 2
        case .int4, .uint4, .float4e2m1: return 4
        default: return byteCount * 8
        }
    }

    /// Whether this is a binary floating-point type of any width.
    public var isFloat: Bool {
        switch self {
        case .float4e2m1, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
            .float8e8m0, .float16, .bfloat16, .float32, .float64:
            return true
        default: return false
        }
    }

    /// Whether this is a floating-point type that arithmetic is defined on: 16 bits or more.
    public var isArithmeticFloat: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: return true
        default: return false
        }
    }

    /// Whether this is a two's complement integer type.
    public var isSignedInteger: Bool {
        switch self {
        case .int2, .int4, .int8, .int16, .int32, .int64: return true
        default: return false
        }
    }

    /// Whether this is an unsigned integer type; `bool` is not one.
    public var isUnsignedInteger: Bool {
        switch self {
        case .uint2, .uint4, .uint8, .uint16, .uint32, .uint64: return true
        default: return false
        }
    }

    /// Whether this is an integer type, signed or not; `bool` is not one.
    public var isInteger: Bool { isSignedInteger || isUnsignedInteger }
}

extension ElementType: CustomStringConvertible {
    /// The name that the printer and messages use, such as `f32`, `i8` or `f8e4m3fn`.
    public var description: String {
        switch self {
        case .bool: return "bool"
        case .int2: return "i2"
        case .int4: return "i4"
        case .int8: return "i8"
        case .int16: return "i16"
        case .int32: return "i32"
        case .int64: return "i64"
        case .uint2: return "u2"
        case .uint4: return "u4"
        case .uint8: return "u8"
        case .uint16: return "u16"
        case .uint32: return "u32"
        case .uint64: return "u64"
        case .float4e2m1: return "f4e2m1"
        case .float8e4m3fn: return "f8e4m3fn"
        case .float8e4m3fnuz: return "f8e4m3fnuz"
        case .float8e5m2: return "f8e5m2"
        case .float8e5m2fnuz: return "f8e5m2fnuz"
        case .float8e8m0: return "f8e8m0"
        case .float16: return "f16"
        case .bfloat16: return "bf16"
        case .float32: return "f32"
        case .float64: return "f64"
        }
    }

    /// The type of this ``description``, or nil if there is none.
    public init?(description: String) {
        guard let type = ElementType.allCases.first(where: { $0.description == description }) else {
            return nil
        }
        self = type
    }
}
