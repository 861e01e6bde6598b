import ApusGraph
import ApusISA
import ApusNumerics

/// The Vector opcodes of elementwise primitives.
enum ElementwiseCommand {
    static func opcode(_ unary: Unary, on type: ElementType) -> VectorOpcode {
        switch unary {
        case .negate: .neg
        case .absolute: .abs
        case .sign: .sign
        case .floor: .floor
        case .ceil: .ceil
        case .roundEven: .roundeven
        case .truncate: .trunc
        case .sqrt: .sqrt
        case .rsqrt: .rsqrt
        case .reciprocal: .recip
        case .exp: .exp
        case .log: .log
        case .sin: .sin
        case .cos: .cos
        case .tan: .tan
        case .asin: .asin
        case .acos: .acos
        case .atan: .atan
        case .sinh: .sinh
        case .cosh: .cosh
        case .tanh: .tanh
        case .asinh: .asinh
        case .acosh: .acosh
        case .atanh: .atanh
        case .sigmoid: .sigmoid
        case .erf: .erf
        case .isNaN: .isnan
        case .isInfinite: .isinf
        case .not: type == .bool ? .lognot : .bitnot
        }
    }

    static func opcode(_ binary: Binary, on type: ElementType) -> VectorOpcode {
        switch binary {
        case .add: .add
        case .subtract: .sub
        case .multiply: .mul
        case .divide: .div
        case .remainder: .rem
        case .modulo: .mod
        case .power: .pow
        case .minimum: .min
        case .maximum: .max
        case .and: .and
        case .or: .or
        case .xor: .xor
        case .shiftLeft: .shl
        case .shiftRight: type.isSignedInteger ? .sar : .shr
        }
    }

    static func opcode(_ comparison: Comparison) -> VectorOpcode {
        switch comparison {
        case .equal: .eq
        case .notEqual: .ne
        case .less: .lt
        case .lessOrEqual: .le
        case .greater: .gt
        case .greaterOrEqual: .ge
        }
    }

    /// The opcode that computes the same with operands exchanged, or nil.
    static func exchanged(_ opcode: VectorOpcode) -> VectorOpcode? {
        switch opcode {
        case .add, .mul, .min, .max, .and, .or, .xor, .eq, .ne: opcode
        case .lt: .gt
        case .le: .ge
        case .gt: .lt
        case .ge: .le
        default: nil
        }
    }

    static func opcode(_ reduction: Reduction) -> VectorOpcode {
        switch reduction {
        case .sum, .sumOfSquares: .rsum
        case .product: .rprod
        case .maximum, .or: .rmax
        case .minimum, .and: .rmin
        }
    }

    /// A format of the same width in which the Vector engine moves bits unchanged.
    static func moving(_ format: ElementFormat) -> ElementFormat {
        switch format.bitWidth {
        case 8: .uint8
        case 16: .uint16
        default: .int32
        }
    }
}

extension ElementType {
    /// How results are converted to this type: integers keep their low bits.
    var storeRounding: Int { isFloat || self == .bool ? 0 : Int(RoundingRule.wrapping.rawValue) }
}
