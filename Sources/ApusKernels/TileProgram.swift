/// What one launch of the kernel `apus_tile` does: a grid of tiles, and the commands of each tile.
///
///     for tile in grid (last dimension fastest; core c runs a contiguous share):
///         beforeChunks; for chunk in 0 ..< chunks { eachChunk }; afterChunks
///
/// Commands take effect as if they ran one after another in this order. In fact all engines run at
/// once: ``encode()`` finds which command must wait for which other, and slots with several buffers
/// let the commands of neighbouring tiles overlap. Nobody writes semaphores by hand.
///
/// Tiles of different cores have no order, so no tile may read what another core's tile stores.
public struct TileProgram: Sendable, Equatable {
    /// Tile counts, innermost last; one to five of them, each at least 1.
    public var grid: [Int]
    /// How many of the innermost grid dimensions one core runs whole and in order: 0 when tiles are
    /// independent, 1 for a loop over time steps whose state stays in a slot.
    public var serialDimensions: Int
    /// How often ``eachChunk`` runs in each tile, at least 1; at most, with
    /// ``chunkDimension``.
    public var chunks: Int
    /// The grid dimension along which tiles differ in chunks, if they do. Then the argument block
    /// holds a table with a number of chunks, from 0 to ``chunks``, for each index along it, and
    /// whoever launches the program fills it in (``EncodedTileProgram/chunkTable``).
    public var chunkDimension: Int?
    /// The local memory that commands name.
    public var slots: [Slot]
    /// Commands at the start of each tile.
    public var beforeChunks: [TileCommand]
    /// Commands of each chunk.
    public var eachChunk: [TileCommand]
    /// Commands at the end of each tile.
    public var afterChunks: [TileCommand]

    /// Makes a tile program; nothing is checked before
    /// ``validate(scratchpadBytes:accumulatorBytes:argumentBytes:)``.
    public init(
        grid: [Int], serialDimensions: Int = 0, chunks: Int = 1, chunkDimension: Int? = nil,
        slots: [Slot],
        beforeChunks: [TileCommand] = [], eachChunk: [TileCommand] = [],
        afterChunks: [TileCommand] = []
    ) {
        self.grid = grid
        self.serialDimensions = serialDimensions
        self.chunks = chunks
        self.chunkDimension = chunkDimension
        self.slots = slots
        self.beforeChunks = beforeChunks
        self.eachChunk = eachChunk
        self.afterChunks = afterChunks
    }

    /// The commands of a tile in the order in which they are issued.
    public var commands: [TileCommand] { beforeChunks + eachChunk + afterChunks }
}

/// A piece of a core's local memory with one or more buffers used in turn.
///
/// A slot turns to its next buffer right before its first writer in the tile's command order:
/// for a Load, each time it is issued; for Matrix and Vector commands, once a tile, or each chunk
/// if that first writer is in `eachChunk` (an accumulating matmul: at the first chunk only).
/// What reads the slot earlier in the same tile sees the previous buffer: the previous tile's
/// value.
public struct Slot: Sendable, Equatable {
    /// Which of the two local memories a slot lies in.
    public enum Memory: Sendable, Equatable {
        /// Read and written by every engine.
        case scratchpad
        /// Written by Matrix, read by Vector and Store.
        case accumulators
    }
    /// Where the slot lies.
    public var memory: Memory
    /// Byte offset of the first buffer within the memory.
    public var address: Int
    /// Bytes of one buffer; buffer `i` begins at `address + i * bytes`.
    public var bytes: Int
    /// How many buffers, 1 to 8.
    public var buffers: Int

    /// Makes a slot; `bytes` is the size of one buffer.
    public init(memory: Memory = .scratchpad, address: Int, bytes: Int, buffers: Int = 1) {
        self.memory = memory
        self.address = address
        self.bytes = bytes
        self.buffers = buffers
    }
}

/// A tile program in the bytes that the kernel reads.
public struct EncodedTileProgram: Sendable, Equatable {
    /// The launch's argument block.
    public var arguments: [UInt8]
    /// Byte offsets in `arguments` of 64-bit global addresses to which the arena's address is
    /// added.
    public var relocations: [Int]
    /// Byte offset in `arguments` of the table of chunks, one 32-bit word for each index along
    /// ``TileProgram/chunkDimension``; nil if the program has none. It holds zeros.
    public var chunkTable: Int?
    /// Byte offsets in `arguments` of the commands' words, in issue order: what is written there
    /// before the launch changes an immediate without encoding anything anew.
    public var commands: [Int]
}
