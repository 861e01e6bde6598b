extension TemplateParser {
    /// Fields, elements, slices and calls after a value.
    mutating func postfix(
        _ first: TemplateExpression
    ) throws(TemplateError) -> TemplateExpression {
        var value = first
        while true {
            let line = line
            if takeSymbol(".") {
                if case .integer(let index)? = next {
                    position += 1
                    let key = TemplateExpression(
                        kind: .literal(.integer(index)), line: line, height: 1)
                    value = try node(.item(value, key), line: line, over: [value])
                } else {
                    value = try node(.attribute(value, try name()), line: line, over: [value])
                }
            } else if takeSymbol("[") {
                value = try subscripted(value, line: line)
            } else if next == .symbol("(") {
                value = try called(value)
            } else {
                return value
            }
        }
    }

    private mutating func called(
        _ value: TemplateExpression
    ) throws(TemplateError) -> TemplateExpression {
        let line = line
        let arguments = try arguments()
        return try node(
            .call(value, arguments), line: line,
            over: [value] + arguments.positional + arguments.named.map(\.value))
    }

    private mutating func subscripted(
        _ value: TemplateExpression, line: Int
    ) throws(TemplateError) -> TemplateExpression {
        var bounds: [TemplateExpression?] = []
        var isSlice = false
        var current: TemplateExpression?
        while !takeSymbol("]") {
            if takeSymbol(":") {
                isSlice = true
                bounds.append(current)
                current = nil
                if bounds.count > 2 { throw unexpected() }
            } else {
                if current != nil { throw unexpected() }
                current = try expression()
            }
        }
        if isSlice {
            bounds.append(current)
            return try node(
                .slice(value, bounds), line: line, over: [value] + bounds.compactMap { $0 })
        }
        guard let current else {
            position -= 1
            throw unexpected()
        }
        return try node(.item(value, current), line: line, over: [value, current])
    }

    private mutating func arguments() throws(TemplateError) -> TemplateArguments {
        var arguments = TemplateArguments()
        try expect(.symbol("("))
        var isFirst = true
        while !takeSymbol(")") {
            if !isFirst {
                try expect(.symbol(","))
                if takeSymbol(")") { break }
            }
            isFirst = false
            if next == .symbol("*") || next == .symbol("**") {
                throw error(.unsupported("* in arguments"))
            }
            if case .name(let name)? = next, position + 1 < tokens.count,
                tokens[position + 1].token == .symbol("=")
            {
                position += 2
                arguments.named.append((name, try expression()))
            } else {
                if !arguments.named.isEmpty { throw unexpected() }
                arguments.positional.append(try expression())
            }
        }
        return arguments
    }

    /// Filters, tests and calls after a value.
    mutating func filtered(
        _ first: TemplateExpression
    ) throws(TemplateError) -> TemplateExpression {
        var value = first
        while true {
            let line = line
            if takeSymbol("|") {
                let name = try name()
                let arguments = next == .symbol("(") ? try arguments() : TemplateArguments()
                value = try node(
                    .filter(value, name, arguments), line: line,
                    over: [value] + arguments.positional + arguments.named.map(\.value))
            } else if takeName("is") {
                value = try tested(value, line: line)
            } else if next == .symbol("(") {
                value = try called(value)
            } else {
                return value
            }
        }
    }

    private mutating func tested(
        _ value: TemplateExpression, line: Int
    ) throws(TemplateError) -> TemplateExpression {
        let isNegated = takeName("not")
        let name = try name()
        var arguments = TemplateArguments()
        switch next {
        case .symbol("(")?: arguments = try self.arguments()
        case .name(let word)? where !["else", "or", "and", "is", "if", "in", "not"].contains(word):
            arguments.positional = [try postfix(try primary())]
        case .string?, .integer?, .number?, .symbol("[")?, .symbol("{")?:
            arguments.positional = [try postfix(try primary())]
        default: break
        }
        return try node(
            .test(value, name, arguments, isNegated: isNegated), line: line,
            over: [value] + arguments.positional + arguments.named.map(\.value))
    }
}
