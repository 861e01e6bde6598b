/// The operands whose formats a command or descriptor names.
public enum OperandName: UInt8, Sendable, Hashable {
    case d, a, b, c, global, local, scale
}

/// Why words are not a command, or not a descriptor.
public enum DecodeError: Error, Equatable, Sendable {
    /// No command has this opcode.
    case unknownOpcode(UInt8)
    /// Bits that must be zero were set; `mask` has a one for each of them.
    case reservedBits(word: UInt8, mask: UInt32)
    /// No format has this code.
    case unknownFormat(OperandName, code: UInt8)
    /// No count of passes has this code.
    case unknownPasses(code: UInt8)
    /// No scaling has this code.
    case unknownScaling(code: UInt8)
    /// No reduction has this code, or a gather dimension above 5.
    case unknownMode(word: UInt8, code: UInt8)
    /// No rounding has this code.
    case unknownRounding(code: UInt8)
    /// This command takes this operand as an immediate, and the flag is not set.
    case immediateExpected(OperandName)
    /// The descriptor's offset is not a multiple of 16.
    case misalignedDescriptor(offset: UInt32)
    /// An extent is negative when read as int32.
    case negativeExtent(word: UInt8, value: Int32)
    /// A descriptor needs this many words and got that many.
    case wordCount(expected: Int, actual: Int)
}

/// Why a core trapped; the raw value is the cause code that the machine reports.
public enum TrapCause: UInt8, CaseIterable, Error, Hashable {
    /// No command has this opcode.
    case unknownOpcode = 1
    /// A bit that is not a field was set.
    case reservedBits = 2
    /// The command does not belong to the queue it was stored to.
    case wrongQueue = 3
    /// A field holds a code without a meaning.
    case unknownCode = 4
    /// Formats that the engine does not take together, or not at all.
    case unsupportedFormat = 5
    /// A descriptor that is misaligned or lies outside argument memory.
    case badDescriptor = 6
    /// A negative or unsuitable extent, stride or group length.
    case badShape = 7
    /// A local address outside the scratchpad and the accumulators.
    case localBounds = 8
    /// A global address outside memory.
    case globalBounds = 9
    /// An address that is not a multiple of the element's size.
    case misalignedAddress = 10
    /// The destination overlaps a source without being identical to it.
    case overlap = 11
    /// The control processor trapped and no handler was set.
    case controlProcessor = 12
}

extension DecodeError {
    /// The cause with which the machine traps on this error.
    public var cause: TrapCause {
        switch self {
        case .unknownOpcode: .unknownOpcode
        case .reservedBits: .reservedBits
        case .unknownFormat, .unknownPasses, .unknownScaling, .unknownMode, .unknownRounding,
            .immediateExpected:
            .unknownCode
        case .misalignedDescriptor, .wordCount: .badDescriptor
        case .negativeExtent: .badShape
        }
    }
}
