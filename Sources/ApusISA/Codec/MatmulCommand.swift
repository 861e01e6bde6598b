import ApusNumerics

/// How many passes a matmul makes over its operands.
public enum MatmulPasses: UInt8, CaseIterable, Sendable, Hashable {
    /// Operands are multiplied in their own format.
    case native = 0
    /// FP32 operands, three products of BF16 slices.
    case three = 1
    /// FP32 operands, six products of BF16 slices.
    case six = 2
}

/// How scales enter a matmul.
public enum MatmulScaling: UInt8, CaseIterable, Sendable, Hashable {
    /// No scales.
    case none = 0
    /// B is dequantised at the array's edge: `bf16(scale · b − minimum)` for each group along k.
    case dequantiseB = 1
    /// Block scales on A and B: exact sum within a block, then one fma of scale and sum.
    case blocks = 2
}

/// What a `matmul` says beside its descriptor.
public struct MatmulCommand: Hashable, Sendable {
    /// Byte offset of the ``MatrixDescriptor`` in argument memory, a multiple of 16.
    public var descriptor: UInt32
    /// Local addresses of A and B, in the scratchpad.
    public var a: UInt32
    public var b: UInt32
    /// Local address of the accumulator tile.
    public var accumulator: UInt32
    public var aFormat: ElementFormat
    public var bFormat: ElementFormat
    /// Adds to what the accumulators hold; else they start from +0.
    public var accumulate: Bool
    public var passes: MatmulPasses
    public var scaling: MatmulScaling

    public init(
        descriptor: UInt32, a: UInt32, b: UInt32, accumulator: UInt32, aFormat: ElementFormat,
        bFormat: ElementFormat, accumulate: Bool, passes: MatmulPasses, scaling: MatmulScaling
    ) {
        self.descriptor = descriptor
        self.a = a
        self.b = b
        self.accumulator = accumulator
        self.aFormat = aFormat
        self.bFormat = bFormat
        self.accumulate = accumulate
        self.passes = passes
        self.scaling = scaling
    }
}
