/// What happens to text before it is cut into words.
indirect enum Normalizer: Sendable {
    /// One after the other; an empty sequence changes nothing.
    case sequence([Normalizer])
    /// Puts `text` before text that is not empty.
    case prepend([UInt8])
    /// Replaces every match.
    case replace(Pattern, with: [UInt8])
    case unicode(UnicodeForm)
    case lowercase
    /// Removes white space at the ends.
    case strip(left: Bool, right: Bool)
    /// Removes non-spacing marks.
    case stripAccents
    /// SentencePiece's table of replacements, for whole graphemes as the tokenizers library
    /// applies it.
    case characterMap(CharacterMap)
    /// The same for the longest match as SentencePiece does, which passes over the tokens that
    /// users defined.
    case longestCharacters(CharacterMap, keeping: TokenTrie)

    static let none = Normalizer.sequence([])

    /// How many times longer text can become, which a hostile file could make any number.
    var growth: Int {
        switch self {
        case .sequence(let parts):
            parts.reduce(1) { min($0 * min($1.growth, Normalizer.growthMax + 1), 1 << 30) }
        case .prepend(let prefix): 1 + prefix.count
        case .replace(_, let replacement): max(1, replacement.count)
        // The longest decompositions: U+FDFA in NFKD, U+0390 in NFD.
        case .unicode(let form): form == .nfkc || form == .nfkd ? 11 : 3
        case .lowercase: 3
        case .strip, .stripAccents: 1
        case .characterMap, .longestCharacters: CharacterMap.replacementMax
        }
    }

    /// Published normalizers stay below 800.
    static let growthMax = 4096

    /// `text` normalised; both are valid UTF-8.
    func apply(_ text: [UInt8]) -> [UInt8] {
        switch self {
        case .sequence(let parts): return parts.reduce(text) { $1.apply($0) }
        case .prepend(let prefix): return text.isEmpty ? text : prefix + text
        case .replace(let pattern, let replacement):
            return text.replacing(pattern, with: replacement)
        case .unicode(let form): return form.apply(text)
        case .lowercase: return text.mapScalars { $0.properties.lowercaseMapping }
        case .strip(let left, let right): return text.stripped(left: left, right: right)
        case .stripAccents:
            return text.mapScalars {
                $0.properties.generalCategory == .nonspacingMark ? "" : String($0)
            }
        case .characterMap(let map): return map.applyByGrapheme(text)
        case .longestCharacters(let map, let kept):
            return map.applyByLongestMatch(text, keeping: kept)
        }
    }
}

extension [UInt8] {
    /// Valid UTF-8 with every match of `pattern` replaced.
    func replacing(_ pattern: Pattern, with replacement: [UInt8]) -> [UInt8] {
        withUnsafeBufferPointer { text in
            var result: [UInt8] = []
            result.reserveCapacity(count + replacement.count)
            var end = 0
            pattern.forEachMatch(in: text) { match in
                result.append(contentsOf: text[end..<match.lowerBound])
                result.append(contentsOf: replacement)
                end = match.upperBound
            }
            if end == 0 { return self }
            result.append(contentsOf: text[end...])
            return result
        }
    }

    fileprivate func mapScalars(_ transform: (Unicode.Scalar) -> String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        for scalar in String(decoding: self, as: UTF8.self).unicodeScalars {
            result.append(contentsOf: transform(scalar).utf8)
        }
        return result
    }

    fileprivate func stripped(left: Bool, right: Bool) -> [UInt8] {
        let scalars = String(decoding: self, as: UTF8.self).unicodeScalars
        var rest = scalars[...]
        if left { rest = rest.drop { ScalarSet.space.contains($0) } }
        if right {
            while let last = rest.last, ScalarSet.space.contains(last) { rest.removeLast() }
        }
        return [UInt8](String(rest).utf8)
    }
}
