/// What a Vector command computes, in the words of its row.
struct VectorMeaning: Sendable {
    let formula: String
    let summary: String
    let numerics: String

    init(_ formula: String, _ summary: String, _ numerics: String) {
        self.formula = formula
        self.summary = summary
        self.numerics = numerics
    }

    static let exact = "Exact. On INT32 it wraps modulo 2³²."
    static let floatOnly = "FP32 only: an integer format of a traps."
    static let rounded = """
        One rounding to binary32, ties to even; subnormals are kept and every NaN result is \
        0x7FC00000. On INT32 it wraps modulo 2³².
        """
    static let sequence = """
        A fixed sequence of binary32 operations, the same in emulator and RTL; \
        docs/numerics/functions.md states it and its largest error. It is not correctly rounded, \
        as IEEE-754 recommends, and differs from other libraries in the last bits. FP32 only: an \
        integer format of a traps.
        """
    static let bits = "INT32 only: a floating format of a traps."
    static let comparison = """
        1 or 0. Quiet: a NaN compares unequal to everything, itself included, and raises nothing; \
        −0 equals +0.
        """
}

extension VectorOpcode {
    /// What the command computes; the switch makes a command without a meaning a compile error.
    var meaning: VectorMeaning {
        switch form {
        case .unary: unaryMeaning
        case .binary: binaryMeaning
        case .ternary, .reduction, .scan, .topk, .iota, .random: otherMeaning
        }
    }
}
