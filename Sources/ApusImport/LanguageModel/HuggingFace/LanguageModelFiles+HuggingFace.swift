import ApusChip

extension LanguageModelFiles {
    /// Reads a model from a folder.
    init(folder path: String) throws(ImportError) {
        let folder = try HuggingFaceFolder(path: path)
        let names = HuggingFaceNames(tensors: folder.tensors)
        let configuration = try LanguageModelConfiguration(
            huggingFace: folder.description, embedding: names.embedding)
        let resolver = TensorResolver(path: path, byName: folder.tensors) { role in
            names.places(role, configuration.family)
        }
        var generation = try GenerationDefaults(folder: path, model: folder.description)
        generation.endTokens = generation.endTokens.filter { $0 < configuration.vocabularySize }
        try generation.check(configuration, path: path)
        let tokenizer = try Self.tokenizer(path)
        self.init(
            path: path, configuration: configuration, name: nil, tokenizer: tokenizer,
            chatTemplate: try Self.chatTemplate(path), generation: generation,
            weightBytes: folder.weightBytes, metadata: nil,
            roles: try resolver.roles(of: configuration))
    }

    private static func tokenizer(_ path: String) throws(ImportError) -> TokenizerSource {
        if let file = try HuggingFaceFolder.file(path, "tokenizer.json") {
            let settings = try HuggingFaceFolder.file(path, "tokenizer_config.json")
            return .json(tokenizer: file.span, configuration: settings?.span)
        }
        // What `apus quantize` writes beside weights that came from a GGUF file.
        if let file = try HuggingFaceFolder.file(path, "tokenizer.gguf") {
            return .gguf(try GGUFFile(file: file).metadata)
        }
        return .none
    }

    /// From `chat_template.jinja`, or the field of `tokenizer_config.json`: a text, or a list of
    /// named ones, of which `default` counts.
    private static func chatTemplate(_ path: String) throws(ImportError) -> String? {
        if let file = try HuggingFaceFolder.file(path, "chat_template.jinja") {
            return file.span.text
        }
        if case .gguf(let metadata) = try tokenizer(path) {
            return try metadata.text("tokenizer.chat_template")
        }
        let settings = try HuggingFaceFolder.json(path, "tokenizer_config.json")
        guard let found = settings?.field("chat_template") else { return nil }
        switch found {
        case .string(let text): return text
        case .array(let items):
            for item in items {
                if item["name"] == .string("default"), case .string(let text)? = item["template"] {
                    return text
                }
            }
            return nil
        default: return nil
        }
    }
}

extension GenerationDefaults {
    /// From `generation_config.json`, and `config.json` for what that does not say.
    fileprivate init(folder: String, model: JSONDescription) throws(ImportError) {
        let settings = try HuggingFaceFolder.json(folder, "generation_config.json")
        let sources = [settings, model, try model.object("text_config")].compactMap { $0 }
        for source in sources where beginToken == nil {
            beginToken = try source.integer("bos_token_id")
        }
        for source in sources where endTokens.isEmpty {
            guard let found = source.field("eos_token_id") else { continue }
            let items = if case .array(let list) = found { list } else { [found] }
            for item in items {
                guard case .integer(let token) = item else {
                    throw .description(
                        source.path, .kind("eos_token_id", expected: "a token or a list of tokens"))
                }
                endTokens.append(token)
            }
        }
        guard let settings else { return }
        samples = try settings.bool("do_sample")
        temperature = try settings.number("temperature").map { Float($0) }
        topK = try settings.integer("top_k")
        topP = try settings.number("top_p").map { Float($0) }
        minP = try settings.number("min_p").map { Float($0) }
        repetitionPenalty = try settings.number("repetition_penalty").map { Float($0) }
    }
}

/// The names of a folder's tensors, which models of several parts put behind a prefix.
private struct HuggingFaceNames {
    /// What stands in the place of `model.`, and before `lm_head`.
    private let stem: String
    private let head: String
    /// The token embedding, if any name of it is there.
    let embedding: StoredTensor?

    init(tensors: [String: StoredTensor]) {
        let variants = [
            ("model.", ""), ("language_model.model.", "language_model."),
            ("model.language_model.", ""), ("", ""),
        ]
        let found = variants.first { tensors["\($0.0)embed_tokens.weight"] != nil }
        (stem, head) = found ?? variants[0]
        embedding = tensors["\(stem)embed_tokens.weight"]
    }

    func places(
        _ role: TensorRole, _ family: LanguageModelConfiguration.Family
    ) -> [TensorPlace] {
        role.huggingFacePlaces(family).map { place in
            let name =
                place.name.hasPrefix("model.")
                ? stem + place.name.dropFirst("model.".count) : head + place.name
            return TensorPlace(name, slice: place.slice)
        }
    }
}
