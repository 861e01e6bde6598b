extension Tokenizer {
    /// Makes the tokenizer that a GGUF file's vocabulary describes.
    ///
    /// - Throws: ``TokenizerError`` if its tables do not fit each other or it is of a kind that is
    ///   not known.
    public convenience init(_ vocabulary: GGUFVocabulary) throws(TokenizerError) {
        try vocabulary.checkCounts()
        var parts: TokenizerParts
        switch vocabulary.model {
        case "gpt2": parts = try vocabulary.byteLevelParts()
        case "llama": parts = try vocabulary.sentencePieceParts()
        case "t5": parts = try vocabulary.unigramParts()
        default: throw .unknownModel(vocabulary.model)
        }
        parts.bosID = try vocabulary.checked(vocabulary.bosID, "bos_token_id")
        for id in vocabulary.eosIDs {
            if let id = try vocabulary.checked(id, "eos_token_id"), !parts.eosIDs.contains(id) {
                parts.eosIDs.append(id)
            }
        }
        if vocabulary.addsBOS ?? (vocabulary.model == "llama"), let bos = parts.bosID {
            parts.prefix = [bos]
        }
        if vocabulary.addsEOS ?? (vocabulary.model == "t5"), let eos = parts.eosIDs.first {
            parts.suffix = [eos]
        }
        try vocabulary.addTokens(to: &parts)
        self.init(parts)
    }
}

extension GGUFVocabulary {
    fileprivate func checkCounts() throws(TokenizerError) {
        guard !tokens.isEmpty else { throw .field("tokenizer.ggml.tokens", expected: "a list") }
        guard tokens.count <= TokenizerParts.idsMax else {
            throw .idOutOfRange(
                token: "", id: tokens.count - 1, bound: TokenizerParts.idsMax)
        }
        let needsScores = model != "gpt2"
        if needsScores || !scores.isEmpty, scores.count != tokens.count {
            throw .countMismatch(
                field: "tokenizer.ggml.scores", found: scores.count, expected: tokens.count)
        }
        if !types.isEmpty && types.count != tokens.count {
            throw .countMismatch(
                field: "tokenizer.ggml.token_type", found: types.count, expected: tokens.count)
        }
    }

    fileprivate func checked(_ id: Int?, _ name: String) throws(TokenizerError) -> Int32? {
        guard let id else { return nil }
        guard tokens.indices.contains(id) else {
            throw .idOutOfRange(token: name, id: id, bound: tokens.count)
        }
        return Int32(id)
    }

    private func type(of id: Int) -> Int32 {
        types.isEmpty ? GGUFTokenType.normal : types[id]
    }

    /// Control tokens are special; those that users defined are found in text as well: before it
    /// is normalised, or by SentencePiece's models, which keep them whole.
    fileprivate func addTokens(to parts: inout TokenizerParts) throws(TokenizerError) {
        var seen: Set<String> = []
        for (id, content) in tokens.enumerated() where !content.isEmpty {
            let type = type(of: id)
            let isUnknown = type == GGUFTokenType.unknown
            guard type == GGUFTokenType.control || type == GGUFTokenType.userDefined || isUnknown
            else { continue }
            guard seen.insert(content).inserted else { continue }
            let isSpecial = type != GGUFTokenType.userDefined
            let token = AddedToken(id: Int32(id), content: content, isSpecial: isSpecial)
            switch (model, isSpecial) {
            case ("llama", false): parts.keptWhole.append(token)
            // Among the unigrams, with a score that always wins.
            case ("t5", false): break
            default: parts.addedTokens.append(token)
            }
        }
    }

    fileprivate func byteLevelParts() throws(TokenizerError) -> TokenizerParts {
        var odd: [Int32: String] = [:]
        var table = TokenTable(capacity: tokens.count)
        for (id, token) in tokens.enumerated() {
            if let bytes = ByteAlphabet.bytes(of: token.utf8) {
                table.append(bytes)
            } else {
                table.append([], isFindable: false)
                odd[Int32(id)] = token
            }
        }
        let name = preTokenizer ?? "default"
        var reader = MergeReader(tokens: table, isByteLevel: true, count: merges.count)
        for (rank, merge) in merges.enumerated() { try reader.add(merge, rank: rank) }
        let cut = try PreTokenizer(named: name)
        let model = BytePairModel(
            tokens: table, pairs: reader.table, byteIDs: BytePairModel.byteIDs(of: table),
            isByteLevel: true, fallsBackToBytes: false,
            ignoresMerges: PreTokenizer.ignoresMerges(name), unknownID: nil, fusesUnknown: false)
        var parts = TokenizerParts(model: .bytePair(model))
        parts.oddSpellings = odd
        parts.preTokenizer = cut
        if PreTokenizer.composes(name) { parts.normalizer = .unicode(.nfc) }
        parts.decoder = [.byteLevel]
        return parts
    }

    /// SentencePiece's pairs: neighbours merge if the result is a token, the highest score first.
    fileprivate func sentencePieceParts() throws(TokenizerError) -> TokenizerParts {
        let table = sentencePieceTable()
        // Equal scores merge from left to right, so that they need equal ranks.
        let distinct = Set(scores.filter { !$0.isNaN }).sorted(by: >)
        var ranks: [Float: Int32] = [:]
        for (rank, score) in distinct.enumerated() { ranks[score] = Int32(rank) }
        var found: [(Int32, Int32, PairTable.Merge)] = []
        for id in tokens.indices where isPiece(id) {
            let bytes = Array(table.bytes(of: id))
            guard let rank = ranks[scores[id]], table.id(of: bytes) == Int32(id) else { continue }
            for middle in bytes.indices.dropFirst() where bytes[middle] & 0xC0 != 0x80 {
                if let left = table.id(of: bytes[..<middle]),
                    let right = table.id(of: bytes[middle...])
                {
                    found.append((left, right, PairTable.Merge(rank: rank, id: Int32(id))))
                }
            }
        }
        var pairs = PairTable(capacity: found.count)
        for (left, right, merge) in found { pairs.set(left, right, merge) }
        let byteIDs = self.byteIDs()
        let model = BytePairModel(
            tokens: table, pairs: pairs, byteIDs: byteIDs, isByteLevel: false,
            fallsBackToBytes: byteIDs.contains { $0 >= 0 }, ignoresMerges: false,
            unknownID: try unknown(), fusesUnknown: true)
        return try sentencePieceParts(model: .bytePair(model))
    }

    fileprivate func unigramParts() throws(TokenizerError) -> TokenizerParts {
        let byteIDs = self.byteIDs()
        let model = UnigramModel(
            tokens: sentencePieceTable(), scores: unigramScores(), unknownID: try unknown(),
            byteIDs: byteIDs.contains { $0 >= 0 } ? byteIDs : [], keepsSingles: true)
        return try sentencePieceParts(model: .unigram(model))
    }

    /// Logarithms of probabilities. What users defined wins over any way to cut its text. As in
    /// SentencePiece 0.2.3 it scores its bytes times the best score, at least 0.1, less 0.1; the
    /// number matters, because it decides how later sums round and so which of equal ways is kept.
    private func unigramScores() -> [Double] {
        var scores = scores.map { $0.isNaN ? -1e9 : Double($0) }
        let normal = scores.indices.filter { type(of: $0) == GGUFTokenType.normal }
        let best = normal.reduce(Float(0.1)) { max($0, Float(scores[$1])) }
        for id in scores.indices where type(of: id) == GGUFTokenType.userDefined {
            scores[id] = Double(Float(tokens[id].utf8.count) * best - 0.1)
        }
        return scores
    }

    private func userDefined() -> TokenTrie {
        var trie = TokenTrie()
        for (id, token) in tokens.enumerated() where type(of: id) == GGUFTokenType.userDefined {
            trie.insert(token.utf8, id: Int32(id))
        }
        return trie
    }

    private func sentencePieceParts(
        model: TokenizerParts.Model
    ) throws(TokenizerError) -> TokenizerParts {
        var parts = TokenizerParts(model: model)
        let space = Array("▁".utf8)
        let addsPrefix = addsSpacePrefix ?? true
        var steps: [Normalizer] = []
        if !characterMap.isEmpty {
            guard let map = CharacterMap(characterMap) else {
                throw .field(
                    "tokenizer.ggml.precompiled_charsmap", expected: "SentencePiece's table")
            }
            steps.append(.longestCharacters(map, keeping: userDefined()))
        }
        if removesExtraSpace ?? false {
            steps.append(.replace(try Pattern(reading: "^ +|\\x20+\\z"), with: []))
            steps.append(.replace(try Pattern(reading: " {2,}"), with: [0x20]))
        }
        if addsPrefix { steps.append(.prepend([0x20])) }
        steps.append(.replace(Pattern(literal: " "), with: space))
        parts.normalizer = .sequence(steps)
        parts.decoder = [
            .replace(Pattern(literal: "▁"), with: [0x20]), .byteFallback(asWhole: false),
            .fuse,
        ]
        if removesExtraSpace ?? false {
            parts.decoder.append(.strip(0x20, start: Int.max, end: 0))
        } else if addsPrefix {
            parts.decoder.append(.strip(0x20, start: 1, end: 0))
        }
        return parts
    }

    /// Only pieces of text are found in text; control and byte tokens are not.
    private func sentencePieceTable() -> TokenTable {
        var table = TokenTable(capacity: tokens.count)
        for (id, token) in tokens.enumerated() {
            table.append(token.utf8, isFindable: isPiece(id))
        }
        return table
    }

    private func isPiece(_ id: Int) -> Bool {
        let type = type(of: id)
        return type == GGUFTokenType.normal || type == GGUFTokenType.userDefined
    }

    private func byteIDs() -> [Int32] {
        var ids = Array(repeating: Int32(-1), count: 256)
        for (id, token) in tokens.enumerated() where type(of: id) == GGUFTokenType.byte {
            if let byte = DecoderStage.byte(of: Array(token.utf8)) { ids[Int(byte)] = Int32(id) }
        }
        return ids
    }

    private func unknown() throws(TokenizerError) -> Int32? {
        if let id = try checked(unknownID, "unknown_token_id") { return id }
        return tokens.indices.first { type(of: $0) == GGUFTokenType.unknown }.map { Int32($0) }
    }
}

extension PreTokenizer {
    /// Whether models with this pre-tokenizer take a word that is a token as it is.
    static func ignoresMerges(_ name: String) -> Bool {
        ["llama-bpe", "llama3", "llama-v3", "falcon3", "tekken", "gpt-4o", "llama4"]
            .contains(name)
    }

    /// Whether models with this pre-tokenizer compose text (NFC) first.
    static func composes(_ name: String) -> Bool {
        ["qwen2", "deepseek-r1-qwen", "stablelm2", "megrez"].contains(name)
    }
}
