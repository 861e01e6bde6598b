import ApusChip
import ApusImport
import ApusRuntime
import Testing

import ApusLLM

@Suite("A batch of requests")
struct EngineTests {
    @Test("the model in the box knows the capital of France", arguments: CacheFormat.allCases)
    func capital(_ cache: CacheFormat) throws {
        let files = try SmallModel.box
        let text = try TextModel(files)
        let engine = Engine(try SmallModel.load(files, cache: cache).model)
        let prompt = try text.tokens(of: [
            ChatMessage(role: "user", content: "What is the capital of France?")
        ])
        let id = try engine.submit(
            GenerationRequest(prompt: prompt, maxTokens: 20, stopTokens: text.endTokens))
        var answer = AnswerText(text.tokenizer)
        var reason: FinishReason?
        while !engine.isIdle {
            for event in try engine.step() {
                switch event {
                case .token(let of, let token):
                    #expect(of == id)
                    _ = answer.append(token)
                case .finished(_, let why): reason = why
                }
            }
        }
        #expect(answer.text.contains("Paris"), "\(answer.text)")
        #expect(reason == .stop)
    }

    /// Requests with and without chance, some with a common beginning.
    private func requests() -> [GenerationRequest] {
        let common = (0..<40).map { 20 + $0 * 7 % 300 }
        return [
            GenerationRequest(prompt: common + [5, 6], maxTokens: 5),
            GenerationRequest(
                prompt: common + [9],
                maxTokens: 4, sampling: SamplingParameters(temperature: 0.9, topK: 20, seed: 3)),
            GenerationRequest(
                prompt: [44, 45],
                maxTokens: 6,
                sampling: SamplingParameters(
                    temperature: 1.1, topP: 0.9, minP: 0.02, repetitionPenalty: 1.2, seed: 4)),
        ]
    }

    private func alone(_ requests: [GenerationRequest]) throws -> [BatchOutcome] {
        let engine = Engine(try SmallModel.load(try SmallModel.box).model)
        var random = SplitMix(state: 1)
        return try requests.map { request in
            var mix = BatchMix(of: [request], countMax: 1, rowsMax: 32, using: &random)
            mix.sharesPrefixes = false
            return try mix.run(on: engine)[0]
        }
    }

    @Test(
        "bits depend neither on the batch nor the chip; the checker finds nothing", .serialized,
        arguments: [(Chip.edge14, false), (Chip.nano, false), (Chip.nano, true)])
    func mixes(_ chip: Chip, _ isChecked: Bool) throws {
        let requests = requests()
        let wanted = try alone(requests)
        let (model, device) = try SmallModel.load(
            try SmallModel.box, chip, mode: isChecked ? .checked(seed: 7) : .fast)
        let engine = Engine(model)
        for seed in 0..<(isChecked ? 1 : 4) as Range<UInt64> {
            var random = SplitMix(state: seed)
            let mix = BatchMix(of: requests, countMax: 4, rowsMax: 32, using: &random)
            let found = try mix.run(on: engine)
            for (item, outcome) in zip(mix.requests, found) {
                let index = requests.firstIndex { $0.prompt == item.request.prompt } ?? 0
                #expect(outcome == wanted[index], "seed \(seed), request \(index)")
            }
        }
        let findings = device.takeFindings().map(\.description)
        #expect(findings.isEmpty, "\(findings.prefix(3))")
    }

    @Test("a beginning that was computed is not computed again")
    func prefixes() throws {
        let engine = Engine(try SmallModel.load(try SmallModel.box).model)
        let prompt = (0..<50).map { 30 + $0 }
        for _ in 0..<2 {
            _ = try engine.submit(GenerationRequest(prompt: prompt, maxTokens: 2))
            while !engine.isIdle { _ = try engine.step() }
        }
        #expect(engine.sharedTokens == 48)
    }

    @Test("what can never be served is refused, and the batch goes on")
    func refusals() throws {
        let requests = requests()
        let wanted = try alone([requests[0]])[0].tokens
        let engine = Engine(try SmallModel.load(try SmallModel.box).model)
        let id = try engine.submit(requests[0])
        var tokens: [Int] = []
        func refused(_ request: GenerationRequest) -> LanguageModelError? {
            do throws(LanguageModelError) {
                _ = try engine.submit(request)
                return nil
            } catch { return error }
        }
        while !engine.isIdle {
            #expect(refused(GenerationRequest(prompt: [], maxTokens: 1)) == .emptyPrompt)
            #expect(
                refused(GenerationRequest(prompt: [100_000], maxTokens: 1))
                    == .unknownToken(100_000, vocabulary: 1024))
            #expect(
                refused(GenerationRequest(prompt: Array(repeating: 1, count: 128), maxTokens: 1))
                    == .contextTooLong(tokens: 128, limit: 128))
            let hot = SamplingParameters(temperature: .nan)
            #expect(
                refused(GenerationRequest(prompt: [1], maxTokens: 1, sampling: hot))
                    == .parameter("temperature", range: "0 to 100"))
            let other = try engine.submit(GenerationRequest(prompt: [1, 2, 3], maxTokens: 5))
            for case .token(let of, let token) in try engine.step() where of == id {
                tokens.append(token)
            }
            engine.cancel(other)
        }
        #expect(tokens == wanted)
    }

    @Test("more requests than there is room for wait their turn")
    func waiting() throws {
        let engine = Engine(try SmallModel.load(try SmallModel.box, sequences: 2).model)
        for number in 0..<5 {
            _ = try engine.submit(GenerationRequest(prompt: [10 + number], maxTokens: 3))
        }
        var finished = 0
        while !engine.isIdle {
            for case .finished in try engine.step() { finished += 1 }
            #expect(engine.runningCount <= 2)
        }
        #expect(finished == 5)
    }
}
