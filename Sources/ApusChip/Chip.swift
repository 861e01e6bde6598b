import ApusNumerics

/// What kind of global memory a chip has.
public enum MemoryKind: String, CaseIterable, Sendable, Hashable {
    /// No particular part: for simulation of the logic alone.
    case ideal
    case lpddr5x
    case hbm2e
    case hbm3
}

/// A chip as data. Every number has a unit (``ChipParameter``) and a source (``sources``).
///
/// The emulator, the compiler and the generated SystemVerilog read sizes here and nowhere else.
public struct Chip: Sendable, Hashable {
    /// Lower-case letters, digits and hyphens.
    public var name: String
    /// Process node in nanometres; 0 when the chip belongs to none.
    public var nodeNanometres: Int
    public var clockMegahertz: Int
    /// Cores along the mesh's two directions.
    public var meshColumns: Int
    public var meshRows: Int
    /// Cells of one core's matrix array.
    public var matrixRows: Int
    public var matrixColumns: Int
    /// 32-bit lanes of one core's vector engine.
    public var vectorLanes: Int
    /// Bytes and banks of one core's scratchpad.
    public var scratchpadBytes: Int
    public var scratchpadBanks: Int
    /// Bytes of one core's accumulators.
    public var accumulatorBytes: Int
    /// Bytes of one core's program memory.
    public var programBytes: Int
    /// Bytes of one core's argument memory.
    public var argumentBytes: Int
    /// How wide its paths are: time alone depends on it.
    public var widths: ChipWidths
    /// Commands that one queue holds.
    public var queueDepth: Int
    public var memoryKind: MemoryKind
    public var memoryChannels: Int
    /// All channels together, in units of 10⁶ bytes each second.
    public var memoryMegabytesPerSecond: Int
    public var memoryBytes: Int
    /// From a request of a core to its first byte.
    public var memoryLatencyNanoseconds: Int
    /// Links to other chips, and what all of them carry together in one direction, in units of
    /// 10⁶ bytes each second; 0 for a chip that stands alone.
    public var linkCount = 0
    public var linkMegabytesPerSecond = 0
    /// From a chip's write to the other chip's memory.
    public var linkLatencyNanoseconds = 0
    /// Power the design aims at; 0 when there is no aim.
    public var powerTargetWatts: Int
    /// Operand formats of the matrix array.
    public var matrixFormats: [ElementFormat]
    /// Where each parameter's value comes from, by field name; "chosen" when it is our decision.
    public var sources: [String: String]

    public var coreCount: Int { meshColumns * meshRows }

    /// 16-bit multiply-adds of the whole chip, each second, in units of 10⁹.
    public var matrixGigaOperations: Int {
        coreCount * matrixRows * matrixColumns * clockMegahertz / 1000
    }
}
