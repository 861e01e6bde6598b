import ApusChip

/// Why a tokenizer cannot be used. Cases hold facts; ``description`` makes the sentence.
public enum TokenizerError: Error, Equatable, Sendable {
    /// The model's files hold none.
    case missing
    /// The file that holds it cannot be read.
    case file(ImportError)
    /// The file's text is not JSON.
    case json(JSONError)
    /// A field is missing or of another kind; `field` is its path.
    case field(String, expected: String)
    /// A part of a kind that is not supported.
    case unsupported(field: String, found: String)
    /// A pattern cannot be compiled.
    case pattern(String, PatternError)
    /// The vocabulary's type in a GGUF file is not one that is supported.
    case unknownModel(String)
    /// The pre-tokenizer named in a GGUF file is not known.
    case unknownPreTokenizer(String, known: [String])
    /// A token's id is negative or larger than any vocabulary needs.
    case idOutOfRange(token: String, id: Int, bound: Int)
    /// Two tokens have one id, or one token two.
    case conflictingIDs(token: String, id: Int)
    /// A merge names a token that the vocabulary does not have.
    case unknownMergeToken(merge: Int, token: String)
    /// A merge is not two tokens.
    case malformedMerge(Int)
    /// Another table's length is not the vocabulary's.
    case countMismatch(field: String, found: Int, expected: Int)
    /// A special token is not in the vocabulary.
    case unknownSpecialToken(String)
    /// The model has an embedding for fewer ids than the tokenizer can give.
    case largerThanEmbedding(vocabulary: Int, rows: Int)
}

extension TokenizerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing: return "the model's files have no tokenizer; tokenizer.json is missing"
        case .file(let error): return error.description
        case .json(let error): return "tokenizer: \(error.description)"
        case .field(let field, let expected):
            return "tokenizer: \(printable(field)) must be \(expected)"
        case .unsupported(let field, let found):
            return "tokenizer: \(printable(field)) is \(quoted(found)), which is not supported"
        case .pattern(let pattern, let error):
            return "tokenizer: pattern \(quoted(pattern)): \(error.description)"
        case .unknownModel(let name):
            return "tokenizer: vocabularies of type \(quoted(name)) are not supported; "
                + "gpt2, llama and t5 are"
        case .unknownPreTokenizer(let name, let known):
            return "tokenizer: pre-tokenizer \(quoted(name)) is not known; known are "
                + known.joined(separator: ", ")
        case .idOutOfRange(let token, let id, let bound):
            return "tokenizer: token \(quoted(token)) has id \(id); ids are 0 to \(bound - 1)"
        case .conflictingIDs(let token, let id):
            return "tokenizer: token \(quoted(token)) cannot have id \(id), which is taken, "
                + "or has another"
        case .unknownMergeToken(let merge, let token):
            return "tokenizer: merge \(merge) needs token \(quoted(token)), "
                + "which the vocabulary does not have"
        case .malformedMerge(let merge): return "tokenizer: merge \(merge) is not two tokens"
        case .countMismatch(let field, let found, let expected):
            return "tokenizer: \(field) has \(found) entries, the vocabulary \(expected)"
        case .unknownSpecialToken(let token):
            return "tokenizer: special token \(quoted(token)) is not in the vocabulary"
        case .largerThanEmbedding(let vocabulary, let rows):
            return "tokenizer: it gives ids up to \(vocabulary - 1), "
                + "but the model has embeddings for \(rows) tokens only"
        }
    }
}
