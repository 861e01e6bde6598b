/// The patterns by which the families of models cut text into words, as published with them.
enum FamilyPatterns {
    static let gpt2 =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    static let llama3 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"#
        + #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    static let qwen2 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"#
        + #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    static let tekken =
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"#
        + #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|"#
        + #"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    static let gpt4o =
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"#
        + #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"#
        + #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"#
        + #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"#
        + #"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    /// One after the other, each on what the one before left.
    static let deepseekV3 = [
        #"\p{N}{1,3}"#,
        #"[\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+"#,
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|"##
            + #"[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|"#
            + #"\s*[\r\n]+|\s+(?!\S)|\s+"#,
    ]

    /// Letters of alphabets that have case, as DeepSeek's first models list them.
    private static let casedLetters =
        "A-Za-z\u{B5}\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{1BA}\u{1BC}-\u{1BF}\u{1C4}-\u{293}"
        + "\u{295}-\u{2AF}\u{370}-\u{373}\u{376}\u{377}\u{37B}-\u{37D}\u{37F}\u{386}"
        + "\u{388}-\u{38A}\u{38C}\u{38E}-\u{3A1}\u{3A3}-\u{3F5}\u{3F7}-\u{481}\u{48A}-\u{52F}"
        + "\u{531}-\u{556}\u{10A0}-\u{10C5}\u{13A0}-\u{13F5}\u{13F8}-\u{13FD}\u{1C90}-\u{1CBA}"
        + "\u{1CBD}-\u{1CBF}\u{1D00}-\u{1D2B}\u{1D6B}-\u{1D77}\u{1D79}-\u{1D9A}\u{1E00}-\u{1F15}"
        + "\u{1F18}-\u{1F1D}\u{1F20}-\u{1F45}\u{1F48}-\u{1F4D}\u{1F50}-\u{1F57}\u{1F59}\u{1F5B}"
        + "\u{1F5D}\u{1F5F}-\u{1F7D}\u{1F80}-\u{1FB4}\u{1FB6}-\u{1FBC}\u{1FBE}\u{1FC2}-\u{1FC4}"
        + "\u{1FC6}-\u{1FCC}\u{1FD0}-\u{1FD3}\u{1FD6}-\u{1FDB}\u{1FE0}-\u{1FEC}\u{1FF2}-\u{1FF4}"
        + "\u{1FF6}-\u{1FFC}\u{2102}\u{2107}\u{210A}-\u{2113}\u{2115}\u{2119}-\u{211D}\u{2124}"
        + "\u{2126}\u{2128}\u{212A}-\u{212D}\u{212F}-\u{2134}\u{2139}\u{213C}-\u{213F}"
        + "\u{2145}-\u{2149}\u{214E}\u{2183}\u{2184}\u{2C00}-\u{2C7B}\u{2C7E}-\u{2CE4}"
        + "\u{2CEB}-\u{2CEE}\u{2CF2}\u{2CF3}\u{A640}-\u{A66D}\u{A680}-\u{A69B}\u{A722}-\u{A76F}"
        + "\u{A771}-\u{A787}\u{A78B}-\u{A78E}\u{AB70}-\u{ABBF}\u{FB00}-\u{FB06}\u{FB13}-\u{FB17}"
        + "\u{FF21}-\u{FF3A}\u{FF41}-\u{FF5A}\u{10400}-\u{1044F}\u{104B0}-\u{104D3}"
        + "\u{104D8}-\u{104FB}\u{10C80}-\u{10CB2}\u{10CC0}-\u{10CF2}\u{118A0}-\u{118DF}"
        + "\u{1E900}-\u{1E943}"

    static let deepseekLLM = [
        #"[\r\n]"#,
        #"\s?["# + casedLetters + #"]+"#,
        #"\s?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+"#,
        #"\s+$"#,
        #"[\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+"#,
    ]

    static let deepseekCoder = [
        #"[\r\n]"#,
        #"\s?\p{L}+"#,
        #"\s?\p{P}+"#,
        #"[\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+"#,
    ]

    /// What a GGUF file without a name means: the cut of the first converters.
    static let unnamed = [
        #"[\p{P}\$\+<=>\^~\|]+"#, gpt2, #"\p{N}+"#, #"[0-9][0-9][0-9]"#,
    ]
}

extension PreTokenizer {
    /// Names of pre-tokenizers in GGUF files, by family.
    static let known: [[String]: Family] = [
        ["gpt-2", "gpt2", "mpt", "olmo", "jais", "phi-2", "gigachat", "roberta-bpe"]: .gpt2,
        ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"]:
            .smollm,
        ["llama-bpe", "llama3", "llama-v3", "falcon3", "dbrx", "smaug-bpe"]: .llama3,
        ["qwen2", "deepseek-r1-qwen", "stablelm2", "megrez"]: .qwen2,
        ["deepseek-llm", "deepseek-v2"]: .deepseekLLM,
        ["deepseek-coder"]: .deepseekCoder,
        ["deepseek-v3"]: .deepseekV3,
        ["tekken"]: .tekken,
        ["gpt-4o", "llama4"]: .gpt4o,
        ["default"]: .unnamed,
    ]

    /// A way of cutting that several models share.
    enum Family {
        case gpt2, smollm, llama3, qwen2, deepseekLLM, deepseekCoder, deepseekV3, tekken, gpt4o,
            unnamed
    }

    /// The pre-tokenizer that a GGUF file names.
    init(named name: String) throws(TokenizerError) {
        guard let family = PreTokenizer.known.first(where: { $0.key.contains(name) })?.value else {
            let names = PreTokenizer.known.keys.joined().sorted()
            throw TokenizerError.unknownPreTokenizer(name, known: names)
        }
        self = try PreTokenizer(family)
    }

    init(_ family: Family) throws(TokenizerError) {
        switch family {
        case .gpt2: self = try PreTokenizer(patterns: [FamilyPatterns.gpt2])
        case .smollm:
            self = .sequence([
                .digits(areSingle: true), try PreTokenizer(patterns: [FamilyPatterns.gpt2]),
            ])
        case .llama3: self = try PreTokenizer(patterns: [FamilyPatterns.llama3])
        case .qwen2: self = try PreTokenizer(patterns: [FamilyPatterns.qwen2])
        case .tekken: self = try PreTokenizer(patterns: [FamilyPatterns.tekken])
        case .gpt4o: self = try PreTokenizer(patterns: [FamilyPatterns.gpt4o])
        case .deepseekV3: self = try PreTokenizer(patterns: FamilyPatterns.deepseekV3)
        case .deepseekLLM:
            self = try PreTokenizer(patterns: FamilyPatterns.deepseekLLM, cutsDigits: true)
        case .deepseekCoder:
            self = try PreTokenizer(patterns: FamilyPatterns.deepseekCoder, cutsDigits: true)
        case .unnamed: self = try PreTokenizer(patterns: FamilyPatterns.unnamed)
        }
    }

    /// Cuts at each pattern in turn, then perhaps at digits, for a byte-level model.
    private init(patterns: [String], cutsDigits: Bool = false) throws(TokenizerError) {
        var parts: [PreTokenizer] = []
        for pattern in patterns {
            parts.append(.split(try Pattern(reading: pattern), .isolated, isInverted: false))
        }
        if cutsDigits { parts.append(.digits(areSingle: true)) }
        parts.append(.byteLevel(addsPrefixSpace: false, nil))
        self = .sequence(parts)
    }
}
