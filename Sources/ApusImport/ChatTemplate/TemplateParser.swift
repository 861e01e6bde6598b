/// Reads statements; expressions are in TemplateParser+Expressions.swift.
struct TemplateParser {
    /// Blocks, brackets and branches of expressions may nest so deep.
    static let depthMax = 64
    /// An expression may have so many levels; each costs stack when it is evaluated.
    static let heightMax = 120

    let tokens: [(token: TemplateToken, line: Int)]
    var position = 0
    var depth = 0
    var macros: [TemplateMacroSyntax] = []

    /// The statements and macros of a template.
    static func parse(
        _ source: String
    ) throws(TemplateError) -> (body: [TemplateStatement], macros: [TemplateMacroSyntax]) {
        var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source))
        let body = try parser.statements(until: [])
        return (body, parser.macros)
    }

    var next: TemplateToken? { position < tokens.count ? tokens[position].token : nil }
    var line: Int { position < tokens.count ? tokens[position].line : tokens.last?.line ?? 1 }

    func error(_ problem: TemplateError.Problem) -> TemplateError {
        TemplateError(problem, line: line)
    }

    func unexpected() -> TemplateError {
        error(next.map { .unexpected($0.shown) } ?? .unexpectedEnd(in: "the template"))
    }

    mutating func take(_ token: TemplateToken) -> Bool {
        guard next == token else { return false }
        position += 1
        return true
    }

    mutating func expect(_ token: TemplateToken) throws(TemplateError) {
        if !take(token) { throw unexpected() }
    }

    mutating func takeSymbol(_ symbol: String) -> Bool { take(.symbol(symbol)) }
    mutating func takeName(_ name: String) -> Bool { take(.name(name)) }

    mutating func name() throws(TemplateError) -> String {
        guard case .name(let name)? = next else { throw unexpected() }
        position += 1
        return name
    }

    /// Calls `body` one level deeper.
    mutating func nested<Result>(
        _ body: (inout TemplateParser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        depth += 1
        defer { depth -= 1 }
        if depth > TemplateParser.depthMax {
            throw error(.tooDeep(limit: TemplateParser.depthMax))
        }
        return try body(&self)
    }

    /// Statements up to a tag that begins with one of `ends`, which stays unread.
    mutating func statements(until ends: [String]) throws(TemplateError) -> [TemplateStatement] {
        var result: [TemplateStatement] = []
        let began = line
        while let token = next {
            switch token {
            case .text(let text):
                position += 1
                result.append(.text(text))
            case .expressionStart:
                position += 1
                result.append(.output(try tuple()))
                try expect(.expressionEnd)
            case .statementStart:
                guard position + 1 < tokens.count, case .name(let name) = tokens[position + 1].token
                else {
                    position += 1
                    throw unexpected()
                }
                if ends.contains(name) { return result }
                position += 2
                try statement(name, into: &result)
            default: throw unexpected()
            }
        }
        if let end = ends.last { throw TemplateError(.unexpectedEnd(in: end), line: began) }
        return result
    }

    /// Takes the tag `{% name %}` that ends a block.
    private mutating func end(_ name: String) throws(TemplateError) {
        try expect(.statementStart)
        try expect(.name(name))
        try expect(.statementEnd)
    }

    private mutating func block(until ends: [String]) throws(TemplateError) -> [TemplateStatement] {
        try expect(.statementEnd)
        return try nested { parser throws(TemplateError) in try parser.statements(until: ends) }
    }

    private mutating func statement(
        _ name: String, into result: inout [TemplateStatement]
    ) throws(TemplateError) {
        switch name {
        case "if": result.append(try choice())
        case "for": result.append(try loop())
        case "set": result.append(try set())
        case "macro": result.append(try macro())
        case "with": result.append(try scope())
        case "generation":
            // Marks what an assistant wrote, for training; the text is the same.
            result += try block(until: ["endgeneration"])
            try end("endgeneration")
        case "break", "continue":
            try expect(.statementEnd)
            result.append(name == "break" ? .breakLoop : .continueLoop)
        default:
            position -= 1
            let known = [
                "block", "call", "extends", "filter", "from", "import", "include", "do",
                "autoescape", "trans", "pluralize", "print",
            ]
            throw known.contains(name) ? error(.unsupported(name)) : unexpected()
        }
    }

    private mutating func choice() throws(TemplateError) -> TemplateStatement {
        var branches: [(condition: TemplateExpression, body: [TemplateStatement])] = []
        var otherwise: [TemplateStatement] = []
        var condition = try tuple(hasConditional: false)
        while true {
            branches.append((condition, try block(until: ["elif", "else", "endif"])))
            try expect(.statementStart)
            if takeName("elif") {
                condition = try tuple(hasConditional: false)
                continue
            }
            if takeName("else") {
                otherwise = try block(until: ["endif"])
                try expect(.statementStart)
            }
            try expect(.name("endif"))
            try expect(.statementEnd)
            return .choice(branches, else: otherwise)
        }
    }

    private mutating func loop() throws(TemplateError) -> TemplateStatement {
        let targets = try targets(until: .name("in"))
        try expect(.name("in"))
        let items = try tuple(hasConditional: false)
        var condition: TemplateExpression?
        if takeName("if") { condition = try expression() }
        if next == .name("recursive") { throw error(.unsupported("recursive")) }
        let body = try block(until: ["else", "endfor"])
        var otherwise: [TemplateStatement] = []
        try expect(.statementStart)
        if takeName("else") {
            otherwise = try block(until: ["endfor"])
            try expect(.statementStart)
        }
        try expect(.name("endfor"))
        try expect(.statementEnd)
        return .loop(
            TemplateLoopSyntax(
                targets: targets, items: items, condition: condition, body: body,
                otherwise: otherwise))
    }

    /// Names with commas between them, perhaps in parentheses.
    private mutating func targets(until end: TemplateToken) throws(TemplateError) -> [String] {
        let isBracketed = takeSymbol("(")
        var names = [try name()]
        while takeSymbol(",") {
            if next == end || next == .symbol(")") { break }
            names.append(try name())
        }
        if isBracketed { try expect(.symbol(")")) }
        return names
    }

    private mutating func set() throws(TemplateError) -> TemplateStatement {
        let line = line
        let targets = try targets(until: .symbol("="))
        if targets.count == 1, takeSymbol(".") {
            let field = try name()
            try expect(.symbol("="))
            let value = try tuple()
            try expect(.statementEnd)
            return .setField(targets[0], field: field, value)
        }
        if takeSymbol("=") {
            let value = try tuple()
            try expect(.statementEnd)
            return .set(targets, value)
        }
        if next == .symbol("|") { throw error(.unsupported("set with a filter")) }
        guard targets.count == 1 else { throw unexpected() }
        let body = try block(until: ["endset"])
        try end("endset")
        return .setBlock(targets[0], body, line: line)
    }

    private mutating func macro() throws(TemplateError) -> TemplateStatement {
        let name = try name()
        try expect(.symbol("("))
        var parameters: [(name: String, standard: TemplateExpression?)] = []
        while !takeSymbol(")") {
            if !parameters.isEmpty { try expect(.symbol(",")) }
            if takeSymbol(")") { break }
            let parameter = try self.name()
            parameters.append((parameter, takeSymbol("=") ? try expression() : nil))
        }
        let body = try block(until: ["endmacro"])
        try expect(.statementStart)
        try expect(.name("endmacro"))
        _ = takeName(name)
        try expect(.statementEnd)
        macros.append(TemplateMacroSyntax(name: name, parameters: parameters, body: body))
        return .macro(macros.count - 1)
    }

    private mutating func scope() throws(TemplateError) -> TemplateStatement {
        var values: [(name: String, value: TemplateExpression)] = []
        while next != .statementEnd {
            if !values.isEmpty { try expect(.symbol(",")) }
            let name = try name()
            try expect(.symbol("="))
            values.append((name, try expression()))
        }
        let body = try block(until: ["endwith"])
        try end("endwith")
        return .scope(values, body)
    }
}
