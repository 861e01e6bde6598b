/// Why a line of assembly is not a command.
public enum AssemblyError: Error, Equatable, Sendable {
    /// The line has no mnemonic.
    case emptyLine
    /// No command has this mnemonic.
    case unknownMnemonic(String)
    /// The command has no such field.
    case unknownField(String, mnemonic: String)
    /// The field is given twice.
    case duplicateField(String)
    /// Neither a number nor a name that the field knows.
    case badValue(field: String, value: String)
    /// A number that the field's bits cannot hold.
    case tooLarge(field: String, value: String, widthBits: Int)
    /// Fields that are each possible, but not a command.
    case notACommand(DecodeError)
}

extension AssemblyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .emptyLine: "no mnemonic"
        case .unknownMnemonic(let mnemonic): "unknown command \"\(mnemonic)\""
        case .unknownField(let field, let mnemonic): "\(mnemonic) has no field \"\(field)\""
        case .duplicateField(let field): "\(field) is given twice"
        case .badValue(let field, let value): "\(field): \"\(value)\" is not a value"
        case .tooLarge(let field, let value, let widthBits):
            "\(field): \(value) does not fit \(widthBits) bits"
        case .notACommand(let error): error.description
        }
    }
}

extension DecodeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownOpcode(let opcode):
            "no command has opcode 0x\(Hexadecimal.text(opcode, digits: 2))"
        case .reservedBits(let word, let mask):
            "word \(word): bits 0x\(Hexadecimal.text(mask, digits: 8)) must be zero"
        case .unknownFormat(let operand, let code): "no format of \(operand) has code \(code)"
        case .unknownPasses(let code): "no count of passes has code \(code)"
        case .unknownScaling(let code): "no scaling has code \(code)"
        case .unknownMode(let word, let code): "word \(word): no mode has code \(code)"
        case .unknownRounding(let code): "no rounding has code \(code)"
        case .immediateExpected(let operand): "\(operand) must be an immediate"
        case .misalignedDescriptor(let offset):
            "the descriptor's offset \(offset) is not a multiple of 16"
        case .negativeExtent(let word, let value): "word \(word): the extent \(value) is negative"
        case .wordCount(let expected, let actual):
            "a descriptor of \(expected) words was given \(actual)"
        }
    }
}
