extension CommandSpec {
    /// All commands, by opcode.
    public static let all = [nop, load, store, matmul] + VectorOpcode.allCases.map(vector)

    /// The row of an opcode; nil if no command has it.
    public static func spec(opcode: UInt8) -> CommandSpec? { all.first { $0.opcode == opcode } }

    /// The row of a mnemonic; nil if no command has it.
    public static func spec(mnemonic: String) -> CommandSpec? {
        all.first { $0.mnemonic == mnemonic }
    }

    static func vector(_ opcode: VectorOpcode) -> CommandSpec {
        let meaning = opcode.meaning
        return CommandSpec(
            mnemonic: "\(opcode)", opcode: opcode.rawValue, engine: .vector,
            formula: meaning.formula, summary: meaning.summary, numerics: meaning.numerics,
            why: opcode.form.why, fields: syncFields + vectorFields(opcode.form),
            traps: [
                .reservedBits, .wrongQueue, .unknownCode, .unsupportedFormat, .badDescriptor,
                .badShape, .localBounds, .overlap,
            ])
    }
}

extension VectorOpcode.Form {
    /// Why commands of this form are as they are.
    var why: String {
        switch self {
        case .unary, .binary, .ternary:
            """
            Planes, rows and columns with a stride each, zero included, express broadcasting, \
            transposition and slices without copies; three levels suffice for the fused chains \
            that the compiler makes, and a loop of commands covers the rest.
            """
        case .reduction:
            """
            The tree has sixteen leaves whatever the number of lanes, so that the bits do not \
            depend on the chip. Sixteen is enough to keep a pipelined adder busy.
            """
        case .scan:
            """
            A running sum is sequential by definition; rows go in parallel. The two flags are \
            those of ONNX CumSum, so that no copy is needed to exclude or to reverse.
            """
        case .topk: "Sampling and detection run on the chip, without a visit to the host."
        case .iota: "Positions, ranges and one-hot comparisons need no table in memory."
        case .random:
            """
            A counter-based generator has no state: any tile can be drawn by any core, in any \
            order, with the same result.
            """
        }
    }
}
