import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusRTL
import Testing

@Suite("Random programs for cosimulation")
struct ScheduleTests {
    @Test("leave the same memory in every legal interleaving")
    func everyInterleaving() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("schedule seed \(seed)")
        var seeds = SeededGenerator(seed: seed)
        let planner = try Side(mode: .fast)
        var legal = 0
        for number in 0..<60 {
            var programs = ProgramGenerator(seed: seeds.next())
            var draft = programs.draft(missing: [])
            draft.steps = draft.steps.filter(\.isCommandOrStore)
            let bytes = seeds.bytes(RandomCommand.scratchpadBytes)
            planner.fill(bytes)
            let schedule = ProgramSchedule(draft, on: planner.machine, planner.memory)
            if schedule.firstTrappingStep != nil { continue }
            legal += 1
            let expected = try outcome(.fast, schedule.stream, bytes)
            for _ in 0..<3 {
                let interleaving = seeds.next()
                let actual = try outcome(.checked(seed: interleaving), schedule.stream, bytes)
                #expect(
                    actual == expected,
                    "seed \(seed), program \(number), interleaving \(interleaving)")
            }
        }
        #expect(legal > 5, "seed \(seed)")
    }

    @Test("a command with a spoilt offset is planned with the descriptor that it will read")
    func neighbouringDescriptor() throws {
        let side = try Side(mode: .fast)
        var generator = SeededGenerator(seed: 1)
        let load = RandomCommand.transfer(
            isStore: false, formats: (.fp32, .fp32), &generator)
        let word = Command(sync: .none, operation: load.operation).encode()
        var spoilt = word
        spoilt[2] += UInt32(TransferDescriptor.wordCount * 4)
        var refused = load.descriptor
        refused[30] = 1
        let schedule = ProgramSchedule(
            ProgramDraft(
                steps: [
                    .command(spoilt, .load, descriptor: load.descriptor),
                    .command(word, .load, descriptor: refused),
                ], order: .concurrent, mayTrap: true, firstValue: 0, seed: 1),
            on: side.machine, side.memory)
        // The first one reads the descriptor of the second.
        #expect(schedule.firstTrappingStep == 0)
    }

    @Test("draw the same from the same seed")
    func deterministic() throws {
        func stores(_ seed: UInt64) throws -> [UInt32] {
            let side = try Side(mode: .fast)
            var programs = ProgramGenerator(seed: seed)
            let schedule = ProgramSchedule(
                programs.draft(missing: []), on: side.machine, side.memory)
            return schedule.stream.stores.flatMap { [$0.register, $0.value] }
        }
        #expect(try stores(5) == stores(5))
        #expect(try stores(5) != stores(6))
    }

    @Test("a library that is not there is told by name")
    func missingLibrary() {
        #expect(throws: RTLError.self) {
            try RTLModel(path: "/nowhere/libapusrtl.so", chip: .nano, allowsBehavioural: false)
        }
    }

    /// A machine and its global memory.
    private struct Side {
        let machine: Machine
        let memory: GlobalMemory

        init(mode: EmulationMode) throws {
            machine = try Machine(chip: .nano, threads: 1, mode: mode)
            guard
                let memory = GlobalMemory(
                    address: RandomCommand.arenaAddress, count: RandomCommand.globalBytes)
            else { throw MachineError.hostResources }
            self.memory = memory
        }

        func fill(_ bytes: [UInt8]) {
            machine.setLocalBytes(core: 0, address: 0, bytes)
            machine.setLocalBytes(
                core: 0, address: AddressMap.localAccumulators,
                [UInt8](bytes.prefix(RandomCommand.accumulatorBytes)))
            memory.bytes.copyBytes(from: bytes.prefix(RandomCommand.globalBytes))
        }
    }

    /// All memory that the stream leaves.
    private func outcome(
        _ mode: EmulationMode, _ stream: Stream, _ bytes: [UInt8]
    ) throws -> [[UInt8]] {
        let side = try Side(mode: mode)
        side.fill(bytes)
        try side.machine.launch(StreamKernel.self, stream, side.memory)
        return [
            side.machine.localBytes(core: 0, address: 0, count: RandomCommand.scratchpadBytes),
            side.machine.localBytes(
                core: 0, address: AddressMap.localAccumulators,
                count: RandomCommand.accumulatorBytes),
            [UInt8](side.memory.bytes),
        ]
    }
}

extension ProgramDraft.Step {
    fileprivate var isCommandOrStore: Bool {
        switch self {
        case .command, .store: true
        case .console, .fault, .neverReady: false
        }
    }
}
