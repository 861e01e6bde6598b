import ApusChip

/// A value inside a template.
indirect enum TemplateValue: Sendable {
    /// A name or field that does not exist; its text is empty, most uses of it are errors.
    case undefined(String)
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list([TemplateValue])
    case tuple([TemplateValue])
    case dictionary(TemplateDictionary)
    /// What `namespace()` makes; shared, and the only thing whose fields can be set.
    case namespace(Int)
    case loop(TemplateLoop)
    case function(String)
    case method(String, TemplateValue)
    case macro(Int)

    /// What the kind is called in messages.
    var kind: String {
        switch self {
        case .undefined(let name): "undefined \(quoted(name))"
        case .none: "none"
        case .bool: "a truth value"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "text"
        case .list: "a list"
        case .tuple: "a tuple"
        case .dictionary: "a mapping"
        case .namespace, .loop: "a namespace"
        case .function, .method, .macro: "a function"
        }
    }

    /// What a condition takes it for.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .number(let value): value != 0
        case .string(let text): !text.isEmpty
        case .list(let items), .tuple(let items): !items.isEmpty
        case .dictionary(let fields): !fields.isEmpty
        case .namespace, .loop, .function, .method, .macro: true
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { return true }
        return false
    }

    /// The number that arithmetic sees; truth values count as 0 and 1.
    var integerValue: Int? {
        switch self {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    var numberValue: Double? {
        if case .number(let value) = self { return value }
        return integerValue.map(Double.init)
    }
}

/// A mapping that keeps its fields in order. Keys are text, as in JSON.
struct TemplateDictionary: Sendable {
    private(set) var fields: [(name: String, value: TemplateValue)] = []
    private var indices: [String: Int] = [:]

    var isEmpty: Bool { fields.isEmpty }
    var count: Int { fields.count }

    subscript(name: String) -> TemplateValue? {
        get { indices[TemplateDictionary.key(name)].map { fields[$0].value } }
        set {
            guard let newValue else { return }
            let key = TemplateDictionary.key(name)
            if let index = indices[key] {
                fields[index].value = newValue
            } else {
                indices[key] = fields.count
                fields.append((name, newValue))
            }
        }
    }

    /// Swift takes canonically equivalent texts for equal; Jinja does not. Keys that are not ASCII
    /// are looked up by their bytes.
    private static func key(_ name: String) -> String {
        if name.utf8.allSatisfy({ $0 < 0x80 }) { return name }
        return "\u{0}" + name.utf8.map { String($0, radix: 16) }.joined(separator: " ")
    }
}

extension TemplateValue {
    /// A JSON value as templates see it.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let text): self = .string(text)
        case .array(let items): self = .list(items.map { TemplateValue($0) })
        case .object(let fields):
            var dictionary = TemplateDictionary()
            for field in fields { dictionary[field.name] = TemplateValue(field.value) }
            self = .dictionary(dictionary)
        }
    }
}
