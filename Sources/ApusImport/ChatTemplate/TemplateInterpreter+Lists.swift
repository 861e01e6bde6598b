extension TemplateInterpreter {
    /// Filters of lists and of whatever has elements.
    mutating func listFilter(
        _ name: String, _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        switch name {
        case "length", "count": return .integer(try length(of: value))
        case "list": return .list(try elements(of: value, operation: name))
        case "first", "last":
            let items = try elements(of: value, operation: name)
            return (name == "first" ? items.first : items.last) ?? .undefined(name)
        case "reverse":
            if case .string(let text) = value {
                return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
            }
            return .list(try elements(of: value, operation: name).reversed())
        case "sort": return try sorted(value, arguments)
        case "dictsort": return try sortedFields(value, arguments)
        case "unique": return try unique(value)
        case "min", "max":
            var best: TemplateValue?
            for item in try elements(of: value, operation: name) {
                guard let current = best else {
                    best = item
                    continue
                }
                let isBetter = name == "min" ? try isLess(item, current) : try isLess(current, item)
                if isBetter { best = item }
            }
            return best ?? .undefined(name)
        case "sum":
            var total = TemplateValue.integer(0)
            for item in try elements(of: value, operation: name) {
                let pair = [total, item].map {
                    TemplateExpression(kind: .literal($0), line: line, height: 1)
                }
                total = try binary("+", pair[0], pair[1])
            }
            return total
        default: throw error(.unsupported("the filter \(name)"))
        }
    }

    mutating func length(of value: TemplateValue) throws(TemplateError) -> Int {
        switch value {
        case .string(let text):
            try charge(text)
            return text.unicodeScalars.count
        case .list(let items), .tuple(let items): return items.count
        case .dictionary(let dictionary): return dictionary.count
        case .undefined: return 0
        default: throw error(.kinds(operation: "length", found: value.kind))
        }
    }

    /// What sorting compares: text without regard to case.
    private func sortKey(_ value: TemplateValue) -> TemplateValue {
        if case .string(let text) = value { return .string(text.pythonLowercased) }
        return value
    }

    /// Merge sort, which is stable as Python's is and lets comparing fail.
    private mutating func sort(
        _ items: [(key: TemplateValue, value: TemplateValue)]
    ) throws(TemplateError) -> [(key: TemplateValue, value: TemplateValue)] {
        if items.count < 2 { return items }
        let middle = items.count / 2
        let left = try sort(Array(items[..<middle]))
        let right = try sort(Array(items[middle...]))
        var result: [(key: TemplateValue, value: TemplateValue)] = []
        var (one, other) = (0, 0)
        while one < left.count && other < right.count {
            if try isLess(right[other].key, left[one].key) {
                result.append(right[other])
                other += 1
            } else {
                result.append(left[one])
                one += 1
            }
        }
        return result + left[one...] + right[other...]
    }

    private mutating func sorted(
        _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        let keepsCase = arguments.value(1, "case_sensitive")?.isTrue ?? false
        var keyed: [(key: TemplateValue, value: TemplateValue)] = []
        for item in try elements(of: value, operation: "sort") {
            var key = item
            if let path = arguments.value(2, "attribute") { key = try deep(path, of: item) }
            keyed.append((keepsCase ? key : sortKey(key), item))
        }
        let result = try sort(keyed).map(\.value)
        let isReversed = arguments.value(0, "reverse")?.isTrue ?? false
        guard isReversed else { return .list(result) }
        // Equal elements keep their order in a reversed sort, too.
        let turned = try sort(keyed.reversed()).map(\.value)
        return .list(turned.reversed())
    }

    private mutating func sortedFields(
        _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> TemplateValue {
        guard case .dictionary(let dictionary) = value else {
            throw error(.kinds(operation: "dictsort", found: value.kind))
        }
        guard arguments.isEmpty else { throw error(.unsupported("arguments of dictsort")) }
        try step(dictionary.count)
        let keyed = dictionary.fields.map { field in
            (
                key: sortKey(.string(field.name)),
                value: TemplateValue.tuple([.string(field.name), field.value])
            )
        }
        return try checked(.list(try sort(keyed).map(\.value)))
    }

    private mutating func unique(_ value: TemplateValue) throws(TemplateError) -> TemplateValue {
        var kept: [TemplateValue] = []
        outer: for item in try elements(of: value, operation: "unique") {
            for other in kept where try areEqual(sortKey(other), sortKey(item)) { continue outer }
            kept.append(item)
        }
        return .list(kept)
    }

    /// A test, as Jinja has it.
    mutating func test(
        _ name: String, _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> Bool {
        switch name {
        case "defined": return !value.isUndefined
        case "undefined": return value.isUndefined
        case "none": if case .none = value { return true } else { return false }
        case "string": if case .string = value { return true } else { return false }
        case "boolean": if case .bool = value { return true } else { return false }
        case "integer": if case .integer = value { return true } else { return false }
        case "float": if case .number = value { return true } else { return false }
        case "number": return value.numberValue != nil
        case "mapping": if case .dictionary = value { return true } else { return false }
        case "true", "false":
            if case .bool(let truth) = value { return truth == (name == "true") }
            return false
        case "iterable", "sequence":
            switch value {
            case .string, .list, .tuple, .dictionary, .undefined: return true
            default: return false
            }
        case "callable":
            switch value {
            case .function, .method, .macro: return true
            default: return false
            }
        case "odd", "even", "divisibleby": return try divides(name, value, arguments)
        case "lower", "upper":
            let text = try text(of: value)
            return text.pythonTest("is" + name) ?? false
        default: return try comparingTest(name, value, arguments)
        }
    }

    private func divides(
        _ name: String, _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> Bool {
        guard let number = value.integerValue else {
            throw error(.kinds(operation: name, found: value.kind))
        }
        if name == "odd" { return number & 1 == 1 }
        if name == "even" { return number & 1 == 0 }
        guard let divisor = arguments.value(0, "num")?.integerValue, divisor != 0 else {
            throw error(.arguments(of: name))
        }
        return divisor == -1 || number % divisor == 0
    }

    private mutating func comparingTest(
        _ name: String, _ value: TemplateValue, _ arguments: TemplateArgumentValues
    ) throws(TemplateError) -> Bool {
        let operations = [
            "eq": "==", "equalto": "==", "==": "==", "sameas": "==", "ne": "!=", "!=": "!=",
            "lt": "<", "lessthan": "<", "<": "<", "le": "<=", "<=": "<=", "gt": ">",
            "greaterthan": ">", ">": ">", "ge": ">=", ">=": ">=", "in": "in",
        ]
        guard let operation = operations[name] else {
            throw error(.unsupported("the test \(name)"))
        }
        guard let other = arguments.positional.first else { throw error(.arguments(of: name)) }
        return try compare(operation, value, other)
    }
}
