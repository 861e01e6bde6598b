/// The file in which an exploration keeps what it has tried: a heading, then a line for each
/// design.
///
///     apus-explore 1 llama-3.1-8b decode 2048 50 7nm 400 300 any 10000 4
///     0 17 3 4 1 1 0 2 5 3 812.5 0.31 0.09 388.2
///     0 18 9 9 3 3 1 4 5 2 -
///
/// Lines are added in whole chunks by one write each, so several processes can add to it. A last
/// line that was cut off by a kill does not count.
public struct ExplorationProgress: Sendable {
    public let path: String
    public let exploration: Exploration
    /// Everything tried so far, each design of a round once.
    public private(set) var outcomes: [Exploration.Outcome] = []

    /// Opens a file, or begins one.
    ///
    /// - Throws: ``CostError/badProgress(path:reason:)`` for a file of another kind or question.
    public init(path: String, _ exploration: Exploration) throws(CostError) {
        self.path = path
        self.exploration = exploration
        let heading = ExplorationProgress.heading(exploration)
        guard let bytes = try TextFile.read(path), !bytes.isEmpty else {
            try TextFile.write(heading + "\n", to: path)
            return
        }
        try read(bytes, heading: heading)
    }

    /// Reads what others have added.
    ///
    /// - Throws: as the initialiser.
    public mutating func refresh() throws(CostError) {
        self = try ExplorationProgress(path: path, exploration)
    }

    /// Adds outcomes.
    ///
    /// - Throws: ``CostError/file(path:errno:)``.
    public mutating func add(_ new: [Exploration.Outcome]) throws(CostError) {
        if new.isEmpty { return }
        try TextFile.append(new.map(ExplorationProgress.line).joined(), to: path)
        outcomes += new
    }

    /// The front of all rounds before one.
    public func front(before round: Int) -> [Exploration.Outcome] {
        Exploration.front(outcomes.filter { $0.round < round })
    }

    /// Indices of a round that have not been tried.
    public func missing(round: Int) -> [Int] {
        let done = Set(outcomes.lazy.filter { $0.round == round }.map(\.index))
        return (0..<exploration.designs).filter { !done.contains($0) }
    }

    private static func heading(_ of: Exploration) -> String {
        let question = of.question
        let words: [String] = [
            "apus-explore 1", question.model.name, question.phase.rawValue,
            "\(question.context)", "\(question.serviceLevel)", of.space.node.name, "\(of.area)",
            "\(of.space.power)", of.mustBeUncontrolled ? "uncontrolled" : "any", "\(of.designs)",
            "\(of.rounds)",
        ]
        return words.joined(separator: " ")
    }

    private static func line(_ outcome: Exploration.Outcome) -> String {
        let picks = outcome.choices.picks.map(String.init).joined(separator: " ")
        var tail = "-"
        if let f = outcome.figures {
            tail = "\(f.tokensPerSecond) \(f.joulesPerToken) \(f.dollarsPerMillion) \(f.area)"
        }
        return "\(outcome.round) \(outcome.index) \(picks) \(tail)\n"
    }

    private mutating func read(_ bytes: [UInt8], heading: String) throws(CostError) {
        let whole = bytes.lastIndex(of: 0x0A).map { bytes[...$0] } ?? []
        let lines = String(decoding: whole, as: UTF8.self).split(separator: "\n")
        guard let first = lines.first, first.hasPrefix("apus-explore 1 ") else {
            throw .badProgress(path: path, reason: .notAnExploration)
        }
        guard first == heading else { throw .badProgress(path: path, reason: .otherQuestion) }
        // A line cut off by a kill is dropped, lest the next one grow on it.
        if whole.count < bytes.count {
            try TextFile.write(String(decoding: whole, as: UTF8.self), to: path)
        }
        var seen: Set<[Int]> = []
        for (number, line) in lines.enumerated().dropFirst() {
            guard let outcome = parse(line) else {
                throw .badProgress(path: path, reason: .brokenLine(number + 1))
            }
            if seen.insert([outcome.round, outcome.index]).inserted { outcomes.append(outcome) }
        }
    }

    private func parse(_ line: Substring) -> Exploration.Outcome? {
        let words = line.split(separator: " ")
        let axes = DesignSpace.axes
        guard words.count == 3 + axes.count || words.count == 6 + axes.count else { return nil }
        let numbers = words.prefix(2 + axes.count).compactMap { Int($0) }
        guard numbers.count == 2 + axes.count, (0..<exploration.rounds).contains(numbers[0]),
            (0..<exploration.designs).contains(numbers[1])
        else { return nil }
        let picks = Array(numbers.dropFirst(2))
        guard zip(picks, axes).allSatisfy({ (0..<$1).contains($0) }) else { return nil }
        var outcome = Exploration.Outcome(
            round: numbers[0], index: numbers[1], choices: .init(picks: picks), figures: nil)
        if words.count == 3 + axes.count { return words.last == "-" ? outcome : nil }
        let values = words.suffix(4).compactMap { Double($0) }
        guard values.count == 4, values.allSatisfy({ $0.isFinite && $0 > 0 }) else { return nil }
        outcome.figures = .init(
            tokensPerSecond: values[0], joulesPerToken: values[1], dollarsPerMillion: values[2],
            area: values[3])
        return outcome
    }
}

extension ExplorationProgress {
    /// Tries this process's share of a round: of the missing indices those that leave `part` when
    /// divided by `parts`.
    ///
    /// - Throws: ``CostError/file(path:errno:)``.
    public mutating func work(round: Int, part: Int, of parts: Int) throws(CostError) {
        guard round < exploration.rounds else { return }
        var answerer = Answerer()
        let front = front(before: round)
        var chunk: [Exploration.Outcome] = []
        for index in missing(round: round) where index % parts == part {
            chunk.append(
                exploration.attempt(round: round, index: index, front: front, using: &answerer))
            // Some 100 ms of work: what a kill loses at most.
            if chunk.count == 256 {
                try add(chunk)
                chunk = []
            }
        }
        try add(chunk)
    }
}
