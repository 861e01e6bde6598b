/// Why a tile program cannot run on a core.
public enum TileProgramError: Error, Equatable, Sendable {
    /// There must be one to five grid dimensions, each at least 1, with at most 2²⁴ tiles in all.
    case grid([Int])
    /// `serialDimensions` must be between 0 and the grid's rank.
    case serialDimensions(Int)
    /// `chunks` must be at least 1.
    case chunks(Int)
    /// A slot has no bytes, or not 1 to 8 buffers, or an address that is negative or not a multiple
    /// of 4.
    case slot(Int)
    /// A slot ends at `end`, past the `bytes` of its memory.
    case slotPastEnd(slot: Int, end: Int, bytes: Int)
    /// Two slots share bytes.
    case slotsOverlap(Int, Int)
    /// More than 32 slots are the target of Loads.
    case loadedSlots(Int)
    /// A command names a slot that does not exist.
    case unknownSlot(Int, command: Int)
    /// A command reaches bytes `low ..< high` of a slot whose buffers have `bytes`.
    case outsideSlot(command: Int, slot: Int, low: Int, high: Int, bytes: Int)
    /// A matmul's sums must lie in the accumulators and its operands in the scratchpad, and a
    /// Vector
    /// command's results in the scratchpad.
    case wrongMemory(slot: Int, command: Int)
    /// The Loads into a slot must all stand in the same command list.
    case loadsInSeveralLists(slot: Int)
    /// The Loads into a slot must all have the same repetition.
    case loadsRepeatDifferently(slot: Int)
    /// Coordinates of a command outside `eachChunk` must not depend on the chunk.
    case dependsOnChunk(command: Int)
    /// A coordinate leaves its field: INT32, or INT16 for coordinates 3 and 4.
    case coordinateRange(command: Int, coordinate: Int)
    /// Index tables, scales and minimums must lie in slots with one buffer.
    case tableNeedsOneBuffer(slot: Int, command: Int)
    /// A gather needs a table, and only a gather has one.
    case table(command: Int)
    /// The first writer of a slot with several buffers also reads it, so it would read the wrong
    /// one.
    case firstWriterReads(slot: Int, command: Int)
    /// A Vector command has an operand that its operation does not take, or lacks one.
    case operands(command: Int)
    /// A command of the last chunks outside `eachChunk`, of a number of chunks that is not 1 to
    /// 2²⁴ − 1, or one before which a slot turns.
    case lastChunks(command: Int)
    /// A tile or chunk has more than 1000 commands.
    case tooManyCommands(Int)
    /// The argument block has `bytes`, more than the `limit` of the chip.
    case argumentsTooLarge(bytes: Int, limit: Int)
}
