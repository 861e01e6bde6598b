/// How values are written: as output, as Python's `repr`, and as JSON.
struct TemplateText {
    private let limits: TemplateLimits
    private let line: Int
    private(set) var text = ""

    init(limits: TemplateLimits, line: Int) {
        self.limits = limits
        self.line = line
    }

    /// A value as output has it: text as it is, the rest as Python writes it.
    static func output(
        _ value: TemplateValue, limits: TemplateLimits, line: Int
    ) throws(TemplateError) -> String {
        switch value {
        case .string(let text): return text
        case .undefined: return ""
        default:
            var writer = TemplateText(limits: limits, line: line)
            try writer.representation(value, depth: 0)
            return writer.text
        }
    }

    /// A number as Python writes it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        // Swift and Python both write the shortest digits that read back to the value; Python
        // changes to an exponent at 10¹⁶, Swift at 2⁵⁴.
        if value.magnitude >= 1e16 && !value.description.contains("e") {
            return exponential(value)
        }
        return value.description
    }

    /// `12300000000000000.0` as `1.23e+16`.
    private static func exponential(_ value: Double) -> String {
        var digits = Array(value.magnitude.description.utf8.prefix { $0 != UInt8(ascii: ".") })
        let exponent = digits.count - 1
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        let all = String(decoding: digits, as: UTF8.self)
        let fraction = all.count > 1 ? "." + all.dropFirst() : ""
        return (value < 0 ? "-" : "") + all.prefix(1) + fraction + "e+\(exponent)"
    }

    private mutating func append(_ part: String) throws(TemplateError) {
        text += part
        if text.utf8.count > limits.bytesMax {
            throw TemplateError(.tooLarge(limit: limits.bytesMax), line: line)
        }
    }

    private func checkDepth(_ depth: Int) throws(TemplateError) {
        if depth > limits.depthMax {
            throw TemplateError(.tooDeep(limit: limits.depthMax), line: line)
        }
    }

    private mutating func representation(
        _ value: TemplateValue, depth: Int
    ) throws(TemplateError) {
        try checkDepth(depth)
        switch value {
        case .undefined: try append("Undefined")
        case .none: try append("None")
        case .bool(let value): try append(value ? "True" : "False")
        case .integer(let value): try append(String(value))
        case .number(let value): try append(TemplateText.number(value))
        case .string(let text): try append(TemplateText.quoted(text))
        case .list(let items): try sequence(items, "[", "]", depth)
        case .tuple(let items):
            try sequence(items, "(", items.count == 1 ? ",)" : ")", depth)
        case .dictionary(let dictionary):
            try append("{")
            for (index, field) in dictionary.fields.enumerated() {
                if index > 0 { try append(", ") }
                try append(TemplateText.quoted(field.name) + ": ")
                try representation(field.value, depth: depth + 1)
            }
            try append("}")
        case .namespace, .loop, .function, .method, .macro:
            throw TemplateError(.kinds(operation: "output", found: value.kind), line: line)
        }
    }

    private mutating func sequence(
        _ items: [TemplateValue], _ open: String, _ close: String, _ depth: Int
    ) throws(TemplateError) {
        try append(open)
        for (index, item) in items.enumerated() {
            if index > 0 { try append(", ") }
            try representation(item, depth: depth + 1)
        }
        try append(close)
    }

    /// Text in quotes as Python's `repr` writes it.
    static func quoted(_ text: String) -> String {
        let hasSingle = text.unicodeScalars.contains("'")
        let mark: Unicode.Scalar = hasSingle && !text.unicodeScalars.contains("\"") ? "\"" : "'"
        var result = String(mark)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case mark: result += "\\" + String(mark)
            case " ": result += " "
            default:
                if isPrintable(scalar) {
                    result.unicodeScalars.append(scalar)
                } else if scalar.value < 0x100 {
                    result += "\\x" + hexadecimal(scalar.value, digits: 2)
                } else if scalar.value < 0x10000 {
                    result += "\\u" + hexadecimal(scalar.value, digits: 4)
                } else {
                    result += "\\U" + hexadecimal(scalar.value, digits: 8)
                }
            }
        }
        return result + String(mark)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            false
        default: true
        }
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

/// How `tojson` writes, as the arguments of the filter say.
struct TemplateJSONStyle {
    var indent: Int?
    var isASCII = false
    var sortsKeys = false
    var itemSeparator: String?
    var keySeparator: String?

    fileprivate var between: String { itemSeparator ?? (indent == nil ? ", " : ",") }
    fileprivate var afterKey: String { keySeparator ?? ": " }
}

extension TemplateText {
    /// A value as Python's `json.dumps` writes it.
    static func json(
        _ value: TemplateValue, _ style: TemplateJSONStyle, limits: TemplateLimits, line: Int
    ) throws(TemplateError) -> String {
        var writer = TemplateText(limits: limits, line: line)
        try writer.json(value, style, depth: 0)
        return writer.text
    }

    private mutating func json(
        _ value: TemplateValue, _ style: TemplateJSONStyle, depth: Int
    ) throws(TemplateError) {
        try checkDepth(depth)
        switch value {
        case .none: try append("null")
        case .bool(let value): try append(value ? "true" : "false")
        case .integer(let value): try append(String(value))
        case .number(let value):
            let names = ["nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"]
            let text = TemplateText.number(value)
            try append(names[text] ?? text)
        case .string(let text): try append(TemplateText.jsonString(text, style.isASCII))
        case .list(let items), .tuple(let items):
            try group("[", "]", items.count, style, depth) {
                writer, index throws(TemplateError) in
                try writer.json(items[index], style, depth: depth + 1)
            }
        case .dictionary(let dictionary):
            var fields = dictionary.fields
            if style.sortsKeys {
                fields.sort {
                    $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars)
                }
            }
            try group("{", "}", fields.count, style, depth) {
                writer, index throws(TemplateError) in
                try writer.append(TemplateText.jsonString(fields[index].name, style.isASCII))
                try writer.append(style.afterKey)
                try writer.json(fields[index].value, style, depth: depth + 1)
            }
        case .undefined, .namespace, .loop, .function, .method, .macro:
            throw TemplateError(.kinds(operation: "tojson", found: value.kind), line: line)
        }
    }

    private mutating func group(
        _ open: String, _ close: String, _ count: Int, _ style: TemplateJSONStyle, _ depth: Int,
        _ write: (inout TemplateText, Int) throws(TemplateError) -> Void
    ) throws(TemplateError) {
        func lineBreak(_ depth: Int) -> String {
            guard let indent = style.indent else { return "" }
            return "\n" + String(repeating: " ", count: indent * depth)
        }
        try append(open)
        for index in 0..<count {
            if index > 0 { try append(style.between) }
            try append(lineBreak(depth + 1))
            try write(&self, index)
        }
        if count > 0 { try append(lineBreak(depth)) }
        try append(close)
    }

    private static func jsonString(_ text: String, _ isASCII: Bool) -> String {
        var result = "\""
        func escape(_ value: UInt16) {
            result += "\\u" + hexadecimal(UInt32(value), digits: 4)
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case "\u{0}"..<"\u{20}": escape(UInt16(scalar.value))
            default:
                if scalar.value < 0x7F || !isASCII {
                    result.unicodeScalars.append(scalar)
                } else {
                    for unit in String(scalar).utf16 { escape(unit) }
                }
            }
        }
        return result + "\""
    }
}
