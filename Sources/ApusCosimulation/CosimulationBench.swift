import ApusChip
import ApusISA
import ApusMachine
import ApusRTL

/// The emulator and the RTL with the same memories, and a third machine that plans programs.
///
/// It is a class because it owns them.
package final class CosimulationBench {
    /// All memory that a program can reach.
    package struct Memories: Equatable {
        package var scratchpad: [UInt8]
        package var accumulators: [UInt8]
        package var global: [UInt8]
    }

    let emulator: Machine
    let planner: Machine
    let model: RTLModel
    private let memory: GlobalMemory
    let plannerArena: GlobalMemory
    private let modelMemory: GlobalMemory
    /// A program that runs longer has hung.
    private static let cycleLimit: UInt64 = 4_000_000
    private static let latency = 12

    /// Cycles and instructions of the RTL so far.
    private(set) package var cycles: UInt64 = 0

    /// - Throws: ``RTLError`` or ``MachineError``.
    package init(libraryPath: String, allowsBehavioural: Bool) throws {
        let chip = Chip.nano
        emulator = try Machine(chip: chip, threads: 1, mode: .fast)
        planner = try Machine(chip: chip, threads: 1, mode: .fast)
        model = try RTLModel(path: libraryPath, chip: chip, allowsBehavioural: allowsBehavioural)
        let memories = (0..<3).compactMap { _ in
            GlobalMemory(address: RandomCommand.arenaAddress, count: RandomCommand.globalBytes)
        }
        guard memories.count == 3 else { throw MachineError.hostResources }
        (memory, plannerArena, modelMemory) = (memories[0], memories[1], memories[2])
        model.attach(
            address: modelMemory.address, modelMemory.bytes, latency: CosimulationBench.latency)
        StreamKernel.code.withUnsafeBytes { model.writeProgram(core: 0, at: 0, $0) }
    }

    /// What the emulator's memories hold.
    package var memories: Memories {
        get {
            Memories(
                scratchpad: emulator.localBytes(
                    core: 0, address: 0, count: RandomCommand.scratchpadBytes),
                accumulators: emulator.localBytes(
                    core: 0, address: AddressMap.localAccumulators,
                    count: RandomCommand.accumulatorBytes),
                global: [UInt8](memory.bytes))
        }
        set {
            set(newValue, emulator, memory)
            model.setLocalBytes(core: 0, address: 0, newValue.scratchpad)
            model.setLocalBytes(
                core: 0, address: AddressMap.localAccumulators, newValue.accumulators)
            modelMemory.bytes.copyBytes(from: newValue.global)
        }
    }

    private func set(_ memories: Memories, _ machine: Machine, _ memory: GlobalMemory) {
        machine.setLocalBytes(core: 0, address: 0, memories.scratchpad)
        machine.setLocalBytes(
            core: 0, address: AddressMap.localAccumulators, memories.accumulators)
        memory.bytes.copyBytes(from: memories.global)
    }

    private var modelMemories: Memories {
        Memories(
            scratchpad: model.localBytes(
                core: 0, address: 0, count: RandomCommand.scratchpadBytes),
            accumulators: model.localBytes(
                core: 0, address: AddressMap.localAccumulators,
                count: RandomCommand.accumulatorBytes),
            global: [UInt8](modelMemory.bytes))
    }

    /// The draft with waits and posts, for the present memories.
    package func schedule(_ draft: ProgramDraft) -> ProgramSchedule {
        set(memories, planner, plannerArena)
        return ProgramSchedule(draft, on: planner, plannerArena)
    }

    /// Flips bits of a scratchpad word whenever the RTL reads it; bits 64 to 71 are check bits.
    func inject(address: UInt32, bits: [Int]) {
        let data = bits.filter { $0 < 64 }.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
        let check = bits.filter { $0 >= 64 }.reduce(UInt8(0)) { $0 | 1 << UInt8($1 - 64) }
        model.inject(core: 0, address: address, dataMask: data, checkMask: check)
    }

    func stopInjecting() { model.stopInjecting(core: 0) }

    /// Runs a stream on both and compares all that it left; how it ended on the emulator, and nil
    /// if nothing differs.
    package func run(_ stream: Stream) -> (ending: LaunchEnding, difference: String?) {
        var error: MachineError?
        do throws(MachineError) {
            try emulator.launch(StreamKernel.self, stream, memory)
        } catch let failure {
            error = failure
        }
        let expected = LaunchEnding(error)
        let (result, difference) = runModel(stream, expected)
        if difference == nil, result.memory_corrected != 0 {
            return (expected, "\(result.memory_corrected) corrected errors")
        }
        return (expected, difference)
    }

    /// As ``run(_:)``, but corrections are counted, and the ending is the RTL's.
    func runCounting(
        _ stream: Stream
    ) -> (ending: LaunchEnding, difference: String?, corrected: Int) {
        var error: MachineError?
        do throws(MachineError) {
            try emulator.launch(StreamKernel.self, stream, memory)
        } catch let failure {
            error = failure
        }
        let (result, difference) = runModel(stream, LaunchEnding(error))
        return (LaunchEnding(result), difference, Int(result.memory_corrected))
    }

    /// Runs a stream on the RTL and compares with what the emulator has done.
    private func runModel(
        _ stream: Stream, _ expected: LaunchEnding
    ) -> (RTLModel.CoreResult, difference: String?) {
        let counted = emulator.takeCounters().instructions
        var block = stream.arguments
        let size = block.count
        block += [UInt8](repeating: 0, count: model.chip.argumentBytes - size)
        block.withUnsafeBytes { model.writeArguments(core: 0, at: 0, $0) }
        let result = model.launch(
            entry: 0, argumentBytes: size, cycleLimit: CosimulationBench.cycleLimit)[0]
        cycles += result.cycles
        let console = (emulator.takeConsole(), String(decoding: model.takeConsole(), as: UTF8.self))
        let actual = LaunchEnding(result)
        if actual != expected { return (result, "the RTL \(actual), the emulator \(expected)") }
        if let difference = firstDifference() { return (result, difference) }
        let semaphores = (emulator.semaphores(core: 0), RTLModel.semaphores(result))
        if semaphores.0 != semaphores.1 {
            return (result, "semaphores \(semaphores.1), expected \(semaphores.0)")
        }
        // After a trap the RTL's processor runs on for some cycles before it is held.
        if case .trap = expected { return (result, nil) }
        if console.0 != console.1 { return (result, "console \(console.1), not \(console.0)") }
        if counted != result.instructions {
            return (result, "\(result.instructions) instructions, expected \(counted)")
        }
        return (result, nil)
    }

    private func firstDifference() -> String? {
        let (expected, actual) = (memories, modelMemories)
        if expected == actual { return nil }
        let parts = [
            ("scratchpad", expected.scratchpad, actual.scratchpad),
            ("accumulators", expected.accumulators, actual.accumulators),
            ("global memory", expected.global, actual.global),
        ]
        for (name, wanted, found) in parts {
            let differing = wanted.indices.filter { wanted[$0] != found[$0] }
            guard let index = differing.first, let last = differing.last else { continue }
            let first = index & ~7
            func hex(_ bytes: [UInt8]) -> String {
                bytes[first..<first + 8].map { Hexadecimal.text($0, digits: 2) }
                    .joined(separator: " ")
            }
            return "\(name): \(differing.count) bytes from \(index) to \(last) differ; at \(first) "
                + "the RTL has \(hex(found)), the emulator \(hex(wanted))"
        }
        return nil
    }
}
