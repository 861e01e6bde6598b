import ApusNumerics

/// What a command of the Vector engine says beside its descriptor.
///
/// Operands that the opcode's ``VectorOpcode/form-swift.property`` does not have are zero.
public struct VectorCommand: Hashable, Sendable {
    public var opcode: VectorOpcode
    /// Local address of the destination.
    public var d: UInt32
    /// Local address of the first source.
    public var a: UInt32
    /// Local address of the second source, or an immediate: FP32 bits or INT32.
    public var b: UInt32
    /// Local address of the third source (or of top-k's indices), or an immediate.
    public var c: UInt32
    /// Byte offset of the ``VectorDescriptor`` in argument memory, a multiple of 16.
    public var descriptor: UInt32
    public var dFormat: ElementFormat
    public var aFormat: ElementFormat
    public var bFormat: ElementFormat
    public var cFormat: ElementFormat
    public var bImmediate: Bool
    public var cImmediate: Bool
    /// Code of the `RoundingRule` by which the result is converted to d's format.
    public var rounding: UInt8

    public init(
        opcode: VectorOpcode, d: UInt32, a: UInt32, b: UInt32, c: UInt32, descriptor: UInt32,
        dFormat: ElementFormat, aFormat: ElementFormat, bFormat: ElementFormat,
        cFormat: ElementFormat, bImmediate: Bool, cImmediate: Bool, rounding: UInt8
    ) {
        self.opcode = opcode
        self.d = d
        self.a = a
        self.b = b
        self.c = c
        self.descriptor = descriptor
        self.dFormat = dFormat
        self.aFormat = aFormat
        self.bFormat = bFormat
        self.cFormat = cFormat
        self.bImmediate = bImmediate
        self.cImmediate = cImmediate
        self.rounding = rounding
    }
}
