import ApusChip
import ApusImport
import Testing

/// Small tokenizers with what the reference makes of some strings; Goldens/produce_tokenizers.py
/// writes them.
enum GoldenTokenizer {
    static let names = [
        "gpt2", "llama3", "qwen2", "deepseek-v3", "llama2", "gemma", "unigram", "spm-pairs",
    ]

    static func file(_ name: String) throws -> JSONValue {
        try JSONValue(reading: MappedFile(path: Golden.folder + name).span.array)
    }

    static func tokenizer(_ file: JSONValue) throws -> Tokenizer {
        if let json = file["tokenizer"] { return try Tokenizer(json: json, configuration: nil) }
        return try Tokenizer(vocabulary(try #require(file["gguf"])))
    }

    /// A GGUF file's vocabulary, as the producer wrote it.
    static func vocabulary(_ fields: JSONValue) throws -> GGUFVocabulary {
        var vocabulary = GGUFVocabulary(model: string(fields["model"]))
        vocabulary.tokens = list(fields["tokens"]).map { string($0) }
        vocabulary.scores = list(fields["scores"]).map { Float(number($0)) }
        vocabulary.types = list(fields["token_type"]).map { Int32(number($0)) }
        vocabulary.addsSpacePrefix = fields["add_space_prefix"] == .bool(true)
        vocabulary.bosID = 1
        vocabulary.eosIDs = [2]
        vocabulary.unknownID = 0
        return vocabulary
    }

    static func string(_ value: JSONValue?) -> String {
        if case .string(let text)? = value { return text }
        return ""
    }

    static func list(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let items)? = value { return items }
        return []
    }

    static func number(_ value: JSONValue) -> Double {
        switch value {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: 0
        }
    }

    static func ids(_ value: JSONValue?) -> [Int32] { list(value).map { Int32(number($0)) } }
}

@Suite("Golden tokenizers")
struct GoldenTokenizerTests {
    @Test("ids and text are the reference's", arguments: GoldenTokenizer.names)
    func agrees(name: String) throws {
        let file = try GoldenTokenizer.file("tokenizers/\(name).json")
        let tokenizer = try GoldenTokenizer.tokenizer(file)
        let cases = GoldenTokenizer.list(file["cases"])
        #expect(cases.count > 80)
        for item in cases {
            let text = GoldenTokenizer.string(item["text"])
            let parses = item["parse"] == .bool(true)
            let expected = GoldenTokenizer.ids(item["ids"])
            let ids = tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: parses)
            #expect(ids == expected, "\(name): \(text.debugDescription)")
            let decoded = tokenizer.decode(
                expected, skipSpecialTokens: item["skip"] == .bool(true))
            let wanted = GoldenTokenizer.string(item["decoded"])
            // Swift takes canonically equivalent texts for equal, hence the bytes.
            #expect(
                decoded.utf8.elementsEqual(wanted.utf8),
                "\(name): \(decoded.debugDescription), not \(wanted.debugDescription)")
        }
    }

    @Test("a stream of ids gives the text of decoding at once", arguments: GoldenTokenizer.names)
    func streams(name: String) throws {
        let tokenizer = try GoldenTokenizer.tokenizer(
            try GoldenTokenizer.file("tokenizers/\(name).json"))
        let seed: UInt64 = 11
        var generator = MutationTests.Generator(state: seed)
        for round in 0..<300 {
            let ids = (0..<Int.random(in: 1...24, using: &generator)).map { _ in
                Int32.random(in: -2..<Int32(tokenizer.vocabularyCount) + 2, using: &generator)
            }
            for skips in [false, true] {
                var decoder = tokenizer.streamingDecoder(skipSpecialTokens: skips)
                var text = ""
                for id in ids { text += decoder.append(id) }
                text += decoder.finish()
                let whole = tokenizer.decode(ids, skipSpecialTokens: skips)
                #expect(
                    text.utf8.elementsEqual(whole.utf8), "\(name), seed \(seed), round \(round)")
            }
        }
    }

    @Test("a character of several tokens comes when it is complete, and not before")
    func wholeCharacters() throws {
        let tokenizer = try GoldenTokenizer.tokenizer(
            try GoldenTokenizer.file("tokenizers/gpt2.json"))
        for character in ["🤦🏼‍♂️", "한", "é", "𐍈"] {
            let ids = tokenizer.encode(
                character, addSpecialTokens: false, parseSpecialTokens: false)
            var decoder = tokenizer.streamingDecoder(skipSpecialTokens: false)
            var scalars: [Unicode.Scalar] = []
            for id in ids {
                let part = Array(decoder.append(id).unicodeScalars)
                #expect(!part.contains("\u{FFFD}"))
                scalars += part
                #expect(Array(character.unicodeScalars).starts(with: scalars))
            }
            #expect(ids.count > 1 && decoder.finish().isEmpty)
            #expect(scalars == Array(character.unicodeScalars))
        }
    }

    @Test("a character that never ends becomes a replacement character at the end")
    func incompleteCharacter() throws {
        let tokenizer = try GoldenTokenizer.tokenizer(
            try GoldenTokenizer.file("tokenizers/gpt2.json"))
        let ids = tokenizer.encode("𐍈", addSpecialTokens: false, parseSpecialTokens: false)
        var decoder = tokenizer.streamingDecoder(skipSpecialTokens: false)
        let first = try #require(ids.first)
        #expect(decoder.append(first).isEmpty)
        #expect(decoder.finish() == "\u{FFFD}")
    }

    @Test("tokens are found by their spelling, and spelled by their id")
    func spellings() throws {
        let tokenizer = try GoldenTokenizer.tokenizer(
            try GoldenTokenizer.file("tokenizers/llama3.json"))
        let begin = try #require(tokenizer.id(of: "<|begin_of_text|>"))
        #expect(tokenizer.isSpecial(begin) && tokenizer.token(of: begin) == "<|begin_of_text|>")
        #expect(tokenizer.id(of: "no such token") == nil)
        #expect(tokenizer.token(of: -1) == nil)
        #expect(tokenizer.token(of: Int32(tokenizer.vocabularyCount)) == nil)
        for id in 0..<Int32(tokenizer.vocabularyCount) {
            let spelling = try #require(tokenizer.token(of: id))
            #expect(tokenizer.id(of: spelling) == id, "\(spelling)")
        }
        let typed = tokenizer.encode(
            "<|begin_of_text|>", addSpecialTokens: false, parseSpecialTokens: false)
        #expect(!typed.contains(begin))
    }
}
