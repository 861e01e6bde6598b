/// A language model as its files hold it: description, weights by role, and what a tokenizer and a
/// chat need. Weights stay in the mapped files.
///
///     let model = try LanguageModelFiles(path: "model.gguf")
///     let query = try model.tensor(.layer(0, .query))
///
/// - Source: docs/language-models/files.md.
public struct LanguageModelFiles: Sendable {
    /// The file or folder as given.
    public let path: String
    /// What the model computes.
    public let configuration: LanguageModelConfiguration
    /// The model's name, where the files say one.
    public let name: String?
    /// From which the tokenizer is built.
    public let tokenizer: TokenizerSource
    /// The Jinja template of a chat; nil if the files have none.
    public let chatTemplate: String?
    /// What the model's makers recommend for sampling, and the tokens that begin and end.
    public let generation: GenerationDefaults
    /// Bytes of all files of weights.
    public let weightBytes: Int
    /// The metadata of a GGUF file; nil for a folder.
    public let metadata: GGUFMetadata?
    private let roles: [TensorRole: StoredTensor]

    /// Opens a GGUF file, or a folder as Hugging Face's libraries write it.
    ///
    /// - Throws: ``ImportError`` if a file is malformed, the architecture is not supported, or a
    ///   weight is missing or has another shape than the description implies.
    public init(path: String) throws(ImportError) {
        self = try Self.open(path)
    }

    init(
        path: String, configuration: LanguageModelConfiguration, name: String?,
        tokenizer: TokenizerSource, chatTemplate: String?, generation: GenerationDefaults,
        weightBytes: Int, metadata: GGUFMetadata?, roles: [TensorRole: StoredTensor]
    ) {
        self.path = path
        self.configuration = configuration
        self.name = name
        self.tokenizer = tokenizer
        self.chatTemplate = chatTemplate
        self.generation = generation
        self.weightBytes = weightBytes
        self.metadata = metadata
        self.roles = roles
    }

    private static func open(_ path: String) throws(ImportError) -> LanguageModelFiles {
        HuggingFaceFolder.exists("\(path)/.")
            ? try LanguageModelFiles(folder: path)
            : try LanguageModelFiles(gguf: GGUFFile(path: path), path: path)
    }

    /// The weight of a role, checked against the description when the files were opened.
    ///
    /// For `.output` of a tied model it is the token embedding.
    public func tensor(_ role: TensorRole) throws(ImportError) -> StoredTensor {
        let found = role == .output && configuration.isTied ? .tokenEmbedding : role
        guard let tensor = roles[found] else {
            throw .weight(path, "\(role)", .missing(alsoKnownAs: []))
        }
        return tensor
    }

    /// Whether the model has a weight for the role.
    public func has(_ role: TensorRole) -> Bool {
        roles[role] != nil || role == .output && configuration.isTied
    }

    /// All weights, in the order of use.
    public var tensors: [(role: TensorRole, tensor: StoredTensor)] {
        configuration.tensorShapes.compactMap { item in
            roles[item.role].map { (item.role, $0) }
        }
    }
}

/// From which a tokenizer is built.
public enum TokenizerSource: Sendable {
    /// The `tokenizer.…` keys of a GGUF file.
    case gguf(GGUFMetadata)
    /// `tokenizer.json`, and `tokenizer_config.json` where there is one.
    case json(tokenizer: FileSpan, configuration: FileSpan?)
    /// The folder has weights alone.
    case none
}

/// Recommendations for sampling, and special tokens; nil where the files say nothing.
public struct GenerationDefaults: Equatable, Sendable {
    public var beginToken: Int?
    /// Any of these ends an answer.
    public var endTokens: [Int] = []
    /// Whether sampling is recommended at all, in place of the most likely token.
    public var samples: Bool?
    public var temperature: Float?
    public var topK: Int?
    public var topP: Float?
    public var minP: Float?
    public var repetitionPenalty: Float?
}

/// Finds the weights of a description's roles among named tensors.
struct TensorResolver {
    /// The file or folder, for messages.
    let path: String
    let byName: [String: StoredTensor]
    /// DeepSeek-V3 has 47,000: 61 layers of 256 experts with three matrices each.
    private static let weightsMax = 1 << 19
    /// The names under which a role may stand.
    let places: (TensorRole) -> [TensorPlace]

    /// The weights of all roles.
    ///
    /// - Throws: ``WeightProblem/missing(alsoKnownAs:)`` or
    ///   ``WeightProblem/wrongShape(expected:found:)``, by the tensor's name.
    func roles(
        of configuration: LanguageModelConfiguration
    ) throws(ImportError) -> [TensorRole: StoredTensor] {
        let weightCount = configuration.weightCount
        guard weightCount <= Self.weightsMax else {
            throw .limit(
                file: path, field: "the number of weights", found: weightCount,
                bound: Self.weightsMax)
        }
        var roles: [TensorRole: StoredTensor] = [:]
        for (role, shape) in configuration.tensorShapes {
            roles[role] = try tensor(role, shape: shape)
        }
        return roles
    }

    private func tensor(_ role: TensorRole, shape: [Int]) throws(ImportError) -> StoredTensor {
        let places = places(role)
        for place in places {
            guard let found = byName[place.name] else { continue }
            if let slice = place.slice {
                guard found.shape.count == 3, slice < found.shape[0],
                    Array(found.shape.dropFirst()) == shape
                else {
                    throw .weight(
                        path, place.name,
                        .wrongShape(expected: [slice + 1] + shape, found: found.shape))
                }
                return found.slice(slice)
            }
            guard found.shape == shape else {
                throw .weight(
                    path, place.name, .wrongShape(expected: shape, found: found.shape))
            }
            return found
        }
        throw .weight(
            path, places.first?.name ?? "\(role)",
            .missing(alsoKnownAs: places.dropFirst().map(\.name)))
    }
}
