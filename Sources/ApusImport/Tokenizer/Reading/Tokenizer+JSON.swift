import ApusChip

extension Tokenizer {
    /// Reads a Hugging Face `tokenizer.json`.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - configuration: the `tokenizer_config.json` beside it, which names BOS and EOS.
    /// - Throws: ``TokenizerError`` with the field that is wrong or not supported.
    public convenience init(
        json bytes: [UInt8], configuration: JSONValue?
    ) throws(TokenizerError) {
        let value: JSONValue
        do { value = try JSONValue(reading: bytes) } catch { throw .json(error) }
        try self.init(json: value, configuration: configuration)
    }

    /// The same from JSON that is read already.
    public convenience init(
        json value: JSONValue, configuration: JSONValue?
    ) throws(TokenizerError) {
        let root = TokenizerField(path: "", value: value)
        guard case .object = value else { throw .field("tokenizer.json", expected: "an object") }
        let preTokenizer = try PreTokenizer(root["pre_tokenizer"])
        let added = try AddedToken.read(root["added_tokens"])
        var odd: [Int32: String] = [:]
        let model = try TokenizerParts.Model(
            root["model"], isByteLevel: preTokenizer.isByteLevel, added, &odd)
        var parts = TokenizerParts(model: model)
        parts.normalizer = try Normalizer(root["normalizer"])
        if parts.normalizer.growth > Normalizer.growthMax {
            throw root["normalizer"].unsupported("one that makes text this much longer")
        }
        parts.preTokenizer = preTokenizer
        parts.oddSpellings = odd
        parts.addedTokens = added
        parts.decoder = try DecoderStep.read(root["decoder"])
        try parts.readTemplate(root["post_processor"])
        if let configuration {
            let settings = TokenizerField(path: "tokenizer_config", value: configuration)
            let known = Tokenizer(parts)
            parts.bosID = try settings["bos_token"].tokenID(in: known)
            if let eos = try settings["eos_token"].tokenID(in: known) { parts.eosIDs = [eos] }
        }
        self.init(parts)
    }
}

extension AddedToken {
    /// Reads `added_tokens`.
    fileprivate static func read(_ field: TokenizerField) throws(TokenizerError) -> [AddedToken] {
        if field.isNull { return [] }
        var tokens: [AddedToken] = []
        var contents: Set<String> = []
        var ids: Set<Int> = []
        for entry in try field.list() {
            let content = try entry["content"].string()
            let id = try entry["id"].integer()
            try TokenizerParts.checkID(id, of: content)
            guard contents.insert(content).inserted, ids.insert(id).inserted else {
                throw .conflictingIDs(token: content, id: id)
            }
            let isSpecial = try entry["special"].flag(or: false)
            tokens.append(
                AddedToken(
                    id: Int32(id), content: content, isSpecial: isSpecial,
                    stripsLeft: try entry["lstrip"].flag(or: false),
                    stripsRight: try entry["rstrip"].flag(or: false),
                    isNormalized: try entry["normalized"].flag(or: !isSpecial),
                    isSingleWord: try entry["single_word"].flag(or: false)))
        }
        return tokens
    }
}

extension TokenizerParts {
    static func checkID(_ id: Int, of token: String) throws(TokenizerError) {
        guard (0..<idsMax).contains(id) else {
            throw .idOutOfRange(token: token, id: id, bound: idsMax)
        }
    }

    /// Reads what the `post_processor` puts around a single text.
    fileprivate mutating func readTemplate(_ field: TokenizerField) throws(TokenizerError) {
        if field.isNull { return }
        let type = try field.type()
        switch type {
        case "ByteLevel": return
        case "Sequence":
            for part in try field["processors"].list() { try readTemplate(part) }
        case "TemplateProcessing":
            var before: [Int32] = []
            var after: [Int32] = []
            var isAfter = false
            for piece in try field["single"].list() {
                if piece["Sequence"].isNull {
                    let name = try piece["SpecialToken"]["id"].string()
                    for id in try field["special_tokens"][name]["ids"].list() {
                        let value = try id.integer()
                        try TokenizerParts.checkID(value, of: name)
                        if isAfter {
                            after.append(Int32(value))
                        } else {
                            before.append(Int32(value))
                        }
                    }
                } else if isAfter {
                    throw field["single"].error("one text with tokens around it")
                } else {
                    isAfter = true
                }
            }
            guard isAfter else { throw field["single"].error("one text with tokens around it") }
            prefix = before + prefix
            suffix += after
        case "BertProcessing", "RobertaProcessing":
            prefix = [try field["cls"].pairID()] + prefix
            suffix.append(try field["sep"].pairID())
        default: throw field.unsupported(type)
        }
    }
}

extension TokenizerField {
    /// The id in `["</s>", 2]`.
    fileprivate func pairID() throws(TokenizerError) -> Int32 {
        let items = try list()
        guard items.count == 2 else { throw error("a token and its id") }
        let id = try items[1].integer()
        try TokenizerParts.checkID(id, of: try items[0].string())
        return Int32(id)
    }

    /// The id of a special token that is named by its text or by an object with `content`.
    fileprivate func tokenID(in tokenizer: Tokenizer) throws(TokenizerError) -> Int32? {
        if isNull { return nil }
        var text = self
        if case .object = value { text = self["content"] }
        let name = try text.string()
        guard let id = tokenizer.id(of: name) else { throw .unknownSpecialToken(name) }
        return id
    }
}
