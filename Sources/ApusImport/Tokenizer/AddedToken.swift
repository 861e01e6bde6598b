/// A token that is found in text before the model sees it.
public struct AddedToken: Sendable, Equatable {
    /// Its id.
    public let id: Int32
    /// The text that it is found by.
    public let content: String
    /// Whether it stands for something that is not text, such as the end of an answer.
    public let isSpecial: Bool
    /// Whether it takes the white space before it.
    public let stripsLeft: Bool
    /// Whether it takes the white space after it.
    public let stripsRight: Bool
    /// Whether it is looked for in normalised text.
    public let isNormalized: Bool
    /// Whether it must not stand inside a word.
    public let isSingleWord: Bool

    /// A token that is found as it stands.
    public init(
        id: Int32, content: String, isSpecial: Bool, stripsLeft: Bool = false,
        stripsRight: Bool = false, isNormalized: Bool = false, isSingleWord: Bool = false
    ) {
        self.id = id
        self.content = content
        self.isSpecial = isSpecial
        self.stripsLeft = stripsLeft
        self.stripsRight = stripsRight
        self.isNormalized = isNormalized
        self.isSingleWord = isSingleWord
    }
}

/// Finds added tokens in text: at each place the longest, from left to right.
struct AddedTokenFinder: Sendable {
    private let tokens: [AddedToken]
    private var trie = TokenTrie()
    /// Bytes that a token begins with, so that most places are passed over at once.
    private var firstBytes = Array(repeating: false, count: 256)

    /// - Parameter spelling: what a token is looked for by.
    init(_ tokens: [AddedToken], spelling: (AddedToken) -> [UInt8]) {
        self.tokens = tokens
        for (index, token) in tokens.enumerated() {
            let bytes = spelling(token)
            guard let first = bytes.first else { continue }
            trie.insert(bytes, id: Int32(index))
            firstBytes[Int(first)] = true
        }
    }

    /// A part of the text: the token it is, or nil for text.
    typealias Part = (range: Range<Int>, id: Int32?)

    /// Cuts `text` at the tokens in it.
    ///
    /// - Parameter parsesSpecial: whether special tokens count; if not they are ordinary text.
    func cut(_ text: UnsafeBufferPointer<UInt8>, parsesSpecial: Bool) -> [Part] {
        if tokens.isEmpty { return text.isEmpty ? [] : [(0..<text.count, nil)] }
        var parts: [Part] = []
        var end = 0
        var position = 0
        while position < text.count {
            guard firstBytes[Int(text[position])],
                let match = trie.longestPrefix(of: text, from: position)
            else {
                position += 1
                continue
            }
            let token = tokens[Int(match.id)]
            var range = position..<match.end
            position = match.end
            if token.isSpecial && !parsesSpecial { continue }
            if token.isSingleWord && !standsAlone(range, in: text) { continue }
            if token.stripsLeft {
                range = max(end, spaceStart(before: range.lowerBound, in: text))..<range.upperBound
            }
            if token.stripsRight {
                range = range.lowerBound..<spaceEnd(after: range.upperBound, in: text)
            }
            guard range.lowerBound >= end else { continue }
            if range.lowerBound > end { parts.append((end..<range.lowerBound, nil)) }
            parts.append((range, token.id))
            end = range.upperBound
        }
        if end < text.count { parts.append((end..<text.count, nil)) }
        return parts
    }

    private func scalar(before position: Int, in text: UnsafeBufferPointer<UInt8>) -> (
        Unicode.Scalar, start: Int
    )? {
        guard position > 0 else { return nil }
        var start = position - 1
        while start > 0 && text[start] & 0xC0 == 0x80 { start -= 1 }
        return (text.scalar(at: start).scalar, start)
    }

    private func standsAlone(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        if let (scalar, _) = scalar(before: range.lowerBound, in: text),
            scalar.isWordPart
        {
            return false
        }
        return range.upperBound == text.count
            || !text.scalar(at: range.upperBound).scalar.isWordPart
    }

    private func spaceStart(before position: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        var start = position
        while let (scalar, before) = scalar(before: start, in: text),
            ScalarSet.space.contains(scalar)
        {
            start = before
        }
        return start
    }

    private func spaceEnd(after position: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        var end = position
        while end < text.count {
            let (scalar, width) = text.scalar(at: end)
            if !ScalarSet.space.contains(scalar) { break }
            end += width
        }
        return end
    }
}

extension Unicode.Scalar {
    /// What Rust's pattern engine, which the reference finds added tokens with, calls a word:
    /// more than Oniguruma does.
    fileprivate var isWordPart: Bool {
        ScalarSet.word.contains(self) || properties.isAlphabetic || properties.isJoinControl
    }
}
