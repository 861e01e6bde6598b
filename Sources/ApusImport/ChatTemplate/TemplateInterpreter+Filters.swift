extension TemplateInterpreter {
    /// A filter, as Jinja has it.
    mutating func filter(
        _ name: String, _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        try step()
        if case .string(let text) = value { try charge(text) }
        switch name {
        case "default", "d": return try standard(value, arguments)
        case "trim":
            var characters: String?
            if case .string(let given)? = arguments.value(0, "chars") { characters = given }
            return .string(try text(of: value).trimmed(characters, left: true, right: true))
        case "upper": return .string(try text(of: value).uppercased())
        case "lower": return .string(try text(of: value).pythonLowercased)
        case "capitalize": return .string(try text(of: value).pythonCapitalized)
        case "title": return .string(try text(of: value).jinjaTitle)
        case "string": return .string(try text(of: value))
        case "safe": return value
        case "replace": return .string(try replaced(try text(of: value), arguments))
        case "indent": return .string(try indented(try text(of: value), arguments))
        case "tojson": return try json(value, arguments)
        case "items": return try items(of: value)
        case "join": return try joined(value, arguments)
        case "int", "float", "abs", "round": return try number(name, value, arguments)
        case "select", "reject", "selectattr", "rejectattr":
            return try selected(name, value, arguments)
        case "map": return try mapped(value, arguments)
        default: return try listFilter(name, value, arguments)
        }
    }

    private func standard(
        _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        let replacement = arguments.value(0, "default_value") ?? .string("")
        let alsoFalse = arguments.value(1, "boolean")?.isTrue ?? false
        return value.isUndefined || alsoFalse && !value.isTrue ? replacement : value
    }

    private mutating func json(
        _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        var style = TemplateJSONStyle()
        // The order that chat templates are rendered with: ensure_ascii first, indent second.
        style.isASCII = arguments.value(0, "ensure_ascii")?.isTrue ?? false
        if let indent = arguments.value(1, "indent"), case .integer(let width) = indent {
            guard (0...64).contains(width) else { throw error(.arguments(of: "tojson")) }
            style.indent = width
        }
        if let pair = arguments.value(2, "separators"), case .tuple(let parts) = pair {
            guard parts.count == 2, case .string(let item) = parts[0],
                case .string(let key) = parts[1]
            else { throw error(.arguments(of: "tojson")) }
            style.itemSeparator = item
            style.keySeparator = key
        }
        style.sortsKeys = arguments.value(3, "sort_keys")?.isTrue ?? false
        let text = try TemplateText.json(value, style, limits: limits, line: line)
        try charge(text)
        return .string(text)
    }

    private mutating func joined(
        _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        var separator = ""
        if let given = arguments.value(0, "d") { separator = try text(of: given) }
        var value = value
        if let attribute = arguments.value(1, "attribute") {
            value = try mapped(
                value, TemplateArgumentValues(positional: [], named: [("attribute", attribute)]))
        }
        return try join(value, by: separator)
    }

    private mutating func indented(
        _ text: String, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> String {
        var indent = "    "
        switch arguments.value(0, "width") {
        case .string(let given)?: indent = given
        case .integer(let width)?: indent = try repeated(" ", width)
        default: break
        }
        let indentsFirst = arguments.value(1, "first")?.isTrue ?? false
        let indentsBlank = arguments.value(2, "blank")?.isTrue ?? false
        // A line break is added before the text is cut to lines, so that a last one stays.
        let lines = (text + "\n").pythonLines
        var result = ""
        for (index, line) in lines.enumerated() {
            if index > 0 { result += "\n" }
            let isIndented = index == 0 ? indentsFirst : indentsBlank || !line.isEmpty
            let more = (isIndented ? indent : "") + line
            try charge(more)
            result += more
            try checkSize(result)
        }
        return result
    }

    private func number(
        _ name: String, _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        switch name {
        case "int":
            if let integer = value.integerValue { return .integer(integer) }
            if case .number(let number) = value,
                let integer = Int(exactly: number.rounded(.towardZero))
            {
                return .integer(integer)
            }
            if case .string(let text) = value {
                let plain = text.trimmed(nil, left: true, right: true)
                if let integer = Int(plain) { return .integer(integer) }
                if let number = Double(plain),
                    let integer = Int(exactly: number.rounded(.towardZero))
                {
                    return .integer(integer)
                }
            }
            return arguments.value(0, "default") ?? .integer(0)
        case "float":
            if let number = value.numberValue { return .number(number) }
            if case .string(let text) = value,
                let number = Double(text.trimmed(nil, left: true, right: true))
            {
                return .number(number)
            }
            return arguments.value(0, "default") ?? .number(0)
        case "abs":
            if let integer = value.integerValue, integer != Int.min {
                return .integer(abs(integer))
            }
            guard case .number(let number) = value else {
                throw error(.kinds(operation: name, found: value.kind))
            }
            return .number(abs(number))
        default:
            guard arguments.isEmpty, let number = value.numberValue else {
                throw error(.arguments(of: name))
            }
            return .number(number.rounded(.toNearestOrEven))
        }
    }

    private mutating func selected(
        _ name: String, _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        let usesField = name.hasSuffix("attr")
        let keeps = name.hasPrefix("select")
        var rest = arguments.positional[...]
        var path: TemplateValue?
        if usesField {
            guard let given = rest.popFirst() else { throw error(.arguments(of: name)) }
            path = given
        }
        var testName: String?
        if let given = rest.popFirst() {
            guard case .string(let text) = given else { throw error(.arguments(of: name)) }
            testName = text
        }
        let extra = TemplateArgumentValues(positional: Array(rest), named: arguments.named)
        var kept: [TemplateValue] = []
        for item in try elements(of: value, operation: name) {
            let subject =
                try path.map { path throws(TemplateError) in try deep(path, of: item) } ?? item
            let holds =
                try testName.map { name throws(TemplateError) in
                    try test(name, subject, extra)
                } ?? subject.isTrue
            if holds == keeps { kept.append(item) }
        }
        return .list(kept)
    }

    private mutating func mapped(
        _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        var results: [TemplateValue] = []
        let items = try elements(of: value, operation: "map")
        if let path = arguments.named.first(where: { $0.name == "attribute" })?.value {
            let standard = arguments.named.first { $0.name == "default" }?.value
            for item in items {
                let found = try deep(path, of: item)
                results.append(found.isUndefined ? standard ?? found : found)
            }
            return .list(results)
        }
        guard case .string(let name)? = arguments.positional.first else {
            throw error(.arguments(of: "map"))
        }
        let rest = TemplateArgumentValues(
            positional: Array(arguments.positional.dropFirst()), named: arguments.named)
        for item in items { results.append(try filter(name, item, rest)) }
        return try checked(.list(results))
    }

    /// `a.b.0` of a value, as filters that take an attribute read it.
    func deep(
        _ path: TemplateValue, of value: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        guard case .string(let text) = path else { return try item(path, of: value) }
        var current = value
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            let key = Int(part).map { TemplateValue.integer($0) } ?? .string(String(part))
            current = try item(key, of: current)
        }
        return current
    }
}

extension String {
    /// Jinja's own rule for titles: words are cut at white space, hyphens and open brackets.
    fileprivate var jinjaTitle: String {
        var result = ""
        var rest = unicodeScalars[...]
        while let first = rest.first {
            let isCut = { (scalar: Unicode.Scalar) in
                scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
            }
            let part = isCut(first) ? rest.prefix(while: isCut) : rest.prefix { !isCut($0) }
            // Of a run of such characters the first has no other case, so that it may be raised.
            result += first.properties.uppercaseMapping
            result += String(part.dropFirst()).pythonLowercased
            rest = rest[part.endIndex...]
        }
        return result
    }
}
