import ApusCost
import ArgumentParser
import Glibc

/// `apus explore --model llama-3.1-8b --node 7nm --area 400 --power 300`
struct ExploreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explore",
        abstract: "Search chip descriptions under limits; the Pareto front as table and picture.")

    @Option(help: "A model; apus compare lists them.")
    var model = "llama-3.1-8b"

    @Option(help: "prefill or decode.")
    var phase = "decode"

    @Option(parsing: .unconditional, help: "Tokens before the one made, or of the prompt.")
    var context = "2048"

    @Option(parsing: .unconditional, help: "Longest time for a token, or to the first: 50ms, 2s.")
    var slo = "50ms"

    @Option(help: "The process: 14nm, 7nm, n+2, …")
    var node = "7nm"

    @Option(parsing: .unconditional, help: "mm² that the die may have.")
    var area = "400"

    @Option(parsing: .unconditional, help: "W that the package may take.")
    var power = "300"

    @Flag(help: "Only designs outside 3A090 under the rule in force.")
    var uncontrolled = false

    @Option(parsing: .unconditional, help: "Designs to try, in all rounds.")
    var designs = 10_000

    @Option(help: "Rounds: one of samples, the rest of neighbours of the best.")
    var rounds = 4

    @Option(help: "Processes on this machine.")
    var processes = 1

    @Option(help: "Where to keep progress; a file that exists is resumed.")
    var progress: String?

    @Option(help: "A Ray cluster: ray://host:10001, or ray:// for one on this machine.")
    var on: String?

    @Option(help: "Write the picture here (SVG).")
    var out: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: .hidden)
    var worker: String?

    func run() throws {
        let exploration = try refusing { () throws(CostError) in try self.exploration() }
        if let on, worker == nil {
            try runOnRay(on)
            return
        }
        let path = progress ?? "/tmp/apus-explore-\(getpid())"
        defer { if progress == nil { unlink(path) } }
        var state = try refusing { () throws(CostError) in
            try ExplorationProgress(path: path, exploration)
        }
        if let worker {
            try work(worker, &state)
            return
        }
        for round in 0..<exploration.rounds {
            if processes > 1 {
                try spread(round: round, path: path)
                try refusing { () throws(CostError) in try state.refresh() }
            } else {
                try refusing { () throws(CostError) in try state.work(round: round, part: 0, of: 1)
                }
            }
        }
        try show(state)
    }

    private func exploration() throws(CostError) -> Exploration {
        guard let phase = Phase(rawValue: phase) else {
            throw .unknownWord(
                option: "--phase", word: phase, known: Phase.allCases.map(\.rawValue))
        }
        let question = try Question(
            model: try .named(model), phase: phase,
            context: try Quantity.number(context, named: "--context"),
            serviceLevel: try Quantity.milliseconds(slo))
        return try Exploration(
            question: question, node: try .named(node),
            area: try Quantity.number(area, named: "--area"),
            power: try Quantity.number(power, named: "--power"), mustBeUncontrolled: uncontrolled,
            designs: designs, rounds: rounds)
    }

    private func show(_ state: ExplorationProgress) throws {
        let front = Exploration.front(state.outcomes)
        guard !front.isEmpty else {
            let limits = CostError.nothingFits(
                area: state.exploration.area, power: state.exploration.space.power, node: node)
            throw Refusal(limits.description)
        }
        if let out {
            try refusing { () throws(CostError) in
                try TextFile.write(state.picture(front), to: out)
            }
        }
        if json {
            print(state.json(front).text)
        } else {
            print(
                "\(state.outcomes.count) designs tried, \(front.count) on the front; "
                    + "expected figures"
            )
            print(state.table(front))
        }
    }

    /// `round:part:parts`, given to the processes of a search.
    private func work(_ worker: String, _ state: inout ExplorationProgress) throws {
        let numbers = worker.split(separator: ":").compactMap { Int($0) }
        guard numbers.count == 3, numbers[2] > 0, (0..<numbers[2]).contains(numbers[1]) else {
            throw Refusal("--worker '\(worker)' is not round:part:parts, as 0:0:2 is")
        }
        try refusing { () throws(CostError) in
            try state.work(round: numbers[0], part: numbers[1], of: numbers[2])
        }
    }

    /// Arguments that repeat this search.
    private var arguments: [String] {
        var words = [
            "explore", "--model", model, "--phase", phase, "--context", context, "--slo", slo,
            "--node", node, "--area", area, "--power", power, "--designs", "\(designs)",
            "--rounds", "\(rounds)",
        ]
        if uncontrolled { words.append("--uncontrolled") }
        return words
    }

    /// One round by several processes, each with its share, all adding to one file.
    private func spread(round: Int, path: String) throws {
        var children: [pid_t] = []
        for part in 0..<processes {
            let words =
                arguments + ["--progress", path, "--worker", "\(round):\(part):\(processes)"]
            children.append(try start("/proc/self/exe", ["apus"] + words))
        }
        for child in children where wait(for: child) != 0 {
            throw Refusal("a process of the search ended early; the same command resumes it")
        }
    }

    /// The search on a Ray cluster, by the driver in python/.
    private func runOnRay(_ address: String) throws {
        var words = ["python3", "-m", "apus_explore.on_ray", "--address", address]
        words += ["--processes", "\(max(processes, 2))"]
        if getenv("APUS") == nil, let path = ownPath { words += ["--apus", path] }
        if let progress { words += ["--progress", progress] }
        if let out { words += ["--out", out] }
        if json { words.append("--json") }
        let child = try start(
            "/usr/bin/env", ["env"] + words + ["--"] + Array(arguments.dropFirst()))
        let status = wait(for: child)
        if status != 0 { throw ExitCode(status) }
    }

    /// Where this program lies; tasks on Ray run it again.
    private var ownPath: String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func start(_ path: String, _ words: [String]) throws -> pid_t {
        // The C global `environ` is not safe to touch; the kernel has a copy.
        let bytes = try refusing { () throws(CostError) in
            try TextFile.read("/proc/self/environ") ?? []
        }
        let variables = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        var child: pid_t = 0
        let (arguments, environment) = (copies(words), copies(variables))
        defer { for copy in arguments + environment { free(copy) } }
        let code = posix_spawn(&child, path, nil, nil, arguments, environment)
        guard code == 0 else { throw Refusal("\(path) cannot be started (error \(code))") }
        return child
    }

    private func copies(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] {
        words.map { strdup($0) } + [nil]
    }

    private func wait(for child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 1
    }
}
