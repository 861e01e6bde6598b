extension TemplateParser {
    func node(
        _ kind: TemplateExpression.Kind, line: Int, over parts: [TemplateExpression]
    ) throws(TemplateError) -> TemplateExpression {
        let height = 1 + (parts.map(\.height).max() ?? 0)
        if height > TemplateParser.heightMax {
            throw TemplateError(.tooDeep(limit: TemplateParser.heightMax), line: line)
        }
        return TemplateExpression(kind: kind, line: line, height: height)
    }

    /// Expressions with commas between them are a tuple.
    mutating func tuple(hasConditional: Bool = true) throws(TemplateError) -> TemplateExpression {
        let line = line
        func one(_ parser: inout TemplateParser) throws(TemplateError) -> TemplateExpression {
            hasConditional ? try parser.expression() : try parser.disjunction()
        }
        let first = try one(&self)
        guard next == .symbol(",") else { return first }
        var items = [first]
        while takeSymbol(",") {
            switch next {
            case .expressionEnd?, .statementEnd?, .symbol(")")?, .symbol("]")?, nil: break
            default:
                items.append(try one(&self))
                continue
            }
            break
        }
        return try node(.tuple(items), line: line, over: items)
    }

    /// `a if b else c`
    mutating func expression() throws(TemplateError) -> TemplateExpression {
        try nested { parser throws(TemplateError) in
            let line = parser.line
            var value = try parser.disjunction()
            while parser.takeName("if") {
                let condition = try parser.disjunction()
                let otherwise = parser.takeName("else") ? try parser.expression() : nil
                value = try parser.node(
                    .conditional(value, if: condition, else: otherwise), line: line,
                    over: [value, condition] + (otherwise.map { [$0] } ?? []))
            }
            return value
        }
    }

    mutating func disjunction() throws(TemplateError) -> TemplateExpression {
        let line = line
        var left = try conjunction()
        while takeName("or") {
            let right = try conjunction()
            left = try node(.binary("or", left, right), line: line, over: [left, right])
        }
        return left
    }

    private mutating func conjunction() throws(TemplateError) -> TemplateExpression {
        let line = line
        var left = try negation()
        while takeName("and") {
            let right = try negation()
            left = try node(.binary("and", left, right), line: line, over: [left, right])
        }
        return left
    }

    private mutating func negation() throws(TemplateError) -> TemplateExpression {
        let line = line
        guard takeName("not") else { return try comparison() }
        let inner = try nested { parser throws(TemplateError) in try parser.negation() }
        return try node(.unary("not", inner), line: line, over: [inner])
    }

    private mutating func comparison() throws(TemplateError) -> TemplateExpression {
        let line = line
        let first = try sum()
        var rest: [(operation: String, right: TemplateExpression)] = []
        while true {
            var operation: String?
            if case .symbol(let symbol)? = next,
                ["==", "!=", "<", "<=", ">", ">="].contains(symbol)
            {
                position += 1
                operation = symbol
            } else if takeName("in") {
                operation = "in"
            } else if next == .name("not"), position + 1 < tokens.count,
                tokens[position + 1].token == .name("in")
            {
                position += 2
                operation = "not in"
            }
            guard let operation else { break }
            rest.append((operation, try sum()))
        }
        if rest.isEmpty { return first }
        return try node(.comparison(first, rest), line: line, over: [first] + rest.map(\.right))
    }

    private mutating func sum() throws(TemplateError) -> TemplateExpression {
        let line = line
        var left = try concatenation()
        while case .symbol(let symbol)? = next, symbol == "+" || symbol == "-" {
            position += 1
            let right = try concatenation()
            left = try node(.binary(symbol, left, right), line: line, over: [left, right])
        }
        return left
    }

    private mutating func concatenation() throws(TemplateError) -> TemplateExpression {
        let line = line
        var parts = [try product()]
        while takeSymbol("~") { parts.append(try product()) }
        if parts.count == 1 { return parts[0] }
        return try node(.concatenation(parts), line: line, over: parts)
    }

    private mutating func product() throws(TemplateError) -> TemplateExpression {
        let line = line
        var left = try power()
        while case .symbol(let symbol)? = next, ["*", "/", "//", "%"].contains(symbol) {
            position += 1
            let right = try power()
            left = try node(.binary(symbol, left, right), line: line, over: [left, right])
        }
        return left
    }

    private mutating func power() throws(TemplateError) -> TemplateExpression {
        let line = line
        var left = try unary(hasFilters: true)
        while takeSymbol("**") {
            let right = try unary(hasFilters: true)
            left = try node(.binary("**", left, right), line: line, over: [left, right])
        }
        return left
    }

    private mutating func unary(hasFilters: Bool) throws(TemplateError) -> TemplateExpression {
        let line = line
        var value: TemplateExpression
        if case .symbol(let sign)? = next, sign == "-" || sign == "+" {
            position += 1
            let inner = try nested { parser throws(TemplateError) in
                try parser.unary(hasFilters: false)
            }
            value = try node(.unary(sign, inner), line: line, over: [inner])
        } else {
            value = try postfix(try primary())
        }
        return hasFilters ? try filtered(value) : value
    }

    mutating func primary() throws(TemplateError) -> TemplateExpression {
        let line = line
        guard let token = next else { throw unexpected() }
        func literal(_ value: TemplateValue) -> TemplateExpression {
            TemplateExpression(kind: .literal(value), line: line, height: 1)
        }
        position += 1
        switch token {
        case .name(let name):
            switch name {
            case "true", "True": return literal(.bool(true))
            case "false", "False": return literal(.bool(false))
            case "none", "None": return literal(.none)
            default: return TemplateExpression(kind: .name(name), line: line, height: 1)
            }
        case .string(var text):
            // Texts beside each other are one.
            while case .string(let more)? = next {
                text += more
                position += 1
            }
            return literal(.string(text))
        case .integer(let value): return literal(.integer(value))
        case .number(let value): return literal(.number(value))
        case .symbol("("):
            if takeSymbol(")") { return literal(.tuple([])) }
            let inner = try nested { parser throws(TemplateError) in try parser.tuple() }
            try expect(.symbol(")"))
            return inner
        case .symbol("["):
            let items = try list(until: "]")
            return try node(.list(items), line: line, over: items)
        case .symbol("{"): return try dictionary(line: line)
        default:
            position -= 1
            throw unexpected()
        }
    }

    private mutating func list(until end: String) throws(TemplateError) -> [TemplateExpression] {
        var items: [TemplateExpression] = []
        while !takeSymbol(end) {
            if !items.isEmpty {
                try expect(.symbol(","))
                if takeSymbol(end) { break }
            }
            items.append(try expression())
        }
        return items
    }

    private mutating func dictionary(line: Int) throws(TemplateError) -> TemplateExpression {
        var fields: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !takeSymbol("}") {
            if !fields.isEmpty {
                try expect(.symbol(","))
                if takeSymbol("}") { break }
            }
            let key = try expression()
            try expect(.symbol(":"))
            fields.append((key, try expression()))
        }
        return try node(
            .dictionary(fields), line: line, over: fields.flatMap { [$0.key, $0.value] })
    }
}
