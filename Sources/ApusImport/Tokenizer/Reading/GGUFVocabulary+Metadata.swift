import ApusChip

extension GGUFVocabulary {
    /// The vocabulary in a GGUF file's metadata.
    ///
    /// - Throws: ``TokenizerError/file(_:)`` if a key holds another kind of value, and
    ///   ``TokenizerError/field(_:expected:)`` if the file has no vocabulary.
    public init(_ metadata: GGUFMetadata) throws(TokenizerError) {
        do {
            guard let model = try metadata.text("tokenizer.ggml.model"),
                let tokens = try metadata.strings("tokenizer.ggml.tokens")
            else {
                throw TokenizerError.field("tokenizer.ggml.tokens", expected: "in the file")
            }
            self.init(model: model)
            self.tokens = tokens
            preTokenizer = try metadata.text("tokenizer.ggml.pre")
            scores = try metadata.numbers("tokenizer.ggml.scores") ?? []
            merges = try metadata.strings("tokenizer.ggml.merges") ?? []
            let kinds = try metadata.integers("tokenizer.ggml.token_type") ?? []
            types = kinds.map { Int32(truncatingIfNeeded: $0) }
            bosID = try metadata.integer("tokenizer.ggml.bos_token_id")
            unknownID = try metadata.integer("tokenizer.ggml.unknown_token_id")
            for key in ["eos", "eot", "eom"] {
                if let id = try metadata.integer("tokenizer.ggml.\(key)_token_id") {
                    eosIDs.append(id)
                }
            }
            addsBOS = try metadata.bool("tokenizer.ggml.add_bos_token")
            addsEOS = try metadata.bool("tokenizer.ggml.add_eos_token")
            addsSpacePrefix = try metadata.bool("tokenizer.ggml.add_space_prefix")
            removesExtraSpace = try metadata.bool("tokenizer.ggml.remove_extra_whitespaces")
            let map = try metadata.integers("tokenizer.ggml.precompiled_charsmap") ?? []
            characterMap = map.map { UInt8(truncatingIfNeeded: $0) }
        } catch let error as ImportError {
            throw .file(error)
        } catch let error as TokenizerError {
            throw error
        } catch {
            preconditionFailure("an error of no declared type")
        }
    }
}

extension Tokenizer {
    /// The tokenizer of a language model's files.
    ///
    /// - Throws: ``TokenizerError`` with what is wrong in them.
    public convenience init(_ source: TokenizerSource) throws(TokenizerError) {
        switch source {
        case .none: throw .missing
        case .gguf(let metadata): try self.init(GGUFVocabulary(metadata))
        case .json(let file, let configuration):
            var settings: JSONValue?
            if let configuration {
                do { settings = try JSONValue(reading: configuration.array) } catch {
                    throw .json(error)
                }
            }
            try self.init(json: file.array, configuration: settings)
        }
    }
}
