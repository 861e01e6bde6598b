extension TemplateLexer {
    mutating func number() throws(TemplateError) -> TemplateToken {
        var end = position
        var text = ""
        func digits() {
            while end < scalars.count, scalars[end].asciiDigit != nil || scalars[end] == "_" {
                if scalars[end] != "_" { text.unicodeScalars.append(scalars[end]) }
                end += 1
            }
        }
        digits()
        var isInteger = true
        if end + 1 < scalars.count, scalars[end] == ".", scalars[end + 1].asciiDigit != nil {
            isInteger = false
            text += "."
            end += 1
            digits()
        }
        if end < scalars.count, scalars[end] == "e" || scalars[end] == "E" {
            var exponent = end + 1
            let sign = exponent < scalars.count ? scalars[exponent] : " "
            if sign == "+" || sign == "-" { exponent += 1 }
            if exponent < scalars.count, scalars[exponent].asciiDigit != nil {
                isInteger = false
                text += "e" + (sign == "-" ? "-" : "")
                end = exponent
                digits()
            }
        }
        if isInteger {
            guard let value = Int(text) else { throw error(.arithmetic(text)) }
            advance(to: end)
            return .integer(value)
        }
        guard let value = Double(text) else { throw error(.arithmetic(text)) }
        advance(to: end)
        return .number(value)
    }

    mutating func string(until mark: Unicode.Scalar) throws(TemplateError) -> String {
        let began = line
        var text = ""
        advance(to: position + 1)
        while position < scalars.count {
            let scalar = scalars[position]
            advance(to: position + 1)
            if scalar == mark { return text }
            guard scalar == "\\" else {
                text.unicodeScalars.append(scalar)
                continue
            }
            try escape(into: &text)
        }
        throw TemplateError(.unexpectedEnd(in: String(mark)), line: began)
    }

    /// Python's escapes; an unknown one stays as it is.
    private mutating func escape(into text: inout String) throws(TemplateError) {
        guard position < scalars.count else { return }
        let scalar = scalars[position]
        advance(to: position + 1)
        let simple: [Unicode.Scalar: String] = [
            "n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", "\"": "\"", "\n": "",
            "a": "\u{7}", "b": "\u{8}", "f": "\u{C}", "v": "\u{B}",
        ]
        if let known = simple[scalar] {
            text += known
            return
        }
        let counts: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
        if let count = counts[scalar] {
            var value: UInt32 = 0
            for _ in 0..<count {
                guard position < scalars.count, scalars[position].value < 0x80,
                    let digit = Character(scalars[position]).hexDigitValue
                else { throw error(.unexpected("\\" + String(scalar))) }
                value = value << 4 | UInt32(digit)
                advance(to: position + 1)
            }
            guard let result = Unicode.Scalar(value) else {
                throw error(.unexpected("\\" + String(scalar)))
            }
            text.unicodeScalars.append(result)
            return
        }
        if scalar == "N" || scalar.asciiDigit != nil {
            throw error(.unsupported("\\" + String(scalar)))
        }
        text += "\\"
        text.unicodeScalars.append(scalar)
    }
}

extension Unicode.Scalar {
    /// What Python's `str.isspace` is true of.
    var isPythonSpace: Bool {
        ScalarSet.space.contains(self) || (0x1C...0x1F).contains(value)
    }
}
