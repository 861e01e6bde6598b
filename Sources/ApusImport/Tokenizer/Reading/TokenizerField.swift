import ApusChip

/// A value of a tokenizer's JSON with the path to it, so that errors can say where they are.
struct TokenizerField {
    let path: String
    let value: JSONValue

    /// The field `name`; null if it is missing.
    subscript(_ name: String) -> TokenizerField {
        TokenizerField(path: path.isEmpty ? name : "\(path).\(name)", value: value[name] ?? .null)
    }

    var isNull: Bool { value == .null }

    func error(_ expected: String) -> TokenizerError { .field(path, expected: expected) }

    func string() throws(TokenizerError) -> String {
        guard case .string(let text) = value else { throw error("text") }
        return text
    }

    /// The flag; `missing` where there is none or null.
    func flag(or missing: Bool) throws(TokenizerError) -> Bool {
        switch value {
        case .null: return missing
        case .bool(let flag): return flag
        default: throw error("true or false")
        }
    }

    func integer() throws(TokenizerError) -> Int {
        guard case .integer(let number) = value else { throw error("an integer") }
        return number
    }

    func list() throws(TokenizerError) -> [TokenizerField] {
        guard case .array(let items) = value else { throw error("a list") }
        return items.enumerated().map { TokenizerField(path: "\(path)[\($0)]", value: $1) }
    }

    /// The `type` of a component.
    func type() throws(TokenizerError) -> String { try self["type"].string() }

    func unsupported(_ found: String) -> TokenizerError {
        .unsupported(field: path, found: found)
    }

    /// The pattern in `{"String": …}` or `{"Regex": …}`, or the text itself.
    func pattern() throws(TokenizerError) -> Pattern {
        if case .string(let text) = value { return Pattern(literal: text) }
        if case .string(let text)? = value["String"] { return Pattern(literal: text) }
        return try Pattern(reading: try self["Regex"].string())
    }
}

extension Pattern {
    /// The pattern, or an error that names it.
    init(reading source: String) throws(TokenizerError) {
        do { self = try Pattern(source) } catch { throw .pattern(source, error) }
    }
}
