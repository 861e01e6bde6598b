/// What a lane of the Vector engine does in one step of a micro-program.
///
/// The raw value is the code in the RTL's ROM. FP32 steps round once, ties to even, and make one
/// NaN, 0x7FC00000; comparisons give a mask of ones or zeros.
public enum MicroOpcode: UInt8, CaseIterable, Sendable {
    // Control.
    /// The program is done.
    case end = 0
    /// Goes back `constant[15:8]` steps until it was met `constant[7:0]` times.
    case again
    // The multiply-adder; a, b and c may be negated.
    case fma, add, mul
    // Iterative: division, square root, remainder of the truncated quotient, on FP32 and INT32.
    case div, sqrt, rem, divInt, remInt
    // Bits and integers. Shift counts outside 0...31 shift everything out.
    case move, and, or, xor, addInt, subInt, shl, shr, sar, mulLow, mulHigh, leadingZeros
    // a ≠ 0 ? b : c, on bits.
    case choose
    // Masks.
    case less, lessEqual, equal, lessInt, lessUnsigned, equalInt
    // The smaller and the larger: −0 below +0, a NaN wins.
    case min, max, minInt, maxInt
    /// INT32 to FP32.
    case toFloat
    /// 32 bits of 2/π from bit a on, where bit 32 has weight 1/2 and the bits before are zero.
    case window
    /// Register a of the element `constant` places further on in the strip.
    case neighbour
    /// Register a of the strip's first element.
    case first
}

/// Where an operand of a step comes from.
public enum MicroSource: Hashable, Sendable {
    case register(UInt8)
    /// The step's own 32 bits.
    case constant
    case zero
    /// 1.0.
    case one
    /// The element's column, and the command's running number of the element, in two words.
    case column, counterLow, counterHigh
    /// Words 4 and 5 of the command.
    case immediateB, immediateC

    /// The code in the ROM: registers first.
    public var code: UInt8 {
        switch self {
        case .register(let number): number
        case .constant: 16
        case .zero: 17
        case .one: 18
        case .column: 19
        case .counterLow: 20
        case .counterHigh: 21
        case .immediateB: 22
        case .immediateC: 23
        }
    }
}

/// One step: `destination ← opcode(a, b, c)`.
public struct MicroInstruction: Hashable, Sendable {
    public static let registerCount = 16

    public var opcode: MicroOpcode
    public var destination: UInt8
    public var a, b, c: MicroSource
    /// Bit 0, 1, 2: a, b, c is negated. The multiply-adder's alone.
    public var negations: UInt8
    /// Whether elements beyond the row keep their register.
    public var isMasked: Bool
    public var constant: UInt32

    public init(
        _ opcode: MicroOpcode, to destination: UInt8 = 0, _ a: MicroSource = .zero,
        _ b: MicroSource = .zero, _ c: MicroSource = .zero, negations: UInt8 = 0,
        isMasked: Bool = false, constant: UInt32 = 0
    ) {
        self.opcode = opcode
        self.destination = destination
        (self.a, self.b, self.c) = (a, b, c)
        self.negations = negations
        self.isMasked = isMasked
        self.constant = constant
    }

    /// Bits of an instruction in the ROM.
    public static let widthBits = 64

    /// opcode[5:0] destination[9:6] a[14:10] b[19:15] c[24:20] negations[27:25] masked[28]
    /// constant[63:32].
    public var word: UInt64 {
        let fields: [(UInt64, UInt64)] = [
            (UInt64(opcode.rawValue), 0), (UInt64(destination), 6), (UInt64(a.code), 10),
            (UInt64(b.code), 15), (UInt64(c.code), 20), (UInt64(negations), 25),
            (isMasked ? 1 : 0, 28), (UInt64(constant), 32),
        ]
        return fields.reduce(0) { $0 | $1.0 << $1.1 }
    }
}
