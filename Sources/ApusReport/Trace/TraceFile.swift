import ApusChip
import ApusISA
import ApusMachine

/// Writes what the engines did as a trace that Perfetto and chrome://tracing open.
///
/// A core is a process and each of its engines a thread; launches and exchanges have a process of
/// their own. A command is a slice from the beginning to the end of its engine's work, and a flow
/// goes from the command whose post it waited for last.
///
///     {"traceEvents":[{"ph":"X","pid":1,"tid":2,"ts":12.345,"dur":0.128,"name":"matmul"}, …
///
/// - Source: docs/trace.md; Trace Event Format of the Chromium project, phases X, M, s, f.
public struct TraceFile {
    private let nanosecondsPerCycle: Double
    private let coresMax: Int
    private let write: (String) -> Void
    private var flows = 0
    private var isFirst = true
    /// Ends of the last commands that posted, by core and semaphore.
    private var posted: [Int: [Post]] = [:]
    private var threads: Set<Int> = []
    /// How many commands went into the trace.
    public private(set) var commands = 0

    private struct Post {
        var ended: UInt64
        var engine: Engine
    }

    /// Posts that are kept for each semaphore: a wait looks no further back.
    private static let postsMax = 64
    private static let semaphores = 32

    /// - Parameters:
    ///   - coresMax: cores that the trace shows, from the first on.
    ///   - write: takes the text, piece by piece.
    public init(chip: Chip, coresMax: Int, write: @escaping (String) -> Void) {
        nanosecondsPerCycle = 1000 / Double(chip.clockMegahertz)
        self.coresMax = coresMax
        self.write = write
        write("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n")
        name(process: 0, "\(chip.name): launches")
        name(thread: 0, of: 0, "launches")
    }

    /// Ends the file.
    public mutating func close() { write("\n]}\n") }

    /// A launch or an exchange, in cycles from the beginning.
    public mutating func add(part label: String, begin: UInt64, end: UInt64, note: String) {
        event(
            "\"ph\":\"X\",\"pid\":0,\"tid\":0,\"ts\":\(time(begin)),\"dur\":\(time(end - begin)),"
                + "\"name\":\(quoted(label)),\"args\":{\"why\":\(quoted(note))}")
    }

    /// A command, when it is done; commands of a core come in the order of their ends.
    public mutating func add(_ command: ClockedCommand, offset: UInt64) {
        guard command.core < coresMax else { return }
        let process = command.core + 1
        let thread = Int(command.engine.rawValue)
        introduce(process, thread, command)
        let end = max(command.ended, command.began)
        event(
            "\"ph\":\"X\",\"pid\":\(process),\"tid\":\(thread),"
                + "\"ts\":\(time(command.began + offset)),"
                + "\"dur\":\(time(end - command.began)),"
                + "\"name\":\"\(Self.mnemonic(command.opcode))\","
                + "\"args\":{\"command\":\(command.index),\"waited\":"
                + "\(command.dispatched - min(command.ready, command.dispatched))}")
        commands += 1
        flow(to: command, offset)
        if command.postedSemaphore != 0 {
            let key = command.core * Self.semaphores + command.postedSemaphore
            posted[key, default: []].append(Post(ended: command.ended, engine: command.engine))
            if posted[key, default: []].count > Self.postsMax { posted[key]?.removeFirst() }
        }
    }

    /// A flow from the post that let the command begin: the last one before its waits passed.
    private mutating func flow(to command: ClockedCommand, _ offset: UInt64) {
        guard command.waitedSemaphore != 0, command.dispatched > command.ready else { return }
        let key = command.core * Self.semaphores + command.waitedSemaphore
        guard let post = posted[key]?.last(where: { $0.ended <= command.dispatched }) else {
            return
        }
        flows += 1
        let process = command.core + 1
        let common = "\"cat\":\"wait\",\"name\":\"wait\",\"id\":\(flows),\"pid\":\(process)"
        // A flow binds to the slice around its time, so it leaves a moment before the end.
        let from = post.ended > 0 ? post.ended - 1 : 0
        event(
            "\"ph\":\"s\",\(common),\"tid\":\(post.engine.rawValue),\"ts\":\(time(from + offset))")
        event(
            "\"ph\":\"f\",\"bp\":\"e\",\(common),\"tid\":\(command.engine.rawValue),"
                + "\"ts\":\(time(command.began + offset))")
    }

    private mutating func introduce(_ process: Int, _ thread: Int, _ command: ClockedCommand) {
        let key = process * 8 + thread
        if threads.contains(key) { return }
        threads.insert(key)
        if threads.allSatisfy({ $0 / 8 != process || $0 == key }) {
            name(process: process, "core \(command.core)")
        }
        name(thread: thread, of: process, "\(command.engine)")
    }

    private mutating func name(process: Int, _ text: String) {
        event(
            "\"ph\":\"M\",\"pid\":\(process),\"name\":\"process_name\","
                + "\"args\":{\"name\":\(quoted(text))}")
    }

    private mutating func name(thread: Int, of process: Int, _ text: String) {
        event(
            "\"ph\":\"M\",\"pid\":\(process),\"tid\":\(thread),\"name\":\"thread_name\","
                + "\"args\":{\"name\":\(quoted(text))}")
    }

    private mutating func event(_ fields: String) {
        write((isFirst ? "{" : ",\n{") + fields + "}")
        isFirst = false
    }

    /// Microseconds with three digits behind the point.
    private func time(_ cycles: UInt64) -> String {
        Figure.fixed(Double(cycles) * nanosecondsPerCycle / 1000, 3)
    }

    private func quoted(_ text: String) -> String { JSONValue.string(text).text }

    static func mnemonic(_ opcode: UInt8) -> String {
        switch opcode {
        case Opcode.nop: "nop"
        case Opcode.load: "load"
        case Opcode.store: "store"
        case Opcode.matmul: "matmul"
        default: VectorOpcode(rawValue: opcode).map { "\($0)" } ?? "opcode \(opcode)"
        }
    }
}
