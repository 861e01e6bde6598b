/// Bounds that keep a hostile or mistaken model from taking all memory or time.
public struct ImportLimits: Sendable {
    /// Bytes of one tensor. Chosen: larger than any weight of a published model.
    public var tensorBytesMax = 1 << 35
    /// Nodes of the imported graph, unrolled loops included.
    public var nodesMax = 1 << 20
    /// Bytes of all constants that are computed at import.
    public var computedBytesMax = 1 << 31
    /// Elementary steps (multiplications, elements touched) spent on values computed at import.
    public var workMax = 1 << 33
    /// Elementary steps of one node beyond which it is left in the graph rather than folded.
    public var foldedWorkMax = 1 << 27
    /// Iterations of all loops, inner ones counted each time.
    public var iterationsMax = 1 << 18
    /// Depth to which branches, loop bodies and functions nest.
    public var nestingMax = 48
    /// Extents and index lists read from tensors, such as a Reshape's shape.
    public var rankMax = 64

    /// The bounds for models that one means to run.
    public init() {}

    /// Narrow bounds under which no import takes more than a moment.
    public static var narrow: ImportLimits {
        var limits = ImportLimits()
        limits.tensorBytesMax = 1 << 26
        limits.nodesMax = 1 << 14
        limits.computedBytesMax = 1 << 26
        limits.workMax = 1 << 26
        limits.foldedWorkMax = 1 << 22
        limits.iterationsMax = 1 << 10
        return limits
    }
}
