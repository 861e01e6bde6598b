import ApusISA

/// What the encoder finds out about a tile program: who waits for whom, which slots turn when, and
/// which Loads need not be repeated.
struct TilePlan {
    /// The commands in issue order, and the list each stands in: 0 before, 1 each chunk, 2 after.
    let commands: [(command: TileCommand, list: Int)]
    /// For each slot, one bit per engine that writes it, and that reads it.
    private(set) var writers: [UInt8]
    private(set) var readers: [UInt8]
    /// For each slot, its first writer.
    private(set) var firstWriter: [Int?]
    /// For each slot that Loads fill, its bit among the stale slots.
    private(set) var staleBit: [Int: UInt32]

    init(_ program: TileProgram) {
        commands =
            program.beforeChunks.map { ($0, 0) } + program.eachChunk.map { ($0, 1) }
            + program.afterChunks.map { ($0, 2) }
        writers = Array(repeating: 0, count: program.slots.count)
        readers = writers
        firstWriter = Array(repeating: nil, count: program.slots.count)
        staleBit = [:]
        for (index, (command, _)) in commands.enumerated() {
            for use in command.uses {
                let slot = use.place.slot
                guard use.writes else {
                    readers[slot] |= command.engine.bit
                    continue
                }
                writers[slot] |= command.engine.bit
                firstWriter[slot] = firstWriter[slot] ?? index
                if command.engine == .load && staleBit[slot] == nil {
                    staleBit[slot] = 1 << UInt32(staleBit.count)
                }
            }
        }
    }

    /// Engines other than `engine` that write the slot.
    func otherWriters(_ slot: Int, than engine: Engine) -> UInt8 { writers[slot] & ~engine.bit }

    /// The word of a buffer's record that a command must wait for, of engine `other`'s commands;
    /// nil if they cannot conflict. A reader conflicts with writers, a writer with all users.
    func need(_ other: Engine, _ slot: Int, writes: Bool) -> Int? {
        if writes && readers[slot] & other.bit != 0 { return BufferWord.touched }
        return writers[slot] & other.bit != 0 ? BufferWord.written : nil
    }

    /// The words of a buffer's record that other engines' commands look at after this one.
    func marks(_ engine: Engine, _ slot: Int, writes: Bool) -> [Int] {
        let otherWriters = otherWriters(slot, than: engine)
        let engineReads = readers[slot] & engine.bit != 0
        var marks: [Int] = []
        if engineReads && otherWriters != 0 { marks.append(BufferWord.touched) }
        let lookers = readers[slot] & ~engine.bit | (engineReads ? 0 : otherWriters)
        if writes && lookers != 0 { marks.append(BufferWord.written) }
        return marks
    }

    /// The slots with several buffers that turn right before the command.
    func turns(_ index: Int, slots: [Slot]) -> [Int] {
        slots.indices.filter { firstWriter[$0] == index && slots[$0].buffers > 1 }
    }

    /// Slots whose Loads are to be issued again after a step of a dimension, or of the chunk (nil).
    func stale(after dimension: Int?, of program: TileProgram) -> UInt32 {
        var mask: UInt32 = 0
        for (command, list) in commands {
            guard case .load(let move) = command, let bit = staleBit[move.place.slot] else {
                continue
            }
            if mustRepeat(move, list, dimension, program) { mask |= bit }
        }
        return withGathers(mask, dimension)
    }

    private func mustRepeat(
        _ move: Move, _ list: Int, _ dimension: Int?, _ program: TileProgram
    ) -> Bool {
        if dimension == nil && list != 1 { return false }
        let overwritten = otherWriters(move.place.slot, than: .load) != 0
        switch move.repetition {
        case .perSerialRun:
            guard let dimension else { return false }
            return dimension < program.grid.count - program.serialDimensions
        case .always:
            return true
        case .whenChanged:
            return overwritten
                || move.coordinates.contains { coordinate in
                    guard let dimension else { return coordinate.perChunk != 0 }
                    if program.chunkDimension != nil && coordinate.perChunk != 0 { return true }
                    return coordinate.delta(
                        dimension, grid: program.grid, chunks: program.chunksOfDelta) != 0
                }
        }
    }

    /// A gather is repeated when its table is loaded again, or may have been computed anew.
    private func withGathers(_ stale: UInt32, _ dimension: Int?) -> UInt32 {
        var mask = stale
        for (command, list) in commands {
            guard case .load(let move) = command, let table = move.table?.slot,
                let bit = staleBit[move.place.slot], dimension != nil || list == 1
            else { continue }
            let tableIsStale = staleBit[table].map { mask & $0 != 0 } ?? false
            if tableIsStale || otherWriters(table, than: .load) != 0 { mask |= bit }
        }
        return mask
    }

    /// Whether the command is the last Load into its slot: from then on the slot is fresh.
    func isLastLoad(_ index: Int, of slot: Int) -> Bool {
        !commands[(index + 1)...].contains {
            $0.command.engine == .load && $0.command.uses[0].place.slot == slot
        }
    }
}

extension Engine {
    /// The engine's bit in a set of engines.
    var bit: UInt8 { 1 << rawValue }
}
