import ApusChip
import ApusISA
import ApusKernels
import ApusNumerics

/// The local memory and the cores that a launch is tiled for.
struct CoreMemory: Sendable {
    var scratchpad: Int
    var accumulators: Int
    var arguments: Int
    var cores: Int
    /// Rows of a core's array, sums of one of its rows, and lanes of its Vector engine.
    var rows, sums, lanes: Int
    /// What all cores get of global memory in a cycle, and what one can take.
    var bytesPerCycle, portBytes: Double

    /// Whether programs are cut for the chip's cycles rather than for the emulator's time.
    var countsCycles: Bool { cores > Chip.emulatedCoresMax }

    init(_ chip: Chip) {
        scratchpad = chip.scratchpadBytes
        accumulators = chip.accumulatorBytes
        arguments = chip.argumentBytes
        cores = chip.coreCount
        rows = chip.matrixRows
        sums = 2 * chip.matrixColumns
        lanes = chip.vectorLanes
        bytesPerCycle =
            Double(chip.memoryMegabytesPerSecond) / Double(max(chip.clockMegahertz, 1))
        portBytes = Double(8 * chip.widths.transferPorts)
    }
}

/// A tile program while it is written down: slots follow each other in local memory.
///
///     var sketch = TileSketch(grid: [tiles])
///     let x = sketch.slot(bytes: 4 * columns, buffers: 2)
///     sketch.before.append(input.load(into: x, …))
struct TileSketch {
    var grid: [Int]
    var chunks = 1
    var chunkDimension: Int?
    var before: [TileCommand] = []
    var each: [TileCommand] = []
    var after: [TileCommand] = []
    private var slots: [Slot] = []
    private(set) var scratchpadBytes = 0
    private(set) var accumulatorBytes = 0

    init(grid: [Int]) { self.grid = grid }

    /// A new slot of the scratchpad.
    mutating func slot(bytes: Int, buffers: Int = 1) -> Int {
        let rounded = (bytes + 63) & ~63
        slots.append(Slot(address: scratchpadBytes, bytes: rounded, buffers: buffers))
        scratchpadBytes += rounded * buffers
        return slots.count - 1
    }

    /// A new slot of the accumulators.
    mutating func sums(bytes: Int, buffers: Int = 1) -> Int {
        let rounded = (bytes + 63) & ~63
        slots.append(
            Slot(
                memory: .accumulators, address: accumulatorBytes, bytes: rounded, buffers: buffers))
        accumulatorBytes += rounded * buffers
        return slots.count - 1
    }

    /// A new slot of one element.
    mutating func scalar(_ format: ElementFormat = .fp32) -> LocalTile {
        LocalTile(slot(bytes: 4), format, column: 0)
    }

    /// Whether the slots fit the local memories.
    func fits(_ memory: CoreMemory) -> Bool {
        scratchpadBytes <= memory.scratchpad && accumulatorBytes <= memory.accumulators
    }

    /// The program, checked for a chip.
    ///
    /// - Throws: ``LanguageModelError/doesNotFit(_:needed:available:)``; a program that is wrong
    ///   otherwise is a fault of this module.
    func program(_ label: String, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        guard scratchpadBytes <= memory.scratchpad else {
            throw .doesNotFit(
                .scratchpad(label), needed: scratchpadBytes, available: memory.scratchpad)
        }
        guard accumulatorBytes <= memory.accumulators else {
            throw .doesNotFit(
                .accumulators(label), needed: accumulatorBytes, available: memory.accumulators)
        }
        let program = TileProgram(
            grid: grid, chunks: chunks, chunkDimension: chunkDimension, slots: slots,
            beforeChunks: before, eachChunk: each, afterChunks: after)
        do {
            try program.validate(
                scratchpadBytes: memory.scratchpad, accumulatorBytes: memory.accumulators,
                argumentBytes: memory.arguments)
        } catch TileProgramError.argumentsTooLarge(let bytes, let limit) {
            throw .doesNotFit(.arguments(label), needed: bytes, available: limit)
        } catch {
            preconditionFailure("\(label): \(error)")
        }
        return program
    }
}

extension Affine {
    /// A coordinate that grows by `step` with one grid dimension.
    static func tile(_ dimension: Int, _ step: Int = 1, from base: Int = 0) -> Affine {
        Affine(base, perGrid: Array(repeating: 0, count: dimension) + [step])
    }

    /// A coordinate that grows by `step` with each chunk.
    static func chunk(_ step: Int) -> Affine { Affine(perChunk: step) }

    /// The coordinate times a factor.
    func times(_ factor: Int) -> Affine {
        Affine(base * factor, perGrid: perGrid.map { $0 * factor }, perChunk: perChunk * factor)
    }

    /// The same, `step` more with each chunk.
    func plusChunk(_ step: Int) -> Affine {
        Affine(base, perGrid: perGrid, perChunk: perChunk + step)
    }
}
