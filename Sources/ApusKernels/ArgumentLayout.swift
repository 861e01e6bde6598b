// The argument block of the kernel `apus_tile`, in 32-bit words.
//
// This file is compiled into the host's encoder and into the kernel, so it imports nothing.
// The block is at once program, state and descriptors: the kernel counts and patches in place, so
// each launch starts from a fresh copy. All references between parts of the block are addresses as
// the control processor sees them, except those of descriptors, which are offsets as commands want
// them.
//
//     header · engines · dimensions · slots and buffers · descriptors · commands · coordinate steps
//
// An engine's semaphore counts its completed commands: engine e posts one to semaphore e + 1 per
// command. "Wait until that command is done" is therefore a wait for a command's number, and each
// buffer remembers, per engine, the number of the last command that wrote or touched it.

/// Where the argument block lies in the control processor's address map.
enum ArgumentBlock {
    /// The address of its first byte.
    static var address: UInt32 { 0x0010_0000 }
    /// The number of engines: Load 0, Store 1, Matrix 2, Vector 3.
    static var engines: Int { 4 }
    /// After so many commands the kernel waits for all engines once, so that the 16-bit
    /// semaphores never run further ahead of a waiting command than half their range.
    static var commandsBetweenDrains: Int { 8192 }
}

/// Words of the header.
enum HeaderWord {
    /// Tiles that may run on any core: the product of the outer grid dimensions.
    static var parallelTiles: Int { 0 }
    /// Tiles in a serial run: the product of the innermost, serial dimensions.
    static var serialTiles: Int { 1 }
    /// Number of grid dimensions.
    static var rank: Int { 2 }
    /// Address of the dimension records, innermost dimension first.
    static var dimensions: Int { 3 }
    /// Chunks per tile.
    static var chunks: Int { 4 }
    /// Address of the coordinate steps from one chunk to the next, and their end.
    static var chunkSteps: Int { 5 }
    static var chunkStepsEnd: Int { 6 }
    /// Slots whose Loads must be issued again when the chunk changes, one bit each.
    static var chunkStale: Int { 7 }
    /// Addresses of the three command lists and of the end of the last.
    static var beforeChunks: Int { 8 }
    static var eachChunk: Int { 9 }
    static var afterChunks: Int { 10 }
    static var commandsEnd: Int { 11 }
    /// Commands in a chunk and in the rest of a tile: what the drain budget pays.
    static var commandsPerChunk: Int { 12 }
    static var commandsPerTile: Int { 13 }
    /// Address of a table that gives each tile its number of chunks, by its index along one
    /// grid dimension; 0 if all tiles have ``chunks``.
    static var chunkTable: Int { 14 }
    /// Address of the word that holds the tile's index along that dimension.
    static var chunkIndex: Int { 15 }
    static var count: Int { 16 }
}

/// Words of an engine's state; four of them follow the header.
enum EngineWord {
    /// Number of the last command issued to this engine.
    static var issued: Int { 0 }
    /// Number of the last command known complete at the last drain.
    static var drained: Int { 1 }
    /// For each engine, the highest command number that a command in this queue has waited for.
    static var waited: Int { 2 }
    static var count: Int { 6 }
}

/// Words of a grid dimension.
enum DimensionWord {
    /// The current index.
    static var index: Int { 0 }
    /// The number of tiles along the dimension.
    static var extent: Int { 1 }
    /// Address of the coordinate steps of the dimension, and their end.
    static var steps: Int { 2 }
    static var stepsEnd: Int { 3 }
    /// Slots whose Loads must be issued again after a step, one bit each.
    static var stale: Int { 4 }
    static var count: Int { 5 }
}

/// Words of a coordinate step.
enum StepWord {
    /// Address of the word that holds the coordinate: part of a command's template.
    static var target: Int { 0 }
    /// What a step adds, the return of all inner dimensions and of the chunk to zero included.
    static var delta: Int { 1 }
    /// What the dimension's index counts alone: places a core at the start of its share.
    static var stride: Int { 2 }
    static var count: Int { 3 }
}

/// Words of a slot's buffer. A slot is one word: the address of its current buffer.
enum BufferWord {
    /// The local address of the buffer.
    static var address: Int { 0 }
    /// The address of the slot's next buffer.
    static var next: Int { 1 }
    /// Per engine, the number of the last command that wrote the buffer.
    static var written: Int { 2 }
    /// Per engine, the number of the last command that read or wrote it; not kept for an engine
    /// that never reads the slot.
    static var touched: Int { 6 }
    static var count: Int { 10 }
}

/// Words of a command record: a head, then its lists, one behind the other.
enum RecordWord {
    /// ``CommandFlag``.
    static var flags: Int { 0 }
    /// Of a Load: issue only if one of these slots is stale.
    static var staleTest: Int { 1 }
    /// Of a Load: slots that are fresh once this command is issued.
    static var staleClear: Int { 2 }
    /// Offset of the engine's queue port among the registers.
    static var port: Int { 3 }
    /// Address of the number of the last command issued to the engine.
    static var issued: Int { 4 }
    /// The eight words of the command without waits.
    static var template: Int { 5 }
    /// Ends of the lists. The first list begins at ``count``.
    ///
    /// Turns: slot. The slot turns to its next buffer.
    static var turnsEnd: Int { 13 }
    /// Operands: slot, target, offset. The word at target becomes the buffer's address + offset.
    static var operandsEnd: Int { 14 }
    /// Needs: groups of commands of one engine to wait for, see ``NeedWord``.
    static var needsEnd: Int { 15 }
    /// Marks: address of a word that takes the number of this command, in slots of one buffer.
    static var marksEnd: Int { 16 }
    /// Turning marks: slot, byte offset in its current buffer's record. The record ends with them.
    static var end: Int { 17 }
    static var count: Int { 18 }
}

/// Words of a group of needs: commands of one other engine. Behind the head stand its entries:
/// slot, byte offset of a command's number in the current buffer's record.
enum NeedWord {
    /// Address of the highest number that this queue has waited for, of that engine.
    static var waited: Int { 0 }
    /// Address of the number that was complete at the last drain, of that engine.
    static var drained: Int { 1 }
    /// The engine's semaphore.
    static var semaphore: Int { 2 }
    /// End of the group.
    static var end: Int { 3 }
    static var count: Int { 4 }
}

/// Bits of ``RecordWord/flags``.
enum CommandFlag {
    /// May be left out: a Load while its slot is fresh, another command before the last chunks.
    static var isConditional: UInt32 { 1 }
    /// From the second chunk on: no turn, and accumulate (w0[27]).
    static var sumsOverChunks: UInt32 { 1 << 2 }
    /// Coordinate 3 may be negative: w7 holds `c4 · 65536 + c3` and must be packed.
    static var packsCoordinates: UInt32 { 1 << 3 }
    /// From this bit on: how many of a tile's last chunks have the command; 0 for a Load.
    static var lastChunksShift: UInt32 { 8 }
    /// What ``lastChunksShift`` leaves room for.
    static var lastChunksMax: UInt32 { 0xFF_FFFF }
}
