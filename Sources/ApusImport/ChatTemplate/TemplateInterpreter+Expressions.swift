extension TemplateInterpreter {
    /// The value of an expression.
    mutating func evaluate(
        _ expression: TemplateExpression
    ) throws(TemplateError) -> TemplateValue {
        defer { levels -= 1 }
        try enter()
        try step()
        line = expression.line
        let value = try evaluateKind(expression)
        line = expression.line
        return value
    }

    private mutating func evaluateKind(
        _ expression: TemplateExpression
    ) throws(TemplateError) -> TemplateValue {
        switch expression.kind {
        case .literal(let value): return value
        case .name(let name): return value(named: name)
        case .list(let items): return try checked(.list(try evaluate(items)))
        case .tuple(let items): return try checked(.tuple(try evaluate(items)))
        case .dictionary(let fields): return try dictionary(fields)
        case .attribute(let base, let name): return try field(name, of: try evaluate(base))
        case .item(let base, let key): return try item(try evaluate(key), of: try evaluate(base))
        case .slice(let base, let bounds): return try slice(try evaluate(base), bounds)
        case .call(let function, let arguments):
            return try call(try evaluate(function), try values(of: arguments))
        case .filter(let base, let name, let arguments):
            return try filter(name, try evaluate(base), try values(of: arguments))
        case .test(let base, let name, let arguments, let isNegated):
            let result = try test(name, try evaluate(base), try values(of: arguments))
            return .bool(result != isNegated)
        case .unary(let sign, let inner): return try unary(sign, try evaluate(inner))
        case .binary(let operation, let left, let right):
            return try binary(operation, left, right)
        case .comparison(let first, let rest): return try comparison(first, rest)
        case .concatenation(let parts):
            var text = ""
            for part in parts {
                let more = try self.text(of: try evaluate(part))
                try charge(more)
                text += more
                try checkSize(text)
            }
            return .string(text)
        case .conditional(let value, let condition, let otherwise):
            if try evaluate(condition).isTrue { return try evaluate(value) }
            return try otherwise.map { other throws(TemplateError) in try evaluate(other) }
                ?? .undefined("the part after else")
        }
    }

    private mutating func evaluate(
        _ items: [TemplateExpression]
    ) throws(TemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        for item in items { values.append(try evaluate(item)) }
        return values
    }

    private mutating func values(
        of arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateArgumentValues {
        var named: [(name: String, value: TemplateValue)] = []
        let positional = try evaluate(arguments.positional)
        for argument in arguments.named {
            named.append((argument.name, try evaluate(argument.value)))
        }
        return TemplateArgumentValues(positional: positional, named: named)
    }

    private static let functions: Set<String> = [
        "range", "namespace", "dict", "raise_exception", "strftime_now",
    ]

    private func value(named name: String) -> TemplateValue {
        if let value = variable(name) { return value }
        return TemplateInterpreter.functions.contains(name) ? .function(name) : .undefined(name)
    }

    private mutating func dictionary(
        _ fields: [(key: TemplateExpression, value: TemplateExpression)]
    ) throws(TemplateError) -> TemplateValue {
        var dictionary = TemplateDictionary()
        for field in fields {
            guard case .string(let name) = try evaluate(field.key) else {
                throw error(.unsupported("a key that is not text"))
            }
            dictionary[name] = try evaluate(field.value)
        }
        return try checked(.dictionary(dictionary))
    }

    /// The value, if it does not nest deeper than templates need.
    mutating func checked(_ value: TemplateValue) throws(TemplateError) -> TemplateValue {
        try checkDepth(value, 0)
        return value
    }

    private mutating func checkDepth(
        _ value: TemplateValue, _ level: Int
    ) throws(TemplateError) {
        if level > limits.depthMax { throw error(.tooDeep(limit: limits.depthMax)) }
        try step()
        switch value {
        case .list(let items), .tuple(let items):
            for item in items { try checkDepth(item, level + 1) }
        case .dictionary(let dictionary):
            for field in dictionary.fields { try checkDepth(field.value, level + 1) }
        default: break
        }
    }

    /// `base.name`: what the kind of value has by this name, otherwise the mapping's field.
    func field(_ name: String, of base: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch base {
        case .undefined(let base): throw error(.undefined(base))
        case .dictionary(let dictionary):
            if TemplateInterpreter.dictionaryMethods.contains(name) { return .method(name, base) }
            return dictionary[name] ?? .undefined(name)
        case .namespace(let index): return namespaces[index][name] ?? .undefined(name)
        case .loop(let loop): return loop.field(name) ?? .undefined(name)
        case .string:
            return TemplateInterpreter.stringMethods.contains(name)
                ? .method(name, base) : .undefined(name)
        case .list, .tuple:
            return name == "index" || name == "count" ? .method(name, base) : .undefined(name)
        default: return .undefined(name)
        }
    }

    /// `base[key]`: an element or a field, otherwise what the kind of value has by this name.
    func item(
        _ key: TemplateValue, of base: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        if case .undefined(let name) = base { throw error(.undefined(name)) }
        if case .string(let name) = key {
            if case .dictionary(let dictionary) = base, let value = dictionary[name] {
                return value
            }
            return try field(name, of: base)
        }
        guard let index = key.integerValue else { return .undefined("an element") }
        func place(_ count: Int) -> Int? {
            let place = index < 0 ? count + index : index
            return (0..<count).contains(place) ? place : nil
        }
        switch base {
        case .list(let items), .tuple(let items):
            return place(items.count).map { items[$0] } ?? .undefined("element \(index)")
        case .string(let text):
            let scalars = Array(text.unicodeScalars)
            return place(scalars.count).map { .string(String(scalars[$0])) }
                ?? .undefined("element \(index)")
        default: return .undefined("element \(index)")
        }
    }

    private mutating func slice(
        _ base: TemplateValue, _ bounds: [TemplateExpression?]
    ) throws(TemplateError) -> TemplateValue {
        var numbers: [Int?] = []
        for bound in bounds {
            guard let bound else {
                numbers.append(nil)
                continue
            }
            let value = try evaluate(bound)
            if case .none = value {
                numbers.append(nil)
            } else if let number = value.integerValue {
                numbers.append(number)
            } else {
                throw error(.kinds(operation: "slice", found: value.kind))
            }
        }
        while numbers.count < 3 { numbers.append(nil) }
        func places(_ count: Int) throws(TemplateError) -> [Int] {
            try TemplateSlice(start: numbers[0], stop: numbers[1], step: numbers[2])
                .places(of: count, line: line)
        }
        switch base {
        case .undefined(let name): throw error(.undefined(name))
        case .list(let items):
            try step(items.count)
            return .list(try places(items.count).map { items[$0] })
        case .tuple(let items):
            try step(items.count)
            return .tuple(try places(items.count).map { items[$0] })
        case .string(let text):
            try charge(text)
            let scalars = Array(text.unicodeScalars)
            var result = ""
            for place in try places(scalars.count) { result.unicodeScalars.append(scalars[place]) }
            return .string(result)
        default: throw error(.kinds(operation: "slice", found: base.kind))
        }
    }
}

/// A function's arguments once evaluated.
struct TemplateArgumentValues {
    var positional: [TemplateValue]
    var named: [(name: String, value: TemplateValue)]

    /// The argument at a position or with a name.
    func value(_ position: Int, _ name: String) -> TemplateValue? {
        if position < positional.count { return positional[position] }
        return named.first { $0.name == name }?.value
    }

    var isEmpty: Bool { positional.isEmpty && named.isEmpty }
}

/// Bounds of a slice as Python takes them.
struct TemplateSlice {
    let start: Int?
    let stop: Int?
    let step: Int?

    /// The places that the slice takes of `count`.
    func places(of count: Int, line: Int) throws(TemplateError) -> [Int] {
        let step = self.step ?? 1
        guard step != 0 else { throw TemplateError(.arithmetic("slice"), line: line) }
        func clamp(_ bound: Int?, standard: Int) -> Int {
            guard let bound else { return standard }
            let least = step < 0 ? -1 : 0
            let most = step < 0 ? count - 1 : count
            let place = bound < 0 ? bound + count : bound
            return min(max(place, least), most)
        }
        let first = clamp(start, standard: step < 0 ? count - 1 : 0)
        let end = clamp(stop, standard: step < 0 ? -1 : count)
        // A step beyond the count takes one element, and must not overflow.
        let safe = min(max(step, -count - 1), count + 1)
        return Array(stride(from: first, to: end, by: safe))
    }
}
