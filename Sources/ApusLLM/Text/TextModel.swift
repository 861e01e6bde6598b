import ApusChip
import ApusImport

/// What turns text into a model's tokens and back: tokenizer, chat template, tokens that end.
public struct TextModel: Sendable {
    public let tokenizer: Tokenizer
    /// Nil if the files have none.
    public let template: ChatTemplate?
    /// Tokens that end an answer.
    public let endTokens: Set<Int>

    /// Reads the tokenizer and the template of a model's files.
    ///
    /// - Throws: ``LanguageModelError/tokenizer(_:)`` and ``LanguageModelError/template(_:)``.
    public init(_ files: LanguageModelFiles) throws(LanguageModelError) {
        do throws(TokenizerError) {
            tokenizer = try Tokenizer(files.tokenizer)
            try tokenizer.check(embeddingRows: files.configuration.vocabularySize)
        } catch {
            throw .tokenizer(error)
        }
        do throws(TemplateError) {
            template = try files.chatTemplate.map { source throws(TemplateError) in
                try ChatTemplate(source)
            }
        } catch {
            throw .template(error)
        }
        endTokens = Set(files.generation.endTokens + tokenizer.eosIDs.map { Int($0) })
    }

    /// The tokens of plain text.
    public func tokens(of text: String) -> [Int] {
        tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: true).map { Int($0) }
    }

    /// The tokens of a chat up to where the answer begins, by the model's template.
    ///
    /// - Throws: ``LanguageModelError/noTemplate``, ``LanguageModelError/template(_:)``.
    public func tokens(of messages: [ChatMessage]) throws(LanguageModelError) -> [Int] {
        guard let template else { throw .noTemplate }
        let text: String
        do throws(TemplateError) {
            text = try template.render(
                messages: messages, addGenerationPrompt: true, variables: specialTokens)
        } catch {
            throw .template(error)
        }
        return tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true)
            .map { Int($0) }
    }

    /// The spellings that templates know by name.
    private var specialTokens: [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        if let id = tokenizer.bosID, let text = tokenizer.token(of: id) {
            values["bos_token"] = .string(text)
        }
        if let id = tokenizer.eosIDs.first, let text = tokenizer.token(of: id) {
            values["eos_token"] = .string(text)
        }
        return values
    }
}

/// The text of an answer while its tokens come, ended by stop strings.
///
///     var text = AnswerText(model.tokenizer, stops: ["\nUser:"])
///     print(text.append(token)); if text.isStopped { engine.cancel(id) }
///
/// What might be the beginning of a stop string waits until it is certain.
public struct AnswerText: Sendable {
    private var decoder: StreamingDecoder
    private let stops: [String]
    private var held = ""
    /// All text so far, without the stop string.
    public private(set) var text = ""
    /// Whether a stop string came.
    public private(set) var isStopped = false

    public init(_ tokenizer: Tokenizer, stops: [String] = []) {
        decoder = tokenizer.streamingDecoder(skipSpecialTokens: true)
        self.stops = stops.filter { !$0.isEmpty }
    }

    /// Takes a token; the text that is certain now.
    public mutating func append(_ token: Int) -> String {
        isStopped ? "" : release(decoder.append(Int32(token)), isLast: false)
    }

    /// What still waited, when no token follows.
    public mutating func finish() -> String {
        isStopped ? "" : release(decoder.finish(), isLast: true)
    }

    private mutating func release(_ more: String, isLast: Bool) -> String {
        held += more
        let found = stops.compactMap { held.firstRange(of: $0)?.lowerBound }.min()
        var certain = held.endIndex
        if let found {
            certain = found
            isStopped = true
        } else if !isLast {
            for stop in stops { certain = min(certain, held.beginning(of: stop)) }
        }
        let released = String(held[..<certain])
        held = isStopped ? "" : String(held[certain...])
        text += released
        return released
    }
}

extension String {
    /// Where a beginning of `stop` stands at the end of the string; the end if there is none.
    fileprivate func beginning(of stop: String) -> Index {
        var index = endIndex
        var found = endIndex
        for _ in 0..<stop.count where index != startIndex {
            index = self.index(before: index)
            if stop.hasPrefix(self[index...]) { found = index }
        }
        return found
    }

    /// The first place of `other`, by bytes.
    fileprivate func firstRange(of other: String) -> Range<Index>? {
        var index = startIndex
        while index != endIndex {
            if self[index...].hasPrefix(other) {
                return index..<self.index(index, offsetBy: other.count)
            }
            index = self.index(after: index)
        }
        return nil
    }
}
