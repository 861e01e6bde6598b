/// One step from the tokens' spellings to text.
enum DecoderStep: Sendable {
    /// Replaces every match inside a token.
    case replace(Pattern, with: [UInt8])
    /// Turns runs of tokens such as `<0xE2>` into the characters that their bytes spell; bytes
    /// that spell none become replacement characters, one each. As a whole, a run with such bytes
    /// becomes nothing else.
    case byteFallback(asWhole: Bool)
    /// From here on everything is one token.
    case fuse
    /// Removes up to so many of a character at a token's start and end.
    case strip(UInt8, start: Int, end: Int)
    /// Turns the characters of the byte alphabet into bytes, and these into one text.
    case byteLevel
    /// Turns `replacement` into spaces, but for those that the first token begins with.
    case metaspace(replacement: Unicode.Scalar, dropsFirst: Bool)
    /// Puts a space between tokens.
    case spaced
}

/// Some bytes of a token. Steps pass them on as soon as nothing that follows can change them.
struct DecodedPiece {
    var bytes: [UInt8]
    /// Whether the token had earlier pieces.
    var continues: Bool
}

/// A decoder step with what it must remember between tokens.
struct DecoderStage: Sendable {
    private let step: DecoderStep
    private var isFirst = true
    /// Bytes that wait for what completes or decides them.
    private var held: [UInt8] = []
    /// Characters that `strip` may still remove at the token's start.
    private var stripsLeft = 0

    init(_ step: DecoderStep) { self.step = step }

    mutating func push(_ piece: DecodedPiece, into output: inout [DecodedPiece]) {
        defer { isFirst = false }
        switch step {
        case .replace(let pattern, let replacement):
            let bytes = piece.bytes.replacing(pattern, with: replacement)
            output.append(DecodedPiece(bytes: bytes, continues: piece.continues))
        case .byteFallback(let asWhole):
            if let byte = DecoderStage.byte(of: piece.bytes) {
                held.append(byte)
                if !asWhole { passCharacters(isEnd: false, into: &output) }
            } else {
                flushBytes(asWhole, into: &output)
                output.append(piece)
            }
        case .fuse: output.append(DecodedPiece(bytes: piece.bytes, continues: !isFirst))
        case .strip(let character, let start, let end):
            strip(piece, character, start, end, into: &output)
        case .byteLevel: pushByteLevel(piece, into: &output)
        case .metaspace(let replacement, let dropsFirst):
            var bytes: [UInt8] = []
            let isFirstToken = isFirst || (piece.continues && stripsLeft == 1)
            stripsLeft = isFirstToken ? 1 : 0
            for scalar in String(decoding: piece.bytes, as: UTF8.self).unicodeScalars {
                if scalar != replacement {
                    bytes.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
                } else if !(isFirstToken && dropsFirst) {
                    bytes.append(0x20)
                }
            }
            output.append(DecodedPiece(bytes: bytes, continues: piece.continues))
        case .spaced:
            let isNew = !piece.continues && !isFirst
            let bytes = (isNew ? [0x20] : []) + piece.bytes
            output.append(DecodedPiece(bytes: bytes, continues: piece.continues))
        }
    }

    /// No token follows: passes on what was held.
    mutating func finish(into output: inout [DecodedPiece]) {
        switch step {
        case .byteFallback(let asWhole): flushBytes(asWhole, into: &output)
        case .byteLevel:
            if !held.isEmpty {
                // An incomplete character at the end.
                let text = String(decoding: held, as: UTF8.self)
                output.append(DecodedPiece(bytes: Array(text.utf8), continues: true))
                held = []
            }
        case .strip(_, _, let end): flushStrip(end, into: &output)
        case .replace, .fuse, .metaspace, .spaced: break
        }
    }

    /// The byte that a token such as `<0x0A>` stands for.
    static func byte(of token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">"),
            let high = Character(Unicode.Scalar(token[3])).hexDigitValue,
            let low = Character(Unicode.Scalar(token[4])).hexDigitValue
        else { return nil }
        return UInt8(high * 16 + low)
    }

    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// Passes on the characters that are complete, and replacements for bytes that cannot be.
    private mutating func passCharacters(isEnd: Bool, into output: inout [DecodedPiece]) {
        while !held.isEmpty {
            let isOpen = DecoderStage.incompleteSuffix(of: held) == held.count
            if isOpen && !isEnd { return }
            let length = (1...min(4, held.count)).first {
                String(validating: held[..<$0], as: UTF8.self) != nil
            }
            let bytes = length.map { Array(held[..<$0]) } ?? DecoderStage.replacement
            output.append(DecodedPiece(bytes: bytes, continues: false))
            held.removeFirst(length ?? 1)
        }
    }

    private mutating func flushBytes(_ asWhole: Bool, into output: inout [DecodedPiece]) {
        guard !held.isEmpty else { return }
        if !asWhole {
            passCharacters(isEnd: true, into: &output)
        } else if String(validating: held, as: UTF8.self) != nil {
            output.append(DecodedPiece(bytes: held, continues: false))
        } else {
            // The reference gives a replacement character for each byte of such a run.
            for _ in held {
                output.append(DecodedPiece(bytes: DecoderStage.replacement, continues: false))
            }
        }
        held = []
    }

    private mutating func pushByteLevel(
        _ piece: DecodedPiece, into output: inout [DecodedPiece]
    ) {
        held += ByteAlphabet.bytes(of: piece.bytes) ?? piece.bytes
        let complete = held.count - DecoderStage.incompleteSuffix(of: held)
        guard complete > 0 else { return }
        let whole = String(decoding: held[..<complete], as: UTF8.self)
        output.append(DecodedPiece(bytes: Array(whole.utf8), continues: true))
        held.removeFirst(complete)
    }

    /// How many bytes at the end are the beginning of a character that could still be completed.
    static func incompleteSuffix(of bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let lead = bytes[bytes.count - length]
            if lead & 0xC0 == 0x80 { continue }
            let width = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1
            guard width > length else { return 0 }
            guard length > 1 else { return length }
            // Some second bytes never follow some first bytes; then nothing can complete it.
            let second = bytes[bytes.count - length + 1]
            switch lead {
            case 0xE0: return second >= 0xA0 ? length : 0
            case 0xED: return second < 0xA0 ? length : 0
            case 0xF0: return second >= 0x90 ? length : 0
            case 0xF4: return second < 0x90 ? length : 0
            default: return length
            }
        }
        return 0
    }

    private mutating func strip(
        _ piece: DecodedPiece, _ character: UInt8, _ start: Int, _ end: Int,
        into output: inout [DecodedPiece]
    ) {
        if !piece.continues || isFirst {
            flushStrip(end, into: &output)
            stripsLeft = start
        }
        var rest = piece.bytes[...]
        while stripsLeft > 0, let first = rest.first {
            if first == character {
                rest.removeFirst()
                stripsLeft -= 1
            } else {
                stripsLeft = 0
            }
        }
        guard end > 0 else {
            output.append(DecodedPiece(bytes: Array(rest), continues: piece.continues))
            return
        }
        // Up to `end` of the character at the end may have to go: keep that many back.
        held += rest
        var kept = 0
        while kept < min(end, held.count), held[held.count - 1 - kept] == character { kept += 1 }
        let ready = Array(held.dropLast(kept))
        held.removeFirst(held.count - kept)
        output.append(DecodedPiece(bytes: ready, continues: piece.continues))
    }

    private mutating func flushStrip(_ end: Int, into output: inout [DecodedPiece]) {
        // At most `end` characters are held, and all of them go.
        held = []
    }
}
