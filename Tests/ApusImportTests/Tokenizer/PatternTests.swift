import ApusImport
import Testing

@Suite("Patterns")
struct PatternTests {
    static func texts(_ source: String, _ text: String) throws -> [String] {
        let bytes = Array(text.utf8)
        return try Pattern(source).matches(in: text, stepBudget: 50_000).map {
            String(decoding: bytes[$0], as: UTF8.self)
        }
    }

    @Test(
        "a construct matches what Oniguruma's documentation says",
        arguments: [
            ("a|ab", "ab", ["a"]), ("(?:ab|a)b", "abb", ["abb"]),
            ("a{2,3}", "aaaaa", ["aaa", "aa"]),
            ("a{2}", "aaaaa", ["aa", "aa"]), ("a{,2}b", "aaab", ["aab"]),
            ("a+?", "aa", ["a", "a"]),
            ("a*+a", "aaa", []), ("(?>a|ab)c", "abc", []),
            ("(?i:'S|x)", "'s'ſX", ["'s", "'ſ", "X"]),
            (#"\s+(?!\S)"#, "a   b  ", ["  ", "  "]), (#"\p{Lu}\P{L}"#, "A1É.", ["A1", "É."]),
            (#"[^\S\n]+"#, " \n\u{3000}", [" ", "\u{3000}"]), (#"[\]\-a-c]+"#, "]-abd", ["]-ab"]),
            (#"\x41\x{1F600}"#, "A😀", ["A😀"]), ("^a|b$", "a\nb\na", ["a", "b", "a"]),
            (#"\Aa|b\z"#, "a\nb", ["a", "b"]), (".+", "ab\ncd", ["ab", "cd"]),
            ("(?=ab)a", "acab", ["a"]), (#"\d+"#, "1٣²x", ["1٣"]), ("(a(b)?)+", "aba", ["aba"]),
            (#"\w+"#, "é_9-ü", ["é_9", "ü"]),
        ])
    func constructs(source: String, text: String, expected: [String]) throws {
        #expect(try Self.texts(source, text) == expected)
    }

    @Test(
        "what the engine does not have is refused with its place",
        arguments: [
            (#"(?<=a)b"#, PatternError.unsupported("(?<", at: 0)),
            (#"(a)\1"#, .unsupported(#"\1"#, at: 3)),
            ("[a[b]]", .unsupported("a class in a class", at: 2)),
            (#"\p{Han}"#, .unsupported(#"\p{Han}"#, at: 0)),
            ("(a*)*", .unsupported("repetition of nothing", at: 0)),
            ("a{3,2}", .badRepetition(at: 1)), ("a{1,99999}", .badRepetition(at: 1)),
            ("(a", .unexpectedEnd), ("a)", .unexpected(")", at: 1)), ("*", .unexpected("*", at: 0)),
            ("[a", .unexpectedEnd), ("[b-a]", .unexpected("-", at: 1)), (#"\"#, .unexpectedEnd),
            (String(repeating: "(", count: 40), .tooDeep(limit: 32)),
        ])
    func refusals(source: String, error: PatternError) {
        #expect(throws: error) { try Pattern(source) }
    }

    @Test("a pattern of nested repetitions cannot grow without bound")
    func size() {
        let source = "((((a{1000}b){1000}c){1000}d){1000}e)"
        #expect(throws: PatternError.tooLarge(limit: 20_000)) { try Pattern(source) }
    }

    @Test("a pattern that takes exponential time elsewhere ends here")
    func exponential() throws {
        let text = String(repeating: "a", count: 3000)
        #expect(try Self.texts("(a|a)+b", text) == [])
        #expect(try Self.texts("(?:a|aa)+$", text) == [text])
    }

    @Test("remembering failed states changes no match")
    func memory() throws {
        let seed: UInt64 = 3
        var generator = MutationTests.Generator(state: seed)
        for round in 0..<3000 {
            let source = Self.randomPattern(depth: 3, &generator)
            guard let pattern = try? Pattern(source) else { continue }
            let text = String(
                (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                    "aab \né"[Self.index(6, &generator)]
                })
            let fast = pattern.matches(in: text, stepBudget: 50_000)
            let safe = pattern.matches(in: text, stepBudget: 0)
            #expect(
                fast == safe, "seed \(seed), round \(round): \(source) in \(text.debugDescription)")
        }
    }

    private static func index(
        _ count: Int, _ generator: inout MutationTests.Generator
    ) -> String.Index {
        let text = "aab \né"
        return text.index(text.startIndex, offsetBy: Int.random(in: 0..<count, using: &generator))
    }

    private static func randomPattern(
        depth: Int, _ generator: inout MutationTests.Generator
    ) -> String {
        let atoms = ["a", "b", "\\s", "[^a]", "\\p{L}", ".", "(?=a)", "(?!b)", "$"]
        if depth == 0 { return atoms.randomElement(using: &generator) ?? "a" }
        let inner = randomPattern(depth: depth - 1, &generator)
        let other = randomPattern(depth: depth - 1, &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return "(\(inner)|\(other))"
        case 1: return "(?>\(inner))\(other)"
        case 2:
            let mark = ["*", "+", "?", "{1,2}", "*?", "++"].randomElement(using: &generator) ?? "+"
            return "(\(inner))\(mark)"
        default: return inner + other
        }
    }
}
