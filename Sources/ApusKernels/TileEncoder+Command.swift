import ApusISA
import ApusNumerics

extension TileEncoder {
    /// Appends the record of a command: head, template and lists.
    mutating func encodeCommand(_ index: Int, _ descriptor: UInt32) {
        let command = plan.commands[index].command
        let record = words.count
        let template = here + UInt32(RecordWord.template * 4)
        words += Array(repeating: 0, count: RecordWord.count)
        templates.append(template)
        var encoded = self.template(command, descriptor)
        var packs = false
        for (word, value) in command.coordinates {
            encoded[word] = encoded[word] &+ value.base.word
            targets.append((template + UInt32(word * 4), value))
            let range = value.range(grid: program.grid, chunks: program.chunks)
            if command.isTransfer && word == 7 && range.lowerBound < 0 { packs = true }
        }
        words.replaceSubrange(
            record + RecordWord.template..<record + RecordWord.turnsEnd, with: encoded)
        words[record + RecordWord.flags] =
            (command.engine == .load || command.lastChunks != nil ? CommandFlag.isConditional : 0)
            | (command.sumsOverChunks ? CommandFlag.sumsOverChunks : 0)
            | (packs ? CommandFlag.packsCoordinates : 0)
            | UInt32(command.lastChunks ?? 0) << CommandFlag.lastChunksShift
        words[record + RecordWord.port] =
            AddressMap.Register.queue
            + UInt32(command.engine.rawValue) * AddressMap.Register.queueStride
        words[record + RecordWord.issued] = engineAddress(command.engine, EngineWord.issued)
        if case .load(let move) = command, let bit = plan.staleBit[move.place.slot] {
            words[record + RecordWord.staleTest] = bit
            let isLast = plan.isLastLoad(index, of: move.place.slot)
            words[record + RecordWord.staleClear] = isLast ? bit : 0
        }
        encodeLists(index, record, template)
    }

    private mutating func encodeLists(_ index: Int, _ record: Int, _ template: UInt32) {
        let command = plan.commands[index].command
        for slot in plan.turns(index, slots: program.slots) { words.append(slotAddresses[slot]) }
        words[record + RecordWord.turnsEnd] = here
        for use in command.uses {
            guard let word = use.role.word, program.slots[use.place.slot].buffers > 1 else {
                continue
            }
            words += [
                slotAddresses[use.place.slot], template + UInt32(word * 4), use.place.offset.word,
            ]
        }
        words[record + RecordWord.operandsEnd] = here
        let accesses = accesses(command)
        for engine in Engine.allCases where engine != command.engine {
            encodeNeeds(of: command.engine, for: engine, accesses)
        }
        words[record + RecordWord.needsEnd] = here
        let marks = accesses.flatMap { access in
            plan.marks(command.engine, access.slot, writes: access.writes).map { (access.slot, $0) }
        }
        for (slot, word) in marks where program.slots[slot].buffers == 1 {
            let firstBuffer = slotAddresses[slot] + 4
            words.append(firstBuffer + UInt32((word + Int(command.engine.rawValue)) * 4))
        }
        words[record + RecordWord.marksEnd] = here
        for (slot, word) in marks where program.slots[slot].buffers > 1 {
            words += [slotAddresses[slot], UInt32((word + Int(command.engine.rawValue)) * 4)]
        }
        words[record + RecordWord.end] = here
    }

    /// The group of what a command on `engine` needs of commands on `other`, if anything.
    private mutating func encodeNeeds(
        of engine: Engine, for other: Engine, _ accesses: [(slot: Int, writes: Bool)]
    ) {
        let needs = accesses.compactMap { access in
            plan.need(other, access.slot, writes: access.writes).map { (access.slot, $0) }
        }
        if needs.isEmpty { return }
        let end = here + UInt32((NeedWord.count + needs.count * 2) * 4)
        words += [
            engineAddress(engine, EngineWord.waited + Int(other.rawValue)),
            engineAddress(other, EngineWord.drained), UInt32(other.rawValue) + 1, end,
        ]
        for (slot, word) in needs {
            words += [slotAddresses[slot], UInt32((word + Int(other.rawValue)) * 4)]
        }
    }

    /// The address of a word of an engine's state.
    private func engineAddress(_ engine: Engine, _ word: Int) -> UInt32 {
        let words = HeaderWord.count + Int(engine.rawValue) * EngineWord.count + word
        return ArgumentBlock.address + UInt32(words * 4)
    }

    /// The slots that a command uses, each once, and whether it writes them.
    private func accesses(_ command: TileCommand) -> [(slot: Int, writes: Bool)] {
        var accesses: [(slot: Int, writes: Bool)] = []
        for use in command.uses {
            if let known = accesses.firstIndex(where: { $0.slot == use.place.slot }) {
                accesses[known].writes = accesses[known].writes || use.writes
            } else {
                accesses.append((use.place.slot, use.writes))
            }
        }
        return accesses
    }

    /// The eight words of the command with the addresses of first buffers and coordinates of zero.
    private func template(_ command: TileCommand, _ descriptor: UInt32) -> [UInt32] {
        let semaphore = command.engine.rawValue + 1
        let sync = SyncFields(
            waitA: 0, waitAValue: 0, waitB: 0, waitBValue: 0, post: semaphore, postCount: 1)
        let operation: Command.Operation
        switch command {
        case .load(let move):
            operation = .load(transfer(move, descriptor))
        case .store(let move):
            operation = .store(transfer(move, descriptor))
        case .matrix(let step):
            operation = .matmul(
                MatmulCommand(
                    descriptor: descriptor, a: firstAddress(step.a), b: firstAddress(step.b),
                    accumulator: firstAddress(step.accumulators), aFormat: step.aFormat,
                    bFormat: step.bFormat, accumulate: step.accumulation == .always,
                    passes: step.passes, scaling: step.scaling))
        case .vector(let step):
            operation = .vector(vector(step, descriptor))
        }
        let word = Command(sync: sync, operation: operation).encode()
        return (0..<CommandWord.wordCount).map { word[$0] }
    }

    private func transfer(_ move: Move, _ descriptor: UInt32) -> TransferCommand {
        TransferCommand(
            descriptor: descriptor, local: firstAddress(move.place), coordinates: .zero)
    }

    private func vector(_ step: VectorStep, _ descriptor: UInt32) -> VectorCommand {
        let form = step.operation.form
        let b = operand(step.b)
        let c = operand(step.c)
        return VectorCommand(
            opcode: step.operation, d: firstAddress(step.d), a: operand(step.a).word, b: b.word,
            c: c.word, descriptor: descriptor, dFormat: step.dFormat,
            aFormat: form == .random ? .fp32 : step.aFormat,
            bFormat: form == .binary || form == .ternary ? step.bFormat : .fp32,
            cFormat: form == .ternary || form == .topk ? step.cFormat : .fp32,
            bImmediate: b.isImmediate, cImmediate: c.isImmediate,
            rounding: UInt8(step.rounding))
    }

    private func operand(_ operand: Operand) -> (word: UInt32, isImmediate: Bool) {
        switch operand {
        case .none: (0, false)
        case .place(let place): (firstAddress(place), false)
        case .immediate(let bits): (bits, true)
        case .affine: (0, true)
        }
    }
}

extension SlotUse.Role {
    /// The word of the command that holds the address; nil if the descriptor does.
    var word: Int? {
        switch self {
        case .local, .a: 3
        case .d: 2
        case .b: 4
        case .c, .accumulators: 5
        case .table, .aScales, .bScales, .bMinimums: nil
        }
    }
}
