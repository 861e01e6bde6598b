/// The tree of a pattern.
indirect enum PatternNode {
    enum RepetitionKind { case greedy, lazy, possessive }

    case set(ScalarSet)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    case repetition(PatternNode, min: Int, max: Int, RepetitionKind)
    case lookahead(PatternNode, isNegated: Bool)
    case atomic(PatternNode)
    case anchor(Pattern.Instruction)

    /// Whether it can match without taking a scalar, so that repeating it could go on forever.
    var canBeEmpty: Bool {
        switch self {
        case .set: false
        case .sequence(let nodes): nodes.allSatisfy(\.canBeEmpty)
        case .alternatives(let nodes): nodes.contains(where: \.canBeEmpty)
        case .repetition(let inner, let min, _, _): min == 0 || inner.canBeEmpty
        case .atomic(let inner): inner.canBeEmpty
        case .lookahead, .anchor: true
        }
    }
}

/// Reads the text of a pattern.
struct PatternParser {
    /// Groups may nest so deep; matching recurses for lookahead only.
    static let depthMax = 32
    /// A repetition's bounds may be so large.
    static let repetitionMax = 1_000

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var ignoresCase = false

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    mutating func parse() throws(PatternError) -> PatternNode {
        let node = try alternatives(depth: 0)
        if position < scalars.count { throw unexpected() }
        return node
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private func unexpected() -> PatternError {
        next.map { .unexpected(String($0), at: position) } ?? .unexpectedEnd
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        if next == scalar {
            position += 1
            return true
        }
        return false
    }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(PatternError) {
        if !take(scalar) { throw unexpected() }
    }

    private mutating func alternatives(depth: Int) throws(PatternError) -> PatternNode {
        if depth > PatternParser.depthMax {
            throw PatternError.tooDeep(limit: PatternParser.depthMax)
        }
        var branches: [PatternNode] = [try sequence(depth: depth)]
        while take("|" as Unicode.Scalar) { branches.append(try sequence(depth: depth)) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence(depth: Int) throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if take("(?i)") {
                ignoresCase = true
                continue
            }
            let start = position
            let atom = try atom(depth: depth)
            nodes.append(try quantified(atom, from: start))
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func quantified(
        _ atom: PatternNode, from start: Int
    ) throws(PatternError) -> PatternNode {
        guard let (min, max, isInterval) = try repetition() else { return atom }
        if atom.canBeEmpty { throw PatternError.unsupported("repetition of nothing", at: start) }
        var kind = PatternNode.RepetitionKind.greedy
        if take("?" as Unicode.Scalar) {
            kind = .lazy
        } else if !isInterval && take("+" as Unicode.Scalar) {
            // After an interval a plus repeats the interval, in Oniguruma's Ruby syntax.
            kind = .possessive
        }
        if let again = next, again == "*" || again == "+" || again == "?" || again == "{" {
            throw PatternError.unsupported(String(again), at: position)
        }
        return .repetition(atom, min: min, max: max, kind)
    }

    /// The bounds of `* + ? {n} {n,} {n,m} {,m}`; nil if no quantifier stands here.
    private mutating func repetition() throws(PatternError) -> (Int, Int, Bool)? {
        if take("*" as Unicode.Scalar) { return (0, Int.max, false) }
        if take("+" as Unicode.Scalar) { return (1, Int.max, false) }
        if take("?" as Unicode.Scalar) { return (0, 1, false) }
        guard next == "{" else { return nil }
        let start = position
        position += 1
        let min = number()
        var max = min
        if take("," as Unicode.Scalar) {
            max = number() ?? Int.max
        } else if min == nil {
            throw PatternError.unsupported("{", at: start)
        }
        try expect("}")
        let low = min ?? 0
        let high = max ?? Int.max
        guard low <= high, low <= PatternParser.repetitionMax,
            high == Int.max || high <= PatternParser.repetitionMax
        else { throw PatternError.badRepetition(at: start) }
        return (low, high, true)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, let digit = scalar.asciiDigit {
            value = min((value ?? 0) * 10 + digit, PatternParser.repetitionMax + 1)
            position += 1
        }
        return value
    }

    private mutating func atom(depth: Int) throws(PatternError) -> PatternNode {
        guard let scalar = next else { throw PatternError.unexpectedEnd }
        switch scalar {
        case "(": return try group(depth: depth)
        case "[": return .set(try scalarClass())
        case ".":
            position += 1
            return .set(.notLineFeed)
        case "^":
            position += 1
            return .anchor(.lineStart)
        case "$":
            position += 1
            return .anchor(.lineEnd)
        case "\\":
            if take("\\A") { return .anchor(.textStart) }
            if take("\\z") { return .anchor(.textEnd) }
            return .set(folded(try escape()))
        case "*", "+", "?", "{": throw unexpected()
        default:
            position += 1
            return .set(folded(ScalarSet(ranges: [scalar.value...scalar.value])))
        }
    }

    private mutating func group(depth: Int) throws(PatternError) -> PatternNode {
        let start = position
        try expect("(")
        let outer = ignoresCase
        defer { ignoresCase = outer }
        if take("?=") || take("?!") {
            let isNegated = scalars[position - 1] == "!"
            let inner = try alternatives(depth: depth + 1)
            try expect(")")
            return .lookahead(inner, isNegated: isNegated)
        }
        if take("?>") {
            let inner = try alternatives(depth: depth + 1)
            try expect(")")
            return .atomic(inner)
        }
        if take("?i:") {
            ignoresCase = true
        } else if take("?-i:") {
            ignoresCase = false
        } else if !take("?:") && next == "?" {
            let text = scalars[start..<min(start + 3, scalars.count)].map { String($0) }.joined()
            throw PatternError.unsupported(text, at: start)
        }
        let inner = try alternatives(depth: depth + 1)
        try expect(")")
        return inner
    }

    private mutating func scalarClass() throws(PatternError) -> ScalarSet {
        try expect("[")
        let isNegated = take("^" as Unicode.Scalar)
        var set = ScalarSet()
        var isFirst = true
        while true {
            guard let scalar = next else { throw PatternError.unexpectedEnd }
            if scalar == "]" && !isFirst { break }
            if scalar == "[" || take("&&") {
                throw PatternError.unsupported("a class in a class", at: position)
            }
            isFirst = false
            set = set.union(folded(try classMember()))
        }
        position += 1
        return isNegated ? set.complement : set
    }

    private mutating func classMember() throws(PatternError) -> ScalarSet {
        let start = position
        let low = try classAtom()
        guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
            return low
        }
        guard let first = low.single else { throw PatternError.unexpected("-", at: position) }
        position += 1
        guard let last = try classAtom().single, first <= last else {
            throw PatternError.unexpected("-", at: start)
        }
        return ScalarSet(ranges: [first...last])
    }

    private mutating func classAtom() throws(PatternError) -> ScalarSet {
        guard let scalar = next else { throw PatternError.unexpectedEnd }
        if scalar == "\\" { return try escape() }
        position += 1
        return ScalarSet(ranges: [scalar.value...scalar.value])
    }
}

extension PatternParser {
    /// What a backslash and the characters after it stand for, as a set without negation.
    private mutating func escape() throws(PatternError) -> ScalarSet {
        let start = position
        position += 1
        guard let scalar = next else { throw PatternError.unexpectedEnd }
        position += 1
        func one(_ value: UInt32) -> ScalarSet { ScalarSet(ranges: [value...value]) }
        func complement(_ set: ScalarSet) throws(PatternError) -> ScalarSet {
            guard let plain = set.plainComplement else {
                throw PatternError.unsupported("\\" + String(scalar), at: start)
            }
            return plain
        }
        switch scalar {
        case "s": return .space
        case "S": return try complement(.space)
        case "d": return .digit
        case "D": return try complement(.digit)
        case "w": return .word
        case "W": return try complement(.word)
        case "n": return one(0x0A)
        case "r": return one(0x0D)
        case "t": return one(0x09)
        case "f": return one(0x0C)
        case "v": return one(0x0B)
        case "p", "P": return try property(isNegated: scalar == "P", from: start)
        case "x", "u": return one(try hexadecimal(after: scalar, from: start))
        default:
            if scalar.value < 128 && (scalar.properties.isAlphabetic || scalar.asciiDigit != nil) {
                throw PatternError.unsupported("\\" + String(scalar), at: start)
            }
            return one(scalar.value)
        }
    }

    private mutating func property(
        isNegated: Bool, from start: Int
    ) throws(PatternError) -> ScalarSet {
        var name = ""
        if take("{" as Unicode.Scalar) {
            while let scalar = next, scalar != "}" {
                name.unicodeScalars.append(scalar)
                position += 1
            }
            try expect("}")
        } else if let scalar = next {
            name = String(scalar)
            position += 1
        }
        let inner = name.hasPrefix("^") ? String(name.dropFirst()) : name
        guard let set = ScalarSet.property(inner) else {
            throw PatternError.unsupported("\\p{\(name.prefix(40))}", at: start)
        }
        guard isNegated != name.hasPrefix("^") else { return set }
        guard let plain = set.plainComplement else {
            throw PatternError.unsupported("\\P{\(name.prefix(40))}", at: start)
        }
        return plain
    }

    /// `\x41`, `\x{1F600}` or `\u0041`.
    private mutating func hexadecimal(
        after letter: Unicode.Scalar, from start: Int
    ) throws(PatternError) -> UInt32 {
        var value: UInt32 = 0
        let isBraced = letter == "x" && take("{" as Unicode.Scalar)
        var remaining = isBraced ? 6 : letter == "x" ? 2 : 4
        while remaining > 0, let scalar = next,
            let digit = Character(scalar).hexDigitValue, scalar.value < 128
        {
            value = value << 4 | UInt32(digit)
            position += 1
            remaining -= 1
        }
        if isBraced { try expect("}") } else if remaining > 0 { throw unexpected() }
        guard Unicode.Scalar(value) != nil else {
            throw PatternError.unexpected(String(letter), at: start)
        }
        return value
    }

    /// The set with other cases of its members if case is ignored here.
    private func folded(_ set: ScalarSet) -> ScalarSet {
        guard ignoresCase, !set.isNegated else { return set }
        var extra: [ClosedRange<UInt32>] = []
        for range in set.ranges where range.count <= 0x1000 {
            for value in range {
                for other in PatternParser.cases(of: value) { extra.append(other...other) }
            }
        }
        return set.union(ScalarSet(ranges: extra))
    }

    /// Other scalars that simple case folding makes equal to this one.
    private static func cases(of value: UInt32) -> [UInt32] {
        guard let scalar = Unicode.Scalar(value) else { return [] }
        let properties = scalar.properties
        var found = [properties.lowercaseMapping, properties.uppercaseMapping].compactMap {
            $0.unicodeScalars.count == 1 ? $0.unicodeScalars.first?.value : nil
        }
        // The scalars outside ASCII whose folding is an ASCII letter: long s and the Kelvin sign.
        if found.contains(0x73) || value == 0x73 { found.append(0x17F) }
        if found.contains(0x6B) || value == 0x6B { found.append(0x212A) }
        if value == 0x17F { found.append(0x73) }
        return found
    }
}

extension ScalarSet {
    /// The only member of a set of one scalar.
    fileprivate var single: UInt32? {
        guard !isNegated, categories == 0, ranges.count == 1 else { return nil }
        return ranges[0].lowerBound == ranges[0].upperBound ? ranges[0].lowerBound : nil
    }
}

extension Unicode.Scalar {
    /// The value of an ASCII digit.
    var asciiDigit: Int? { (0x30...0x39).contains(value) ? Int(value) - 0x30 : nil }
}
