extension TrapCause {
    /// The cause in one sentence.
    public var meaning: String {
        switch self {
        case .unknownOpcode: "No command has this opcode."
        case .reservedBits: "A bit that is not a field of the command or descriptor is set."
        case .wrongQueue: "The command does not belong to the queue it was stored to."
        case .unknownCode: "A field holds a code without a meaning."
        case .unsupportedFormat: "The engine does not take these formats, or not together."
        case .badDescriptor: "The descriptor is misaligned or lies outside argument memory."
        case .badShape: "An extent, stride or group length is negative or unsuitable."
        case .localBounds: "A local address lies outside scratchpad and accumulators."
        case .globalBounds: "A global address lies outside memory."
        case .misalignedAddress: "An address is not a multiple of the element's size."
        case .overlap: "The destination overlaps a source without being identical to it."
        case .controlProcessor: "The control processor trapped and no handler was set."
        }
    }
}
