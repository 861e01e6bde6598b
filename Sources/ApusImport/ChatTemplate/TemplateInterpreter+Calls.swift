extension TemplateInterpreter {
    static let dictionaryMethods: Set<String> = ["items", "keys", "values", "get"]
    static let stringMethods: Set<String> = [
        "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith",
        "upper", "lower", "title", "capitalize", "replace", "find", "rfind", "count", "join",
        "isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower", "removeprefix",
        "removesuffix", "partition", "rpartition", "zfill",
    ]

    /// Calls a function, a method or a macro.
    mutating func call(
        _ function: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        switch function {
        case .macro(let index):
            return try call(macro: index, arguments.positional, arguments.named)
        case .method(let name, let base): return try callMethod(name, base, arguments)
        case .function(let name): return try callFunction(name, arguments)
        case .undefined(let name): throw error(.undefined(name))
        default: throw error(.kinds(operation: "a call", found: function.kind))
        }
    }

    private mutating func callFunction(
        _ name: String, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        switch name {
        case "range": return try range(arguments)
        case "namespace":
            namespaces.append(try fields(arguments, of: name))
            return .namespace(namespaces.count - 1)
        case "dict": return try checked(.dictionary(try fields(arguments, of: name)))
        case "raise_exception":
            let message = try text(of: arguments.value(0, "message") ?? .none)
            throw error(.raised(message))
        default:
            guard case .string(let format)? = arguments.value(0, "format") else {
                throw error(.arguments(of: name))
            }
            guard let text = clock.text(format) else {
                throw error(.arithmetic("strftime_now"))
            }
            return .string(text)
        }
    }

    private func fields(
        _ arguments: TemplateArgumentValues, of name: String
    ) throws(TemplateError) -> TemplateDictionary {
        var result = TemplateDictionary()
        if let first = arguments.positional.first {
            guard arguments.positional.count == 1, case .dictionary(let given) = first else {
                throw error(.arguments(of: name))
            }
            result = given
        }
        for argument in arguments.named { result[argument.name] = argument.value }
        return result
    }

    private mutating func range(
        _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        let numbers = arguments.positional.compactMap(\.integerValue)
        guard (1...3).contains(numbers.count), numbers.count == arguments.positional.count,
            arguments.named.isEmpty
        else { throw error(.arguments(of: "range")) }
        let start = numbers.count > 1 ? numbers[0] : 0
        let end = numbers.count > 1 ? numbers[1] : numbers[0]
        let by = numbers.count > 2 ? numbers[2] : 1
        let bound = 1 << 40
        guard by != 0, [start, end, by].allSatisfy({ $0.magnitude < bound }) else {
            throw error(.arithmetic("range"))
        }
        // The sandbox that these templates are written for refuses longer ranges, too.
        let count = by > 0 ? (end - start + by - 1) / by : (start - end - by - 1) / -by
        guard count <= 100_000 else { throw error(.tooManySteps(limit: 100_000)) }
        try step(max(count, 0))
        return .list(stride(from: start, to: end, by: by).map { .integer($0) })
    }

    private mutating func callMethod(
        _ name: String, _ base: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        switch base {
        case .string(let text): return try callStringMethod(name, text, arguments)
        case .dictionary(let dictionary):
            switch name {
            case "get":
                guard case .string(let key)? = arguments.value(0, "key") else {
                    throw error(.arguments(of: name))
                }
                return dictionary[key] ?? arguments.value(1, "default") ?? .none
            case "keys": return .list(try elements(of: base, operation: name))
            case "values":
                try step(dictionary.count)
                return .list(dictionary.fields.map(\.value))
            default: return try items(of: base)
            }
        case .list(let items), .tuple(let items):
            guard let wanted = arguments.positional.first else {
                throw error(.arguments(of: name))
            }
            var count = 0
            for (index, item) in items.enumerated() where try areEqual(item, wanted) {
                if name == "index" { return .integer(index) }
                count += 1
            }
            if name == "index" { throw error(.arguments(of: name)) }
            return .integer(count)
        case .integer(let index):
            guard !arguments.positional.isEmpty else { throw error(.arguments(of: name)) }
            return arguments.positional[index % arguments.positional.count]
        default: throw error(.kinds(operation: name, found: base.kind))
        }
    }

    /// The fields of a mapping as pairs.
    mutating func items(of value: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch value {
        case .undefined: return .list([])
        case .dictionary(let dictionary):
            try step(dictionary.count)
            return try checked(
                .list(dictionary.fields.map { .tuple([.string($0.name), $0.value]) }))
        default: throw error(.kinds(operation: "items", found: value.kind))
        }
    }
}
