import ApusISA
import ApusKernels

/// The commands of a tile program as its documentation says, by nested loops and no cleverness.
struct ReferenceExpansion {
    /// A command with its addresses and coordinates resolved.
    struct Issued: Equatable {
        var index: Int
        var engine: Int
        var addresses: [Int: UInt32]
        var coordinates: [Int32]
        var accumulates: Bool
        /// The buffers that the command reads and writes.
        var reads: Set<Buffer>
        var writes: Set<Buffer>
    }

    /// One buffer of a slot.
    struct Buffer: Hashable {
        var slot: Int
        var index: Int
    }

    private let program: TileProgram
    private let chunksOfTile: [Int]?
    private var current: [Int]
    private var lastCoordinates: [Int: [[Int]]] = [:]
    private(set) var issued: [Issued] = []

    /// - Parameter chunksOfTile: the table of chunks, if the program has one.
    init(_ program: TileProgram, core: Int, cores: Int, chunksOfTile: [Int]? = nil) {
        self.program = program
        self.chunksOfTile = chunksOfTile
        current = program.slots.map { _ in 0 }
        let outer = program.grid.count - program.serialDimensions
        let parallel = program.grid[..<outer].reduce(1, *)
        let serial = program.grid[outer...].reduce(1, *)
        let share = parallel / cores
        let longer = parallel % cores
        let first = share * core + min(core, longer)
        let count = share + (core < longer ? 1 : 0)
        for tile in first * serial..<(first + count) * serial {
            var rest = tile
            var position = program.grid
            for dimension in program.grid.indices.reversed() {
                position[dimension] = rest % program.grid[dimension]
                rest /= program.grid[dimension]
            }
            run(position, startsRun: tile % serial == 0)
        }
    }

    private mutating func run(_ tile: [Int], startsRun: Bool) {
        let before = program.beforeChunks.count
        let each = program.eachChunk.count
        for index in 0..<before { issue(index, tile, 0, startsRun) }
        let own = program.chunkDimension.flatMap { chunksOfTile?[tile[$0]] }
        let chunks = own ?? program.chunks
        if chunks == 0 { forgetChanged(before..<before + each, tile, startsRun) }
        for chunk in 0..<chunks {
            for index in before..<before + each {
                if case .vector(let step) = program.commands[index], let last = step.lastChunks,
                    chunk < chunks - last
                {
                    continue
                }
                issue(index, tile, chunk, startsRun && chunk == 0)
            }
        }
        for index in (before + each)..<program.commands.count { issue(index, tile, 0, startsRun) }
    }

    /// Loads that a tile without chunks would have repeated are repeated by the next one: the
    /// kernel knows what a step of the grid changes, not what was loaded last.
    private mutating func forgetChanged(
        _ commands: Range<Int>, _ tile: [Int], _ startsRun: Bool
    ) {
        for case .load(let move) in program.commands[commands] {
            let slot = move.place.slot
            let now = loads(into: slot).map { load in load.coordinates.map { value($0, tile, 0) } }
            if lastCoordinates[slot] != now { lastCoordinates[slot] = nil }
            if startsRun { missedRun.insert(slot) }
        }
    }

    private func value(_ affine: Affine, _ tile: [Int], _ chunk: Int) -> Int {
        affine.base + zip(affine.perGrid, tile).map { $0 * $1 }.reduce(0, +) + affine.perChunk
            * chunk
    }

    /// The Loads into a slot, which are repeated together.
    private func loads(into slot: Int) -> [Move] {
        program.commands.compactMap {
            if case .load(let move) = $0, move.place.slot == slot { return move }
            return nil
        }
    }

    /// Commands other than Loads that write a slot.
    private func isComputed(_ slot: Int) -> Bool {
        program.commands.contains {
            switch $0 {
            case .load, .store: false
            case .matrix(let step): step.accumulators.slot == slot
            case .vector(let step): step.d.slot == slot
            }
        }
    }

    private func firstLoad(_ slot: Int) -> Int? {
        program.commands.firstIndex {
            if case .load(let move) = $0 { return move.place.slot == slot }
            return false
        }
    }

    private func firstWriter(_ slot: Int) -> Int? {
        program.commands.firstIndex {
            switch $0 {
            case .load(let move): move.place.slot == slot
            case .store: false
            case .matrix(let step): step.accumulators.slot == slot
            case .vector(let step): step.d.slot == slot
            }
        }
    }

    private mutating func issue(_ index: Int, _ tile: [Int], _ chunk: Int, _ startsRun: Bool) {
        let command = program.commands[index]
        switch command {
        case .load(let move):
            let slot = move.place.slot
            let group = loads(into: slot)
            if firstLoad(slot) == index {
                let now = group.map { load in load.coordinates.map { value($0, tile, chunk) } }
                // Where tiles differ in chunks, what depends on the chunk is loaded in each tile.
                let followsChunks = group.contains { load in
                    load.coordinates.contains { $0.perChunk != 0 }
                }
                let restarts = chunksOfTile != nil && chunk == 0 && followsChunks
                let changed = lastCoordinates[slot] != now || restarts
                let repeats: Bool
                if group.contains(where: { $0.repetition == .always }) {
                    repeats = true
                } else if group.allSatisfy({ $0.repetition == .perSerialRun }) {
                    repeats = missedRun.remove(slot) != nil || startsRun
                } else {
                    repeats = changed || isComputed(slot)
                }
                isFresh[slot] = !repeats
                if repeats {
                    lastCoordinates[slot] = now
                    if firstWriter(slot) == index { turn(slot) }
                }
            }
            if isFresh[slot] == true { return }
            append(
                index, 0, [3: move.place], move.coordinates.map { value($0, tile, chunk) }, false)
        case .store(let move):
            append(
                index, 1, [3: move.place], move.coordinates.map { value($0, tile, chunk) }, false)
        case .matrix(let step):
            let sums = step.accumulation == .afterFirstChunk && chunk > 0
            if firstWriter(step.accumulators.slot) == index && !sums {
                turn(step.accumulators.slot)
            }
            append(
                index, 2, [3: step.a, 4: step.b, 5: step.accumulators], [],
                sums || step.accumulation == .always)
        case .vector(let step):
            if firstWriter(step.d.slot) == index { turn(step.d.slot) }
            var places = [2: step.d]
            if case .place(let place) = step.a { places[3] = place }
            if case .place(let place) = step.b { places[4] = place }
            append(index, 3, places, [], false)
        }
    }

    private var isFresh: [Int: Bool] = [:]
    /// Slots that a run's first tile would have loaded if it had chunks.
    private var missedRun: Set<Int> = []

    private mutating func turn(_ slot: Int) {
        current[slot] = (current[slot] + 1) % program.slots[slot].buffers
    }

    private mutating func append(
        _ index: Int, _ engine: Int, _ places: [Int: Place], _ coordinates: [Int], _ sums: Bool
    ) {
        let written = [0: [3], 2: [5], 3: [2]][engine] ?? []
        var issue = Issued(
            index: index, engine: engine, addresses: [:],
            coordinates: coordinates.map { Int32($0) },
            accumulates: sums, reads: [], writes: [])
        for (word, place) in places {
            let slot = program.slots[place.slot]
            let base = slot.memory == .scratchpad ? 0 : 0x4000_0000
            let buffer = Buffer(slot: place.slot, index: current[place.slot])
            issue.addresses[word] = UInt32(
                base + slot.address + buffer.index * slot.bytes + place.offset)
            if written.contains(word) {
                issue.writes.insert(buffer)
            } else {
                issue.reads.insert(buffer)
            }
        }
        issued.append(issue)
    }
}
