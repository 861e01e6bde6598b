extension Normalizer {
    /// Reads the `normalizer` of a `tokenizer.json`.
    init(_ field: TokenizerField) throws(TokenizerError) {
        if field.isNull {
            self = .none
            return
        }
        let type = try field.type()
        switch type {
        case "Sequence":
            var parts: [Normalizer] = []
            for part in try field["normalizers"].list() { parts.append(try Normalizer(part)) }
            self = .sequence(parts)
        case "Prepend": self = .prepend(Array(try field["prepend"].string().utf8))
        case "Replace":
            self = .replace(
                try field["pattern"].pattern(), with: Array(try field["content"].string().utf8))
        case "NFC", "NFD", "NFKC", "NFKD":
            self = UnicodeForm(rawValue: type).map { .unicode($0) } ?? .none
        case "Lowercase": self = .lowercase
        case "StripAccents": self = .stripAccents
        case "Strip":
            self = .strip(
                left: try field["strip_left"].flag(or: true),
                right: try field["strip_right"].flag(or: true))
        case "Precompiled":
            let map = field["precompiled_charsmap"]
            guard !map.isNull else {
                self = .none
                return
            }
            guard let bytes = decodeBase64(try map.string()), let table = CharacterMap(bytes)
            else { throw map.error("SentencePiece's compiled table in Base64") }
            self = .characterMap(table)
        default: throw field.unsupported(type)
        }
    }
}

extension PreTokenizer {
    /// Reads the `pre_tokenizer` of a `tokenizer.json`.
    init(_ field: TokenizerField) throws(TokenizerError) {
        if field.isNull {
            self = .none
            return
        }
        let type = try field.type()
        switch type {
        case "Sequence":
            var parts: [PreTokenizer] = []
            for part in try field["pretokenizers"].list() {
                // What follows would see the characters that stand for bytes.
                if case .byteLevel? = parts.last { throw field.unsupported("ByteLevel not last") }
                parts.append(try PreTokenizer(part))
            }
            self = .sequence(parts)
        case "ByteLevel":
            let cuts = try field["use_regex"].flag(or: true)
            self = .byteLevel(
                addsPrefixSpace: try field["add_prefix_space"].flag(or: true),
                cuts ? try Pattern(reading: FamilyPatterns.gpt2) : nil)
        case "Split":
            let name = try field["behavior"].string()
            guard let behavior = SplitBehavior(rawValue: name) else {
                throw field["behavior"].unsupported(name)
            }
            self = .split(
                try field["pattern"].pattern(), behavior,
                isInverted: try field["invert"].flag(or: false))
        case "Digits": self = .digits(areSingle: try field["individual_digits"].flag(or: false))
        case "WhitespaceSplit":
            self = .split(try Pattern(reading: #"\s"#), .removed, isInverted: false)
        case "Whitespace":
            self = .split(try Pattern(reading: #"\w+|[^\w\s]+"#), .removed, isInverted: true)
        case "Punctuation":
            let name = try field["behavior"].isNull ? "Isolated" : field["behavior"].string()
            guard let behavior = SplitBehavior(rawValue: name) else {
                throw field["behavior"].unsupported(name)
            }
            self = .split(
                try Pattern(reading: #"[\p{P}!-/:-@\[-`{-~]"#), behavior, isInverted: false)
        case "Metaspace": self = try PreTokenizer(metaspace: field)
        default: throw field.unsupported(type)
        }
    }

    private init(metaspace field: TokenizerField) throws(TokenizerError) {
        let replacement = try field["replacement"].string()
        guard replacement.unicodeScalars.count == 1 else {
            throw field["replacement"].error("one character")
        }
        self = .metaspace(
            replacement: Array(replacement.utf8), try field.prefixScheme(),
            cuts: try field["split"].flag(or: true))
    }

    /// Whether bytes are what the model sees.
    var isByteLevel: Bool {
        switch self {
        case .byteLevel: true
        case .sequence(let parts): parts.last?.isByteLevel ?? false
        default: false
        }
    }
}

extension TokenizerField {
    /// Metaspace's `prepend_scheme`, or what older files say with `add_prefix_space`.
    fileprivate func prefixScheme() throws(TokenizerError) -> PreTokenizer.PrefixScheme {
        let scheme = self["prepend_scheme"]
        if scheme.isNull {
            return try self["add_prefix_space"].flag(or: true) ? .always : .never
        }
        let name = try scheme.string()
        guard let known = PreTokenizer.PrefixScheme(rawValue: name) else {
            throw scheme.unsupported(name)
        }
        return known
    }
}

extension DecoderStep {
    /// How many times longer decoders may make a token; published ones stay below 4.
    private static let growthMax = 4096

    /// Reads the `decoder` of a `tokenizer.json`.
    static func read(_ field: TokenizerField) throws(TokenizerError) -> [DecoderStep] {
        if field.isNull { return [.spaced] }
        var steps: [DecoderStep] = []
        try append(field, to: &steps)
        var isFused = false
        var growth = 1
        for step in steps {
            switch step {
            case .replace(_, let content) where growth * max(1, content.count) > growthMax:
                throw field.unsupported("one that makes text this much longer")
            case .replace(_, let content) where !isFused: growth *= max(1, content.count)
            case .fuse, .byteLevel: isFused = true
            case .replace where isFused: throw field.unsupported("Replace after Fuse")
            default: break
            }
        }
        return steps
    }

    private static func append(
        _ field: TokenizerField, to steps: inout [DecoderStep]
    ) throws(TokenizerError) {
        let type = try field.type()
        switch type {
        case "Sequence": for part in try field["decoders"].list() { try append(part, to: &steps) }
        case "Replace":
            steps.append(
                .replace(
                    try field["pattern"].pattern(),
                    with: Array(try field["content"].string().utf8)))
        case "ByteFallback": steps.append(.byteFallback(asWhole: true))
        case "Fuse": steps.append(.fuse)
        case "Strip":
            let content = Array(try field["content"].string().utf8)
            guard content.count == 1, content[0] < 0x80 else {
                throw field["content"].unsupported(try field["content"].string())
            }
            let bounds = (try field["start"].integer(), try field["stop"].integer())
            guard (0...64).contains(bounds.0), (0...64).contains(bounds.1) else {
                throw field.error("a strip of at most 64 characters")
            }
            steps.append(.strip(content[0], start: bounds.0, end: bounds.1))
        case "ByteLevel": steps.append(.byteLevel)
        case "Metaspace":
            let scalars = Array(try field["replacement"].string().unicodeScalars)
            guard scalars.count == 1 else { throw field["replacement"].error("one character") }
            let scheme = try field.prefixScheme()
            steps.append(.metaspace(replacement: scalars[0], dropsFirst: scheme != .never))
        default: throw field.unsupported(type)
        }
    }
}
