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
        var string = String(decoding: text, as: UTF8.self)
        if self == .nfkc || self == .nfkd {
            var expanded = ""
            for scalar in string.unicodeScalars {
                if let mapping = CompatibilityMappings.table[scalar.value] {
                    expanded.unicodeScalars.append(contentsOf: mapping)
                } else {
                    expanded.unicodeScalars.append(scalar)
                }
            }
            string = expanded
        }
        var result = ""
        switch self {
        case .nfc, .nfkc: for scalar in string._nfc { result.unicodeScalars.append(scalar) }
        case .nfd, .nfkd: for scalar in string._nfd { result.unicodeScalars.append(scalar) }
        }
        return [UInt8](result.utf8)
    }
}
