import ApusISA

/// Who waits for whom when nothing on a core can move, and which posts are missing.
public struct WaitForGraph: Hashable, Sendable {
    /// One agent that waits.
    public struct Wait: Hashable, Sendable {
        public var agent: Waiter.Agent
        /// The command at the head of the agent's queue; nil for the control processor.
        public var command: CommandWord?
        public var reason: Waiter.Reason
        /// The commands, further back in the queues, whose posts would help; they wait too.
        public var candidates: [Candidate]
        /// How much the semaphore would still lack once all of these had posted; 0 if they suffice.
        public var missing: Int
        /// Who posted the semaphore before, in this launch.
        public var formerPoster: Finding.Poster?
    }

    /// A command that has not run and would post.
    public struct Candidate: Hashable, Sendable {
        public var engine: Engine
        public var command: CommandWord
        /// Commands of its queue that run before it.
        public var commandsAhead: Int
    }

    public var core: Int
    public var waits: [Wait]
}

extension WaitForGraph: CustomStringConvertible {
    public var description: String {
        "deadlock on core \(core): " + waits.map(\.description).joined(separator: "; ")
    }
}

extension WaitForGraph.Wait: CustomStringConvertible {
    public var description: String {
        let who = sentence(agent, command)
        guard case .semaphore(let index, let awaited, let present) = reason else {
            if case .fullQueue(let engine) = reason {
                return "\(who) waits for room in the queue of \(engine)"
            }
            return reason == .barrier ? "\(who) waits at the barrier" : who
        }
        var parts = ["\(who) waits for semaphore \(index) to reach \(awaited), which is \(present)"]
        for candidate in candidates {
            parts.append(
                "to be posted by \(sentence(.engine(candidate.engine), candidate.command)),"
                    + " behind \(candidate.commandsAhead) commands")
        }
        if missing > 0 {
            parts.append("\(missing) of it missing: no command left posts it")
            if let formerPoster { parts.append("before it was posted by \(formerPoster)") }
        }
        return parts.joined(separator: ", ")
    }
}
