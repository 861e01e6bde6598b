extension TemplateInterpreter {
    /// A method of text, as Python has it.
    mutating func callStringMethod(
        _ name: String, _ text: String, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        try charge(text)
        if case .string(let part)? = arguments.positional.first { try chargeSearch(text, part) }
        func argument(_ position: Int) throws(TemplateError) -> String {
            guard position < arguments.positional.count,
                case .string(let value) = arguments.positional[position]
            else { throw error(.arguments(of: name)) }
            return value
        }
        let isPlain = arguments.isEmpty
        switch name {
        case "upper" where isPlain: return .string(text.uppercased())
        case "lower" where isPlain: return .string(text.pythonLowercased)
        case "title" where isPlain: return .string(text.pythonTitle)
        case "capitalize" where isPlain: return .string(text.pythonCapitalized)
        case "strip", "lstrip", "rstrip":
            let characters = arguments.positional.isEmpty ? nil : try argument(0)
            return .string(
                text.trimmed(characters, left: name != "rstrip", right: name != "lstrip"))
        case "startswith", "endswith":
            return .bool(try hasAffix(text, arguments, isPrefix: name == "startswith"))
        case "removeprefix":
            let part = try argument(0)
            guard text.utf8.starts(with: part.utf8) else { return .string(text) }
            return .string(String(text.unicodeScalars.dropFirst(part.unicodeScalars.count)))
        case "removesuffix":
            let part = try argument(0)
            guard text.utf8.reversed().starts(with: part.utf8.reversed()) else {
                return .string(text)
            }
            return .string(String(text.unicodeScalars.dropLast(part.unicodeScalars.count)))
        case "find", "rfind", "count":
            let places = text.places(of: try argument(0))
            if name == "count" { return .integer(text.count(of: try argument(0))) }
            return .integer((name == "find" ? places.first : places.last) ?? -1)
        case "replace": return .string(try replaced(text, arguments))
        case "join": return try join(arguments.value(0, "iterable") ?? .none, by: text)
        case "split", "rsplit":
            return .list(try split(text, arguments, fromEnd: name == "rsplit"))
        case "splitlines" where isPlain: return .list(text.pythonLines.map { .string($0) })
        case "partition", "rpartition":
            return try partition(text, by: try argument(0), fromEnd: name == "rpartition")
        case "zfill":
            guard let width = arguments.positional.first?.integerValue else {
                throw error(.arguments(of: name))
            }
            return .string(try filled(text, to: width))
        default:
            guard isPlain, let answer = text.pythonTest(name) else {
                throw error(.arguments(of: name))
            }
            return .bool(answer)
        }
    }

    private func hasAffix(
        _ text: String, _ arguments: TemplateArgumentValues, isPrefix: Bool
    ) throws(TemplateError) -> Bool {
        let name = isPrefix ? "startswith" : "endswith"
        func has(_ part: String) -> Bool {
            isPrefix
                ? text.utf8.starts(with: part.utf8)
                : text.utf8.reversed().starts(with: part.utf8.reversed())
        }
        guard arguments.positional.count == 1 else { throw error(.arguments(of: name)) }
        switch arguments.positional[0] {
        case .string(let part): return has(part)
        case .tuple(let parts):
            for part in parts {
                guard case .string(let part) = part else { throw error(.arguments(of: name)) }
                if has(part) { return true }
            }
            return false
        default: throw error(.arguments(of: name))
        }
    }

    mutating func replaced(
        _ text: String, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> String {
        guard case .string(let old)? = arguments.value(0, "old"),
            case .string(let new)? = arguments.value(1, "new")
        else { throw error(.arguments(of: "replace")) }
        try chargeSearch(text, old)
        var most = arguments.value(2, "count")?.integerValue ?? -1
        if most < 0 { most = Int.max }
        let result = text.replacingAll(old, with: new, atMost: most, bytesMax: limits.bytesMax)
        guard let result else { throw error(.tooLarge(limit: limits.bytesMax)) }
        try charge(result)
        return result
    }

    private mutating func split(
        _ text: String, _ arguments: TemplateArgumentValues, fromEnd: Bool
    ) throws(TemplateError) -> [TemplateValue] {
        var separator: String?
        switch arguments.value(0, "sep") {
        case nil, TemplateValue.none?: separator = nil
        case .string(let given)? where !given.isEmpty: separator = given
        default: throw error(.arguments(of: "split"))
        }
        var most = arguments.value(1, "maxsplit")?.integerValue ?? -1
        if most < 0 { most = Int.max }
        var parts: [String]
        if fromEnd {
            let reversed = String(String.UnicodeScalarView(text.unicodeScalars.reversed()))
            let mark = separator.map {
                String(String.UnicodeScalarView($0.unicodeScalars.reversed()))
            }
            parts = reversed.pythonSplit(mark, atMost: most).reversed().map {
                String(String.UnicodeScalarView($0.unicodeScalars.reversed()))
            }
        } else {
            parts = text.pythonSplit(separator, atMost: most)
        }
        try step(parts.count)
        return parts.map { .string($0) }
    }

    private func partition(
        _ text: String, by separator: String, fromEnd: Bool
    ) throws(TemplateError) -> TemplateValue {
        guard !separator.isEmpty else { throw error(.arguments(of: "partition")) }
        let places = text.places(of: separator)
        guard let place = fromEnd ? places.last : places.first else {
            let parts = fromEnd ? ["", "", text] : [text, "", ""]
            return .tuple(parts.map { .string($0) })
        }
        let scalars = text.unicodeScalars
        let before = String(scalars.prefix(place))
        let after = String(scalars.dropFirst(place + separator.unicodeScalars.count))
        return .tuple([.string(before), .string(separator), .string(after)])
    }

    private func filled(_ text: String, to width: Int) throws(TemplateError) -> String {
        if width > limits.bytesMax { throw error(.tooLarge(limit: limits.bytesMax)) }
        let missing = width - text.unicodeScalars.count
        guard missing > 0 else { return text }
        let zeros = String(repeating: "0", count: missing)
        if let sign = text.unicodeScalars.first, sign == "-" || sign == "+" {
            return String(sign) + zeros + String(text.unicodeScalars.dropFirst())
        }
        return zeros + text
    }

    /// The texts of values with `separator` between them.
    mutating func join(
        _ value: TemplateValue, by separator: String
    ) throws(TemplateError) -> TemplateValue {
        var result = ""
        for (index, item) in try elements(of: value, operation: "join").enumerated() {
            let more = (index > 0 ? separator : "") + (try text(of: item))
            try charge(more)
            result += more
            try checkSize(result)
        }
        return .string(result)
    }
}
