extension TemplateInterpreter {
    func unary(_ sign: String, _ value: TemplateValue) throws(TemplateError) -> TemplateValue {
        if sign == "not" { return .bool(!value.isTrue) }
        if let integer = value.integerValue {
            if sign == "+" { return .integer(integer) }
            let (result, overflow) = (0).subtractingReportingOverflow(integer)
            if overflow { throw error(.arithmetic(sign)) }
            return .integer(result)
        }
        guard let number = value.numberValue else {
            throw error(.kinds(operation: sign, found: value.kind))
        }
        return .number(sign == "-" ? -number : number)
    }

    mutating func binary(
        _ operation: String, _ left: TemplateExpression, _ right: TemplateExpression
    ) throws(TemplateError) -> TemplateValue {
        let first = try evaluate(left)
        if operation == "and" { return first.isTrue ? try evaluate(right) : first }
        if operation == "or" { return first.isTrue ? first : try evaluate(right) }
        let second = try evaluate(right)
        switch (operation, first, second) {
        case ("+", .string(let a), .string(let b)):
            let text = a + b
            try charge(text)
            try checkSize(text)
            return .string(text)
        case ("+", .list(let a), .list(let b)):
            try step(a.count + b.count)
            return .list(a + b)
        case ("+", .tuple(let a), .tuple(let b)):
            try step(a.count + b.count)
            return .tuple(a + b)
        case ("*", .string(let text), _), ("*", _, .string(let text)):
            if let count = second.integerValue ?? first.integerValue {
                let result = try repeated(text, count)
                try charge(result)
                return .string(result)
            }
        case ("%", .string, _): throw error(.unsupported("% on text"))
        default: break
        }
        if let a = first.integerValue, let b = second.integerValue, operation != "/" {
            return try integers(operation, a, b)
        }
        guard let a = first.numberValue, let b = second.numberValue else {
            let kinds = "\(first.kind) and \(second.kind)"
            throw error(.kinds(operation: operation, found: kinds))
        }
        return .number(try numbers(operation, a, b))
    }

    func repeated(_ text: String, _ count: Int) throws(TemplateError) -> String {
        let (bytes, overflow) = text.utf8.count.multipliedReportingOverflow(by: max(count, 0))
        if overflow || bytes > limits.bytesMax {
            throw error(.tooLarge(limit: limits.bytesMax))
        }
        return bytes == 0 ? "" : String(repeating: text, count: count)
    }

    private func integers(
        _ operation: String, _ a: Int, _ b: Int
    ) throws(TemplateError) -> TemplateValue {
        var result: (partialValue: Int, overflow: Bool)
        switch operation {
        case "+": result = a.addingReportingOverflow(b)
        case "-": result = a.subtractingReportingOverflow(b)
        case "*": result = a.multipliedReportingOverflow(by: b)
        case "//", "%":
            guard b != 0 else { throw error(.arithmetic(operation)) }
            // Python rounds down, Swift towards zero.
            let remainder = b == -1 ? 0 : a % b
            let adjusts = remainder != 0 && (remainder < 0) != (b < 0)
            if operation == "%" { return .integer(adjusts ? remainder + b : remainder) }
            result = a.dividedReportingOverflow(by: b)
            if !result.overflow && adjusts { result.partialValue -= 1 }
        case "**":
            guard b >= 0 else { return .number(try numbers(operation, Double(a), Double(b))) }
            result = (1, false)
            if a == 0 || a == 1 || a == -1 {
                return .integer(b == 0 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : a)
            }
            // Any other base passes 64 bits within 64 steps.
            for _ in 0..<min(b, 64) where !result.overflow {
                result = result.partialValue.multipliedReportingOverflow(by: a)
            }
        default: throw error(.unsupported(operation))
        }
        if result.overflow { throw error(.arithmetic(operation)) }
        return .integer(result.partialValue)
    }

    private func numbers(
        _ operation: String, _ a: Double, _ b: Double
    ) throws(TemplateError) -> Double {
        switch operation {
        case "+": return a + b
        case "-": return a - b
        case "*": return a * b
        case "/", "//", "%":
            guard b != 0 else { throw error(.arithmetic(operation)) }
            if operation == "/" { return a / b }
            var remainder = a.truncatingRemainder(dividingBy: b)
            if remainder != 0 && (remainder < 0) != (b < 0) { remainder += b }
            if operation == "%" { return remainder }
            return ((a - remainder) / b).rounded()
        default: throw error(.unsupported(operation + " on numbers with a fraction"))
        }
    }

    mutating func comparison(
        _ first: TemplateExpression, _ rest: [(operation: String, right: TemplateExpression)]
    ) throws(TemplateError) -> TemplateValue {
        var left = try evaluate(first)
        for (operation, expression) in rest {
            let right = try evaluate(expression)
            if !(try compare(operation, left, right)) { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    mutating func compare(
        _ operation: String, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> Bool {
        switch operation {
        case "==": return try areEqual(left, right)
        case "!=": return !(try areEqual(left, right))
        case "in": return try contains(right, left)
        case "not in": return !(try contains(right, left))
        case "<": return try isLess(left, right)
        case ">": return try isLess(right, left)
        case "<=":
            if try isLess(left, right) { return true }
            return try areEqual(left, right)
        default:
            if try isLess(right, left) { return true }
            return try areEqual(left, right)
        }
    }

    private mutating func contains(
        _ container: TemplateValue, _ value: TemplateValue
    ) throws(TemplateError) -> Bool {
        if case .string(let text) = container {
            guard case .string(let part) = value else {
                throw error(.kinds(operation: "in", found: "\(value.kind) and text"))
            }
            try chargeSearch(text, part)
            return text.firstPlace(of: part) != nil
        }
        if case .dictionary(let dictionary) = container {
            if case .string(let name) = value { return dictionary[name] != nil }
            return false
        }
        for item in try elements(of: container, operation: "in") where try areEqual(item, value) {
            return true
        }
        return false
    }

    /// Whether two values are equal to Python: numbers by value, containers by their elements.
    mutating func areEqual(
        _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> Bool {
        try step()
        switch (left, right) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.string(let a), .string(let b)): return a.utf8.elementsEqual(b.utf8)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            guard a.count == b.count else { return false }
            for (one, other) in zip(a, b) where !(try areEqual(one, other)) { return false }
            return true
        case (.dictionary(let a), .dictionary(let b)):
            guard a.count == b.count else { return false }
            for field in a.fields {
                guard let other = b[field.name], try areEqual(field.value, other) else {
                    return false
                }
            }
            return true
        case (.namespace(let a), .namespace(let b)), (.macro(let a), .macro(let b)): return a == b
        case (.function(let a), .function(let b)): return a == b
        default:
            if let a = left.integerValue, let b = right.integerValue { return a == b }
            if let a = left.numberValue, let b = right.numberValue { return a == b }
            return false
        }
    }

    /// Whether a value comes before another; an error for kinds without an order.
    mutating func isLess(
        _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> Bool {
        try step()
        if let a = left.integerValue, let b = right.integerValue { return a < b }
        if let a = left.numberValue, let b = right.numberValue { return a < b }
        switch (left, right) {
        case (.string(let a), .string(let b)):
            return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            for (one, other) in zip(a, b) where !(try areEqual(one, other)) {
                return try isLess(one, other)
            }
            return a.count < b.count
        default:
            throw error(.kinds(operation: "<", found: "\(left.kind) and \(right.kind)"))
        }
    }
}
