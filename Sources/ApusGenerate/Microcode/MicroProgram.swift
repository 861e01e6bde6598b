import ApusISA

/// The steps of one part of a Vector command.
public struct MicroProgram: Hashable, Sendable {
    /// When the sequencer runs it.
    public enum Phase: UInt8, CaseIterable, Sendable {
        /// For each strip.
        case step = 0
        /// For each strip of an exclusive scan, instead of `step`.
        case exclusiveStep = 1
        /// Before a row, or a group of rows of a scan, or a pass of a top-k.
        case start = 2
        /// After its last strip.
        case finish = 3
        /// Before the first pass of a top-k over a row.
        case row = 4
    }

    public let opcode: VectorOpcode
    public let isFloating: Bool
    public let phase: Phase
    public let instructions: [MicroInstruction]

    /// The programs of all commands, by opcode, integers first. A command without a `step` has no
    /// meaning in that arithmetic.
    public static let all: [MicroProgram] = VectorOpcode.allCases.flatMap { opcode in
        [false, true].flatMap { isFloating in
            Phase.allCases.compactMap { phase in
                instructions(opcode, isFloating, phase).map {
                    MicroProgram(
                        opcode: opcode, isFloating: isFloating, phase: phase, instructions: $0)
                }
            }
        }
    }

    private static func instructions(
        _ opcode: VectorOpcode, _ isFloating: Bool, _ phase: Phase
    ) -> [MicroInstruction]? {
        switch (opcode.form, phase) {
        case (.reduction, .start): RowPrograms.reductionStart(opcode, isFloating)
        case (.reduction, .step): RowPrograms.reductionStep(opcode, isFloating)
        case (.reduction, .finish): RowPrograms.reductionFinish(opcode, isFloating)
        case (.topk, .row): RowPrograms.topKRow
        case (.topk, .start): RowPrograms.topKStart
        case (.topk, .step): RowPrograms.topKStep(isFloating)
        case (.topk, .finish): RowPrograms.topKFinish
        case (.scan, .start): RowPrograms.scanStart(opcode, isFloating)
        case (.scan, .step): RowPrograms.scanStep(opcode, isFloating, isExclusive: false)
        case (.scan, .exclusiveStep): RowPrograms.scanStep(opcode, isFloating, isExclusive: true)
        case (.random, .step): isFloating ? RowPrograms.random : nil
        case (.binary, .step) where opcode == .pow && !isFloating: RowPrograms.powerInt
        case (_, .step):
            Sequences.formula(opcode, isFloating: isFloating).map(MicroAssembler.assemble)
        default: nil
        }
    }
}

/// All programs one after another, each once.
public struct MicroROM: Sendable {
    public private(set) var instructions: [MicroInstruction] = []
    /// Where each of ``MicroProgram/all`` begins.
    public private(set) var entries: [(program: MicroProgram, address: Int)] = []

    public init() {
        var known: [[MicroInstruction]: Int] = [:]
        for program in MicroProgram.all {
            let address = known[program.instructions] ?? instructions.count
            if known[program.instructions] == nil {
                known[program.instructions] = address
                instructions += program.instructions
            }
            entries.append((program, address))
        }
    }
}
