import ApusISA
import ApusNumerics

extension TileProgram {
    /// Checks everything that the encoder and the kernel rely on, and that commands stay in their
    /// slots.
    ///
    /// - Parameters are the chip's bytes per core.
    /// - Throws: the first ``TileProgramError`` found.
    public func validate(
        scratchpadBytes: Int, accumulatorBytes: Int, argumentBytes: Int
    ) throws(TileProgramError) {
        try validateGrid()
        try validateSlots(scratchpadBytes: scratchpadBytes, accumulatorBytes: accumulatorBytes)
        for (index, command) in commands.enumerated() {
            for use in command.uses where !slots.indices.contains(use.place.slot) {
                throw .unknownSlot(use.place.slot, command: index)
            }
            try validateOperands(index, command)
            try validateMemories(index, command)
            try validateCoordinates(index, command)
            for (use, low, high) in command.footprints {
                let slot = slots[use.place.slot]
                if low < 0 || high > slot.bytes {
                    throw .outsideSlot(
                        command: index, slot: use.place.slot, low: low, high: high,
                        bytes: slot.bytes)
                }
            }
        }
        try validateWriters()
        let bytes = encode().arguments.count
        if bytes > argumentBytes { throw .argumentsTooLarge(bytes: bytes, limit: argumentBytes) }
    }

    private func validateGrid() throws(TileProgramError) {
        var tiles = 1
        if grid.isEmpty || grid.count > 5 { throw .grid(grid) }
        for extent in grid {
            if extent < 1 || extent > 1 << 24 { throw .grid(grid) }
            tiles *= extent
            if tiles > 1 << 24 { throw .grid(grid) }
        }
        if serialDimensions < 0 || serialDimensions > grid.count {
            throw .serialDimensions(serialDimensions)
        }
        if chunks < 1 { throw .chunks(chunks) }
        if commands.count > 1000 { throw .tooManyCommands(commands.count) }
    }

    private func validateSlots(
        scratchpadBytes: Int, accumulatorBytes: Int
    ) throws(TileProgramError) {
        for (index, slot) in slots.enumerated() {
            if slot.bytes < 1 || slot.address < 0 || !slot.address.isMultiple(of: 4)
                || !(1...8).contains(slot.buffers)
                || (slot.buffers > 1 && !slot.bytes.isMultiple(of: 4))
            {
                throw .slot(index)
            }
            let limit = slot.memory == .scratchpad ? scratchpadBytes : accumulatorBytes
            if slot.end > limit {
                throw .slotPastEnd(slot: index, end: slot.end, bytes: limit)
            }
            for (other, earlier) in slots[..<index].enumerated()
            where earlier.memory == slot.memory && earlier.address < slot.end
                && slot.address < earlier.end
            {
                throw .slotsOverlap(other, index)
            }
        }
    }

    private func validateOperands(
        _ index: Int, _ command: TileCommand
    ) throws(TileProgramError) {
        switch command {
        case .load(let move), .store(let move):
            if (move.table != nil) != (move.transfer.gatherDimension != nil) {
                throw .table(command: index)
            }
        case .matrix:
            break
        case .vector(let step):
            if !step.hasItsOperands { throw .operands(command: index) }
        }
    }

    private func validateMemories(
        _ index: Int, _ command: TileCommand
    ) throws(TileProgramError) {
        for use in command.uses {
            let slot = slots[use.place.slot]
            let isWrong =
                switch use.role {
                case .local: false
                case .accumulators: slot.memory != .accumulators
                case .a, .b, .c: command.engine == .matrix && slot.memory != .scratchpad
                case .d, .table, .aScales, .bScales, .bMinimums: slot.memory != .scratchpad
                }
            if isWrong { throw .wrongMemory(slot: use.place.slot, command: index) }
            if use.role.word == nil && slot.buffers > 1 {
                throw .tableNeedsOneBuffer(slot: use.place.slot, command: index)
            }
        }
    }

    private func validateCoordinates(
        _ index: Int, _ command: TileCommand
    ) throws(TileProgramError) {
        let isInChunk =
            index >= beforeChunks.count && index < beforeChunks.count + eachChunk.count
        let values: [Affine] =
            switch command {
            case .load(let move), .store(let move): move.coordinates
            case .matrix, .vector: command.coordinates.map(\.value)
            }
        if values.count > 5 { throw .coordinateRange(command: index, coordinate: 5) }
        for (coordinate, value) in values.enumerated() {
            if value.perChunk != 0 && !isInChunk { throw .dependsOnChunk(command: index) }
            let range = value.range(grid: grid, chunks: chunks)
            let isNarrow = command.isTransfer && coordinate >= 3
            let low = isNarrow ? Int(Int16.min) : Int(Int32.min)
            let high = isNarrow ? Int(Int16.max) : Int(Int32.max)
            if range.lowerBound < low || range.upperBound > high {
                throw .coordinateRange(command: index, coordinate: coordinate)
            }
        }
    }

    private func validateWriters() throws(TileProgramError) {
        let plan = TilePlan(self)
        if plan.staleBit.count > 32 { throw .loadedSlots(plan.staleBit.count) }
        for slot in slots.indices {
            let loads = plan.commands.filter {
                $0.command.engine == .load && $0.command.uses[0].place.slot == slot
            }
            if Set(loads.map(\.list)).count > 1 { throw .loadsInSeveralLists(slot: slot) }
            if Set(loads.map(\.command.repetition)).count > 1 {
                throw .loadsRepeatDifferently(slot: slot)
            }
            guard slots[slot].buffers > 1, let first = plan.firstWriter[slot] else { continue }
            let reads = plan.commands[first].command.uses.contains {
                $0.place.slot == slot && !$0.writes
            }
            if reads { throw .firstWriterReads(slot: slot, command: first) }
        }
        for (index, (command, list)) in plan.commands.enumerated() {
            guard let count = command.lastChunks else { continue }
            let isRight =
                list == 1 && count >= 1 && count <= Int(CommandFlag.lastChunksMax)
                && plan.turns(index, slots: slots).isEmpty
            if !isRight { throw .lastChunks(command: index) }
        }
    }
}

extension Slot {
    /// The byte after the last buffer.
    var end: Int { address + bytes * buffers }
}

extension TileCommand {
    /// How many of a tile's last chunks have the command; nil if all do.
    var lastChunks: Int? {
        if case .vector(let step) = self { return step.lastChunks }
        return nil
    }

    /// When a Load is issued; nil for other commands.
    fileprivate var repetition: Repetition? {
        if case .load(let move) = self { return move.repetition }
        return nil
    }
}

extension VectorStep {
    /// Whether the operands are those of the operation's form.
    fileprivate var hasItsOperands: Bool {
        let (a, b, c) = (a.kind, b.kind, c.kind)
        return switch operation.form {
        case .unary, .reduction: a == .place && b == .none && c == .none
        case .binary: a == .place && b != .none && c == .none
        case .ternary: a == .place && b != .none && c != .none
        case .scan: a == .place && b == .value && c == .none
        case .topk: a == .place && b == .value && c == .place
        case .iota, .random: a == .none && b == .value && c == .value
        }
    }
}

extension Operand {
    /// The three kinds that forms tell apart.
    fileprivate enum Kind { case none, place, value }

    fileprivate var kind: Kind {
        switch self {
        case .none: .none
        case .place: .place
        case .immediate, .affine: .value
        }
    }
}
