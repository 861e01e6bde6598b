import ApusChip
import ApusISA
import ApusMachine
import ApusRTL

/// Random programs of several cores on the emulator and the RTL, compared after each.
///
/// It is a class because it owns both.
package final class MeshCosimulation {
    private let chip: Chip
    private let emulator: Machine
    private let model: RTLModel
    private let memory: GlobalMemory
    private let modelMemory: GlobalMemory
    private static let cycleLimit: UInt64 = 2_000_000

    /// Cycles of the RTL so far.
    package private(set) var cycles: UInt64 = 0

    /// - Throws: ``RTLError`` or ``MachineError``.
    package init(libraryPath: String, chip: Chip) throws {
        self.chip = chip
        emulator = try Machine(chip: chip, threads: 1, mode: .fast)
        // The Matrix and Vector engines have no part in this.
        model = try RTLModel(path: libraryPath, chip: chip, allowsBehavioural: true)
        let memories = (0..<2).compactMap { _ in
            GlobalMemory(address: RandomCommand.arenaAddress, count: RandomCommand.globalBytes)
        }
        guard memories.count == 2 else { throw MachineError.hostResources }
        (memory, modelMemory) = (memories[0], memories[1])
        model.attach(address: modelMemory.address, modelMemory.bytes, latency: 12)
        CoreStreamKernel.code.withUnsafeBytes { code in
            for core in 0..<chip.coreCount { model.writeProgram(core: core, at: 0, code) }
        }
    }

    /// Runs the program of a seed on both; what differs, if anything does.
    package func run(seed: UInt64) throws(MachineError) -> String? {
        fill(seed)
        let stream = MeshProgram(seed: seed, coreCount: chip.coreCount).stream
        try emulator.launch(CoreStreamKernel.self, stream, memory)
        var block = stream.arguments
        let size = block.count
        block += [UInt8](repeating: 0, count: chip.argumentBytes - size)
        block.withUnsafeBytes { bytes in
            for core in 0..<chip.coreCount { model.writeArguments(core: core, at: 0, bytes) }
        }
        let results = model.launch(
            entry: 0, argumentBytes: size, cycleLimit: MeshCosimulation.cycleLimit)
        cycles += results[0].cycles
        for core in 0..<chip.coreCount {
            if let difference = difference(of: core, results[core]) {
                return "core \(core): \(difference)"
            }
        }
        let isEqual = memory.bytes.elementsEqual(modelMemory.bytes)
        return isEqual ? nil : "global memory differs"
    }

    private func fill(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed ^ 0x5EED)
        let global = generator.bytes(RandomCommand.globalBytes)
        memory.bytes.copyBytes(from: global)
        modelMemory.bytes.copyBytes(from: global)
        for core in 0..<chip.coreCount {
            let bytes = generator.bytes(chip.scratchpadBytes)
            emulator.setLocalBytes(core: core, address: 0, bytes)
            model.setLocalBytes(core: core, address: 0, bytes)
        }
    }

    private func difference(of core: Int, _ result: RTLModel.CoreResult) -> String? {
        let ending = LaunchEnding(result)
        if ending != .done(status: 0) { return "the RTL \(ending)" }
        let expected = emulator.localBytes(core: core, address: 0, count: chip.scratchpadBytes)
        let actual = model.localBytes(core: core, address: 0, count: chip.scratchpadBytes)
        if let index = expected.indices.first(where: { expected[$0] != actual[$0] }) {
            return "scratchpad, byte \(index): the RTL has \(actual[index]), "
                + "the emulator \(expected[index])"
        }
        let semaphores = (emulator.semaphores(core: core), RTLModel.semaphores(result))
        if semaphores.0 != semaphores.1 {
            return "semaphores \(semaphores.1), expected \(semaphores.0)"
        }
        return nil
    }
}
