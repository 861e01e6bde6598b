import ApusISA

/// One command, or the control processor between two releases, as an accessor of memory.
struct AccessEvent {
    var core: Int
    var agent: Waiter.Agent
    var command: CommandWord?
    /// The agent's own component of its clock.
    var step: Int32
}

/// What is known of a byte: who wrote it last, and who read it since.
///
/// States have numbers, so that a shadow memory holds one word for each byte and equal histories
/// are compared once.
struct AccessHistory {
    /// Nobody wrote the byte in this launch, and it has no value.
    static let uninitialised: UInt32 = 0
    /// Nobody touched the byte in this launch; it has a value from before.
    static let untouched: UInt32 = 1

    private struct State {
        /// The event of the last write; `noWrite` or `neverWritten` if there is none.
        var writer: Int32
        var readers: [Int32]
    }

    private static let noWrite: Int32 = -1
    private static let neverWritten: Int32 = -2

    private(set) var events: [AccessEvent] = []
    private var states: [State] = []
    /// For the present event: the new state of an old one, when read.
    private var afterRead: [UInt32: UInt32] = [:]
    private var afterWrite: UInt32?

    init() { reset() }

    /// Forgets all: a launch begins.
    mutating func reset() {
        events.removeAll(keepingCapacity: true)
        states = [
            State(writer: AccessHistory.neverWritten, readers: []),
            State(writer: AccessHistory.noWrite, readers: []),
        ]
        afterRead.removeAll(keepingCapacity: true)
        afterWrite = nil
    }

    /// Makes `event` the one that accesses memory from now on.
    mutating func begin(_ event: AccessEvent) {
        events.append(event)
        afterRead.removeAll(keepingCapacity: true)
        afterWrite = nil
    }

    /// What an access by the present event, which knows `clock`, does wrong, and the new state.
    mutating func access(_ state: UInt32, isWrite: Bool, knowing clock: VectorClock)
        -> (next: UInt32, faults: [Fault])
    {
        let old = states[Int(state)]
        let current = Int32(events.count - 1)
        var faults: [Fault] = []
        if old.writer >= 0, !isOrdered(old.writer, clock) {
            faults.append(.race(with: Int(old.writer), wasWrite: true))
        } else if old.writer == AccessHistory.neverWritten, !isWrite {
            faults.append(.uninitialised)
        }
        if isWrite {
            for reader in old.readers where !isOrdered(reader, clock) {
                faults.append(.race(with: Int(reader), wasWrite: false))
            }
            return (writtenState(current), faults)
        }
        return (readState(state, old, current, clock), faults)
    }

    /// What may be wrong with an access.
    enum Fault: Hashable {
        case race(with: Int, wasWrite: Bool)
        case uninitialised
    }

    /// Whether the event comes before the present one in every order.
    private func isOrdered(_ event: Int32, _ clock: VectorClock) -> Bool {
        let earlier = events[Int(event)]
        let agent = earlier.agent.clockIndex
        let known =
            earlier.core == events[events.count - 1].core
            ? clock[agent] : clock.steps(of: agent, onOther: earlier.core)
        return known >= earlier.step
    }

    private mutating func writtenState(_ current: Int32) -> UInt32 {
        if let afterWrite { return afterWrite }
        let new = UInt32(states.count)
        states.append(State(writer: current, readers: []))
        afterWrite = new
        return new
    }

    /// Readers that come before the present one in every order need not be kept: whoever comes
    /// after this one comes after them.
    private mutating func readState(
        _ number: UInt32, _ old: State, _ current: Int32, _ clock: VectorClock
    ) -> UInt32 {
        if old.readers.last == current { return number }
        if let known = afterRead[number] { return known }
        let readers = old.readers.filter { !isOrdered($0, clock) } + [current]
        let new = UInt32(states.count)
        states.append(State(writer: old.writer, readers: readers))
        afterRead[number] = new
        return new
    }
}
