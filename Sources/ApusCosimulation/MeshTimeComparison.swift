import ApusChip
import ApusISA
import ApusMachine
import ApusRTL

/// Random programs of several cores on the RTL and on the cycle simulator: both must take the same
/// cycles. Their cores load, store, post and meet at the barrier, and contend for the mesh.
package final class MeshTimeComparison {
    private let chip: Chip
    private let model: RTLModel
    private let clock: ClockedMachine
    private let memory: GlobalMemory
    private let entry: UInt32

    private static let cycleLimit: UInt64 = 2_000_000
    private static let latency = 12

    /// - Throws: ``RTLError`` or ``MachineError``.
    package init(libraryPath: String, chip given: Chip) throws {
        var chip = given
        chip.memoryLatencyNanoseconds = MeshTimeComparison.latency * 1000 / chip.clockMegahertz
        self.chip = chip
        model = try RTLModel(path: libraryPath, chip: chip, allowsBehavioural: false)
        clock = try ClockedMachine(chip: chip, memory: .simple, seed: 1)
        try clock.load(CoreStreamKernel.image)
        entry = try clock.entry(of: "stream")
        guard
            let memory = GlobalMemory(
                address: RandomCommand.arenaAddress, count: RandomCommand.globalBytes)
        else { throw MachineError.hostResources }
        self.memory = memory
        model.attach(
            address: memory.address, memory.bytes, latency: MeshTimeComparison.latency)
        CoreStreamKernel.code.withUnsafeBytes { code in
            for core in 0..<chip.coreCount { model.writeProgram(core: core, at: 0, code) }
        }
    }

    /// Cycles of the program of a seed; nil if the RTL did not finish it.
    package func run(seed: UInt64) throws(MachineError) -> (rtl: UInt64, simulated: UInt64)? {
        let stream = MeshProgram(seed: seed, coreCount: chip.coreCount).stream
        let arguments = stream.arguments
        let rest = [UInt8](repeating: 0, count: chip.argumentBytes - arguments.count)
        (arguments + rest).withUnsafeBytes { bytes in
            for core in 0..<chip.coreCount { model.writeArguments(core: core, at: 0, bytes) }
        }
        let results = model.launch(
            entry: 0, argumentBytes: arguments.count,
            cycleLimit: MeshTimeComparison.cycleLimit)
        guard results.allSatisfy({ RTLModel.outcome($0) == .done }) else { return nil }
        let timing = try arguments.withUnsafeBufferPointer { bytes throws(MachineError) in
            try clock.launch(entry: entry, arguments: UnsafeRawBufferPointer(bytes))
        }
        return (results.map(\.cycles).max() ?? 0, timing.cycles)
    }
}
