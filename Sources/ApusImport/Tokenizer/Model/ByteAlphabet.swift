/// The characters by which byte-level vocabularies write bytes, as GPT-2 introduced them.
///
/// Printable bytes of Latin-1 stand for themselves; the others are U+0100 and on, in order, so
/// that a space is written `Ġ`.
enum ByteAlphabet {
    /// The character of each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            let value = UInt32(byte)
            if isPrintable(value) { return Unicode.Scalar(UInt8(byte)) }
            defer { next += 1 }
            return Unicode.Scalar(next) ?? "\u{FFFD}"
        }
    }()

    /// The byte of each character below U+0144; -1 for one that stands for no byte.
    private static let bytes: [Int16] = {
        var bytes = Array(repeating: Int16(-1), count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = Int16(byte) }
        return bytes
    }()

    private static func isPrintable(_ value: UInt32) -> Bool {
        (0x21...0x7E).contains(value) || (0xA1...0xAC).contains(value)
            || (0xAE...0xFF).contains(value)
    }

    /// Appends the bytes that a token, given in UTF-8, stands for.
    ///
    /// - Returns: whether every character stood for one; if not, what was appended is of no use.
    static func append(
        _ token: some Collection<UInt8>, to result: inout [UInt8]
    ) -> Bool {
        var lead: Int = -1
        for byte in token {
            if lead >= 0 {
                // The second byte of a scalar below U+0800.
                let value = lead << 6 | Int(byte & 0x3F)
                lead = -1
                guard value < 0x144, bytes[value] >= 0 else { return false }
                result.append(UInt8(bytes[value]))
            } else if byte < 0x80 {
                guard bytes[Int(byte)] >= 0 else { return false }
                result.append(byte)
            } else {
                guard byte >= 0xC2, byte < 0xE0 else { return false }
                lead = Int(byte & 0x1F)
            }
        }
        return lead < 0
    }

    /// The bytes that a token, given in UTF-8, stands for; nil if a character stands for none.
    static func bytes(of token: some Collection<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        return append(token, to: &result) ? result : nil
    }

    /// The token that stands for bytes.
    static func token(of bytes: some Sequence<UInt8>) -> String {
        var token = ""
        for byte in bytes { token.unicodeScalars.append(scalars[Int(byte)]) }
        return token
    }
}
