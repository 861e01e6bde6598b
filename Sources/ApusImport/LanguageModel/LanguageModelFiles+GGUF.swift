extension LanguageModelFiles {
    /// Reads a model from an opened GGUF file; `path` stands for it in messages.
    public init(gguf: GGUFFile, path: String) throws(ImportError) {
        let metadata = gguf.metadata
        if let parts = try metadata.integer("split.count"), parts > 1 {
            throw .description(
                path, .value("split.count", found: "\(parts)", allowed: "1: a file in one part"))
        }
        let configuration = try LanguageModelConfiguration(gguf: gguf)
        let resolver = TensorResolver(
            path: path,
            byName: Dictionary(
                gguf.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
            places: \.ggufPlaces)
        var generation = GenerationDefaults()
        generation.beginToken = try metadata.integer("tokenizer.ggml.bos_token_id")
        for key in ["eos", "eot", "eom"] {
            if let token = try metadata.integer("tokenizer.ggml.\(key)_token_id"),
                !generation.endTokens.contains(token)
            {
                generation.endTokens.append(token)
            }
        }
        try generation.check(configuration, path: path)
        self.init(
            path: path, configuration: configuration, name: try metadata.text("general.name"),
            tokenizer: try Self.tokenizer(metadata),
            chatTemplate: try metadata.text("tokenizer.chat_template"), generation: generation,
            weightBytes: gguf.file.count, metadata: metadata,
            roles: try resolver.roles(of: configuration))
    }

    /// The file's own vocabulary, or a whole `tokenizer.json` where it has only that.
    private static func tokenizer(_ metadata: GGUFMetadata) throws(ImportError) -> TokenizerSource {
        if !metadata.has("tokenizer.ggml.model"),
            let span = try metadata.textSpan("tokenizer.huggingface.json")
        {
            return .json(tokenizer: span, configuration: nil)
        }
        return metadata.has("tokenizer.ggml.model") ? .gguf(metadata) : .none
    }
}

extension GenerationDefaults {
    /// Holds that special tokens are in the vocabulary.
    func check(
        _ configuration: LanguageModelConfiguration, path: String
    ) throws(ImportError) {
        let tokens = endTokens + (beginToken.map { [$0] } ?? [])
        for token in tokens where !(0..<configuration.vocabularySize).contains(token) {
            throw .description(
                path,
                .value(
                    "a token that begins or ends", found: "\(token)",
                    allowed: "below the vocabulary's \(configuration.vocabularySize)"))
        }
    }
}
