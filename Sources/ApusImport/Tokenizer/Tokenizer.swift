/// Turns text into token ids and back.
///
///     let tokenizer = try Tokenizer(json: bytes, configuration: nil)
///     let ids = tokenizer.encode("Hello", addSpecialTokens: true, parseSpecialTokens: false)
///     tokenizer.decode(ids, skipSpecialTokens: true)   // "Hello"
///
/// Made from a Hugging Face `tokenizer.json` or from the vocabulary in a GGUF file. Gives the ids
/// that the reference implementations give; docs/language-models/tokenizers.md says which.
public final class Tokenizer: Sendable {
    let parts: TokenizerParts
    private let addedByID: [Int32: AddedToken]
    private let addedByContent: [String: Int32]
    private let rawFinder: AddedTokenFinder
    private let normalizedFinder: AddedTokenFinder
    private let keptFinder: AddedTokenFinder
    /// Ids are below this: one more than the largest.
    public let vocabularyCount: Int
    /// The token that begins every sequence, if the model has one.
    public var bosID: Int32? { parts.bosID }
    /// Tokens that end an answer.
    public var eosIDs: [Int32] { parts.eosIDs }

    init(_ parts: TokenizerParts) {
        self.parts = parts
        var byID: [Int32: AddedToken] = [:]
        var byContent: [String: Int32] = [:]
        for token in parts.addedTokens {
            byID[token.id] = token
            byContent[token.content] = token.id
        }
        addedByID = byID
        addedByContent = byContent
        rawFinder = AddedTokenFinder(parts.addedTokens.filter { !$0.isNormalized }) {
            Array($0.content.utf8)
        }
        normalizedFinder = AddedTokenFinder(parts.addedTokens.filter(\.isNormalized)) {
            parts.normalizer.apply(Array($0.content.utf8))
        }
        keptFinder = AddedTokenFinder(parts.keptWhole) { Array($0.content.utf8) }
        let largest = parts.addedTokens.map { Int($0.id) + 1 }.max() ?? 0
        vocabularyCount = max(parts.model.tokens.count, largest)
    }

    /// The ids of `text`.
    ///
    /// - Parameters:
    ///   - addSpecialTokens: whether to add what every text begins and ends with, such as BOS.
    ///   - parseSpecialTokens: whether the spelling of a special token in `text` becomes that
    ///     token; if not, it is ordinary text, as what a user typed should be.
    public func encode(
        _ text: String, addSpecialTokens: Bool, parseSpecialTokens: Bool
    ) -> [Int32] {
        var text = text
        var ids: [Int32] = addSpecialTokens ? parts.prefix : []
        var words = WordMemory()
        text.withUTF8 { bytes in
            for part in rawFinder.cut(bytes, parsesSpecial: parseSpecialTokens) {
                if let id = part.id {
                    ids.append(id)
                    continue
                }
                let normal = parts.normalizer.apply(Array(bytes[part.range]))
                encodeNormalized(
                    normal, startsInput: part.range.lowerBound == 0, parseSpecialTokens, &words,
                    into: &ids)
            }
        }
        if addSpecialTokens { ids += parts.suffix }
        return ids
    }

    private func encodeNormalized(
        _ text: [UInt8], startsInput: Bool, _ parsesSpecial: Bool, _ words: inout WordMemory,
        into ids: inout [Int32]
    ) {
        text.withUnsafeBufferPointer { bytes in
            for part in normalizedFinder.cut(bytes, parsesSpecial: parsesSpecial) {
                if let id = part.id {
                    ids.append(id)
                    continue
                }
                let isStart = startsInput && part.range.lowerBound == 0
                var cut = CutText(Array(bytes[part.range]), startsInput: isStart)
                parts.preTokenizer.apply(&cut)
                cut.bytes.withUnsafeBufferPointer { all in
                    for piece in cut.pieces {
                        let word = UnsafeBufferPointer(rebasing: all[piece])
                        encodeWord(word, &words, into: &ids)
                    }
                }
            }
        }
    }

    private func encodeWord(
        _ word: UnsafeBufferPointer<UInt8>, _ words: inout WordMemory, into ids: inout [Int32]
    ) {
        for part in keptFinder.cut(word, parsesSpecial: true) {
            if let id = part.id {
                ids.append(id)
                continue
            }
            let piece = UnsafeBufferPointer(rebasing: word[part.range])
            if words.append(piece, to: &ids) { continue }
            let start = ids.count
            switch parts.model {
            case .bytePair(let model): model.encode(piece, into: &ids)
            case .unigram(let model): model.encode(piece, into: &ids)
            }
            words.note(piece, ids[start...])
        }
    }
}

extension Tokenizer {
    /// The text of `ids`; ids that are no token's are left out.
    ///
    /// - Parameter skipSpecialTokens: whether special tokens give no text.
    public func decode(_ ids: some Sequence<Int32>, skipSpecialTokens: Bool) -> String {
        var decoder = streamingDecoder(skipSpecialTokens: skipSpecialTokens)
        var text = ""
        for id in ids { text += decoder.append(id) }
        return text + decoder.finish()
    }

    /// A decoder that takes ids one at a time.
    public func streamingDecoder(skipSpecialTokens: Bool) -> StreamingDecoder {
        StreamingDecoder(self, skipsSpecial: skipSpecialTokens)
    }

    /// The id of a token by its spelling in the vocabulary, such as `<|im_end|>` or `Ġthe`.
    public func id(of token: String) -> Int32? {
        if let id = addedByContent[token] { return id }
        let tokens = parts.model.tokens
        guard parts.model.isByteLevel else { return tokens.id(of: token.utf8) }
        if let bytes = ByteAlphabet.bytes(of: token.utf8) {
            return tokens.id(of: bytes)
        }
        return parts.oddSpellings.first { $0.value == token }?.key
    }

    /// The spelling of a token in the vocabulary; nil for an id that is no token's.
    public func token(of id: Int32) -> String? {
        spelling(of: id, skipsSpecial: false).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the id is that of a special token.
    public func isSpecial(_ id: Int32) -> Bool { addedByID[id]?.isSpecial ?? false }

    /// - Throws: ``TokenizerError/largerThanEmbedding(vocabulary:rows:)`` if an id could be given
    ///   that has no row in the model's embedding.
    public func check(embeddingRows rows: Int) throws(TokenizerError) {
        if vocabularyCount > rows {
            throw .largerThanEmbedding(vocabulary: vocabularyCount, rows: rows)
        }
    }

    var decoderSteps: [DecoderStep] { parts.decoder }

    /// The token as the decoder takes it; nil if there is none or it is skipped.
    func spelling(of id: Int32, skipsSpecial: Bool) -> [UInt8]? {
        if let added = addedByID[id] {
            if added.isSpecial && skipsSpecial { return nil }
            let content = Array(added.content.utf8)
            // The reference gives such a token back as it found it.
            return added.isNormalized ? parts.normalizer.apply(content) : content
        }
        let tokens = parts.model.tokens
        guard id >= 0, id < tokens.count else { return nil }
        let bytes = tokens.bytes(of: Int(id))
        guard parts.model.isByteLevel else { return Array(bytes) }
        if let odd = parts.oddSpellings[id] { return Array(odd.utf8) }
        return Array(ByteAlphabet.token(of: bytes).utf8)
    }
}

/// Words of one text that were encoded already, with their ids.
///
/// Texts repeat their words, and looking one up costs less than merging it. It lives as long as
/// one call, so that nothing is shared between threads and nothing grows without bound.
struct WordMemory {
    /// Longer words are rarely seen twice.
    private static let wordMax = 64
    private var known: [UInt64: (word: [UInt8], ids: [Int32])] = [:]

    /// Appends the ids of a word that is known; false if it is not.
    func append(_ word: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) -> Bool {
        guard word.count <= WordMemory.wordMax, let entry = known[hash(of: word)],
            entry.word.elementsEqual(word)
        else { return false }
        ids += entry.ids
        return true
    }

    mutating func note(_ word: UnsafeBufferPointer<UInt8>, _ ids: ArraySlice<Int32>) {
        guard word.count <= WordMemory.wordMax else { return }
        known[hash(of: word)] = (Array(word), Array(ids))
    }
}
