/// A numeric parameter of a ``Chip``: its name in chip files, unit, meaning and bounds.
public struct ChipParameter: Sendable {
    public let name: String
    public let unit: String
    public let meaning: String
    public let bounds: ClosedRange<Int>
    /// What the value is a multiple of.
    public let step: Int
    public let path: WritableKeyPath<Chip, Int> & Sendable

    init(
        _ name: String, _ unit: String, _ path: WritableKeyPath<Chip, Int> & Sendable,
        _ bounds: ClosedRange<Int>, step: Int, _ meaning: String
    ) {
        self.name = name
        self.unit = unit
        self.meaning = meaning
        self.bounds = bounds
        self.step = step
        self.path = path
    }

    /// All numeric parameters, in the order of chip files.
    ///
    /// Bounds come from docs/Architecture.md: the scratchpad's window in the control processor's
    /// map ends at 256 MiB, accumulators take local addresses from 1 GiB, program memory is 64 KiB.
    public static let all: [ChipParameter] = [
        ChipParameter(
            "nodeNanometres", "nm", \.nodeNanometres, 0...65, step: 1, "process node; 0 for none"),
        ChipParameter(
            "clockMegahertz", "MHz", \.clockMegahertz, 1...5000, step: 1, "clock of all engines"),
        ChipParameter(
            "meshColumns", "cores", \.meshColumns, 1...32, step: 1, "cores in a mesh row"),
        ChipParameter("meshRows", "cores", \.meshRows, 1...32, step: 1, "cores in a mesh column"),
        ChipParameter("matrixRows", "cells", \.matrixRows, 4...256, step: 4, "rows of the array"),
        ChipParameter(
            "matrixColumns", "cells", \.matrixColumns, 4...256, step: 4, "columns of the array"),
        ChipParameter(
            "vectorLanes", "lanes", \.vectorLanes, 1...256, step: 1, "32-bit lanes of a core"),
        ChipParameter(
            "scratchpadBytes", "bytes", \.scratchpadBytes, 4096...(1 << 28), step: 1024,
            "scratchpad of a core"),
        ChipParameter(
            "scratchpadBanks", "banks", \.scratchpadBanks, 1...64, step: 1,
            "banks of a scratchpad, a power of two"),
        ChipParameter(
            "accumulatorBytes", "bytes", \.accumulatorBytes, 512...(1 << 26), step: 512,
            "accumulators of a core"),
        ChipParameter(
            "programBytes", "bytes", \.programBytes, 65536...65536, step: 4,
            "program memory of a core"),
        ChipParameter(
            "argumentBytes", "bytes", \.argumentBytes, 4096...(1 << 20), step: 1024,
            "argument memory of a core"),
        ChipParameter(
            "queueDepth", "commands", \.queueDepth, 1...256, step: 1, "commands a queue holds"),
        ChipParameter(
            "commandsUnderWay", "commands", \.widths.commandsUnderWay, 1...4, step: 1,
            "commands of an engine that are begun before the first of them ends"),
        ChipParameter(
            "transferPorts", "ports", \.widths.transferPorts, 1...64, step: 1,
            "64-bit ports of Load and of Store"),
        ChipParameter(
            "transferPacksRuns", "0 or 1", \.widths.transferPacksRuns, 0...1, step: 1,
            "whether elements in a run share a port's cycle"),
        ChipParameter(
            "transferEntries", "entries", \.widths.transferEntries, 4...65536, step: 4,
            "elements, or packed words, that a Load or Store may have on its way"),
        ChipParameter(
            "matrixPorts", "ports", \.widths.matrixPorts, 1...256, step: 1,
            "64-bit ports of the Matrix engine"),
        ChipParameter(
            "matrixFetchPipelined", "0 or 1", \.widths.matrixFetchPipelined, 0...1, step: 1,
            "whether its ports read a word each cycle"),
        ChipParameter(
            "matrixRowsOverlap", "0 or 1", \.widths.matrixRowsOverlap, 0...1, step: 1,
            "whether accumulators move while the next tile is multiplied"),
        ChipParameter(
            "vectorPorts", "ports", \.widths.vectorPorts, 1...128, step: 1,
            "64-bit ports of the Vector engine"),
        ChipParameter(
            "vectorOverlaps", "0 or 1", \.widths.vectorOverlaps, 0...1, step: 1,
            "whether it fetches, computes and stores at the same time"),
        ChipParameter(
            "meshLinkBytes", "bytes", \.widths.meshLinkBytes, 1...1024, step: 1,
            "data that a link carries in a cycle"),
        ChipParameter(
            "memoryChannels", "channels", \.memoryChannels, 1...1024, step: 1,
            "channels of global memory"),
        ChipParameter(
            "memoryMegabytesPerSecond", "MB/s", \.memoryMegabytesPerSecond, 1...100_000_000,
            step: 1, "bandwidth of all channels"),
        ChipParameter(
            "memoryBytes", "bytes", \.memoryBytes, (1 << 20)...(1 << 44), step: 4096,
            "capacity of global memory"),
        ChipParameter(
            "memoryLatencyNanoseconds", "ns", \.memoryLatencyNanoseconds, 0...10_000, step: 1,
            "from a request to its first byte"),
        ChipParameter(
            "linkCount", "links", \.linkCount, 0...64, step: 1, "links to other chips"),
        ChipParameter(
            "linkMegabytesPerSecond", "MB/s", \.linkMegabytesPerSecond, 0...100_000_000, step: 1,
            "all links together, one direction"),
        ChipParameter(
            "linkLatencyNanoseconds", "ns", \.linkLatencyNanoseconds, 0...1_000_000, step: 1,
            "from a write to the other chip's memory"),
        ChipParameter(
            "powerTargetWatts", "W", \.powerTargetWatts, 0...5000, step: 1,
            "power aimed at; 0 for none"),
    ]
}
