import ApusChip
import Testing

@Suite("JSON, read strictly")
struct JSONTests {
    private func read(_ text: String) throws(JSONError) -> JSONValue {
        try JSONValue(reading: Array(text.utf8))
    }

    @Test("values of every kind are read")
    func kinds() throws {
        let value = try read(
            #" {"a": [1, -2.5e1, true, false, null], "b": "x\n\u00e9\ud83d\ude00\/", "c": {}} "#)
        #expect(
            value["a"] == .array([.integer(1), .number(-25), .bool(true), .bool(false), .null]))
        #expect(value["b"] == .string("x\né😀/"))
        #expect(value["c"] == .object([]))
        #expect(try read("9223372036854775807") == .integer(.max))
        #expect(try read("-9223372036854775808") == .integer(.min))
        #expect(try read("-99999999999999999") == .integer(-99_999_999_999_999_999))
        #expect(try read("[0, -0, 7]") == .array([.integer(0), .integer(0), .integer(7)]))
        #expect(try read("0.5") == .number(0.5))
        #expect(try read("12e2") == .number(1200))
        #expect(try read("9223372036854775808") == .number(9223372036854775808))
    }

    @Test(
        "a fault is placed by line and column",
        arguments: [
            ("", JSONError.Problem.unexpectedEnd, 1, 1),
            ("{\n  \"a\": 01}", .badNumber, 2, 9),
            ("[1,]", .unexpectedByte(0x5D), 1, 4),
            ("[1 2]", .unexpectedByte(0x32), 1, 4),
            ("{\"a\": 1, \"a\": 2}", .duplicateField("a"), 1, 10),
            ("\"\u{01}\"", .controlCharacter, 1, 2),
            ("\"\\x\"", .badEscape, 1, 3),
            ("\"\\ud800\\u0041\"", .badEscape, 1, 14),
            ("tru", .unexpectedEnd, 1, 4),
            ("1e999", .badNumber, 1, 1),
            ("-", .badNumber, 1, 2),
            ("{} x", .trailingBytes, 1, 4),
        ])
    func faults(text: String, problem: JSONError.Problem, line: Int, column: Int) {
        #expect(throws: JSONError.invalid(problem, line: line, column: column)) {
            try read(text)
        }
    }

    @Test("runs of plain text around escapes are kept")
    func escapes() throws {
        #expect(try read(#""\"""#) == .string("\""))
        #expect(try read(#""ab\nc\u00e9é\\d""#) == .string("ab\ncéé\\d"))
        #expect(try read(#""e\u0301""#) == .string("e\u{301}"))
        #expect(try read(#""""#) == .string(""))
    }

    @Test("a duplicate is found in an object of any size")
    func duplicates() throws {
        for count in [1, 15, 16, 17, 18, 40] {
            for repeated in 0..<count {
                let names = (0..<count).map { "f\($0)" } + ["f\(repeated)"]
                let text = "{" + names.map { "\"\($0)\": 0" }.joined(separator: ",") + "}"
                #expect(throws: JSONError.self, "\(count), \(repeated)") { try read(text) }
            }
            let text = (0..<count).map { "\"f\($0)\": 0" }.joined(separator: ",")
            _ = try read("{" + text + "}")
        }
    }

    @Test("names that differ in bytes alone are two names")
    func exactNames() throws {
        let many = (0..<20).map { "\"f\($0)\": 0, " }.joined()
        for rest in ["", many] {
            let value = try read("{" + rest + "\"\u{E9}\": 1, \"e\u{301}\": 2}")
            guard case .object(let fields) = value else { throw JSONTestFailure.notAnObject }
            #expect(fields.suffix(2).map(\.value) == [.integer(1), .integer(2)])
        }
    }

    private enum JSONTestFailure: Error { case notAnObject }

    @Test("bytes that are not UTF-8 are refused")
    func badUTF8() {
        #expect(throws: JSONError.invalid(.badUTF8, line: 1, column: 2)) {
            try JSONValue(reading: [0x22, 0xFF, 0x22])
        }
    }

    @Test("nesting beyond the limit is refused, not recursed into")
    func depth() throws {
        #expect(throws: JSONError.self) { try read(String(repeating: "[", count: 100_000)) }
        _ = try read(String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
    }

    @Test("a value written and read back is the same value")
    func roundTrip() throws {
        let value = JSONValue.object([
            JSONValue.Field("quote \" and \\", .array([.string("\u{01}\t\n"), .null])),
            JSONValue.Field("numbers", .array([.integer(.min), .number(0.1)])),
            JSONValue.Field("nested", .array([.object([JSONValue.Field("x", .array([]))])])),
        ])
        #expect(try read(value.text) == value)
    }

    @Test("mutated chip files end in a chip or an error, never in a trap")
    func fuzz() {
        var generator = SplitMix(seed: 20_261)
        let original = Array(Chip.cloud7.json.text.utf8)
        for _ in 0..<1000 {
            var bytes = original
            for _ in 0...Int.random(in: 0..<4, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.removeSubrange(index...)
                default: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &generator), at: index)
                }
            }
            _ = try? Chip(json: bytes)
        }
    }
}

/// A small generator whose seed a failing test can print.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
