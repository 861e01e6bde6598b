extension PatternParser {
    /// What a backslash and the characters after it stand for, as a set without negation.
    mutating func escape() throws(PatternError) -> ScalarSet {
        let start = position
        position += 1
        guard let scalar = next else { throw PatternError.unexpectedEnd }
        position += 1
        func one(_ value: UInt32) -> ScalarSet { ScalarSet(ranges: [value...value]) }
        func complement(_ set: ScalarSet) throws(PatternError) -> ScalarSet {
            guard let plain = set.plainComplement else {
                throw PatternError.unsupported("\\" + String(scalar), at: start)
            }
            return plain
        }
        switch scalar {
        case "s": return .space
        case "S": return try complement(.space)
        case "d": return .digit
        case "D": return try complement(.digit)
        case "w": return .word
        case "W": return try complement(.word)
        case "n": return one(0x0A)
        case "r": return one(0x0D)
        case "t": return one(0x09)
        case "f": return one(0x0C)
        case "v": return one(0x0B)
        case "p", "P": return try property(isNegated: scalar == "P", from: start)
        case "x", "u": return one(try hexadecimal(after: scalar, from: start))
        default:
            if scalar.value < 128 && (scalar.properties.isAlphabetic || scalar.asciiDigit != nil) {
                throw PatternError.unsupported("\\" + String(scalar), at: start)
            }
            return one(scalar.value)
        }
    }

    private mutating func property(
        isNegated: Bool, from start: Int
    ) throws(PatternError) -> ScalarSet {
        var name = ""
        if take("{" as Unicode.Scalar) {
            while let scalar = next, scalar != "}" {
                name.unicodeScalars.append(scalar)
                position += 1
            }
            try expect("}")
        } else if let scalar = next {
            name = String(scalar)
            position += 1
        }
        let inner = name.hasPrefix("^") ? String(name.dropFirst()) : name
        guard let set = ScalarSet.property(inner) else {
            throw PatternError.unsupported("\\p{\(name.prefix(40))}", at: start)
        }
        guard isNegated != name.hasPrefix("^") else { return set }
        guard let plain = set.plainComplement else {
            throw PatternError.unsupported("\\P{\(name.prefix(40))}", at: start)
        }
        return plain
    }

    /// `\x41`, `\x{1F600}` or `\u0041`.
    private mutating func hexadecimal(
        after letter: Unicode.Scalar, from start: Int
    ) throws(PatternError) -> UInt32 {
        var value: UInt32 = 0
        let isBraced = letter == "x" && take("{" as Unicode.Scalar)
        var remaining = isBraced ? 6 : letter == "x" ? 2 : 4
        while remaining > 0, let scalar = next,
            let digit = Character(scalar).hexDigitValue, scalar.value < 128
        {
            value = value << 4 | UInt32(digit)
            position += 1
            remaining -= 1
        }
        if isBraced { try expect("}") } else if remaining > 0 { throw unexpected() }
        guard Unicode.Scalar(value) != nil else {
            throw PatternError.unexpected(String(letter), at: start)
        }
        return value
    }

    /// The set with other cases of its members if case is ignored here.
    func folded(_ set: ScalarSet) -> ScalarSet {
        guard ignoresCase, !set.isNegated else { return set }
        var extra: [ClosedRange<UInt32>] = []
        for range in set.ranges where range.count <= 0x1000 {
            for value in range {
                for other in PatternParser.cases(of: value) { extra.append(other...other) }
            }
        }
        return set.union(ScalarSet(ranges: extra))
    }

    /// Other scalars that simple case folding makes equal to this one.
    private static func cases(of value: UInt32) -> [UInt32] {
        guard let scalar = Unicode.Scalar(value) else { return [] }
        let properties = scalar.properties
        var found = [properties.lowercaseMapping, properties.uppercaseMapping].compactMap {
            $0.unicodeScalars.count == 1 ? $0.unicodeScalars.first?.value : nil
        }
        // The scalars outside ASCII whose folding is an ASCII letter: long s and the Kelvin sign.
        if found.contains(0x73) || value == 0x73 { found.append(0x17F) }
        if found.contains(0x6B) || value == 0x6B { found.append(0x212A) }
        if value == 0x17F { found.append(0x73) }
        return found
    }
}

extension ScalarSet {
    /// The only member of a set of one scalar.
    var single: UInt32? {
        guard !isNegated, categories == 0, ranges.count == 1 else { return nil }
        return ranges[0].lowerBound == ranges[0].upperBound ? ranges[0].lowerBound : nil
    }
}

extension Unicode.Scalar {
    /// The value of an ASCII digit.
    var asciiDigit: Int? { (0x30...0x39).contains(value) ? Int(value) - 0x30 : nil }
}
