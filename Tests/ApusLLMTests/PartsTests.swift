import ApusChip
import ApusImport
import ApusRuntime
import Testing

import ApusLLM

@Suite("Parts of the engine")
struct PartsTests {
    @Test("a random life of pages: none is handed out twice, and known ones hold what they say")
    func pages() {
        for seed in 0..<40 as Range<UInt64> {
            var random = SplitMix(state: seed)
            var pool = PagePool(count: 12)
            var held: [(pages: [Int32], tokens: [Int])] = []
            var written: [Int32: [Int]] = [:]
            for _ in 0..<200 {
                if Bool.random(using: &random) || held.isEmpty {
                    // Few different tokens, so that beginnings agree.
                    let length = Int.random(in: 1...3, using: &random)
                    let tokens = (0..<length * 16).map {
                        $0 / 16 * Int.random(in: 1...2, using: &random)
                    }
                    var pages = pool.takeKnown(tokens, atMost: length)
                    for (index, page) in pages.enumerated() {
                        #expect(
                            written[page] == Array(tokens[..<(index * 16 + 16)]), "seed \(seed)")
                    }
                    var isWhole = true
                    while pages.count < length {
                        guard let page = pool.take() else {
                            isWhole = false
                            break
                        }
                        #expect(!held.contains { $0.pages.contains(page) }, "seed \(seed)")
                        pages.append(page)
                        written[page] = Array(tokens[..<(pages.count * 16)])
                        pool.know(pages, pages.count - 1, tokens: tokens)
                    }
                    if !isWhole, pages.isEmpty { continue }
                    held.append((pages, tokens))
                } else {
                    let index = Int.random(in: held.indices, using: &random)
                    for page in held.remove(at: index).pages { pool.release(page) }
                }
                let used = Set(held.flatMap(\.pages)).count
                #expect(pool.available == 12 - used, "seed \(seed)")
            }
        }
    }

    @Test("sizes of launches hold what is asked for, and at most half as much again")
    func sizes() {
        for count in 1...256 {
            let size = StepLaunches.size(count, atMost: 256)
            #expect(size >= count && size * 2 <= max(count * 3, 4))
        }
        #expect(StepLaunches.size(100, atMost: 100) == 100)
    }

    @Test("a stop string ends the answer, wherever tokens cut it")
    func stops() throws {
        let text = try TextModel(try SmallModel.box)
        let whole = "The red cat. The end of it"
        let tokens = text.tokenizer.encode(
            whole, addSpecialTokens: false, parseSpecialTokens: false)
        for stop in ["end", "The e", " cat. T", "it", "never"] {
            var answer = AnswerText(text.tokenizer, stops: ["xyz", stop])
            var shown = ""
            for token in tokens { shown += answer.append(Int(token)) }
            shown += answer.finish()
            let expected: String =
                stop == "never"
                ? whole : String(whole.prefix(whole.count - suffix(of: whole, from: stop)))
            #expect(shown == expected, "\(stop)")
            #expect(answer.isStopped == (stop != "never"))
        }
    }

    /// Characters from the first place of `stop` on.
    private func suffix(of text: String, from stop: String) -> Int {
        var index = text.startIndex
        while !text[index...].hasPrefix(stop) { index = text.index(after: index) }
        return text[index...].count
    }

    @Test("filters leave what they say")
    func filters() throws {
        let device = try EmulatedDevice(chip: .nano, threads: 1, mode: .fast)
        // Probabilities 1/2, 1/4, 1/8, 1/16, 1/16 at places in no order.
        let logits: [Float] = [-1.3862944, 0, -2.0794415, -0.6931472, -2.0794415]
        let probe = try SamplingProbe(logits: logits, history: [], on: device)
        func drawn(_ parameters: SamplingParameters) throws -> Set<Int> {
            Set(try probe.draw(400, from: 0, parameters))
        }
        #expect(try drawn(SamplingParameters(temperature: 1)) == [0, 1, 2, 3, 4])
        #expect(try drawn(SamplingParameters(temperature: 1, topK: 1)) == [1])
        #expect(try drawn(SamplingParameters(temperature: 1, topK: 3)) == [0, 1, 3])
        // Tokens 2 and 4 are alike, so they stay together.
        #expect(try drawn(SamplingParameters(temperature: 1, topK: 4)) == [0, 1, 2, 3, 4])
        #expect(try drawn(SamplingParameters(temperature: 1, topP: 0.7)) == [1, 3])
        #expect(try drawn(SamplingParameters(temperature: 1, minP: 0.2)) == [0, 1, 3])
        #expect(try drawn(SamplingParameters()) == [1])
        let penalised = try SamplingProbe(logits: logits.map { $0 + 3 }, history: [1], on: device)
        let greedy = SamplingParameters(repetitionPenalty: 2)
        #expect(try penalised.draw(1, from: 0, greedy) == [3])
    }
}
