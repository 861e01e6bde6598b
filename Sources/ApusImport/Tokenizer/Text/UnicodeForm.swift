// The standard library normalises strings in order to compare them, and offers the result under
// this name; the tests compare it with Python's unicodedata.
@_spi(_Unicode) import Swift

/// Unicode's normalisation forms.
package enum UnicodeForm: String, Sendable, CaseIterable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"

    /// `text` in this form; both are valid UTF-8.
    package func apply(_ text: [UInt8]) -> [UInt8] {
        // ASCII is in every form already.
        if text.allSatisfy({ $0 < 0x80 }) { return text }
        let expandsAll = self == .nfkc || self == .nfkd
        var string = ""
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            if let marks = UnicodeForm.markPairs[scalar.value] {
                string.unicodeScalars.append(contentsOf: marks)
            } else if expandsAll, let mapping = CompatibilityMappings.table[scalar.value] {
                string.unicodeScalars.append(contentsOf: mapping)
            } else {
                string.unicodeScalars.append(scalar)
            }
        }
        var result = ""
        switch self {
        case .nfc, .nfkc: for scalar in string._nfc { result.unicodeScalars.append(scalar) }
        case .nfd, .nfkd: for scalar in string._nfd { result.unicodeScalars.append(scalar) }
        }
        return [UInt8](result.utf8)
    }

    /// The scalars that are no marks by their combining class but decompose to two marks, which
    /// have to be ordered among their neighbours. Swift 6.3 takes such a scalar for a boundary.
    private static let markPairs: [UInt32: [Unicode.Scalar]] = [
        0x344: ["\u{308}", "\u{301}"], 0xF73: ["\u{F71}", "\u{F72}"],
        0xF75: ["\u{F71}", "\u{F74}"], 0xF81: ["\u{F71}", "\u{F80}"],
    ]
}
