import ApusChip
import ApusISA
import ApusMachine
import ApusNumerics
import ApusRTL

/// Random commands, one in a launch, on the RTL and on the cycle simulator: both must take the same
/// cycles.
///
/// Memory holds random bytes with many zeros, ones and NaNs among them; only a remainder of
/// floating point, which takes as long as its operands' exponents are apart, finds bytes that are
/// all alike. Index tables hold the entries that the simulator draws. Commands that the RTL refuses
/// are drawn again.
package final class TimeComparison {
    /// One command that both carried out.
    package struct Timed: Hashable, Sendable {
        package var mnemonic: String
        /// Formats of the operands, of a transfer global and local.
        package var formats: String
        package var rtlCycles: UInt64
        package var cycles: UInt64
    }

    /// Cycles of all launches of the RTL.
    package private(set) var rtlCycles: UInt64 = 0

    private let model: RTLModel
    private let clock: ClockedMachine
    private let memory: GlobalMemory
    private let entry: UInt32
    private let seed: UInt64

    private static let cycleLimit: UInt64 = 1 << 24

    /// - Throws: ``RTLError`` if the library at `path` is not that of `nano`, ``MachineError``.
    package init(libraryPath path: String, seed: UInt64) throws {
        let chip = Chip.nano
        model = try RTLModel(path: path, chip: chip, allowsBehavioural: false)
        clock = try ClockedMachine(chip: chip, memory: .simple, seed: seed)
        try clock.load(StreamKernel.image)
        entry = try clock.entry(of: "stream")
        self.seed = seed
        guard
            let memory = GlobalMemory(
                address: RandomCommand.arenaAddress, count: RandomCommand.globalBytes)
        else { throw MachineError.hostResources }
        self.memory = memory
        let latency = chip.memoryLatencyNanoseconds * chip.clockMegahertz / 1000
        model.attach(address: memory.address, memory.bytes, latency: latency)
        StreamKernel.code.withUnsafeBytes { model.writeProgram(core: 0, at: 0, $0) }
    }

    /// Draws a command of an engine and runs it on both; nil if the RTL refuses it.
    package func run(
        _ engine: Engine, _ generator: inout SeededGenerator
    ) throws -> Timed? {
        var drawn: RandomCommand
        switch engine {
        case .load: drawn = RandomCommand.transfer(isStore: false, &generator)
        case .store: drawn = RandomCommand.transfer(isStore: true, &generator)
        case .matrix: drawn = RandomCommand.matmul(&generator)
        case .vector:
            let opcode = generator.pick(VectorOpcode.allCases)
            drawn = RandomCommand.vector(opcode, &generator)
        }
        guard TimeComparison.keepsTime(&drawn) else { return nil }
        var stream = Stream(storesMax: (Int(RandomCommand.offset) - 16) / 8)
        _ = stream.append(drawn.descriptor)
        stream.enqueue(drawn.operation)
        fill(for: drawn, &generator)
        let arguments = stream.arguments
        let block = arguments + [UInt8](repeating: 0, count: 16384 - arguments.count)
        block.withUnsafeBytes { model.writeArguments(core: 0, at: 0, $0) }
        let results = model.launch(
            entry: entry, argumentBytes: arguments.count, cycleLimit: TimeComparison.cycleLimit)
        guard let result = results.first, RTLModel.outcome(result) == .done else { return nil }
        rtlCycles += result.cycles
        let timing = try arguments.withUnsafeBytes { try clock.launch(entry: entry, arguments: $0) }
        let (mnemonic, formats) = TimeComparison.names(of: drawn.operation)
        return Timed(
            mnemonic: mnemonic, formats: formats, rtlCycles: result.cycles, cycles: timing.cycles)
    }

    /// Fills global and local memory, and index tables with what the simulator draws.
    private func fill(for drawn: RandomCommand, _ generator: inout SeededGenerator) {
        func bytes(_ count: Int) -> [UInt8] {
            TimeComparison.isRemainder(drawn.operation)
                ? [UInt8](repeating: 0x44, count: count) : generator.bytes(count)
        }
        memory.bytes.copyBytes(from: bytes(RandomCommand.globalBytes))
        let scratchpad = bytes(RandomCommand.scratchpadBytes)
        let accumulators = bytes(RandomCommand.accumulatorBytes)
        model.setLocalBytes(core: 0, address: 0, scratchpad)
        model.setLocalBytes(core: 0, address: AddressMap.localAccumulators, accumulators)
        guard let table = DrawnTable(drawn, seed: seed) else { return }
        let bytes = table.entries.flatMap { entry in
            (0..<4).map { UInt8(truncatingIfNeeded: entry >> (8 * Int32($0))) }
        }
        let isInside =
            Int(table.address) + bytes.count <= RandomCommand.scratchpadBytes
            || (table.address >= AddressMap.localAccumulators
                && Int(table.address - AddressMap.localAccumulators) + bytes.count
                    <= RandomCommand.accumulatorBytes)
        if isInside { model.setLocalBytes(core: 0, address: table.address, bytes) }
    }

    /// Whether the command takes remainders of floating point.
    private static func isRemainder(_ operation: Command.Operation) -> Bool {
        guard case .vector(let command) = operation else { return false }
        return (command.opcode == .rem || command.opcode == .mod) && command.aFormat.isFloatingPoint
    }

    /// Whether the command's time does not depend on what it reads. A remainder's exponents are not
    /// apart where both operands have one format, or the second is an immediate, which becomes
    /// larger than any of the first.
    private static func keepsTime(_ drawn: inout RandomCommand) -> Bool {
        guard isRemainder(drawn.operation), case .vector(var command) = drawn.operation else {
            return true
        }
        guard command.bImmediate else { return command.aFormat == command.bFormat }
        command.b = 0x7F00_0000
        drawn.operation = .vector(command)
        return true
    }

    private static func names(of operation: Command.Operation) -> (String, String) {
        switch operation {
        case .load: ("load", "")
        case .store: ("store", "")
        case .matmul(let command): ("matmul", "\(command.aFormat) \(command.bFormat)")
        case .vector(let command): ("\(command.opcode)", "\(command.aFormat) \(command.dFormat)")
        case .nop: ("nop", "")
        }
    }
}

/// The entries that the simulator draws for a transfer's index table.
private struct DrawnTable {
    var address: UInt32
    var entries: [Int32]

    init?(_ drawn: RandomCommand, seed: UInt64) {
        let transfer: TransferCommand
        switch drawn.operation {
        case .load(let command), .store(let command): transfer = command
        default: return nil
        }
        guard let descriptor = try? TransferDescriptor(words: drawn.descriptor),
            let dimension = descriptor.gatherDimension
        else { return nil }
        let coordinate = Int(transfer.coordinates.lanes[dimension])
        let first = Int(descriptor.indexTable) + 4 * coordinate
        let count = Int(descriptor.boxExtents.lanes[dimension])
        guard first >= 0, count < 1 << 16 else { return nil }
        address = UInt32(first)
        let extent = Int(descriptor.tensorExtents.lanes[dimension])
        entries = (0..<count).map {
            ClockedMachine.drawnEntry(at: UInt64(first + 4 * $0), extent: extent, seed: seed)
        }
    }
}
