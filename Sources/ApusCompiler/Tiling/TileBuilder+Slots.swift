import ApusISA
import ApusKernels
import ApusNumerics

/// The memory of a core that a tile program must fit in, in bytes.
struct LocalMemory: Hashable, Sendable {
    var scratchpad: Int
    var accumulators: Int
    var arguments: Int
}

extension TileBuilder {
    /// Where slots begin: engines move whole words, and lines of 64 bytes do not share banks.
    private static let alignment = 64

    /// The tile program, its slots assigned.
    ///
    /// - Parameters:
    ///   - buffers: how many buffers slots have that a Load fills or a Store empties: 2 overlaps
    ///     transfers with computing.
    ///   - sums: how many those have that the matrix engine sums in.
    func finish(
        in memory: LocalMemory, buffers: Int, sums: Int
    ) throws(TilingError) -> TileProgram {
        let (slotOfPiece, slots) = try assignSlots(in: memory, buffers: buffers, sums: sums)
        func renamed(_ phase: TilePhase) -> [TileCommand] {
            entries.filter { $0.phase == phase }.map { $0.command.renamingSlots(slotOfPiece) }
        }
        return TileProgram(
            grid: grid, chunks: chunks, slots: slots, beforeChunks: renamed(.beforeChunks),
            eachChunk: renamed(.eachChunk), afterChunks: renamed(.afterChunks))
    }

    private func assignSlots(
        in memory: LocalMemory, buffers: Int, sums: Int
    ) throws(TilingError) -> (slotOfPiece: [Int], slots: [Slot]) {
        let ordered = TilePhase.allCases.flatMap { phase in entries.filter { $0.phase == phase } }
        var firstUse = [Int](repeating: .max, count: pieces.count)
        var lastUse = [Int](repeating: -1, count: pieces.count)
        for (index, entry) in ordered.enumerated() {
            for piece in entry.command.pieces {
                firstUse[piece] = min(firstUse[piece], index)
                lastUse[piece] = index
            }
        }
        var slots: [Slot] = []
        var freeAfter: [Int] = []
        var slotOfPiece = [Int](repeating: 0, count: pieces.count)
        let order = pieces.indices.filter { lastUse[$0] >= 0 }.sorted {
            firstUse[$0] < firstUse[$1]
        }
        for index in order {
            let piece = pieces[index]
            let bytes = (piece.bytes + Self.alignment - 1) / Self.alignment * Self.alignment
            let isOwn =
                piece.isLoaded || piece.isStored || piece.isPinned
                || piece.memory == .accumulators
            if !isOwn {
                // The free slot that must grow least, else wastes least.
                let free = slots.indices.filter { freeAfter[$0] < firstUse[index] }
                let best = free.min {
                    let left = slots[$0].bytes
                    let right = slots[$1].bytes
                    return (max(bytes - left, 0), left) < (max(bytes - right, 0), right)
                }
                if let best {
                    slots[best].bytes = max(slots[best].bytes, bytes)
                    freeAfter[best] = lastUse[index]
                    slotOfPiece[index] = best
                    continue
                }
            }
            slotOfPiece[index] = slots.count
            let own = piece.memory == .accumulators ? sums : buffers
            let count = isOwn && !piece.isPinned ? own : 1
            slots.append(
                Slot(memory: piece.memory, address: 0, bytes: bytes, buffers: count))
            freeAfter.append(isOwn ? .max : lastUse[index])
        }
        try Self.assignAddresses(&slots, in: memory)
        return (slotOfPiece, slots)
    }

    /// Lays slots one after the other in their memories.
    private static func assignAddresses(
        _ slots: inout [Slot], in memory: LocalMemory
    ) throws(TilingError) {
        var scratchpad = 0
        var accumulators = 0
        for index in slots.indices {
            let bytes = slots[index].bytes * slots[index].buffers
            if slots[index].memory == .scratchpad {
                slots[index].address = scratchpad
                scratchpad += bytes
            } else {
                slots[index].address = accumulators
                accumulators += bytes
            }
        }
        guard scratchpad <= memory.scratchpad else {
            throw .scratchpad(needed: scratchpad, available: memory.scratchpad)
        }
        guard accumulators <= memory.accumulators else {
            throw .accumulators(needed: accumulators, available: memory.accumulators)
        }
    }
}

extension TileCommand {
    /// The pieces or slots that the command names.
    var pieces: [Int] {
        switch self {
        case .load(let move), .store(let move):
            return [move.place.slot] + (move.table.map { [$0.slot] } ?? [])
        case .matrix(let step):
            return [step.a.slot, step.b.slot, step.accumulators.slot]
        case .vector(let step):
            var result = [step.d.slot]
            for case .place(let place) in [step.a, step.b, step.c] { result.append(place.slot) }
            return result
        }
    }

    func renamingSlots(_ slots: [Int]) -> TileCommand {
        func renamed(_ place: Place) -> Place { Place(slots[place.slot], offset: place.offset) }
        func renamed(_ operand: Operand) -> Operand {
            if case .place(let place) = operand { return .place(renamed(place)) }
            return operand
        }
        switch self {
        case .load(var move):
            move.place = renamed(move.place)
            move.table = move.table.map { renamed($0) }
            return .load(move)
        case .store(var move):
            move.place = renamed(move.place)
            move.table = move.table.map { renamed($0) }
            return .store(move)
        case .matrix(var step):
            step.a = renamed(step.a)
            step.b = renamed(step.b)
            step.accumulators = renamed(step.accumulators)
            return .matrix(step)
        case .vector(var step):
            step.d = renamed(step.d)
            step.a = renamed(step.a)
            step.b = renamed(step.b)
            step.c = renamed(step.c)
            return .vector(step)
        }
    }
}

extension View {
    /// The fill as bits in a local format.
    func fillBits(in localFormat: ElementFormat) -> UInt32 {
        switch fill {
        case .zero: return 0
        case .bits(let bits):
            let converted = ElementFormat.convert(
                UInt64(bits), from: format, to: localFormat, rounding: .nearestEven)
            return UInt32(truncatingIfNeeded: converted)
        }
    }
}
