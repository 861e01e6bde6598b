/// The opcodes outside the Vector engine.
public enum Opcode {
    /// Waits and posts only; any queue takes it.
    public static let nop: UInt8 = 0x00
    /// Global memory to scratchpad or accumulators.
    public static let load: UInt8 = 0x10
    /// Scratchpad or accumulators to global memory.
    public static let store: UInt8 = 0x20
    /// Scratchpad times scratchpad into accumulators.
    public static let matmul: UInt8 = 0x30
    /// The opcodes that belong to the Vector engine, used or not.
    public static let vector: ClosedRange<UInt8> = 0x40...0x8F
}

/// The engines of a core; the raw value numbers the queue ports.
public enum Engine: UInt8, CaseIterable, Sendable, Hashable {
    case load = 0
    case store = 1
    case matrix = 2
    case vector = 3
}

/// The commands of the Vector engine; the case's name is the mnemonic, the raw value the opcode.
public enum VectorOpcode: UInt8, CaseIterable, Sendable, Hashable {
    // Unary: d = f(a).
    case copy = 0x40
    case neg, abs, sign, floor, ceil, roundeven, trunc
    case sqrt, rsqrt, recip, exp, exp2, log, log2
    case sin, cos, tan, asin, acos, atan
    case sinh, cosh, tanh, asinh, acosh, atanh
    case sigmoid, erf, bitnot, isnan, isinf, lognot
    // Binary: d = f(a, b).
    case add = 0x64
    case sub, mul, div, rem, mod, min, max, pow
    case and, or, xor, shl, shr, sar
    case eq, ne, lt, le, gt, ge
    // Ternary: d = f(a, b, c).
    case fma = 0x7C
    case select, clamp
    // Over the columns of each row; the result is column 0 of d.
    case rsum = 0x80
    case rprod, rmax, rmin, rargmax, rargmin
    // Along the columns of each row.
    case cumsum = 0x88
    case cumprod
    case topk = 0x8A
    // Without a source.
    case iota = 0x8B
    case random = 0x8C

    /// Which operands a command has.
    public enum Form: UInt8, Sendable, Hashable, CaseIterable {
        /// d = f(a).
        case unary
        /// d = f(a, b).
        case binary
        /// d = f(a, b, c).
        case ternary
        /// Column 0 of d = f(columns of a).
        case reduction
        /// d = running fold of a; immediate b holds flags.
        case scan
        /// d and c = values and indices of the largest of a; immediate b is their count.
        case topk
        /// d from immediates b and c alone; a's format says in which arithmetic.
        case iota
        /// d from immediates b and c alone, in FP32.
        case random
    }

    /// Which operands the command has.
    public var form: Form {
        switch rawValue {
        case 0x40...0x60: .unary
        case 0x64...0x78: .binary
        case 0x7C...0x7E: .ternary
        case 0x80...0x85: .reduction
        case 0x88...0x89: .scan
        case 0x8A: .topk
        case 0x8B: .iota
        default: .random
        }
    }
}
