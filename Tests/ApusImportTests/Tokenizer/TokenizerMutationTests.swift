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

    /// JSON with one value somewhere replaced, removed or repeated.
    static func mutated(
        _ value: JSONValue, of whole: JSONValue, _ generator: inout MutationTests.Generator
    ) -> JSONValue {
        let descends = Int.random(in: 0..<8, using: &generator) > 0
        switch value {
        case .object(let fields) where descends && !fields.isEmpty:
            var fields = fields
            let place = Int.random(in: 0..<fields.count, using: &generator)
            fields[place] = JSONValue.Field(
                fields[place].name, mutated(fields[place].value, of: whole, &generator))
            return .object(fields)
        case .array(var items) where descends && !items.isEmpty:
            let place = Int.random(in: 0..<items.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: items.remove(at: place)
            case 1: items.insert(items[place], at: 0)
            default: items[place] = mutated(items[place], of: whole, &generator)
            }
            return .array(items)
        default: return replacement(of: whole, &generator)
        }
    }

    private static func replacement(
        of whole: JSONValue, _ generator: inout MutationTests.Generator
    ) -> JSONValue {
        let texts = [
            "", "▁", "a", "Regex", "\\p{L}+|(?=a)", "ByteLevel", "Sequence", "Metaspace", " ",
        ]
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2:
            return .integer(
                [-1, 0, 1, 7, 499, 1 << 31, Int.max, Int.min][
                    Int.random(in: 0..<8, using: &generator)])
        case 3: return .number(-1e300)
        case 4, 5: return .string(texts[Int.random(in: 0..<texts.count, using: &generator)])
        default:
            // Another part of the same file.
            var part = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                if case .object(let fields) = part,
                    let field = fields.randomElement(using: &generator)
                {
                    part = field.value
                } else if case .array(let items) = part,
                    let item = items.randomElement(using: &generator)
                {
                    part = item
                }
            }
            return part
        }
    }

    /// Text with pieces of the language put in, or with small changes.
    static func mutatedTemplate(
        _ original: String, _ generator: inout MutationTests.Generator
    ) -> String {
        let pieces = [
            "{% if x %}", "{% endif %}", "{% else %}", "{% endfor %}", "{% for a, b in messages %}",
            "{{ ", " }}", "{%- ", " -%}", " | trim", " | tojson(indent=2)", "[0]", "['x']",
            "[::-1]",
            " ~ ", " + ", " * 9", "not ", "loop.last", "ns.x", "(", ")", " is defined",
            " is string",
            " in ", ".items()", ".split('a')", "messages", " if true else ", "{# ", "#}", "{}",
            "-1",
        ]
        if Bool.random(using: &generator) {
            let bytes = mutated(Array(original.utf8), &generator)
            return String(decoding: bytes, as: UTF8.self)
        }
        var scalars = Array(original.unicodeScalars)
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            let piece = pieces.randomElement(using: &generator) ?? ""
            let place = Int.random(in: 0...scalars.count, using: &generator)
            scalars.insert(contentsOf: piece.unicodeScalars, at: place)
        }
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }

    @Test(
        "a mutated tokenizer is made or refused, and never traps",
        arguments: GoldenTokenizer.names.dropLast())
    func tokenizers(name: String) throws {
        let seed: UInt64 = 77
        var generator = MutationTests.Generator(state: seed)
        let file = try GoldenTokenizer.file("tokenizers/\(name).json")
        let value = try #require(file["tokenizer"])
        let original = Array(value.text.utf8)
        let text = "Hello, wörld! don't  <|im_start|> 12345\n\n▁ <0x0A> 😀"
        var refused = 0
        for index in 0..<Self.count {
            do {
                let tokenizer: Tokenizer
                if index % 4 == 0 {
                    let bytes = Self.mutated(original, &generator)
                    tokenizer = try Tokenizer(json: bytes, configuration: nil)
                } else {
                    let mutant = Self.mutated(value, of: value, &generator)
                    tokenizer = try Tokenizer(json: mutant, configuration: nil)
                }
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
                let mutant = Self.mutatedTemplate(original, &generator)
                do {
                    let template = try ChatTemplate(mutant)
                    _ = try template.render(
                        messages: chat, addGenerationPrompt: true,
                        tools: [
                            .object([.init("function", .object([.init("name", .string("f"))]))])
                        ],
                        variables: ["bos_token": .string("<s>"), "eos_token": .string("</s>")],
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
