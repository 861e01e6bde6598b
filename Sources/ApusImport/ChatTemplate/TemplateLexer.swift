/// Cuts a template into tokens, with the settings that chat templates are written for: the line
/// break after a block goes (`trim_blocks`), and so does white space before a block that begins a
/// line (`lstrip_blocks`).
struct TemplateLexer {
    let scalars: [Unicode.Scalar]
    var position = 0
    var line = 1
    /// Whether what was read last ended with a line break.
    private var isAtLineStart = true
    private(set) var tokens: [(token: TemplateToken, line: Int)] = []

    /// The tokens of `source`.
    static func tokens(
        of source: String
    ) throws(TemplateError) -> [(token: TemplateToken, line: Int)] {
        var lexer = TemplateLexer(source)
        while lexer.position < lexer.scalars.count { try lexer.textThenTag() }
        return lexer.tokens
    }

    private init(_ source: String) {
        // Line breaks of every system are one; the last one of the file does not count.
        var scalars: [Unicode.Scalar] = []
        for scalar in source.unicodeScalars {
            if scalar == "\n" && scalars.last == "\r" { scalars.removeLast() }
            scalars.append(scalar)
        }
        scalars = scalars.map { $0 == "\r" ? "\n" : $0 }
        if scalars.last == "\n" { scalars.removeLast() }
        self.scalars = scalars
    }

    func error(_ problem: TemplateError.Problem) -> TemplateError {
        TemplateError(problem, line: line)
    }

    private func stands(_ text: String, at place: Int) -> Bool {
        var place = place
        for scalar in text.unicodeScalars {
            guard place < scalars.count, scalars[place] == scalar else { return false }
            place += 1
        }
        return true
    }

    mutating func advance(to end: Int) {
        for scalar in scalars[position..<end] where scalar == "\n" { line += 1 }
        if end > position { isAtLineStart = scalars[end - 1] == "\n" }
        position = end
    }

    /// Reads text up to the next tag, and the tag.
    private mutating func textThenTag() throws(TemplateError) {
        var start = position
        while start + 1 < scalars.count,
            !(scalars[start] == "{" && "{%#".unicodeScalars.contains(scalars[start + 1]))
        {
            start += 1
        }
        guard start + 1 < scalars.count else {
            emitText(to: scalars.count)
            advance(to: scalars.count)
            return
        }
        let kind = scalars[start + 1]
        var signEnd = start + 2
        let sign = signEnd < scalars.count ? scalars[signEnd] : " "
        if sign == "-" || sign == "+" { signEnd += 1 }
        emitText(to: textEnd(before: start, sign: sign, isExpression: kind == "{"))
        advance(to: signEnd)
        switch kind {
        case "#": try comment()
        case "{":
            tokens.append((.expressionStart, line))
            try inside(end: "}}", .expressionEnd)
        default:
            if try rawBlock() { return }
            tokens.append((.statementStart, line))
            try inside(end: "%}", .statementEnd)
        }
    }

    private mutating func emitText(to end: Int) {
        guard end > position else { return }
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars[position..<end])
        tokens.append((.text(text), line))
    }

    /// Where the text before a tag ends, after white space that the tag takes.
    private func textEnd(before tag: Int, sign: Unicode.Scalar, isExpression: Bool) -> Int {
        var end = tag
        if sign == "-" {
            while end > position, scalars[end - 1].isPythonSpace { end -= 1 }
        } else if sign != "+" && !isExpression {
            while end > position, scalars[end - 1] != "\n", scalars[end - 1].isPythonSpace {
                end -= 1
            }
            let beginsLine = end > position ? scalars[end - 1] == "\n" : isAtLineStart
            if !beginsLine { end = tag }
        }
        return end
    }

    /// Takes a tag's end if it stands here, with the white space that it takes.
    private mutating func takeEnd(_ end: String) -> Bool {
        if stands("-" + end, at: position) {
            advance(to: position + 3)
            var after = position
            while after < scalars.count, scalars[after].isPythonSpace { after += 1 }
            advance(to: after)
            return true
        }
        if end != "}}" && stands("+" + end, at: position) {
            advance(to: position + 3)
            return true
        }
        guard stands(end, at: position) else { return false }
        advance(to: position + 2)
        if end != "}}", position < scalars.count, scalars[position] == "\n" {
            advance(to: position + 1)
        }
        return true
    }

    private mutating func comment() throws(TemplateError) {
        let began = line
        while position < scalars.count {
            if takeEnd("#}") { return }
            advance(to: position + 1)
        }
        throw TemplateError(.unexpectedEnd(in: "{#"), line: began)
    }

    /// `{% raw %}…{% endraw %}`; false if another statement stands here.
    private mutating func rawBlock() throws(TemplateError) -> Bool {
        var probe = self
        probe.skipSpace()
        guard probe.stands("raw", at: probe.position) else { return false }
        probe.advance(to: probe.position + 3)
        probe.skipSpace()
        // The line break after `{% raw %}` stays.
        if probe.stands("%}", at: probe.position) {
            probe.advance(to: probe.position + 2)
        } else if !(probe.stands("-%}", at: probe.position) && probe.takeEnd("%}")) {
            return false
        }
        let began = line
        self = probe
        var start = position
        while start < scalars.count {
            if stands("{%", at: start) {
                var tag = self
                let sign = start + 2 < scalars.count ? scalars[start + 2] : " "
                tag.advance(to: min(start + (sign == "-" || sign == "+" ? 3 : 2), scalars.count))
                tag.skipSpace()
                if tag.stands("endraw", at: tag.position) {
                    tag.advance(to: tag.position + 6)
                    tag.skipSpace()
                    if tag.takeEnd("%}") {
                        emitText(to: textEnd(before: start, sign: sign, isExpression: false))
                        tag.tokens = tokens
                        self = tag
                        return true
                    }
                }
            }
            start += 1
        }
        throw TemplateError(.unexpectedEnd(in: "raw"), line: began)
    }

    private mutating func skipSpace() {
        var end = position
        while end < scalars.count, scalars[end].isPythonSpace { end += 1 }
        advance(to: end)
    }

    /// Reads the tokens of a tag up to its end.
    private mutating func inside(end: String, _ endToken: TemplateToken) throws(TemplateError) {
        let began = line
        var depth = 0
        while true {
            skipSpace()
            guard position < scalars.count else {
                throw TemplateError(
                    .unexpectedEnd(in: end == "}}" ? "{{" : "{%"), line: began)
            }
            let startLine = line
            if depth == 0 && takeEnd(end) {
                tokens.append((endToken, startLine))
                return
            }
            let token = try token()
            if case .symbol(let symbol) = token {
                if symbol == "(" || symbol == "[" || symbol == "{" { depth += 1 }
                if symbol == ")" || symbol == "]" || symbol == "}" {
                    depth -= 1
                    if depth < 0 { throw TemplateError(.unexpected(symbol), line: startLine) }
                }
            }
            tokens.append((token, startLine))
        }
    }

    private static let symbols = [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "[", "]", "(", ")", "{",
        "}", ">", "<", "=", ".", ":", "|", ",",
    ]

    private mutating func token() throws(TemplateError) -> TemplateToken {
        let scalar = scalars[position]
        if scalar == "'" || scalar == "\"" { return .string(try string(until: scalar)) }
        if scalar.asciiDigit != nil { return try number() }
        if scalar == "_" || scalar.properties.isXIDStart {
            var end = position
            while end < scalars.count, scalars[end] == "_" || scalars[end].properties.isXIDContinue
            {
                end += 1
            }
            var name = ""
            name.unicodeScalars.append(contentsOf: scalars[position..<end])
            advance(to: end)
            return .name(name)
        }
        for symbol in TemplateLexer.symbols where stands(symbol, at: position) {
            advance(to: position + symbol.unicodeScalars.count)
            return .symbol(symbol)
        }
        throw error(.unexpected(String(scalar)))
    }
}
