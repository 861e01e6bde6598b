import ApusCost
import Testing

@Suite("answers of parts")
struct AnswerTests {
    private static let names = [
        "h100", "h200", "h20", "a100", "910b", "810e", "cloud7", "cloud7-bound", "cloud14",
        "cloud14-bound",
    ]

    @Test("answers meet the level, lie in order, and use no more memory than there is")
    func answers() throws {
        var answerer = Answerer()
        for model in ["llama-3.1-8b", "llama-3.1-70b", "qwen3-30b-a3b", "deepseek-v3"] {
            for (phase, level) in [(Phase.decode, 50.0), (.prefill, 2000)] {
                let question = try Question(
                    model: try .named(model), phase: phase, context: 2048, serviceLevel: level)
                for name in Self.names {
                    guard let answer = answerer.answer(question, try .named(name)) else { continue }
                    let place = "\(model) \(phase) \(name)"
                    #expect(answer.tokensPerSecond.low > 0, "\(place)")
                    #expect(answer.joulesPerToken.low > 0, "\(place)")
                    #expect(answer.dollarsPerMillion.low > 0, "\(place)")
                    #expect(answer.power.chip.expected < answer.power.board.expected, "\(place)")
                    #expect(answer.power.board.expected < answer.power.wall.expected, "\(place)")
                    let bytes = answer.part.memoryBytes * Double(answer.count)
                    #expect(bytes > question.model.parameters, "\(place)")
                }
            }
        }
    }

    @Test("what programs reach today is never above what they could be held to")
    func todayBelowBound() throws {
        var answerer = Answerer()
        for phase in Phase.allCases {
            let question = try Question(
                model: try .named("llama-3.1-8b"), phase: phase, context: 2048,
                serviceLevel: 5000)
            for name in ["cloud7", "cloud14"] {
                let bound = try Part.named(name + "-bound")
                let reached = answerer.answer(question, try .named(name))
                let possible = answerer.answer(question, bound)
                let (today, held) = (try #require(reached), try #require(possible))
                #expect(today.tokensPerSecond.expected < held.tokensPerSecond.expected)
                #expect(today.part.provenance == .simulated)
                #expect(held.part.provenance == .modelled)
            }
        }
    }

    @Test("a stricter level never gives more tokens")
    func levels() throws {
        var answerer = Answerer()
        for name in Self.names {
            var last = Double.infinity
            for level in [200.0, 100, 50, 25, 15] {
                let question = try Question(
                    model: try .named("llama-3.1-70b"), phase: .decode, context: 2048,
                    serviceLevel: level)
                guard let answer = answerer.answer(question, try .named(name)) else { break }
                // Batches are searched in steps of a twentieth.
                #expect(answer.tokensPerSecond.expected <= last * 1.06, "\(name) at \(level) ms")
                last = answer.tokensPerSecond.expected
            }
        }
    }

    @Test("no question without tokens or time")
    func refusals() throws {
        let model = try ModelShape.named("llama-3.1-8b")
        #expect(throws: CostError.self) {
            try Question(model: model, phase: .decode, context: 0, serviceLevel: 50)
        }
        #expect(throws: CostError.self) {
            try Question(model: model, phase: .decode, context: 1, serviceLevel: -1)
        }
        #expect(throws: CostError.self) { try Part.named("h300") }
        #expect(throws: CostError.self) { try ProcessNode.named("9nm") }
    }

    @Test("weights of the listed models are those of their names")
    func parameters() throws {
        for (name, billions) in [
            ("llama-3.1-8b", 8.03), ("llama-3.1-70b", 70.6), ("qwen3-30b-a3b", 30.5),
            ("qwen3-32b", 32.8), ("deepseek-v3", 671.0),
        ] {
            let found = try ModelShape.named(name).parameters / 1e9
            #expect(abs(found / billions - 1) < 0.01, "\(name): \(found)")
        }
    }
}
