import ApusChip
import ApusImport
import Testing

@Suite("Tokenizers that cannot be used")
struct TokenizerErrorTests {
    /// A tokenizer of three letters with one part replaced.
    static func tokenizer(
        _ part: String = "", model: String = #""vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]"#
    ) throws -> Tokenizer {
        let extra = part.isEmpty ? "" : "," + part
        let json = #"{"model":{"type":"BPE",\#(model)}\#(extra)}"#
        return try Tokenizer(json: Array(json.utf8), configuration: nil)
    }

    @Test("the smallest tokenizer works")
    func smallest() throws {
        let tokenizer = try Self.tokenizer()
        let ids = tokenizer.encode("abba", addSpecialTokens: true, parseSpecialTokens: true)
        #expect(ids == [2, 1, 0])
        #expect(tokenizer.vocabularyCount == 3)
    }

    @Test(
        "a model whose tables do not fit is refused",
        arguments: [
            (
                #""vocab":{"a":0},"merges":["a b"]"#,
                TokenizerError.unknownMergeToken(merge: 0, token: "b")
            ),
            (#""vocab":{"a":0,"b":1},"merges":["a b"]"#, .unknownMergeToken(merge: 0, token: "ab")),
            (#""vocab":{"a":0},"merges":["a"]"#, .malformedMerge(0)),
            (#""vocab":{"a":0},"merges":[["a","b","c"]]"#, .malformedMerge(0)),
            (#""vocab":{"a":-1},"merges":[]"#, .idOutOfRange(token: "a", id: -1, bound: 1 << 21)),
            (
                #""vocab":{"a":9999999999},"merges":[]"#,
                .idOutOfRange(token: "a", id: 9_999_999_999, bound: 1 << 21)
            ),
            (#""vocab":{"a":0,"b":0},"merges":[]"#, .conflictingIDs(token: "b", id: 0)),
            (#""vocab":[],"merges":[]"#, .field("model.vocab", expected: "an object")),
            (#""vocab":{"a":0},"merges":3"#, .field("model.merges", expected: "a list")),
            (#""vocab":{"a":0},"merges":[],"unk_token":"x""#, .unknownSpecialToken("x")),
            (
                #""vocab":{"a":0},"merges":[],"end_of_word_suffix":"</w>""#,
                .unsupported(field: "model.end_of_word_suffix", found: "</w>")
            ),
        ])
    func models(model: String, error: TokenizerError) {
        #expect(throws: error) { try Self.tokenizer(model: model) }
    }

    @Test(
        "a part that is not known is named",
        arguments: [
            (
                #""normalizer":{"type":"Magic"}"#,
                TokenizerError.unsupported(field: "normalizer", found: "Magic")
            ),
            (
                #""pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"UnicodeScripts"}]}"#,
                .unsupported(field: "pre_tokenizer.pretokenizers[0]", found: "UnicodeScripts")
            ),
            (
                #""pre_tokenizer":{"type":"Split","behavior":"Isolated","#
                    + #""pattern":{"Regex":"(?<=a)"}}"#,
                .pattern("(?<=a)", .unsupported("(?<", at: 0))
            ),
            (#""decoder":{"type":"CTC"}"#, .unsupported(field: "decoder", found: "CTC")),
            (
                #""post_processor":{"type":"TemplateProcessing","single":[]}"#,
                .field("post_processor.single", expected: "one text with tokens around it")
            ),
            (#""added_tokens":[{"id":1,"content":"x"}]"#, .conflictingIDs(token: "x", id: 1)),
            (
                #""added_tokens":[{"id":-3,"content":"x"}]"#,
                .idOutOfRange(token: "x", id: -3, bound: 1 << 21)
            ),
        ])
    func parts(part: String, error: TokenizerError) {
        #expect(throws: error) { try Self.tokenizer(part) }
    }

    @Test("a normalizer or decoder that doubles text many times is refused")
    func growth() {
        let step = #"{"type":"Replace","pattern":{"String":"a"},"content":"aa"}"#
        let steps = Array(repeating: step, count: 40).joined(separator: ",")
        for part in [
            #""normalizer":{"type":"Sequence","normalizers":[\#(steps)]}"#,
            #""decoder":{"type":"Sequence","decoders":[\#(steps)]}"#,
        ] {
            #expect(throws: TokenizerError.self) { try Self.tokenizer(part) }
        }
    }

    @Test("text that is no JSON is refused with its place")
    func notJSON() {
        #expect(throws: TokenizerError.json(.invalid(.unexpectedEnd, line: 1, column: 2))) {
            try Tokenizer(json: Array("{".utf8), configuration: nil)
        }
    }

    @Test("a tokenizer that gives ids without an embedding does not pass")
    func embedding() throws {
        let tokenizer = try Self.tokenizer()
        try tokenizer.check(embeddingRows: 3)
        let error = TokenizerError.largerThanEmbedding(vocabulary: 3, rows: 2)
        #expect(throws: error) { try tokenizer.check(embeddingRows: 2) }
        #expect(
            error.description
                == "tokenizer: it gives ids up to 2, but the model has embeddings for 2 tokens only"
        )
    }

    @Test("a GGUF vocabulary whose tables do not fit is refused")
    func gguf() {
        var vocabulary = GGUFVocabulary(model: "gpt2")
        #expect(throws: TokenizerError.self) { try Tokenizer(vocabulary) }
        vocabulary.tokens = ["a", "b", "ab"]
        vocabulary.merges = ["a c"]
        #expect(throws: TokenizerError.unknownMergeToken(merge: 0, token: "c")) {
            try Tokenizer(vocabulary)
        }
        vocabulary.merges = ["a b"]
        vocabulary.preTokenizer = "unheard-of"
        #expect { try Tokenizer(vocabulary) } throws: {
            "\($0)".contains("'unheard-of' is not known; known are codeshell, command-r,")
        }
        vocabulary.preTokenizer = "gpt-2"
        vocabulary.types = [1]
        #expect(
            throws: TokenizerError.countMismatch(
                field: "tokenizer.ggml.token_type", found: 1, expected: 3)
        ) { try Tokenizer(vocabulary) }
        vocabulary.types = []
        vocabulary.bosID = 3
        #expect(throws: TokenizerError.idOutOfRange(token: "bos_token_id", id: 3, bound: 3)) {
            try Tokenizer(vocabulary)
        }
        vocabulary.model = "rwkv"
        vocabulary.bosID = nil
        #expect(throws: TokenizerError.self) { try Tokenizer(vocabulary) }
    }

    @Test("configuration names BOS and EOS, as text or as objects")
    func configuration() throws {
        let json = #"{"model":{"vocab":{"a":0,"<s>":1,"</s>":2},"merges":[]}}"#
        let configuration = JSONValue.object([
            .init("bos_token", .string("<s>")),
            .init("eos_token", .object([.init("content", .string("</s>"))])),
        ])
        let tokenizer = try Tokenizer(json: Array(json.utf8), configuration: configuration)
        #expect(tokenizer.bosID == 1 && tokenizer.eosIDs == [2])
        let wrong = JSONValue.object([.init("bos_token", .string("<bos>"))])
        #expect(throws: TokenizerError.unknownSpecialToken("<bos>")) {
            try Tokenizer(json: Array(json.utf8), configuration: wrong)
        }
    }
}
