/// A JSON value. Objects keep the order of their fields.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int)
    /// Any other number.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Field])

    /// A field of an object.
    public struct Field: Sendable, Hashable {
        public let name: String
        public let value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The value of an object's field; nil for another kind of value or another name.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.name == name }?.value
    }
}

/// Why bytes are not the JSON that is read here.
public enum JSONError: Error, Equatable, Sendable {
    /// What is wrong.
    public enum Problem: Equatable, Sendable {
        case unexpectedEnd
        case unexpectedByte(UInt8)
        case badNumber
        case badEscape
        case badUTF8
        case controlCharacter
        case tooDeep(limit: Int)
        case duplicateField(String)
        case trailingBytes
    }

    /// Where; both count from 1, the column in bytes.
    case invalid(Problem, line: Int, column: Int)
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalid(let problem, let line, let column):
            "\(line):\(column): \(problem.description)"
        }
    }
}

extension JSONError.Problem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unexpectedEnd: "the text ends too early"
        case .unexpectedByte(let byte):
            (0x21...0x7E).contains(byte)
                ? "unexpected '\(Character(UnicodeScalar(byte)))'" : "unexpected byte \(byte)"
        case .badNumber: "not a number"
        case .badEscape: "not an escape sequence"
        case .badUTF8: "not UTF-8"
        case .controlCharacter: "a control character in a string"
        case .tooDeep(let limit): "nested deeper than \(limit)"
        case .duplicateField(let name): "the field \"\(name)\" occurs twice"
        case .trailingBytes: "more text after the value"
        }
    }
}
