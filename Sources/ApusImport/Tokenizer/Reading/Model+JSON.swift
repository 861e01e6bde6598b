import ApusChip

extension TokenizerParts.Model {
    /// Reads the `model` of a `tokenizer.json`.
    ///
    /// - Parameter odd: gets the spellings of tokens that a byte-level table cannot hold.
    init(
        _ field: TokenizerField, isByteLevel: Bool, _ added: [AddedToken],
        _ odd: inout [Int32: String]
    ) throws(TokenizerError) {
        // Files of the first format do not name the type of byte-pair models.
        let type = field["type"].isNull ? "BPE" : try field.type()
        switch type {
        case "BPE":
            self = .bytePair(
                try BytePairModel(field, isByteLevel: isByteLevel, added, &odd))
        case "Unigram":
            guard !isByteLevel else { throw field.unsupported("Unigram after ByteLevel") }
            self = .unigram(try UnigramModel(field, added))
        default: throw field["type"].unsupported(type)
        }
    }
}

extension BytePairModel {
    fileprivate init(
        _ field: TokenizerField, isByteLevel: Bool, _ added: [AddedToken],
        _ odd: inout [Int32: String]
    ) throws(TokenizerError) {
        for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if !field[name].isNull, try field[name].string() != "" {
                throw field[name].unsupported(try field[name].string())
            }
        }
        let spellings = try BytePairModel.spellings(field["vocab"], added)
        var tokens = TokenTable(capacity: spellings.count)
        for (id, spelling) in spellings.enumerated() {
            guard let spelling else {
                tokens.append([], isFindable: false)
                continue
            }
            if !isByteLevel {
                tokens.append(spelling.utf8)
            } else if let bytes = ByteAlphabet.bytes(of: spelling.utf8) {
                tokens.append(bytes)
            } else {
                tokens.append([], isFindable: false)
                odd[Int32(id)] = spelling
            }
        }
        let merges = try MergeReader.read(
            field["merges"], tokens: tokens, isByteLevel: isByteLevel)
        let fallsBack = try field["byte_fallback"].flag(or: false)
        var unknownID: Int32?
        if !field["unk_token"].isNull {
            let name = try field["unk_token"].string()
            guard let id = spellings.firstIndex(of: name) else { throw .unknownSpecialToken(name) }
            unknownID = Int32(id)
        }
        self.init(
            tokens: tokens, pairs: merges,
            byteIDs: isByteLevel
                ? BytePairModel.byteIDs(of: tokens) : BytePairModel.fallbackIDs(of: tokens),
            isByteLevel: isByteLevel, fallsBackToBytes: fallsBack,
            ignoresMerges: try field["ignore_merges"].flag(or: false), unknownID: unknownID,
            fusesUnknown: try field["fuse_unk"].flag(or: false))
    }

    /// Tokens by id, with nil where no token has an id.
    private static func spellings(
        _ field: TokenizerField, _ added: [AddedToken]
    ) throws(TokenizerError) -> [String?] {
        guard case .object(let entries) = field.value else { throw field.error("an object") }
        var largest = -1
        for entry in entries {
            guard case .integer(let id) = entry.value else {
                throw .field("\(field.path).\(entry.name)", expected: "an integer")
            }
            try TokenizerParts.checkID(id, of: entry.name)
            largest = max(largest, id)
        }
        var spellings = [String?](repeating: nil, count: largest + 1)
        for entry in entries {
            guard case .integer(let id) = entry.value else { continue }
            if spellings[id] != nil { throw .conflictingIDs(token: entry.name, id: id) }
            spellings[id] = entry.name
        }
        for token in added where Int(token.id) < spellings.count {
            guard let known = spellings[Int(token.id)], known != token.content else { continue }
            throw .conflictingIDs(token: token.content, id: Int(token.id))
        }
        return spellings
    }

    /// The token of each byte in a byte-level table.
    static func byteIDs(of tokens: TokenTable) -> [Int32] {
        (0..<256).map { tokens.id(of: [UInt8($0)]) ?? -1 }
    }

    /// The tokens `<0x00>` to `<0xFF>`; -1 for each that is missing.
    static func fallbackIDs(of tokens: TokenTable) -> [Int32] {
        let digits = Array("0123456789ABCDEF".utf8)
        return (0..<256).map { byte in
            let name = Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15], 0x3E]
            return tokens.id(of: name) ?? -1
        }
    }
}

/// Reads merges into a table of pairs.
struct MergeReader {
    let tokens: TokenTable
    let isByteLevel: Bool
    private(set) var table: PairTable
    /// The two tokens of the merge that is being read, one after the other.
    private var bytes: [UInt8] = []

    init(tokens: TokenTable, isByteLevel: Bool, count: Int) {
        self.tokens = tokens
        self.isByteLevel = isByteLevel
        table = PairTable(capacity: count)
    }

    /// Merges as `"left right"` or `["left", "right"]`, the first merging first.
    static func read(
        _ field: TokenizerField, tokens: TokenTable, isByteLevel: Bool
    ) throws(TokenizerError) -> PairTable {
        guard case .array(let entries) = field.value else { throw field.error("a list") }
        var reader = MergeReader(tokens: tokens, isByteLevel: isByteLevel, count: entries.count)
        for (rank, entry) in entries.enumerated() {
            switch entry {
            case .string(let text): try reader.add(text, rank: rank)
            case .array(let pair):
                guard pair.count == 2, case .string(let left) = pair[0],
                    case .string(let right) = pair[1]
                else { throw .malformedMerge(rank) }
                try reader.add(left.utf8, right.utf8, rank: rank)
            default: throw .malformedMerge(rank)
            }
        }
        return reader.table
    }

    /// Adds a merge as `"left right"`.
    mutating func add(_ merge: String, rank: Int) throws(TokenizerError) {
        let text = merge.utf8
        guard let space = text.firstIndex(of: 0x20) else { throw .malformedMerge(rank) }
        let right = text[text.index(after: space)...]
        guard !right.contains(0x20) else { throw .malformedMerge(rank) }
        try add(text[..<space], right, rank: rank)
    }

    private mutating func add(
        _ left: some Collection<UInt8>, _ right: some Collection<UInt8>, rank: Int
    ) throws(TokenizerError) {
        bytes.removeAll(keepingCapacity: true)
        try append(left, rank)
        let middle = bytes.count
        try append(right, rank)
        let (first, second, whole) = bytes.withUnsafeBufferPointer { all in
            (
                tokens.id(of: UnsafeBufferPointer(rebasing: all[..<middle])),
                tokens.id(of: UnsafeBufferPointer(rebasing: all[middle...])),
                tokens.id(of: all)
            )
        }
        guard let first else { throw unknown(bytes[..<middle], rank) }
        guard let second else { throw unknown(bytes[middle...], rank) }
        guard let whole else { throw unknown(bytes[...], rank) }
        table.set(first, second, PairTable.Merge(rank: Int32(rank), id: whole))
    }

    private mutating func append(
        _ token: some Collection<UInt8>, _ rank: Int
    ) throws(TokenizerError) {
        if !isByteLevel {
            bytes.append(contentsOf: token)
        } else if !ByteAlphabet.append(token, to: &bytes) {
            throw .unknownMergeToken(merge: rank, token: String(decoding: token, as: UTF8.self))
        }
    }

    private func unknown(_ bytes: ArraySlice<UInt8>, _ rank: Int) -> TokenizerError {
        let name =
            isByteLevel ? ByteAlphabet.token(of: bytes) : String(decoding: bytes, as: UTF8.self)
        return .unknownMergeToken(merge: rank, token: name)
    }
}

extension UnigramModel {
    fileprivate init(_ field: TokenizerField, _ added: [AddedToken]) throws(TokenizerError) {
        guard case .array(let entries) = field["vocab"].value else {
            throw field["vocab"].error("a list")
        }
        guard entries.count <= TokenizerParts.idsMax else {
            throw .idOutOfRange(
                token: "", id: entries.count - 1, bound: TokenizerParts.idsMax)
        }
        var tokens = TokenTable(capacity: entries.count)
        var scores: [Double] = []
        for (id, entry) in entries.enumerated() {
            guard case .array(let pair) = entry, pair.count == 2, case .string(let name) = pair[0]
            else { throw .field("model.vocab[\(id)]", expected: "a token and its score") }
            switch pair[1] {
            case .number(let score): scores.append(score)
            case .integer(let score): scores.append(Double(score))
            default: throw .field("model.vocab[\(id)]", expected: "a token and its score")
            }
            tokens.append(name.utf8)
        }
        var unknownID: Int32?
        if !field["unk_id"].isNull {
            let id = try field["unk_id"].integer()
            guard scores.indices.contains(id) else {
                throw .idOutOfRange(token: "unk_id", id: id, bound: scores.count)
            }
            unknownID = Int32(id)
        }
        let fallsBack = try field["byte_fallback"].flag(or: false)
        self.init(
            tokens: tokens, scores: scores, unknownID: unknownID,
            byteIDs: fallsBack ? BytePairModel.fallbackIDs(of: tokens) : [],
            keepsSingles: false)
    }
}
