import ApusISA
import ApusNumerics

// The functions that are one or a few exact steps, and the way from an opcode to its formula.
extension Sequences {
    /// The formula of an element-by-element command; nil if it has no meaning in the arithmetic.
    static func formula(_ opcode: VectorOpcode, isFloating: Bool) -> Term? {
        switch opcode.form {
        case .unary:
            isFloating
                ? unary(opcode, .a) ?? transcendental(opcode, .a) : unaryInt(opcode, .a)
        case .binary: isFloating ? binary(opcode, .a, .b) : binaryInt(opcode, .a, .b)
        case .ternary: ternary(opcode, isFloating)
        case .iota: iota(isFloating)
        case .reduction, .scan, .topk, .random: nil
        }
    }

    private static func unary(_ opcode: VectorOpcode, _ x: Term) -> Term? {
        switch opcode {
        case .copy: x
        case .neg: -x
        case .abs: x.magnitude
        case .sign: choose(x .== x, choose(0.0 .< x, 1.0, choose(x .< 0.0, -1.0, 0.0)), x)
        case .floor: floor(x)
        case .ceil: floor(x ^ .bits(0x8000_0000)) ^ .bits(0x8000_0000)
        case .roundeven: roundEven(x)
        case .trunc: trunc(x)
        case .sqrt: x.squareRoot
        case .rsqrt: 1.0 / x.squareRoot
        case .recip: 1.0 / x
        case .isnan: (~(x .== x)).truth
        case .isinf: (x.magnitude .== infinity).truth
        case .lognot: (x .== 0.0).truth
        default: nil
        }
    }

    private static func roundEven(_ x: Term) -> Term {
        let a = x.magnitude
        let rounded = (a + 0x1p23) - 0x1p23
        return choose(a .< 0x1p23, rounded, a).withSign(of: x)
    }

    private static func trunc(_ x: Term) -> Term {
        let (a, r) = (x.magnitude, roundEven(x).magnitude)
        return choose(a .< r, r - 1.0, r).withSign(of: x)
    }

    private static func floor(_ x: Term) -> Term {
        let r = roundEven(x)
        return choose(x .< r, r - 1.0, r).magnitude | x.signBit
    }

    private static func transcendental(_ opcode: VectorOpcode, _ x: Term) -> Term? {
        switch opcode {
        case .exp: exp(x)
        case .exp2: exp2(x)
        case .log: log(x)
        case .log2: log2(x)
        case .sin: sin(x)
        case .cos: cos(x)
        case .tan: tan(x)
        case .asin: asin(x)
        case .acos: acos(x)
        case .atan: atan(x)
        case .sinh: sinh(x)
        case .cosh: cosh(x)
        case .tanh: tanh(x)
        case .asinh: asinh(x)
        case .acosh: acosh(x)
        case .atanh: atanh(x)
        case .sigmoid: sigmoid(x)
        case .erf: erf(x)
        default: nil
        }
    }

    private static func binary(_ opcode: VectorOpcode, _ a: Term, _ b: Term) -> Term? {
        switch opcode {
        case .add: a + b
        case .sub: a - b
        case .mul: a * b
        case .div: a / b
        case .rem: .step(.rem, a, b)
        case .mod: modulo(a, b)
        case .min: .step(.min, a, b)
        case .max: .step(.max, a, b)
        case .pow: pow(a, b)
        case .eq: (a .== b).truth
        case .ne: (~(a .== b)).truth
        case .lt: (a .< b).truth
        case .le: (a .<= b).truth
        case .gt: (b .< a).truth
        case .ge: (b .<= a).truth
        default: nil
        }
    }

    private static func modulo(_ a: Term, _ b: Term) -> Term {
        let r = Term.step(.rem, a, b)
        let differs = (r .< 0.0) ^ (b .< 0.0)
        return choose(r .== 0.0, b.signBit, choose(differs, r + b, r))
    }

    private static func unaryInt(_ opcode: VectorOpcode, _ x: Term) -> Term? {
        switch opcode {
        case .copy, .floor, .ceil, .roundeven, .trunc: x
        case .neg: .bits(0) &- x
        case .abs: .step(.maxInt, x, .bits(0) &- x)
        case .sign: (x >> 31) | Term.step(.lessInt, .bits(0), x).truthInt
        case .bitnot: ~x
        case .isnan, .isinf: .bits(0) & x
        case .lognot: Term.step(.equalInt, x, .bits(0)).truthInt
        default: nil
        }
    }

    private static func binaryInt(_ opcode: VectorOpcode, _ a: Term, _ b: Term) -> Term? {
        switch opcode {
        case .add: a &+ b
        case .sub: a &- b
        case .mul: a &* b
        case .div: .step(.divInt, a, b)
        case .rem: .step(.remInt, a, b)
        case .mod: moduloInt(a, b)
        case .min: .step(.minInt, a, b)
        case .max: .step(.maxInt, a, b)
        case .and: a & b
        case .or: a | b
        case .xor: a ^ b
        case .shl: a &<< b
        case .shr: a &>> b
        case .sar: .step(.sar, a, b)
        case .eq: Term.step(.equalInt, a, b).truthInt
        case .ne: (~Term.step(.equalInt, a, b)).truthInt
        case .lt: Term.step(.lessInt, a, b).truthInt
        case .le: (~Term.step(.lessInt, b, a)).truthInt
        case .gt: Term.step(.lessInt, b, a).truthInt
        case .ge: (~Term.step(.lessInt, a, b)).truthInt
        default: nil
        }
    }

    private static func moduloInt(_ a: Term, _ b: Term) -> Term {
        let r = Term.step(.remInt, a, b)
        let isWhole = Term.step(.equalInt, r, .bits(0)) | .step(.equalInt, b, .bits(0))
        return choose(((r ^ b) >> 31) & ~isWhole, r &+ b, r)
    }

    private static func ternary(_ opcode: VectorOpcode, _ isFloating: Bool) -> Term? {
        switch opcode {
        case .fma: isFloating ? ApusGenerate.fma(.a, .b, .c) : .a &* .b &+ .c
        case .select: isFloating ? choose(.a .== 0.0, .c, .b) : choose(.a, .b, .c)
        case .clamp:
            isFloating
                ? .step(.min, .step(.max, .a, .b), .c)
                : .step(.minInt, .step(.maxInt, .a, .b), .c)
        default: nil
        }
    }

    private static func iota(_ isFloating: Bool) -> Term {
        let (column, first, step) = (
            Term(.special(.column)), Term(.special(.immediateB)), Term(.special(.immediateC))
        )
        return isFloating
            ? ApusGenerate.fma(step, column.asFloat, first) : first &+ step &* column
    }
}
