import ApusISA

/// Something that a checked launch found wrong.
public enum Finding: Hashable, Sendable {
    /// Two accesses to the same bytes, at least one of them a write, that nothing orders: neither
    /// the order of one queue, nor a wait for a post, nor that a command runs once enqueued.
    case race(earlier: CheckedAccess, later: CheckedAccess, place: CheckedPlace)
    /// Local bytes were read that nothing wrote in this launch.
    case uninitialisedRead(CheckedAccess, place: CheckedPlace)
    /// An operand reaches beyond its memory, whose addresses are `limit`.
    case outOfBounds(CheckedAccess, place: CheckedPlace, limit: Range<UInt64>)
    /// A semaphore that one agent posts was posted by another.
    case secondPoster(core: Int, semaphore: Int, first: Poster, second: Poster)
    /// Nothing on a core can move.
    case deadlock(WaitForGraph)

    /// Who posted, and by which command; nil for the control processor.
    public struct Poster: Hashable, Sendable {
        public var core: Int
        public var agent: Waiter.Agent
        public var command: CommandWord?
    }
}

/// One side of a finding: who accessed memory, by which command.
public struct CheckedAccess: Hashable, Sendable {
    public var core: Int
    public var agent: Waiter.Agent
    /// Nil for the control processor's own loads and stores.
    public var command: CommandWord?
    public var isWrite: Bool
}

/// The bytes of a finding.
public struct CheckedPlace: Hashable, Sendable {
    /// The memories that are checked.
    public enum Memory: Hashable, Sendable {
        case scratchpad(core: Int)
        case accumulators(core: Int)
        case global
    }

    public var memory: Memory
    /// From the lowest to behind the highest byte: local addresses, or global ones.
    public var addresses: Range<UInt64>
    /// How many bytes of the range it is about.
    public var count: Int

    public init(memory: Memory, addresses: Range<UInt64>, count: Int) {
        self.memory = memory
        self.addresses = addresses
        self.count = count
    }
}

extension Finding: CustomStringConvertible {
    public var description: String {
        switch self {
        case .race(let earlier, let later, let place):
            "race on \(place): \(earlier), and unordered with it \(later)"
        case .uninitialisedRead(let access, let place):
            "read of what was never written, \(place): \(access)"
        case .outOfBounds(let access, let place, let limit):
            "\(place) is out of bounds (0x\(hex(limit.lowerBound)) to 0x\(hex(limit.upperBound))):"
                + " \(access)"
        case .secondPoster(let core, let semaphore, let first, let second):
            "core \(core): semaphore \(semaphore) has two posters: \(first); \(second)"
        case .deadlock(let graph): graph.description
        }
    }
}

extension Finding.Poster: CustomStringConvertible {
    public var description: String { "\(sentence(agent, command)) of core \(core)" }
}

extension CheckedAccess: CustomStringConvertible {
    public var description: String {
        "core \(core), \(isWrite ? "write" : "read") by \(sentence(agent, command))"
    }
}

extension CheckedPlace: CustomStringConvertible {
    public var description: String {
        let name =
            switch memory {
            case .scratchpad(let core): "scratchpad of core \(core)"
            case .accumulators(let core): "accumulators of core \(core)"
            case .global: "global memory"
            }
        return "\(name), 0x\(hex(addresses.lowerBound)) to 0x\(hex(addresses.upperBound))"
            + " (\(count) bytes)"
    }
}

/// "vector: add d=0x0 …" or "the control processor".
func sentence(_ agent: Waiter.Agent, _ command: CommandWord?) -> String {
    switch agent {
    case .processor: "the control processor"
    case .engine(let engine): "\(engine)" + (command.map { ": " + text(of: $0) } ?? "")
    }
}

func text(of command: CommandWord) -> String {
    if let text = try? CommandText.disassemble(command) { return text }
    return "words "
        + (0..<CommandWord.wordCount).map { hex(UInt64(command[$0])) }.joined(separator: " ")
}

func hex(_ value: UInt64) -> String { String(value, radix: 16) }
