import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics
import Testing

private let chip = Chip.nano2x2

@Suite("Cores that meet")
struct MeetingTests {
    private typealias Register = AddressMap.Register

    @Test(
        "leave the same in every mode and on every number of threads",
        arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func sameEverywhere(seed: UInt64) throws {
        let expected = try left(by: seed, .oracle, threads: 1)
        #expect(try left(by: seed, .fast, threads: 1) == expected, "seed \(seed)")
        #expect(try left(by: seed, .fast, threads: 3) == expected, "seed \(seed)")
        for order in 0..<3 as Range<UInt64> {
            let checker = LaunchChecker(chip: chip)
            let found = try left(by: seed, .checked(seed: order), threads: 1, observer: checker)
            #expect(found == expected, "seed \(seed), order \(order)")
            let findings = checker.takeFindings().filter { !$0.isUninitialisedRead }
            #expect(findings.isEmpty, "seed \(seed), order \(order)")
        }
    }

    @Test("pass the barrier only when all have come", arguments: [EmulationMode.fast, .oracle])
    func barrierHolds(mode: EmulationMode) throws {
        var stream = Stream()
        for core in 0..<3 { stream.store(0, to: Register.barrier, ofCore: core) }
        let error = #expect(throws: MachineError.self) { try run(stream, mode) }
        let waiter = Waiter(agent: .processor, reason: .barrier)
        #expect(error == .deadlock(core: 0, waiters: [waiter]))
    }

    @Test("wait for a post that nobody sends", arguments: [EmulationMode.fast, .oracle])
    func missingPost(mode: EmulationMode) throws {
        var stream = Stream()
        stream.store(3 << 24 | 5 << 16 | 1, to: Register.remotePost, ofCore: 0)
        stream.store(5 << 16 | 2, to: Register.wait, ofCore: 3)
        let error = #expect(throws: MachineError.self) { try run(stream, mode) }
        let reason = Waiter.Reason.semaphore(index: 5, awaited: 2, present: 1)
        #expect(
            error == .deadlock(core: 3, waiters: [Waiter(agent: .processor, reason: reason)]))
    }

    @Test("cannot post to a core that is not there", arguments: [EmulationMode.fast, .oracle])
    func noSuchCore(mode: EmulationMode) throws {
        for value in [4 << 24 | 5 << 16 | 1, 1 << 24 | 32 << 16 | 1] as [UInt32] {
            var stream = Stream()
            stream.store(value, to: Register.remotePost, ofCore: 1)
            let error = #expect(throws: MachineError.self) { try run(stream, mode) }
            guard case .processorTrap(core: 1, cause: 7, _, _) = error else {
                Issue.record("not an access fault: \(String(describing: error))")
                continue
            }
        }
    }

    @Test("race where nothing orders them")
    func race() throws {
        for isOrdered in [true, false] {
            var stream = Stream()
            let descriptor = TransferDescriptor.dense(
                offset: 0, format: .uint8, columns: 8, rows: 1)
            let command = TransferCommand(
                descriptor: stream.append(descriptor.encode()), local: 0, coordinates: .zero)
            let sync = SyncFields(
                waitA: 0, waitAValue: 0, waitB: 0, waitBValue: 0, post: 1, postCount: 1)
            stream.enqueue(.load(command), sync: sync, ofCore: 1)
            stream.enqueue(
                .store(command),
                sync: SyncFields(
                    waitA: 1, waitAValue: 1, waitB: 0, waitBValue: 0, post: 2, postCount: 1),
                ofCore: 1)
            stream.store(2 << 16 | 1, to: Register.wait, ofCore: 1)
            if isOrdered { stream.store(0, to: Register.barrier) }
            stream.enqueue(.load(command), sync: .none, ofCore: 2)
            let checker = LaunchChecker(chip: chip)
            _ = try run(stream, .checked(seed: 7), observer: checker)
            let races = checker.takeFindings()
            #expect(races.isEmpty == isOrdered)
        }
    }

    // MARK: Running

    private struct Left: Equatable {
        var scratchpads: [[UInt8]]
        var semaphores: [[UInt16]]
        var global: [UInt8]
    }

    private func left(
        by seed: UInt64, _ mode: EmulationMode, threads: Int,
        observer: (any LaunchObserver)? = nil
    ) throws -> Left {
        let stream = MeshProgram(seed: seed, coreCount: chip.coreCount).stream
        return try run(stream, mode, threads: threads, filledBy: seed, observer: observer)
    }

    @discardableResult
    private func run(
        _ stream: Stream, _ mode: EmulationMode, threads: Int = 1, filledBy seed: UInt64 = 1,
        observer: (any LaunchObserver)? = nil
    ) throws -> Left {
        let machine = try Machine(chip: chip, threads: threads, mode: mode)
        machine.observer = observer
        let memory = try #require(
            GlobalMemory(address: RandomCommand.arenaAddress, count: RandomCommand.globalBytes))
        var generator = SeededGenerator(seed: seed)
        memory.bytes.copyBytes(from: generator.bytes(RandomCommand.globalBytes))
        for core in 0..<chip.coreCount {
            machine.setLocalBytes(
                core: core, address: 0, generator.bytes(chip.scratchpadBytes))
        }
        try machine.launch(CoreStreamKernel.self, stream, memory)
        let cores = 0..<chip.coreCount
        return Left(
            scratchpads: cores.map {
                machine.localBytes(core: $0, address: 0, count: chip.scratchpadBytes)
            },
            semaphores: cores.map { machine.semaphores(core: $0) },
            global: [UInt8](memory.bytes))
    }
}

extension Finding {
    /// Programs read what was put into scratchpads before the launch.
    fileprivate var isUninitialisedRead: Bool {
        if case .uninitialisedRead = self { return true }
        return false
    }
}
