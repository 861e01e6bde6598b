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

    let scalars: [Unicode.Scalar]
    var position = 0
    var ignoresCase = false

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    mutating func parse() throws(PatternError) -> PatternNode {
        let node = try alternatives(depth: 0)
        if position < scalars.count { throw unexpected() }
        return node
    }

    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    func unexpected() -> PatternError {
        next.map { .unexpected(String($0), at: position) } ?? .unexpectedEnd
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        if next == scalar {
            position += 1
            return true
        }
        return false
    }

    mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    mutating func expect(_ scalar: Unicode.Scalar) throws(PatternError) {
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
