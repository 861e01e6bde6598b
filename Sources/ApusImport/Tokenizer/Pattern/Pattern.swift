/// A compiled pattern: the part of Oniguruma's syntax that published tokenizers use.
///
///     Pattern(#"'s|'t| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#)
///
/// Literals, classes, `\p{…}`, `\s \d \w`, groups, alternatives, greedy, lazy and possessive
/// quantifiers, lookahead, anchors and `(?i:…)`. Captures are not kept. Alternatives are tried in
/// order and the first that matches wins, as in the engines that tokenizers were made with.
package struct Pattern: Sendable, Equatable {
    /// One step of the matching machine.
    enum Instruction: Sendable, Equatable {
        /// Takes one scalar of a set.
        case one(set: Int)
        /// Takes as many scalars of a set as there are, up to `max`, and gives back one after the
        /// other down to `min` unless it is possessive.
        case run(set: Int, min: Int, max: Int, isPossessive: Bool)
        /// Goes on at the first place; if that fails, at the second.
        case split(Int, Int)
        case jump(Int)
        /// Goes on after `end` if what stands between matches here, or does not.
        case lookahead(isNegated: Bool, end: Int)
        /// Takes what stands between, without ever giving back.
        case atomic(end: Int)
        case lineStart
        case lineEnd
        case textStart
        case textEnd
        case accept
    }

    /// Instructions that a pattern may have; the published ones have some hundred.
    static let instructionsMax = 20_000

    let source: String
    let instructions: [Instruction]
    let sets: [ScalarSet]

    /// Compiles `source`.
    ///
    /// - Throws: ``PatternError`` with the position of what is wrong or beyond this engine.
    package init(_ source: String) throws(PatternError) {
        var parser = PatternParser(source)
        var compiler = PatternCompiler()
        try compiler.emit(try parser.parse())
        compiler.instructions.append(.accept)
        self.source = source
        instructions = compiler.instructions
        sets = compiler.sets
    }

    /// A pattern that matches one scalar of a set.
    init(one set: ScalarSet) {
        source = ""
        sets = [set]
        instructions = [.one(set: 0), .accept]
    }

    /// A pattern that matches exactly `text`.
    init(literal text: String) {
        source = text
        sets = text.unicodeScalars.map { ScalarSet(ranges: [$0.value...$0.value]) }
        instructions = sets.indices.map { .one(set: $0) } + [.accept]
    }
}

/// Why a pattern cannot be compiled; positions count scalars from 0.
public enum PatternError: Error, Equatable, Sendable {
    /// The pattern ends inside a construct.
    case unexpectedEnd
    /// This cannot stand here.
    case unexpected(String, at: Int)
    /// A construct that this engine does not have.
    case unsupported(String, at: Int)
    /// A repetition's bounds are not in order or too large.
    case badRepetition(at: Int)
    /// Groups nest too deep.
    case tooDeep(limit: Int)
    /// The pattern compiles to too many instructions.
    case tooLarge(limit: Int)
}

extension PatternError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unexpectedEnd: "the pattern ends too early"
        case .unexpected(let text, let position): "unexpected '\(text)' at \(position)"
        case .unsupported(let text, let position): "'\(text)' at \(position) is not supported"
        case .badRepetition(let position): "bad repetition at \(position)"
        case .tooDeep(let limit): "groups nest deeper than \(limit)"
        case .tooLarge(let limit): "more than \(limit) instructions"
        }
    }
}

/// Turns a pattern's tree into instructions.
struct PatternCompiler {
    var instructions: [Pattern.Instruction] = []
    var sets: [ScalarSet] = []

    mutating func emit(_ node: PatternNode) throws(PatternError) {
        if instructions.count > Pattern.instructionsMax {
            throw PatternError.tooLarge(limit: Pattern.instructionsMax)
        }
        switch node {
        case .set(let set): instructions.append(.one(set: index(of: set)))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .alternatives(let nodes): try emitAlternatives(nodes)
        case .repetition(let inner, let min, let max, let kind):
            try emitRepetition(inner, min, max, kind)
        case .lookahead(let inner, let isNegated):
            let start = instructions.count
            instructions.append(.accept)
            try emit(inner)
            instructions.append(.accept)
            instructions[start] = .lookahead(isNegated: isNegated, end: instructions.count)
        case .atomic(let inner):
            let start = instructions.count
            instructions.append(.accept)
            try emit(inner)
            instructions.append(.accept)
            instructions[start] = .atomic(end: instructions.count)
        case .anchor(let instruction): instructions.append(instruction)
        }
    }

    private mutating func index(of set: ScalarSet) -> Int {
        if let known = sets.firstIndex(of: set) { return known }
        sets.append(set)
        return sets.count - 1
    }

    private mutating func emitAlternatives(_ nodes: [PatternNode]) throws(PatternError) {
        var jumps: [Int] = []
        for (position, node) in nodes.enumerated() {
            if position == nodes.count - 1 {
                try emit(node)
                break
            }
            let split = instructions.count
            instructions.append(.accept)
            try emit(node)
            jumps.append(instructions.count)
            instructions.append(.accept)
            instructions[split] = .split(split + 1, instructions.count)
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func emitRepetition(
        _ inner: PatternNode, _ min: Int, _ max: Int, _ kind: PatternNode.RepetitionKind
    ) throws(PatternError) {
        if kind == .possessive {
            if case .set(let set) = inner {
                let index = index(of: set)
                instructions.append(.run(set: index, min: min, max: max, isPossessive: true))
                return
            }
            try emit(.atomic(.repetition(inner, min: min, max: max, .greedy)))
            return
        }
        if case .set(let set) = inner, kind == .greedy {
            let index = index(of: set)
            instructions.append(.run(set: index, min: min, max: max, isPossessive: false))
            return
        }
        for _ in 0..<min { try emit(inner) }
        if max == Int.max {
            let split = instructions.count
            instructions.append(.accept)
            try emit(inner)
            instructions.append(.jump(split))
            instructions[split] = fork(split + 1, instructions.count, kind)
            return
        }
        var splits: [Int] = []
        for _ in min..<max {
            splits.append(instructions.count)
            instructions.append(.accept)
            try emit(inner)
        }
        for split in splits { instructions[split] = fork(split + 1, instructions.count, kind) }
    }

    private func fork(
        _ inside: Int, _ after: Int, _ kind: PatternNode.RepetitionKind
    ) -> Pattern.Instruction {
        kind == .lazy ? .split(after, inside) : .split(inside, after)
    }
}
