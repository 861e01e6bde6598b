import ApusISA
import ApusNumerics

extension TileProgram {
    /// The program in the bytes that the kernel `apus_tile` reads (see ArgumentLayout.swift).
    ///
    /// - Precondition: the program is valid:
    /// ``validate(scratchpadBytes:accumulatorBytes:argumentBytes:)``.
    public func encode() -> EncodedTileProgram {
        var encoder = TileEncoder(self)
        return encoder.encode()
    }
}

/// Lays a tile program out in words.
struct TileEncoder {
    let program: TileProgram
    let plan: TilePlan
    /// The grid dimensions with more than one tile, innermost first.
    let dimensions: [Int]
    var words: [UInt32] = []
    var relocations: [Int] = []
    var slotAddresses: [UInt32] = []
    var descriptors: [[UInt32]: UInt32] = [:]
    /// The first word of each command.
    var templates: [UInt32] = []
    /// The word that each coordinate lies in.
    var targets: [(address: UInt32, value: Affine)] = []

    init(_ program: TileProgram) {
        self.program = program
        plan = TilePlan(program)
        dimensions = program.grid.indices.reversed().filter { program.grid[$0] > 1 }
    }

    /// The address of the next word.
    var here: UInt32 { ArgumentBlock.address + UInt32(words.count * 4) }

    mutating func encode() -> EncodedTileProgram {
        let dimensionsAt = HeaderWord.count + ArgumentBlock.engines * EngineWord.count
        let dimensionWords = dimensions.count * DimensionWord.count
        words = Array(repeating: 0, count: dimensionsAt + dimensionWords)
        encodeHeader(dimensionsAt)
        for slot in program.slots { encodeSlot(slot) }
        let descriptorOffsets = plan.commands.map { encodeDescriptor($0.command) }
        for list in 0..<3 {
            words[HeaderWord.beforeChunks + list] = here
            for index in plan.commands.indices where plan.commands[index].list == list {
                encodeCommand(index, descriptorOffsets[index])
            }
        }
        words[HeaderWord.commandsEnd] = here
        words[HeaderWord.chunkSteps] = here
        if program.chunks > 1 { encodeSteps(nil) }
        words[HeaderWord.chunkStepsEnd] = here
        words[HeaderWord.chunkStale] = plan.stale(after: nil, of: program)
        let chunkTable = program.chunkDimension.map { encodeChunkTable($0, dimensionsAt) }
        for (position, dimension) in dimensions.enumerated() {
            let record = dimensionsAt + position * DimensionWord.count
            words[record + DimensionWord.extent] = UInt32(program.grid[dimension])
            words[record + DimensionWord.stale] = plan.stale(after: dimension, of: program)
            words[record + DimensionWord.steps] = here
            encodeSteps(dimension)
            words[record + DimensionWord.stepsEnd] = here
        }
        let bytes = words.flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        return EncodedTileProgram(
            arguments: bytes, relocations: relocations, chunkTable: chunkTable,
            commands: templates.map { Int($0 - ArgumentBlock.address) })
    }

    /// Appends the table of chunks, and the word that stands for the index of a dimension of one
    /// tile.
    private mutating func encodeChunkTable(_ dimension: Int, _ dimensionsAt: Int) -> Int {
        let zero = here
        words.append(0)
        words[HeaderWord.chunkIndex] = zero
        if let position = dimensions.firstIndex(of: dimension) {
            let record = dimensionsAt + position * DimensionWord.count
            words[HeaderWord.chunkIndex] =
                ArgumentBlock.address + UInt32((record + DimensionWord.index) * 4)
        }
        words[HeaderWord.chunkTable] = here
        let offset = words.count * 4
        words += Array(repeating: 0, count: program.grid[dimension])
        return offset
    }

    private mutating func encodeHeader(_ dimensionsAt: Int) {
        let outer = program.grid.count - program.serialDimensions
        words[HeaderWord.parallelTiles] = UInt32(program.grid[..<outer].reduce(1, *))
        words[HeaderWord.serialTiles] = UInt32(program.grid[outer...].reduce(1, *))
        words[HeaderWord.rank] = UInt32(dimensions.count)
        words[HeaderWord.dimensions] = ArgumentBlock.address + UInt32(dimensionsAt * 4)
        words[HeaderWord.chunks] = UInt32(program.chunks)
        words[HeaderWord.commandsPerChunk] = UInt32(program.eachChunk.count)
        words[HeaderWord.commandsPerTile] = UInt32(
            program.beforeChunks.count + program.afterChunks.count)
    }

    private mutating func encodeSlot(_ slot: Slot) {
        slotAddresses.append(here)
        let first = here + 4
        words.append(first)
        for buffer in 0..<slot.buffers {
            let next = (buffer + 1) % slot.buffers
            words.append(slot.localAddress + UInt32(buffer * slot.bytes))
            words.append(first + UInt32(next * BufferWord.count * 4))
            words += Array(repeating: 0, count: BufferWord.count - 2)
        }
    }

    /// The offset of the command's descriptor, which is shared with equal ones.
    private mutating func encodeDescriptor(_ command: TileCommand) -> UInt32 {
        let descriptor = descriptorWords(command)
        // A matrix descriptor has as many words as a transfer's, but no base to relocate.
        let key = descriptor + [command.isTransfer ? 1 : 0]
        if let known = descriptors[key] { return known }
        while words.count % 4 != 0 { words.append(0) }
        let offset = UInt32(words.count * 4)
        words += descriptor
        descriptors[key] = offset
        if command.isTransfer { relocations.append(Int(offset)) }
        return offset
    }

    private func descriptorWords(_ command: TileCommand) -> [UInt32] {
        switch command {
        case .load(let move), .store(let move):
            var transfer = move.transfer
            transfer.indexTable = move.table.map(firstAddress) ?? 0
            return transfer.encode()
        case .matrix(let step):
            var descriptor = step.descriptor
            descriptor.scales.a = step.aScales.map(firstAddress) ?? 0
            descriptor.scales.b = step.bScales.map(firstAddress) ?? 0
            descriptor.scales.bMinimums = step.bMinimums.map(firstAddress) ?? 0
            return descriptor.encode()
        case .vector(let step):
            return step.descriptor.encode()
        }
    }

    /// The local address of a place in its slot's first buffer.
    func firstAddress(_ place: Place) -> UInt32 {
        program.slots[place.slot].localAddress &+ UInt32(truncatingIfNeeded: place.offset)
    }

    /// Coordinate steps of a dimension, or of the chunk (nil).
    private mutating func encodeSteps(_ dimension: Int?) {
        for target in targets {
            let value = target.value
            let stride = dimension.map(value.stride) ?? value.perChunk
            let delta =
                dimension.map { value.delta($0, grid: program.grid, chunks: program.chunksOfDelta) }
                ?? value.perChunk
            if stride == 0 && delta == 0 { continue }
            words += [target.address, delta.word, stride.word]
        }
    }
}

extension Slot {
    /// Where the first buffer lies in commands' local addresses.
    var localAddress: UInt32 {
        UInt32(address)
            + (memory == .scratchpad ? AddressMap.localScratchpad : AddressMap.localAccumulators)
    }
}

extension TileProgram {
    /// The chunks whose steps the grid's steps take back; with a table of chunks the kernel does.
    var chunksOfDelta: Int { chunkDimension == nil ? chunks : 1 }
}

extension TileCommand {
    /// Whether the command is a Load or a Store.
    var isTransfer: Bool { engine == .load || engine == .store }
}

extension Int {
    /// The low 32 bits.
    var word: UInt32 { UInt32(truncatingIfNeeded: self) }
}
