/// What a tokenizer consists of, whichever file it was read from.
struct TokenizerParts: Sendable {
    /// The model's kind with its tables.
    enum Model: Sendable {
        case bytePair(BytePairModel)
        case unigram(UnigramModel)

        var tokens: TokenTable {
            switch self {
            case .bytePair(let model): model.tokens
            case .unigram(let model): model.tokens
            }
        }

        /// Whether the table has bytes where the files have characters of the byte alphabet.
        var isByteLevel: Bool {
            if case .bytePair(let model) = self { return model.isByteLevel }
            return false
        }
    }

    var normalizer = Normalizer.none
    var preTokenizer = PreTokenizer.none
    var model: Model
    /// Spellings of tokens in a byte-level vocabulary that are not of the byte alphabet.
    var oddSpellings: [Int32: String] = [:]
    var addedTokens: [AddedToken] = []
    /// Texts that the model itself keeps whole, looked for in normalised text as they are.
    var keptWhole: [AddedToken] = []
    /// Ids that stand before and after every text.
    var prefix: [Int32] = []
    var suffix: [Int32] = []
    var decoder: [DecoderStep] = [.spaced]
    var bosID: Int32?
    var eosIDs: [Int32] = []

    /// Ids may be at most so large; the largest published vocabularies have some 262,000 tokens.
    static let idsMax = 1 << 21
}
