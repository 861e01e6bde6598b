import ApusCost
import ArgumentParser

/// `apus compare llama-3.1-70b --parts cloud7,h100,h20 --phase decode --context 2048 --slo 50ms`
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Tokens a second, joules and dollars of several parts at a service level.")

    @Argument(
        help: "A model: llama-3.1-8b, llama-3.1-70b, qwen3-30b-a3b, qwen3-32b, deepseek-v3; or all."
    )
    var model: String

    @Option(help: "Parts, separated by commas.")
    var parts = "cloud7,cloud7-bound,cloud14,cloud14-bound,h100,h200,h20,910b,910c,810e"

    @Option(help: "prefill or decode; with model all, both.")
    var phase = "decode"

    @Option(
        parsing: .unconditional,
        help: "Tokens before the one made (decode), or of the prompt (prefill).")
    var context = "2048"

    @Option(
        parsing: .unconditional,
        help: "Longest time for a token (decode) or to the first (prefill): 50ms, 2s.")
    var slo = "50ms"

    @Option(help: "Write one self-contained page here.")
    var out: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        var answerer = Answerer()
        let parts = try self.parts.split(separator: ",").map { name in
            try refusing { () throws(CostError) in try Part.named(String(name)) }
        }
        let comparisons = try refusing { () throws(CostError) in
            var made: [Comparison] = []
            for question in try questions() {
                made.append(try Comparison(question, parts, using: &answerer))
            }
            return made
        }
        if let out {
            let page = ComparisonPage(comparisons).html
            try refusing { () throws(CostError) in try TextFile.write(page, to: out) }
        }
        if json {
            print(comparisons.map(\.json.text).joined(separator: "\n"))
        } else if out == nil || comparisons.count == 1 {
            print(comparisons.map(\.text).joined(separator: "\n\n"))
        }
    }

    /// The question asked; for `all`, the committed page's: four models, both phases, two levels.
    private func questions() throws(CostError) -> [Question] {
        let context = try Quantity.number(self.context, named: "--context")
        guard model == "all" else {
            guard let phase = Phase(rawValue: phase) else {
                let known = Phase.allCases.map(\.rawValue)
                throw .unknownWord(option: "--phase", word: phase, known: known)
            }
            let level = try Quantity.milliseconds(slo)
            return [
                try Question(
                    model: try .named(model), phase: phase, context: context, serviceLevel: level)
            ]
        }
        var questions: [Question] = []
        for name in ["llama-3.1-8b", "llama-3.1-70b", "qwen3-30b-a3b", "deepseek-v3"] {
            for (phase, levels) in [(Phase.decode, [100.0, 50]), (.prefill, [5000, 1000])] {
                for level in levels {
                    questions.append(
                        try Question(
                            model: try .named(name), phase: phase, context: context,
                            serviceLevel: level))
                }
            }
        }
        return questions
    }
}
