import ApusChip
import ApusCost
import ArgumentParser

/// How long comparisons take: the first of a process, those after it, and designs of a search.
struct TimeCompare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time comparisons, cold and warm, and designs of an exploration.")

    func run() throws {
        let clock = ContinuousClock()
        let names = ["cloud7", "cloud14", "h100", "h200", "h20", "910b"]
        var answerer = Answerer()
        let cold = try clock.measure { try compare(names, &answerer) }
        var warm: [Duration] = []
        for _ in 0..<101 { warm.append(try clock.measure { try compare(names, &answerer) }) }
        print("cost.compare_cold_ms: \(Figure.short(milliseconds(cold)))")
        print("cost.compare_warm_ms: \(Figure.short(milliseconds(warm.sorted()[50])))")
        try designs(clock)
    }

    private func compare(_ names: [String], _ answerer: inout Answerer) throws {
        let question = try Question(
            model: try .named("llama-3.1-70b"), phase: .decode, context: 2048, serviceLevel: 50)
        _ = try Comparison(question, try names.map { try Part.named($0) }, using: &answerer)
    }

    private func designs(_ clock: ContinuousClock) throws {
        let question = try Question(
            model: try .named("llama-3.1-8b"), phase: .decode, context: 2048, serviceLevel: 50)
        let exploration = try Exploration(
            question: question, node: try .named("7nm"), area: 400, power: 300,
            mustBeUncontrolled: false, designs: 10_000, rounds: 1)
        var answerer = Answerer()
        let time = clock.measure {
            for index in 0..<exploration.designs {
                _ = exploration.attempt(round: 0, index: index, front: [], using: &answerer)
            }
        }
        let rate = Double(exploration.designs) / milliseconds(time) * 60_000
        print("cost.designs_per_minute: \(Figure.short(rate))")
    }

    private func milliseconds(_ duration: Duration) -> Double {
        let (seconds, atto) = duration.components
        return Double(seconds) * 1000 + Double(atto) * 1e-15
    }
}

/// The table of docs/cost/README.md: published areas beside the model's.
struct KnownAreas: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print published areas of known chips beside those of the area model.")

    func run() {
        print("| chip | what | published, mm² | model, mm² | within | model over published |")
        print("|---|---|---|---|---|---|")
        for known in KnownChip.all {
            for check in known.checks {
                let ratio = check.modelled.expected / check.published
                let cells = [
                    known.name, check.what, Figure.short(check.published),
                    Figure.range(check.modelled), check.isWithin ? "yes" : "no",
                    Figure.short(ratio, digits: 2),
                ]
                print("| " + cells.joined(separator: " | ") + " |")
            }
        }
        let checks = KnownChip.all.flatMap(\.checks)
        print("cost.known_areas_within: \(checks.filter(\.isWithin).count)")
    }
}
