/// The vocabulary in a GGUF file's metadata; its reader fills this in.
public struct GGUFVocabulary: Sendable {
    /// `tokenizer.ggml.model`: `gpt2` for byte-level pairs, `llama` for SentencePiece's pairs,
    /// `t5` for its unigrams.
    public var model: String
    /// `tokenizer.ggml.pre`: how a `gpt2` vocabulary's text is cut.
    public var preTokenizer: String?
    /// `tokenizer.ggml.tokens`, by id.
    public var tokens: [String]
    /// `tokenizer.ggml.scores`; only SentencePiece's vocabularies need them.
    public var scores: [Float]
    /// `tokenizer.ggml.token_type`: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused,
    /// 6 byte.
    public var types: [Int32]
    /// `tokenizer.ggml.merges`, for `gpt2`.
    public var merges: [String]
    /// `tokenizer.ggml.bos_token_id`
    public var bosID: Int?
    /// `tokenizer.ggml.eos_token_id`, `eot_token_id` and others that end an answer.
    public var eosIDs: [Int]
    /// `tokenizer.ggml.unknown_token_id`
    public var unknownID: Int?
    /// `tokenizer.ggml.add_bos_token`
    public var addsBOS: Bool?
    /// `tokenizer.ggml.add_eos_token`
    public var addsEOS: Bool?
    /// `tokenizer.ggml.add_space_prefix`
    public var addsSpacePrefix: Bool?
    /// `tokenizer.ggml.remove_extra_whitespaces`
    public var removesExtraSpace: Bool?
    /// `tokenizer.ggml.precompiled_charsmap`: SentencePiece's table of replacements.
    public var characterMap: [UInt8]

    /// A vocabulary of a type, with nothing in it yet.
    public init(model: String) {
        self.model = model
        tokens = []
        scores = []
        types = []
        merges = []
        eosIDs = []
        characterMap = []
    }
}

/// `tokenizer.ggml.token_type`
enum GGUFTokenType {
    static let normal: Int32 = 1
    static let unknown: Int32 = 2
    static let control: Int32 = 3
    static let userDefined: Int32 = 4
    static let unused: Int32 = 5
    static let byte: Int32 = 6
}
