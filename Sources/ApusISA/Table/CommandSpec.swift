/// A field of a command word: its name, its place and what it means.
public struct FieldSpec: Hashable, Sendable {
    /// What the engine does with the thing that the field names.
    public enum Role: String, Sendable, Hashable {
        /// A value of the command itself.
        case value
        /// The address of something that is read, written, or both.
        case read, write, update
        /// The offset of a descriptor in argument memory.
        case descriptor
        /// A wait's or post's semaphore or count.
        case sync
    }

    public let name: String
    public let bits: BitRange
    public let role: Role
    public let meaning: String

    public init(_ name: String, _ bits: BitRange, _ role: Role, _ meaning: String) {
        self.name = name
        self.bits = bits
        self.role = role
        self.meaning = meaning
    }
}

/// A row of the command table. The codec's masks, the C header, the SystemVerilog package, the
/// pages under docs/isa/ and the coverage tests come from it.
public struct CommandSpec: Hashable, Sendable {
    public let mnemonic: String
    public let opcode: UInt8
    /// The engine whose queue takes it; nil if any does.
    public let engine: Engine?
    /// What it computes, in one line of mathematics.
    public let formula: String
    /// What it does, in one sentence.
    public let summary: String
    /// Where its results differ from what IEEE-754 or a framework would lead one to expect.
    public let numerics: String
    /// Why it is as it is: what was weighed.
    public let why: String
    /// All fields, those common to all commands included.
    public let fields: [FieldSpec]
    /// The causes with which it can trap.
    public let traps: [TrapCause]

    public init(
        mnemonic: String, opcode: UInt8, engine: Engine?, formula: String, summary: String,
        numerics: String, why: String, fields: [FieldSpec], traps: [TrapCause]
    ) {
        self.mnemonic = mnemonic
        self.opcode = opcode
        self.engine = engine
        self.formula = formula
        self.summary = summary
        self.numerics = numerics
        self.why = why
        self.fields = fields
        self.traps = traps
    }
}
