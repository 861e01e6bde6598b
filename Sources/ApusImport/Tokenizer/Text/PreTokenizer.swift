/// Text on its way to the model: bytes of valid UTF-8, and the ranges that words are cut to.
struct CutText {
    var bytes: [UInt8]
    var pieces: [Range<Int>]
    /// Whether the first byte is the first of what the user gave.
    var startsInput: Bool

    init(_ bytes: [UInt8], startsInput: Bool) {
        self.bytes = bytes
        self.startsInput = startsInput
        pieces = bytes.isEmpty ? [] : [0..<bytes.count]
    }

    /// Cuts every piece with `cut`, which gets the piece's bytes and says where parts lie in it.
    mutating func refine(_ cut: (UnsafeBufferPointer<UInt8>, inout [Range<Int>]) -> Void) {
        var refined: [Range<Int>] = []
        var parts: [Range<Int>] = []
        bytes.withUnsafeBufferPointer { all in
            for piece in pieces {
                parts.removeAll(keepingCapacity: true)
                cut(UnsafeBufferPointer(rebasing: all[piece]), &parts)
                for part in parts where !part.isEmpty {
                    let start = piece.lowerBound + part.lowerBound
                    refined.append(start..<start + part.count)
                }
            }
        }
        pieces = refined
    }

    /// Rewrites every piece; `rewrite` gets its bytes and whether it starts the input.
    mutating func rewrite(_ rewrite: (ArraySlice<UInt8>, _ startsInput: Bool) -> [UInt8]) {
        var newBytes: [UInt8] = []
        newBytes.reserveCapacity(bytes.count + pieces.count)
        var newPieces: [Range<Int>] = []
        for piece in pieces {
            let start = newBytes.count
            newBytes += rewrite(bytes[piece], startsInput && piece.lowerBound == 0)
            if newBytes.count > start { newPieces.append(start..<newBytes.count) }
        }
        // What was before the first piece is gone, so it must not count as the start again.
        if let first = pieces.first, first.lowerBound > 0 { startsInput = false }
        bytes = newBytes
        pieces = newPieces
    }
}

/// How normalised text is cut into the words that the model sees.
indirect enum PreTokenizer: Sendable {
    case sequence([PreTokenizer])
    case split(Pattern, SplitBehavior, isInverted: Bool)
    /// Cuts out numbers, each scalar on its own or each run.
    case digits(areSingle: Bool)
    /// Sees to a leading space, and cuts as GPT-2 does if there is a pattern. The bytes themselves
    /// stay: the model's table has bytes and not their characters.
    case byteLevel(addsPrefixSpace: Bool, Pattern?)
    /// Writes spaces as `replacement`, sees to a leading one, and cuts before each.
    case metaspace(replacement: [UInt8], PrefixScheme, cuts: Bool)

    /// What becomes of a match.
    enum SplitBehavior: String, Sendable {
        case removed = "Removed"
        case isolated = "Isolated"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        case contiguous = "Contiguous"
    }

    /// Which pieces get a leading space.
    enum PrefixScheme: String, Sendable { case always, never, first }

    static let none = PreTokenizer.sequence([])

    func apply(_ text: inout CutText) {
        switch self {
        case .sequence(let parts): for part in parts { part.apply(&text) }
        case .split(let pattern, let behavior, let isInverted):
            text.refine { behavior.cut($0, pattern, isInverted, &$1) }
        case .digits(let areSingle):
            let behavior = areSingle ? SplitBehavior.isolated : .contiguous
            text.refine { behavior.cut($0, PreTokenizer.numberPattern, false, &$1) }
        case .byteLevel(let addsPrefixSpace, let pattern):
            if addsPrefixSpace {
                text.rewrite { piece, _ in
                    piece.first == 0x20 ? Array(piece) : [0x20] + piece
                }
            }
            if let pattern {
                text.refine { SplitBehavior.isolated.cut($0, pattern, false, &$1) }
            }
        case .metaspace(let replacement, let scheme, let cuts):
            let pattern = Pattern(literal: String(decoding: replacement, as: UTF8.self))
            text.rewrite { piece, startsInput in
                let spaced = Array(piece).replacing(PreTokenizer.spacePattern, with: replacement)
                let isPrefixed = scheme == .always || scheme == .first && startsInput
                return isPrefixed && !spaced.starts(with: replacement)
                    ? replacement + spaced : spaced
            }
            if cuts { text.refine { SplitBehavior.mergedWithNext.cut($0, pattern, false, &$1) } }
        }
    }

    private static let spacePattern = Pattern(literal: " ")
    private static let numberPattern = Pattern(one: .number)
}

extension PreTokenizer.SplitBehavior {
    /// The parts that a piece is cut to at the matches of `pattern`.
    fileprivate func cut(
        _ piece: UnsafeBufferPointer<UInt8>, _ pattern: Pattern, _ isInverted: Bool,
        _ parts: inout [Range<Int>]
    ) {
        var spans: [(range: Range<Int>, isMatch: Bool)] = []
        var end = 0
        pattern.forEachMatch(in: piece) { match in
            if match.lowerBound > end { spans.append((end..<match.lowerBound, isInverted)) }
            spans.append((match, !isInverted))
            end = match.upperBound
        }
        if end < piece.count { spans.append((end..<piece.count, isInverted)) }
        switch self {
        case .isolated: parts = spans.map(\.range)
        case .removed: parts = spans.filter { !$0.isMatch }.map(\.range)
        case .contiguous:
            var wasMatch: Bool?
            for span in spans {
                if span.isMatch == wasMatch, let last = parts.last {
                    parts[parts.count - 1] = last.lowerBound..<span.range.upperBound
                } else {
                    parts.append(span.range)
                }
                wasMatch = span.isMatch
            }
        case .mergedWithPrevious:
            var wasMatch = false
            for span in spans {
                if span.isMatch && !wasMatch, let last = parts.last {
                    parts[parts.count - 1] = last.lowerBound..<span.range.upperBound
                } else {
                    parts.append(span.range)
                }
                wasMatch = span.isMatch
            }
        case .mergedWithNext:
            var wasMatch = false
            for span in spans.reversed() {
                if span.isMatch && !wasMatch, let last = parts.last {
                    parts[parts.count - 1] = span.range.lowerBound..<last.upperBound
                } else {
                    parts.append(span.range)
                }
                wasMatch = span.isMatch
            }
            parts.reverse()
        }
    }
}
