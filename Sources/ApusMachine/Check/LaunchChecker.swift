import ApusChip
import ApusISA

/// Follows checked launches and says what is wrong with them.
///
/// Accesses are compared by what orders them, not by when they happened: the order of one queue,
/// that a command runs after it was enqueued, and that a wait passes after the post it waits for.
/// So a race is found in any interleaving, even one in which it does no harm. Cores are ordered by
/// launches, by posts to another core and by the barrier. Bytes are exact; one of two 4-bit
/// elements counts whole.
///
/// It is a class because the machine calls it while it runs. It keeps one word for each byte, or
/// each page of 4096 where all are equal, and one record for each command of the launch.
public final class LaunchChecker: LaunchObserver {
    /// What was found since the checker was made or ``takeFindings()`` was called; each fault is
    /// there once for each pair of commands, and at most ``findingsMax`` are kept.
    public private(set) var findings: [Finding] = []
    /// Findings beyond ``findingsMax``.
    public private(set) var findingsDropped = 0
    public static let findingsMax = 100

    private let chip: Chip
    private var history = AccessHistory()
    private var cores: [CheckedCore] = []
    private var global: ShadowMemory?
    private var globalMemory: Range<UInt64> = 0..<0
    /// Faults of the present access.
    private var faults: [FaultKey: CheckedPlace] = [:]
    private var reported: Set<ReportKey> = []

    /// A fault and the memory it is in.
    private struct FaultKey: Hashable {
        var fault: AccessHistory.Fault
        var isWrite: Bool
        var memory: CheckedPlace.Memory
    }

    /// Two sides of a fault that was reported.
    private struct ReportKey: Hashable {
        var isRace: Bool
        var earlier: CheckedAccess?
        var later: CheckedAccess
    }

    public init(chip: Chip) {
        self.chip = chip
        cores = (0..<chip.coreCount).map { _ in CheckedCore(chip) }
    }

    /// The findings so far, which are then forgotten.
    public func takeFindings() -> [Finding] {
        defer {
            findings = []
            findingsDropped = 0
            reported = []
        }
        return findings
    }

    private func report(_ finding: Finding) {
        if findings.count < LaunchChecker.findingsMax {
            findings.append(finding)
        } else {
            findingsDropped += 1
        }
    }

    // MARK: What happens in a launch

    public func launchBegan(coreCount: Int, globalMemory: Range<UInt64>) {
        history.reset()
        for core in cores { core.reset() }
        if self.globalMemory.count != globalMemory.count || global == nil {
            global = ShadowMemory(count: globalMemory.count)
        }
        self.globalMemory = globalMemory
        global?.reset(to: AccessHistory.untouched)
    }

    public func processorAccessed(core index: Int, address: UInt32, bytes: UInt32, isStore: Bool) {
        let core = cores[index]
        begin(AccessEvent(core: index, agent: .processor, step: core.clocks[0][0]))
        let range = Int(address)..<Int(address) + Int(bytes)
        access(core.scratchpad, .scratchpad(core: index), range, offset: 0, isWrite: isStore)
        reportFaults()
    }

    public func commandEnqueued(core index: Int, engine: Engine, command: CommandWord) {
        let core = cores[index]
        core.queues[Int(engine.rawValue)].append((command, core.clocks[0]))
        core.clocks[0][0] += 1
    }

    public func processorWaited(core index: Int, semaphore: Int, value: UInt16?) {
        let core = cores[index]
        guard semaphore > 0, semaphore < AddressMap.semaphoreCount else { return }
        let state = core.semaphores[semaphore]
        let knowledge = value.map { state.knowledge(after: $0) } ?? state.knowledge
        if let knowledge { core.clocks[0].join(knowledge) }
    }

    public func processorPosted(core index: Int, semaphore: Int, count: UInt16) {
        let core = cores[index]
        let poster = Finding.Poster(core: index, agent: .processor, command: nil)
        post(index, semaphore, Int(count), by: poster)
        core.clocks[0][0] += 1
    }

    public func processorPostedRemotely(core index: Int, target: Int, semaphore: Int, count: UInt16)
    {
        let poster = Finding.Poster(core: index, agent: .processor, command: nil)
        post(target, semaphore, Int(count), by: poster)
        cores[index].clocks[0][0] += 1
    }

    public func barrierOpened() {
        let known = cores.map { $0.clocks[0] }
        for (reader, core) in cores.enumerated() {
            for (teller, clock) in known.enumerated() {
                core.clocks[0].join(clock.told(by: teller, to: reader))
            }
        }
        for core in cores { core.clocks[0][0] += 1 }
    }

    public func commandExecutes(
        core index: Int, engine: Engine, command: CommandWord, footprint: CommandFootprint
    ) {
        let core = cores[index]
        let agent = Waiter.Agent.engine(engine)
        let component = agent.clockIndex
        if let enqueued = core.popCommand(of: engine) { core.clocks[component].join(enqueued) }
        for (semaphore, value) in command.waits {
            guard let known = core.semaphores[semaphore].knowledge(after: value) else { continue }
            core.clocks[component].join(known)
        }
        core.clocks[component][component] += 1
        begin(
            AccessEvent(
                core: index, agent: agent, command: command, step: core.clocks[component][component]
            ))
        // A command out of bounds traps before it changes anything.
        let outside = footprint.accesses.filter { !isInBounds($0, core: index) }
        guard outside.isEmpty else { return }
        var seen: Set<CommandFootprint.Access> = []
        for one in footprint.accesses where seen.insert(one).inserted { access(one, core: index) }
        reportFaults()
        let (semaphore, count) = command.post
        let poster = Finding.Poster(core: index, agent: agent, command: command)
        post(index, semaphore, count, by: poster)
    }

    public func launchEnded(failure: MachineError?) {
        guard case .deadlock(let core, let waiters) = failure else { return }
        report(.deadlock(cores[core].waitForGraph(core: core, waiters)))
    }

    private func post(
        _ index: Int, _ semaphore: Int, _ count: Int, by poster: Finding.Poster
    ) {
        guard semaphore > 0, semaphore < AddressMap.semaphoreCount else { return }
        let core = cores[index]
        let clock = cores[poster.core].clocks[poster.agent.clockIndex]
            .told(by: poster.core, to: index)
        let first = core.semaphores[semaphore].post(count, by: poster, knowing: clock)
        guard let first, core.doublyPosted.insert(semaphore).inserted else { return }
        report(.secondPoster(core: index, semaphore: semaphore, first: first, second: poster))
    }

    // MARK: Memory

    private func begin(_ event: AccessEvent) {
        present = event
        history.begin(event)
        faults.removeAll(keepingCapacity: true)
    }

    private var present = AccessEvent(core: 0, agent: .processor, step: 0)

    private func place(_ one: CommandFootprint.Access, core: Int) -> (
        memory: ShadowMemory?, place: CheckedPlace.Memory, limit: Range<UInt64>
    ) {
        let scratchpad = 0..<UInt64(chip.scratchpadBytes)
        let base = one.box.base >> 1
        if one.space == .global {
            // Bit 40 of a global address, the core's index from bit 32: another core's scratchpad.
            let peer = base >> 32 & 0xFF
            guard base >> 40 == 1, peer < cores.count else {
                return (global, .global, globalMemory)
            }
            let start = UInt64(base) & ~0xFFFF_FFFF
            return (
                cores[peer].scratchpad, .scratchpad(core: peer),
                start..<start + scratchpad.upperBound
            )
        }
        let accumulators = UInt64(AddressMap.localAccumulators)
        guard base >= Int(accumulators) else {
            return (cores[core].scratchpad, .scratchpad(core: core), scratchpad)
        }
        let end = accumulators + UInt64(chip.accumulatorBytes)
        return (cores[core].accumulators, .accumulators(core: core), accumulators..<end)
    }

    private func isInBounds(_ one: CommandFootprint.Access, core: Int) -> Bool {
        let (_, memory, limit) = place(one, core: core)
        let bounds = one.box.byteBounds
        if let bounds, bounds.lowerBound >= 0, UInt64(bounds.lowerBound) >= limit.lowerBound,
            UInt64(bounds.upperBound) <= limit.upperBound
        {
            return true
        }
        let low = UInt64(clamping: bounds?.lowerBound ?? one.box.base >> 1)
        let high = UInt64(clamping: bounds?.upperBound ?? .max)
        let place = CheckedPlace(
            memory: memory, addresses: low..<max(low, high),
            count: Int(clamping: max(low, high) - low))
        report(.outOfBounds(presentAccess(isWrite: one.isWrite), place: place, limit: limit))
        return false
    }

    private func access(_ one: CommandFootprint.Access, core: Int) {
        let (shadow, memory, limit) = place(one, core: core)
        guard let shadow else { return }
        let offset = Int(limit.lowerBound)
        one.box.forEachByteRange { range in
            access(
                shadow, memory, range.lowerBound - offset..<range.upperBound - offset,
                offset: offset,
                isWrite: one.isWrite)
        }
    }

    private func access(
        _ shadow: ShadowMemory, _ memory: CheckedPlace.Memory, _ range: Range<Int>, offset: Int,
        isWrite: Bool
    ) {
        let clock = cores[present.core].clocks[present.agent.clockIndex]
        shadow.update(range) { state, bytes in
            let (next, found) = history.access(state, isWrite: isWrite, knowing: clock)
            for fault in found {
                let key = FaultKey(fault: fault, isWrite: isWrite, memory: memory)
                let low = UInt64(offset + bytes.lowerBound)
                let high = UInt64(offset + bytes.upperBound)
                var place =
                    faults[key] ?? CheckedPlace(memory: memory, addresses: low..<high, count: 0)
                place.addresses =
                    min(low, place.addresses.lowerBound)..<max(high, place.addresses.upperBound)
                place.count += bytes.count
                faults[key] = place
            }
            return next
        }
    }

    private func presentAccess(isWrite: Bool) -> CheckedAccess {
        CheckedAccess(
            core: present.core, agent: present.agent, command: present.command, isWrite: isWrite)
    }

    /// Reports the faults of the present access, lowest address first, each once.
    private func reportFaults() {
        if faults.isEmpty { return }
        let ordered = faults.sorted {
            ($0.value.addresses.lowerBound, $0.value.count) < (
                $1.value.addresses.lowerBound, $1.value.count
            )
        }
        for (key, place) in ordered {
            let later = presentAccess(isWrite: key.isWrite)
            switch key.fault {
            case .uninitialised:
                guard reported.insert(ReportKey(isRace: false, later: later)).inserted else {
                    continue
                }
                report(.uninitialisedRead(later, place: place))
            case .race(let number, let wasWrite):
                let event = history.events[number]
                let earlier = CheckedAccess(
                    core: event.core, agent: event.agent, command: event.command, isWrite: wasWrite)
                let key = ReportKey(isRace: true, earlier: earlier, later: later)
                guard reported.insert(key).inserted else { continue }
                report(.race(earlier: earlier, later: later, place: place))
            }
        }
    }
}

extension CommandWord {
    /// Semaphores and values of the waits; those for no semaphore are left out.
    fileprivate var waits: [(semaphore: Int, value: UInt16)] {
        [
            (Int(self[0] >> 8 & 31), UInt16(self[1] & 0xFFFF)),
            (Int(self[0] >> 13 & 31), UInt16(self[1] >> 16)),
        ].filter { $0.semaphore != 0 }
    }

    /// The semaphore posted on completion, and by how much.
    var post: (semaphore: Int, count: Int) { (Int(self[0] >> 18 & 31), Int(self[0] >> 23 & 15)) }
}
