/// Text as Python treats it: by scalars, equal only if the same.
extension String {
    /// Without white space, or without the given characters, at the ends.
    func trimmed(_ characters: String?, left: Bool, right: Bool) -> String {
        let set = characters.map { Set($0.unicodeScalars) }
        func goes(_ scalar: Unicode.Scalar) -> Bool {
            set.map { $0.contains(scalar) } ?? scalar.isPythonSpace
        }
        var rest = unicodeScalars[...]
        if left { rest = rest.drop(while: goes) }
        if right { while let last = rest.last, goes(last) { rest.removeLast() } }
        return String(rest)
    }

    /// The first place where `part` stands, counted in scalars.
    func firstPlace(of part: String) -> Int? {
        let text = Array(utf8)
        let wanted = Array(part.utf8)
        guard let byte = text.firstPlace(of: wanted, from: 0) else { return nil }
        return text[..<byte].count { $0 & 0xC0 != 0x80 }
    }

    /// All places where `part` stands, in scalars, overlapping ones included.
    func places(of part: String) -> [Int] {
        let text = Array(unicodeScalars)
        let wanted = Array(part.unicodeScalars)
        guard text.count >= wanted.count else { return [] }
        return (0...text.count - wanted.count).filter { text[$0...].starts(with: wanted) }
    }

    /// How often `part` stands, apart from each other.
    func count(of part: String) -> Int {
        if part.isEmpty { return unicodeScalars.count + 1 }
        let text = Array(utf8)
        let wanted = Array(part.utf8)
        var count = 0
        var place = 0
        while let found = text.firstPlace(of: wanted, from: place) {
            count += 1
            place = found + wanted.count
        }
        return count
    }

    /// With `old` replaced by `new`; nil if the result would be too large.
    func replacingAll(_ old: String, with new: String, atMost most: Int, bytesMax: Int) -> String? {
        var result: [UInt8] = []
        var count = 0
        if old.isEmpty {
            var rest = unicodeScalars[...]
            while count < most {
                result += new.utf8
                count += 1
                guard let scalar = rest.popFirst() else { break }
                result += String(scalar).utf8
                if result.count > bytesMax { return nil }
            }
            result += String(rest).utf8
            return String(decoding: result, as: UTF8.self)
        }
        let text = Array(utf8)
        let wanted = Array(old.utf8)
        var place = 0
        while count < most, let found = text.firstPlace(of: wanted, from: place) {
            result += text[place..<found]
            result += new.utf8
            place = found + wanted.count
            count += 1
            if result.count > bytesMax { return nil }
        }
        result += text[place...]
        return String(decoding: result, as: UTF8.self)
    }

    /// Cut at a separator, or at runs of white space.
    func pythonSplit(_ separator: String?, atMost most: Int) -> [String] {
        var parts: [String] = []
        guard let separator else {
            var rest = unicodeScalars[...].drop(while: \.isPythonSpace)
            while !rest.isEmpty {
                if parts.count == most {
                    parts.append(String(rest).trimmed(nil, left: false, right: true))
                    break
                }
                let word = rest.prefix { !$0.isPythonSpace }
                parts.append(String(word))
                rest = rest[word.endIndex...].drop(while: \.isPythonSpace)
            }
            return parts
        }
        let text = Array(utf8)
        let wanted = Array(separator.utf8)
        var place = 0
        while parts.count < most, let found = text.firstPlace(of: wanted, from: place) {
            parts.append(String(decoding: text[place..<found], as: UTF8.self))
            place = found + wanted.count
        }
        parts.append(String(decoding: text[place...], as: UTF8.self))
        return parts
    }

    /// Cut at line ends of every kind.
    var pythonLines: [String] {
        var lines: [String] = []
        var current = ""
        var previous: Unicode.Scalar = " "
        for scalar in unicodeScalars {
            defer { previous = scalar }
            if scalar == "\n" && previous == "\r" { continue }
            switch scalar.value {
            case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029:
                lines.append(current)
                current = ""
            default: current.unicodeScalars.append(scalar)
            }
        }
        if !current.isEmpty { lines.append(current) }
        return lines
    }

    /// All letters small.
    var pythonLowercased: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return lowercased() }
        return Array(unicodeScalars).pythonLowercased(from: 0)
    }

    /// The first letter large and the rest small.
    var pythonCapitalized: String {
        guard let first = unicodeScalars.first else { return "" }
        return first.properties.titlecaseMapping
            + Array(unicodeScalars).pythonLowercased(from: 1)
    }

    /// The first letter of each run of letters large and the rest small.
    var pythonTitle: String {
        let scalars = Array(unicodeScalars)
        var result = ""
        var isInWord = false
        for (index, scalar) in scalars.enumerated() {
            result +=
                isInWord
                ? scalars.pythonLowercase(at: index) : scalar.properties.titlecaseMapping
            isInWord = scalar.properties.isCased
        }
        return result
    }

    /// `isdigit` and its like; nil for another name.
    func pythonTest(_ name: String) -> Bool? {
        func all(_ holds: (Unicode.Scalar) -> Bool) -> Bool {
            !isEmpty && unicodeScalars.allSatisfy(holds)
        }
        func isLetter(_ scalar: Unicode.Scalar) -> Bool {
            ScalarSet.property("L")?.contains(scalar) ?? false
        }
        switch name {
        case "isspace": return all(\.isPythonSpace)
        case "isalpha": return all(isLetter)
        case "isdigit":
            return all {
                $0.properties.numericType == .decimal || $0.properties.numericType == .digit
            }
        case "isalnum": return all { isLetter($0) || $0.properties.numericType != nil }
        case "isupper", "islower":
            let cased = unicodeScalars.filter { $0.properties.isCased }
            return !cased.isEmpty
                && cased.allSatisfy {
                    name == "isupper" ? $0.properties.isUppercase : $0.properties.isLowercase
                }
        default: return nil
        }
    }
}

extension [Unicode.Scalar] {
    fileprivate func pythonLowercased(from start: Int) -> String {
        var result = ""
        for index in indices.dropFirst(start) { result += pythonLowercase(at: index) }
        return result
    }

    /// The small letter of a scalar; a sigma that ends a word has another than one that does not.
    fileprivate func pythonLowercase(at index: Int) -> String {
        guard self[index] == "\u{3A3}" else { return self[index].properties.lowercaseMapping }
        let before = self[..<index].last { !$0.properties.isCaseIgnorable }
        let after = self[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        let endsWord =
            (before?.properties.isCased ?? false) && !(after?.properties.isCased ?? false)
        return endsWord ? "\u{3C2}" : "\u{3C3}"
    }
}

extension [UInt8] {
    /// The first place from `start` on where `part` stands.
    func firstPlace(of part: [UInt8], from start: Int) -> Int? {
        guard part.count <= count else { return nil }
        guard let first = part.first else { return start <= count ? start : nil }
        var place = start
        while place <= count - part.count {
            if self[place] == first && self[place..<place + part.count].elementsEqual(part) {
                return place
            }
            place += 1
        }
        return nil
    }
}
