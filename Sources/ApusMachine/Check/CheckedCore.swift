import ApusChip
import ApusISA

/// What the checker knows of one core: clocks, semaphores, queues and the shadows of its memories.
final class CheckedCore {
    let scratchpad: ShadowMemory
    let accumulators: ShadowMemory
    /// By `Waiter.Agent.clockIndex`.
    var clocks: [VectorClock] = []
    var semaphores: [CheckedSemaphore] = []
    /// Semaphores whose second poster was reported.
    var doublyPosted: Set<Int> = []
    /// For each engine the commands that have not run, each with what the control processor knew.
    var queues: [[(command: CommandWord, clock: VectorClock)]] = []

    init(_ chip: Chip) {
        scratchpad = ShadowMemory(count: chip.scratchpadBytes)
        accumulators = ShadowMemory(count: chip.accumulatorBytes)
        reset()
    }

    func reset() {
        scratchpad.reset(to: AccessHistory.uninitialised)
        accumulators.reset(to: AccessHistory.uninitialised)
        clocks = [VectorClock](repeating: VectorClock(), count: 1 + Engine.allCases.count)
        // The first step is 1, so that nobody knows it from the start.
        clocks[0][0] = 1
        semaphores = [CheckedSemaphore](
            repeating: CheckedSemaphore(), count: AddressMap.semaphoreCount)
        doublyPosted = []
        queues = [[(command: CommandWord, clock: VectorClock)]](
            repeating: [], count: Engine.allCases.count)
    }

    /// Takes the head of a queue and gives what the control processor knew when it enqueued it.
    func popCommand(of engine: Engine) -> VectorClock? {
        let index = Int(engine.rawValue)
        return queues[index].isEmpty ? nil : queues[index].removeFirst().clock
    }

    /// Adds to a deadlock's waiters which commands wait and who could help them.
    func waitForGraph(core: Int, _ waiters: [Waiter]) -> WaitForGraph {
        WaitForGraph(core: core, waits: waiters.map(wait))
    }

    private func wait(_ waiter: Waiter) -> WaitForGraph.Wait {
        var wait = WaitForGraph.Wait(
            agent: waiter.agent, command: nil, reason: waiter.reason, candidates: [], missing: 0,
            formerPoster: nil)
        if case .engine(let engine) = waiter.agent {
            wait.command = queues[Int(engine.rawValue)].first?.command
        }
        guard case .semaphore(let index, let awaited, let present) = waiter.reason else {
            return wait
        }
        var missing = Int(awaited &- present)
        for engine in Engine.allCases {
            for (position, entry) in queues[Int(engine.rawValue)].enumerated() {
                let (semaphore, count) = entry.command.post
                guard semaphore == index, count > 0, missing > 0 else { continue }
                wait.candidates.append(
                    .init(engine: engine, command: entry.command, commandsAhead: position))
                missing -= count
            }
        }
        wait.missing = max(0, missing)
        wait.formerPoster = semaphores[index].poster
        return wait
    }
}
