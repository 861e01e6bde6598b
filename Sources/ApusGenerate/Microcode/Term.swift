/// A value of a sequence, written as a formula: FP32 with `+ - *`, ``fma(_:_:_:)`` and so on,
/// INT32 with `&+ &- &<<`, bits with `& | ^`, masks with `.< .<= .==`.
///
///     let f = m - 1.0
///     return f + f * f * polynomial(f, table)
///
/// A term that is used twice is computed once.
struct Term: ExpressibleByFloatLiteral, Sendable {
    /// What a term is; its identity says which terms are one.
    final class Node: Sendable {
        enum Kind: Sendable {
            /// Operand a, b or c of the command.
            case input(UInt8)
            /// A place that is no register.
            case special(MicroSource)
            case constant(UInt32)
            /// The negative of an FP32.
            case negative(Node)
            case step(MicroOpcode, [Node])
        }

        let kind: Kind

        init(_ kind: Kind) { self.kind = kind }
    }

    let node: Node

    init(_ kind: Node.Kind) { node = Node(kind) }

    init(floatLiteral value: Float) { self.init(.constant(value.bitPattern)) }

    init(_ value: Float) { self.init(.constant(value.bitPattern)) }

    static func bits(_ bits: UInt32) -> Term { Term(.constant(bits)) }

    static func step(_ opcode: MicroOpcode, _ operands: Term...) -> Term {
        Term(.step(opcode, operands.map(\.node)))
    }

    static let a = Term(.input(0))
    static let b = Term(.input(1))
    static let c = Term(.input(2))
}

// FP32.
extension Term {
    static func + (x: Term, y: Term) -> Term { step(.add, x, y) }
    static func - (x: Term, y: Term) -> Term { step(.add, x, -y) }
    static func * (x: Term, y: Term) -> Term { step(.mul, x, y) }
    static func / (x: Term, y: Term) -> Term { step(.div, x, y) }
    static prefix func - (x: Term) -> Term { Term(.negative(x.node)) }

    var squareRoot: Term { .step(.sqrt, self) }
    var magnitude: Term { self & .bits(0x7FFF_FFFF) }
    var signBit: Term { self & .bits(0x8000_0000) }

    /// Its sign turned if `source` is negative, −0 included.
    func withSign(of source: Term) -> Term { self ^ source.signBit }

    static func .< (x: Term, y: Term) -> Term { step(.less, x, y) }
    static func .<= (x: Term, y: Term) -> Term { step(.lessEqual, x, y) }
    static func .== (x: Term, y: Term) -> Term { step(.equal, x, y) }
}

// INT32 and bits.
extension Term {
    static func &+ (x: Term, y: Term) -> Term { step(.addInt, x, y) }
    static func &- (x: Term, y: Term) -> Term { step(.subInt, x, y) }
    static func &* (x: Term, y: Term) -> Term { step(.mulLow, x, y) }
    static func & (x: Term, y: Term) -> Term { step(.and, x, y) }
    static func | (x: Term, y: Term) -> Term { step(.or, x, y) }
    static func ^ (x: Term, y: Term) -> Term { step(.xor, x, y) }
    static func &<< (x: Term, y: Term) -> Term { step(.shl, x, y) }
    static func &<< (x: Term, count: UInt32) -> Term { step(.shl, x, .bits(count)) }
    /// Without the sign.
    static func &>> (x: Term, y: Term) -> Term { step(.shr, x, y) }
    static func &>> (x: Term, count: UInt32) -> Term { step(.shr, x, .bits(count)) }
    /// With the sign.
    static func >> (x: Term, count: UInt32) -> Term { step(.sar, x, .bits(count)) }
    static prefix func ~ (x: Term) -> Term { x ^ .bits(0xFFFF_FFFF) }

    /// 2ⁿ for −126 ≤ n ≤ 127.
    var powerOfTwo: Term { (self &+ .bits(127)) &<< 23 }
    /// An INT32 as FP32.
    var asFloat: Term { .step(.toFloat, self) }
    /// 1.0 where a mask has ones.
    var truth: Term { self & 1.0 }
    /// 1 where a mask has ones.
    var truthInt: Term { self & .bits(1) }
}

/// a·b + c with one rounding.
func fma(_ a: Term, _ b: Term, _ c: Term) -> Term { .step(.fma, a, b, c) }

/// `x` where the mask has ones, else `y`.
func choose(_ mask: Term, _ x: Term, _ y: Term) -> Term { .step(.choose, mask, x, y) }

/// P(x) by Horner's rule, coefficients lowest degree first.
func polynomial(_ x: Term, _ coefficients: [Float]) -> Term {
    var p = Term(coefficients[coefficients.count - 1])
    for coefficient in coefficients.dropLast().reversed() { p = fma(p, x, Term(coefficient)) }
    return p
}
