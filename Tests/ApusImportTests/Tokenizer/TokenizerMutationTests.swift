import ApusChip
import ApusImport
import Testing

@Suite("Mutated tokenizers and templates")
struct TokenizerMutationTests {
    /// A few hundred mutants in the fast set, tens of thousands in the slow one.
    static let count = MutationTests.isSlow ? 5000 : 40

    /// One to four small changes: a byte replaced, a run removed, or a run copied from elsewhere.
    static func mutated(
        _ original: [UInt8], _ generator: inout MutationTests.Generator
    ) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let length = min(Int.random(in: 1...12, using: &generator), bytes.count - place)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &generator)
            case 1: bytes.removeSubrange(place..<place + length)
            default:
                let other = Int.random(in: 0..<bytes.count, using: &generator)
                let end = min(other + length, bytes.count)
                bytes.insert(contentsOf: Array(bytes[other..<end]), at: place)
            }
        }
        return bytes
    }

    @Test(
        "a mutated tokenizer is made or refused, and never traps",
        arguments: GoldenTokenizer.names.dropLast())
    func tokenizers(name: String) throws {
        let seed: UInt64 = 77
        var generator = MutationTests.Generator(state: seed)
        let file = try GoldenTokenizer.file("tokenizers/\(name).json")
        let original = Array(try #require(file["tokenizer"]).text.utf8)
        // The tables are most of the text; what surrounds them is mutated more often.
        let settings = original.firstPlace(of: Array("\"model\"".utf8)) ?? original.count
        let text = "Hello, wörld! don't  <|im_start|> 12345\n\n▁ <0x0A> 😀"
        var refused = 0
        for index in 0..<Self.count {
            var bytes: [UInt8]
            if index % 2 == 0 {
                bytes = Self.mutated(Array(original[..<settings]), &generator)
                bytes += original[settings...]
            } else {
                bytes = Self.mutated(original, &generator)
            }
            do {
                let tokenizer = try Tokenizer(json: bytes, configuration: nil)
                let ids = tokenizer.encode(
                    text, addSpecialTokens: true, parseSpecialTokens: index % 3 == 0)
                _ = tokenizer.decode(ids, skipSpecialTokens: false)
            } catch {
                refused += 1
                #expect(!"\(error)".contains("\n"), "seed \(seed), mutant \(index): \(error)")
            }
        }
        print("\(name): seed \(seed), \(Self.count) mutants, \(refused) refused")
    }

    @Test("a mutated template renders or is refused, and never traps or hangs")
    func templates() throws {
        let seed: UInt64 = 78
        var generator = MutationTests.Generator(state: seed)
        let limits = TemplateLimits(stepsMax: 200_000, bytesMax: 1 << 20, depthMax: 64)
        let chat = [
            ChatMessage(role: "system", content: "Be brief."),
            ChatMessage(role: "user", content: "<think>a</think> b "),
            ChatMessage(role: "assistant", content: "Yes.\nNo."),
        ]
        for name in GoldenTemplate.names {
            let original = try GoldenTemplate.source(name)
            var refused = 0
            for index in 0..<Self.count * 5 {
                let bytes = Self.mutated(Array(original.utf8), &generator)
                do {
                    let template = try ChatTemplate(String(decoding: bytes, as: UTF8.self))
                    _ = try template.render(
                        messages: chat, addGenerationPrompt: true,
                        tools: [
                            .object([.init("function", .object([.init("name", .string("f"))]))])
                        ],
                        variables: ["bos_token": .string("<s>")],
                        clock: TemplateClock(seconds: 0), limits: limits)
                } catch {
                    refused += 1
                    let text = "\(error)"
                    #expect(!text.contains("\n"), "seed \(seed), \(name) \(index): \(text)")
                }
            }
            print("\(name): seed \(seed), \(Self.count * 5) mutants, \(refused) refused")
        }
    }
}

extension [UInt8] {
    fileprivate func firstPlace(of part: [UInt8]) -> Int? {
        guard count >= part.count else { return nil }
        return (0...count - part.count).first { self[$0...].starts(with: part) }
    }
}
