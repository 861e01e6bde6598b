/// SentencePiece's compiled table of replacements: a double-array trie over the texts to be
/// replaced, and their replacements, each ended by a zero.
struct CharacterMap: Sendable {
    /// Longer replacements are cut; SentencePiece's own have at most 33 bytes.
    static let replacementMax = 256
    private let units: [UInt32]
    private let replacements: [UInt8]

    /// Reads the table; nil if its parts do not fit.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 4 else { return nil }
        func word(_ index: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
        }
        let trieBytes = Int(word(0))
        guard trieBytes > 0, trieBytes % 4 == 0, trieBytes <= bytes.count - 4 else { return nil }
        units = stride(from: 4, to: 4 + trieBytes, by: 4).map { word($0) }
        replacements = Array(bytes[(4 + trieBytes)...])
    }

    /// Replaces graphemes of fewer than six bytes as a whole where the table has them, and
    /// otherwise scalar by scalar, as the tokenizers library does.
    func applyByGrapheme(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for grapheme in String(decoding: text, as: UTF8.self) {
            if grapheme.utf8.count < 6, let match = match(Array(grapheme.utf8), longest: false) {
                result.append(contentsOf: match.replacement)
                continue
            }
            for scalar in grapheme.unicodeScalars {
                let bytes = UTF8.encode(scalar).map { Array($0) } ?? []
                let replacement = match(bytes, longest: false)?.replacement
                result.append(contentsOf: replacement ?? bytes[...])
            }
        }
        return repaired(result)
    }

    /// Replaces the longest text that the table has at each place, but where a token of `kept`
    /// stands, as SentencePiece does.
    func applyByLongestMatch(_ text: [UInt8], keeping kept: TokenTrie) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var place = 0
        while place < text.count {
            let token = text.withUnsafeBufferPointer { kept.longestPrefix(of: $0, from: place) }
            if let token {
                result.append(contentsOf: text[place..<token.end])
                place = token.end
            } else if let match = match(text[place...], longest: true) {
                result.append(contentsOf: match.replacement)
                place += match.length
            } else {
                repeat {
                    result.append(text[place])
                    place += 1
                } while place < text.count && text[place] & 0xC0 == 0x80
            }
        }
        return repaired(result)
    }

    /// A hostile table may hold anything; what follows relies on valid UTF-8.
    private func repaired(_ bytes: [UInt8]) -> [UInt8] {
        Array(String(decoding: bytes, as: UTF8.self).utf8)
    }

    /// The shortest or longest text in the table that `key` begins with: its length, and what
    /// replaces it.
    private func match(
        _ key: some Sequence<UInt8>, longest: Bool
    ) -> (length: Int, replacement: ArraySlice<UInt8>)? {
        var found: (length: Int, replacement: ArraySlice<UInt8>)?
        var place = 0
        var length = 0
        func advance(_ step: UInt32) -> Bool {
            place ^= Int(step)
            return place < units.count
        }
        func offset(_ unit: UInt32) -> UInt32 { (unit >> 10) << ((unit & (1 << 9)) >> 6) }
        guard advance(offset(units[0])) else { return nil }
        for byte in key {
            guard byte != 0, advance(UInt32(byte)) else { return found }
            let unit = units[place]
            guard unit & (1 << 31 | 0xFF) == UInt32(byte), advance(offset(unit)) else {
                return found
            }
            length += 1
            guard unit >> 8 & 1 == 1 else { continue }
            let start = Int(units[place] & (1 << 31 - 1))
            guard start < replacements.count else { return found }
            found = (
                length,
                replacements[start...].prefix(CharacterMap.replacementMax).prefix { $0 != 0 }
            )
            if !longest { return found }
        }
        return found
    }
}

/// The bytes that standard Base64 spells, with or without padding; nil if it is malformed.
func decodeBase64(_ text: String) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count / 4 * 3)
    var pending: UInt32 = 0
    var bits = 0
    for byte in text.utf8 {
        let digit: UInt8
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): digit = 62
        case UInt8(ascii: "/"): digit = 63
        case UInt8(ascii: "="): continue
        default: return nil
        }
        pending = pending << 6 | UInt32(digit)
        bits += 6
        if bits >= 8 {
            bits -= 8
            result.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
        }
    }
    return result
}
