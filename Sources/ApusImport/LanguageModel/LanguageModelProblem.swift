/// Why a file is not one of the formats that language models are stored in.
public enum FileProblem: Equatable, Sendable {
    /// The first bytes are not those of the format.
    case magic(expected: String)
    /// A version of the format that is not read.
    case version(Int, supported: String)
    /// The file ends inside a field.
    case truncated(field: String)
    /// A count or length needs more bytes than the file has.
    case count(field: String, UInt64)
    /// A type code that the format does not have.
    case typeCode(field: String, UInt32)
    /// A name or key is not UTF-8.
    case text(field: String)
    /// Arrays nest deeper than any file needs.
    case nestedTooDeep
    /// A name or key occurs twice.
    case duplicate(field: String, String)
    /// The header is not JSON.
    case json(JSONProblem)
}

/// A fault of JSON text, as its reader says it.
public struct JSONProblem: Equatable, Sendable {
    public let sentence: String
}

/// Why a tensor of a language model's file cannot be used.
public enum WeightProblem: Equatable, Sendable {
    /// A stored type that is not read.
    case type(String, supported: String)
    /// A rank or extent that no weight has.
    case shape([UInt64])
    /// The row is not a whole number of blocks.
    case block(columns: Int, block: Int)
    /// The data's place is not a multiple of the file's alignment.
    case alignment(atByte: UInt64, alignment: Int)
    /// The data lies outside the file.
    case range(atByte: UInt64, count: UInt64, fileBytes: Int)
    /// The data meets that of another tensor.
    case overlap(with: String, atByte: Int)
    /// The shape needs another number of bytes than the file says.
    case size(expected: Int, found: Int)
    /// The model needs this tensor, and no file has it.
    case missing(alsoKnownAs: [String])
    /// The model's description implies another shape.
    case wrongShape(expected: [Int], found: [Int])
    /// The scales of a quantised tensor do not fit it.
    case scales(String, shape: [Int], scales: [Int])
    /// The file that the index names for it lies outside the folder or has another kind of name.
    case shardPath(String)
    /// The shard that the index names does not hold the tensor.
    case notInShard(String)
    /// A value that is infinite or not a number, where that has no meaning.
    case notFinite(row: Int)
}

/// Why a description of a model (GGUF metadata, `config.json`) cannot be used.
public enum DescriptionProblem: Equatable, Sendable {
    /// The field is needed and absent.
    case missing(String)
    /// The field holds another kind of value.
    case kind(String, expected: String)
    /// The field's value is outside what is possible.
    case value(String, found: String, allowed: String)
    /// The architecture is none of those that run here.
    case architecture(String, supported: [String])
}

/// Why a language model's files cannot be read.
public enum LanguageModelProblem: Equatable, Sendable {
    /// The bytes are not of the format.
    case format(atByte: Int, FileProblem)
    /// One tensor cannot be used.
    case tensor(String, WeightProblem)
    /// The description cannot be used.
    case description(DescriptionProblem)
    /// A folder has no file that a model needs.
    case folder(missing: String)
}
