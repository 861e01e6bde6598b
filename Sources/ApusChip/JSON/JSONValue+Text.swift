extension JSONValue {
    /// The value as JSON text, two spaces for each level, without a final newline.
    ///
    /// Arrays of plain values stay on one line. A number that is not finite is written as null.
    public var text: String {
        var output = ""
        write(into: &output, indent: 0)
        return output
    }

    private var isPlain: Bool {
        switch self {
        case .null, .bool, .integer, .number, .string: true
        case .array, .object: false
        }
    }

    private func write(into output: inout String, indent: Int) {
        switch self {
        case .null: output += "null"
        case .bool(let value): output += value ? "true" : "false"
        case .integer(let value): output += String(value)
        case .number(let value): output += value.isFinite ? value.description : "null"
        case .string(let value): JSONValue.quote(value, into: &output)
        case .array(let items):
            let isShort = items.allSatisfy(\.isPlain)
            JSONValue.list("[", "]", items, isShort, indent, into: &output) { item, output in
                item.write(into: &output, indent: indent + 1)
            }
        case .object(let fields):
            JSONValue.list("{", "}", fields, false, indent, into: &output) { field, output in
                JSONValue.quote(field.name, into: &output)
                output += ": "
                field.value.write(into: &output, indent: indent + 1)
            }
        }
    }

    private static func list<Item>(
        _ open: String, _ close: String, _ items: [Item], _ isShort: Bool, _ indent: Int,
        into output: inout String, _ write: (Item, inout String) -> Void
    ) {
        output += open
        for (index, item) in items.enumerated() {
            if index > 0 { output += isShort ? ", " : "," }
            if !isShort { output += "\n" + String(repeating: "  ", count: indent + 1) }
            write(item, &output)
        }
        if !isShort && !items.isEmpty { output += "\n" + String(repeating: "  ", count: indent) }
        output += close
    }

    private static func quote(_ text: String, into output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case "\u{00}"..<"\u{20}":
                let code = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - code.count) + code
            default: output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }
}
