/// What a chip did in a stretch of time: plain counts, from the simulator or an analytic model.
public struct Activity: Sendable, Hashable {
    /// Multiply-adds of 8-bit formats, and of 16-bit ones (FP32 operands count once a pass).
    public var macs8 = 0.0
    public var macs16 = 0.0
    /// Bytes read and written, both together.
    public var memoryBytes = 0.0
    public var scratchpadBytes = 0.0
    public var accumulatorBytes = 0.0
    /// Bytes over the mesh, times the links they pass.
    public var meshByteHops = 0.0
    /// One lane of a vector engine, one step.
    public var vectorLaneSteps = 0.0
    /// Of control processors.
    public var instructions = 0.0
    /// Bytes to other chips.
    public var linkBytes = 0.0
    /// How long it took.
    public var seconds = 0.0

    public init() {}

    public static func + (a: Activity, b: Activity) -> Activity {
        var sum = a
        sum.macs8 += b.macs8
        sum.macs16 += b.macs16
        sum.memoryBytes += b.memoryBytes
        sum.scratchpadBytes += b.scratchpadBytes
        sum.accumulatorBytes += b.accumulatorBytes
        sum.meshByteHops += b.meshByteHops
        sum.vectorLaneSteps += b.vectorLaneSteps
        sum.instructions += b.instructions
        sum.linkBytes += b.linkBytes
        sum.seconds += b.seconds
        return sum
    }
}
