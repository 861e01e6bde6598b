/// Reads JSON (RFC 8259) strictly: no comments, no trailing commas, no duplicate names.
///
/// Strings without escapes, which are nearly all of a tokenizer's ten megabytes, are validated and
/// copied whole.
struct JSONReader {
    /// Values nested deeper than this are refused, so that hostile text cannot exhaust the stack.
    static let depthLimit = 64
    /// Objects of more fields than this look for duplicate names in a set.
    private static let linearFieldsMax = 16

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The value that `bytes` spell.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        reader.skipSpace()
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        if reader.position < bytes.count { throw reader.error(.trailingBytes) }
        return value
    }

    private func error(_ problem: JSONError.Problem) -> JSONError {
        var line = 1
        var column = 1
        for byte in bytes.prefix(position) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return .invalid(problem, line: line, column: column)
    }

    @inline(__always) private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func unexpected() -> JSONError {
        next.map { error(.unexpectedByte($0)) } ?? error(.unexpectedEnd)
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        if next != byte { throw unexpected() }
        position += 1
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        if depth > JSONReader.depthLimit { throw error(.tooDeep(limit: JSONReader.depthLimit)) }
        guard let byte = next else { throw error(.unexpectedEnd) }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw unexpected()
        }
    }

    private mutating func word(
        _ spelling: StaticString, _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        for index in 0..<spelling.utf8CodeUnitCount { try expect(spelling.utf8Start[index]) }
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        skipSpace()
        var items: [JSONValue] = []
        if next == UInt8(ascii: "]") {
            position += 1
            return .array(items)
        }
        while true {
            skipSpace()
            items.append(try value(depth: depth + 1))
            skipSpace()
            if next == UInt8(ascii: ",") {
                position += 1
            } else {
                try expect(UInt8(ascii: "]"))
                return .array(items)
            }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        skipSpace()
        var fields: [JSONValue.Field] = []
        var names: Set<ExactName> = []
        if next == UInt8(ascii: "}") {
            position += 1
            return .object(fields)
        }
        while true {
            skipSpace()
            if next != UInt8(ascii: "\"") { throw unexpected() }
            let start = position
            let name = try string()
            if Self.isDuplicate(name, in: fields, &names) {
                position = start
                throw error(.duplicateField(name))
            }
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            fields.append(JSONValue.Field(name, try value(depth: depth + 1)))
            skipSpace()
            if next == UInt8(ascii: ",") {
                position += 1
            } else {
                try expect(UInt8(ascii: "}"))
                return .object(fields)
            }
        }
    }

    /// Whether a field has the name already; `names` is filled once a search would be long.
    private static func isDuplicate(
        _ name: String, in fields: [JSONValue.Field], _ names: inout Set<ExactName>
    ) -> Bool {
        let exact = ExactName(text: name)
        if fields.count < linearFieldsMax {
            return fields.contains { ExactName(text: $0.name) == exact }
        }
        if fields.count == linearFieldsMax {
            names.formUnion(fields.map { ExactName(text: $0.name) })
        }
        return !names.insert(exact).inserted
    }

    private mutating func digits() throws(JSONError) {
        guard let first = next, (0x30...0x39).contains(first) else { throw error(.badNumber) }
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") {
            position += 1
            if let byte = next, (0x30...0x39).contains(byte) { throw error(.badNumber) }
        } else {
            try digits()
        }
        // Nearly every number of a vocabulary: up to 18 digits, which no Int is too small for.
        if position - start <= 18, !Self.continuesNumber(next) {
            return .integer(small(start..<position))
        }
        var isInteger = true
        if next == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            position = start
            throw error(.badNumber)
        }
        return .number(number)
    }

    /// Whether a number goes on behind its integer part.
    private static func continuesNumber(_ byte: UInt8?) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
    }

    /// The value of a sign and at most 18 digits.
    private func small(_ range: Range<Int>) -> Int {
        var value = 0
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        for byte in bytes[range].dropFirst(isNegative ? 1 : 0) {
            value = 10 * value + Int(byte & 15)
        }
        return isNegative ? -value : value
    }

    private mutating func string() throws(JSONError) -> String {
        try expect(UInt8(ascii: "\""))
        let start = position
        var content: [UInt8] = []
        while true {
            let run = position
            var seen: UInt8 = 0
            while position < bytes.count, !Self.endsRun(bytes[position]) {
                seen |= bytes[position]
                position += 1
            }
            guard let byte = next else { throw error(.unexpectedEnd) }
            switch byte {
            case UInt8(ascii: "\""):
                let rest = UnsafeBufferPointer(rebasing: bytes[run..<position])
                if content.isEmpty, seen < 0x80 {
                    position += 1
                    return String(decoding: rest, as: UTF8.self)
                }
                if !content.isEmpty { content.append(contentsOf: rest) }
                let text =
                    content.isEmpty
                    ? String(validating: rest, as: UTF8.self)
                    : String(validating: content, as: UTF8.self)
                guard let text else {
                    position = start
                    throw error(.badUTF8)
                }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                content.append(contentsOf: bytes[run..<position])
                position += 1
                content.append(contentsOf: String(Character(try escape())).utf8)
            default: throw error(.controlCharacter)
            }
        }
    }

    /// Whether the byte cannot be copied into a string as it is.
    private static func endsRun(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20
    }

    private mutating func escape() throws(JSONError) -> UnicodeScalar {
        guard let byte = next else { throw error(.unexpectedEnd) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UnicodeScalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                try expect(UInt8(ascii: "\\"))
                try expect(UInt8(ascii: "u"))
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw error(.badEscape) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = UnicodeScalar(code) else { throw error(.badEscape) }
            return scalar
        default:
            position -= 1
            throw error(.badEscape)
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next else { throw error(.unexpectedEnd) }
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 0x80 else {
                throw error(.badEscape)
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}

/// A name that equals another if their bytes do: a vocabulary may hold é in both its spellings,
/// which are one `String`.
private struct ExactName: Hashable {
    let text: String

    static func == (left: ExactName, right: ExactName) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
    }
}

extension JSONValue {
    /// Reads one JSON value.
    ///
    /// - Throws: ``JSONError`` with the line and column of the first fault.
    public init(reading bytes: [UInt8]) throws(JSONError) {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(JSONError) in try JSONReader.read(buffer) }
        }
        self = try result.get()
    }

    /// Reads one JSON value from memory, such as a mapped file's.
    ///
    /// - Throws: ``JSONError`` with the line and column of the first fault.
    public init(reading bytes: UnsafeRawBufferPointer) throws(JSONError) {
        self = try JSONReader.read(bytes.bindMemory(to: UInt8.self))
    }
}
