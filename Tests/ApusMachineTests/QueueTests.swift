import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics
import Testing

/// Waits and a post.
private func sync(
    _ a: (UInt8, UInt16) = (0, 0), _ b: (UInt8, UInt16) = (0, 0), post: (UInt8, UInt8) = (0, 0)
) -> SyncFields {
    SyncFields(
        waitA: a.0, waitAValue: a.1, waitB: b.0, waitBValue: b.1, post: post.0, postCount: post.1)
}

private typealias Register = AddressMap.Register

@Suite("Queues and semaphores")
struct QueueTests {
    private static let modes: [EmulationMode] = [
        .fast, .oracle, .checked(seed: 1), .checked(seed: 2),
    ]

    @Test("a command waits for both of its semaphores and posts on completion", arguments: modes)
    func waits(mode: EmulationMode) throws {
        let bench = try TestBench(mode: mode)
        var stream = Stream()
        stream.enqueue(.nop, sync: sync((1, 2), (2, 1), post: (3, 5)), on: .load)
        stream.enqueue(.nop, sync: sync(post: (1, 2)), on: .store)
        stream.enqueue(.nop, sync: sync((1, 2), post: (2, 1)), on: .matrix)
        stream.store(3 << 16 | 5, to: Register.wait)
        try bench.run(stream)
        #expect(bench.machine.takeCounters().commands == SIMD4(1, 1, 1, 0))
    }

    @Test("semaphores wrap around", arguments: modes)
    func wrapping(mode: EmulationMode) throws {
        let bench = try TestBench(mode: mode)
        var stream = Stream()
        stream.store(5 << 16 | 0x7FFF, to: Register.post)
        stream.store(5 << 16 | 0x7FFF, to: Register.post)
        stream.store(5 << 16 | 5, to: Register.post)
        // 65,539 counts as 3: it has reached 65,535 and 3, and not 4.
        stream.store(5 << 16 | 0xFFFF, to: Register.wait)
        stream.store(5 << 16 | 3, to: Register.wait)
        stream.enqueue(.nop, sync: sync((5, 4)), on: .vector)
        #expect(throws: deadlock([waiter(.engine(.vector), 5, 4, 3)])) { try bench.run(stream) }
    }

    @Test("semaphore 0 is none", arguments: modes)
    func none(mode: EmulationMode) throws {
        let bench = try TestBench(mode: mode)
        var stream = Stream()
        stream.enqueue(.nop, sync: sync((0, 7), (0, 9), post: (0, 3)), on: .load)
        stream.store(9, to: Register.post)
        stream.store(9, to: Register.wait)
        try bench.run(stream)
    }

    @Test("a deadlock names all that wait, for what, and what they have", arguments: modes)
    func deadlocks(mode: EmulationMode) throws {
        let bench = try TestBench(mode: mode)
        var stream = Stream()
        stream.enqueue(.nop, sync: sync((1, 1), post: (2, 1)), on: .load)
        stream.enqueue(.nop, sync: sync((2, 1), (4, 0), post: (1, 1)), on: .vector)
        stream.store(3 << 16 | 9, to: Register.wait)
        let expected = deadlock([
            waiter(.engine(.load), 1, 1, 0), waiter(.engine(.vector), 2, 1, 0),
            waiter(.processor, 3, 9, 0),
        ])
        #expect(throws: expected) { try bench.run(stream) }
    }

    @Test("a full queue stalls the control processor until it has room", arguments: modes)
    func backpressure(mode: EmulationMode) throws {
        let bench = try TestBench(mode: mode)
        let depth = Chip.nano.queueDepth
        var stream = Stream()
        // The head waits for a post that comes before the queue is full: more commands than fit
        // pass.
        stream.enqueue(.nop, sync: sync((1, 1)), on: .store)
        stream.enqueue(.nop, sync: sync(post: (1, 1)), on: .load)
        for _ in 0..<2 * depth { stream.enqueue(.nop, on: .store) }
        try bench.run(stream)
        #expect(bench.machine.takeCounters()[.store] == UInt64(2 * depth + 1))

        var blocked = Stream()
        for _ in 0...depth { blocked.enqueue(.nop, sync: sync((1, 1)), on: .store) }
        let expected = deadlock([
            waiter(.engine(.store), 1, 1, 0), Waiter(agent: .processor, reason: .fullQueue(.store)),
        ])
        #expect(throws: expected) { try bench.run(blocked) }
        try bench.run(stream)
    }

    @Test("each launch begins with zeroed semaphores and ports", arguments: modes)
    func reset(mode: EmulationMode) throws {
        let bench = try TestBench(mode: mode)
        var posting = Stream()
        posting.store(1 << 16 | 1, to: Register.post)
        try bench.run(posting)
        var waiting = Stream()
        waiting.store(1 << 16 | 1, to: Register.wait)
        #expect(throws: deadlock([waiter(.processor, 1, 1, 0)])) { try bench.run(waiting) }
        // The words 0 to 6 of the port are zero: a nop.
        var nop = Stream()
        nop.store(0, to: 7 * 4)
        try bench.run(nop)
    }

    @Test("an unknown register is a fault of the control processor", arguments: modes)
    func unknownRegister(mode: EmulationMode) throws {
        let bench = try TestBench(mode: mode)
        var stream = Stream()
        stream.store(1, to: 0x300)
        let expected = MachineError.processorTrap(
            core: 0, cause: 7, value: AddressMap.registerBase + 0x300, pc: 32)
        #expect(throws: expected) { try bench.run(stream) }
    }

    @Test("the console and the status are told", arguments: modes)
    func consoleAndStatus(mode: EmulationMode) throws {
        let bench = try TestBench(mode: mode)
        var stream = Stream()
        for byte in "hello".utf8 { stream.store(UInt32(byte), to: Register.console) }
        stream.store(42, to: Register.done)
        #expect(throws: MachineError.kernelFailed(core: 0, status: 42)) { try bench.run(stream) }
        #expect(bench.machine.takeConsole() == "hello")
    }

    private func deadlock(_ waiters: [Waiter]) -> MachineError {
        .deadlock(core: 0, waiters: waiters)
    }

    private func waiter(
        _ agent: Waiter.Agent, _ semaphore: Int, _ awaited: UInt16, _ present: UInt16
    ) -> Waiter {
        Waiter(
            agent: agent,
            reason: .semaphore(index: semaphore, awaited: awaited, present: present))
    }
}
