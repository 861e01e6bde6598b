/// A GGUF file, version 2 or 3: metadata, and tensors whose bytes stay in the mapped file.
///
/// Everything the header says is checked when the file is opened: counts against the bytes that
/// are left, names for duplicates, data for alignment, range and overlap.
///
/// - Source: docs/language-models/files.md.
public struct GGUFFile: Sendable {
    /// The mapped file.
    public let file: MappedFile
    /// The version of the format.
    public let version: Int
    /// The key-value pairs.
    public let metadata: GGUFMetadata
    /// The tensors in the file's order.
    public let tensors: [StoredTensor]
    /// To what the data of tensors is aligned.
    public let alignment: Int

    static let magic: UInt32 = 0x4655_4747
    static let alignmentDefault = 32
    /// ggml's tensors have at most four dimensions.
    static let rankMax = 4

    /// Opens the file at `path`.
    public init(path: String) throws(ImportError) {
        try self.init(file: MappedFile(path: path))
    }

    /// Reads the header of a mapped file.
    public init(file: MappedFile) throws(ImportError) {
        var cursor = GGUFCursor(file: file)
        guard file.count >= 4, try cursor.read(UInt32.self, "the magic number") == Self.magic else {
            throw cursor.fault(.magic(expected: "GGUF"), atByte: 0)
        }
        let version = try cursor.read(UInt32.self, "the version")
        guard version == 2 || version == 3 else {
            let found = Int(version.byteSwapped == 3 ? version.byteSwapped : version)
            let supported = found == 3 ? "little-endian files" : "2 and 3"
            throw cursor.fault(.version(found, supported: supported), atByte: 4)
        }
        let tensorCount = try cursor.count("the number of tensors", bytesEach: 24)
        let entryCount = try cursor.count("the number of metadata pairs", bytesEach: 13)
        let metadata = try Self.metadata(&cursor, entryCount)
        let alignment = try metadata.integer("general.alignment") ?? Self.alignmentDefault
        guard alignment > 0, alignment <= 1 << 20, alignment & (alignment - 1) == 0 else {
            throw .description(
                file.path,
                .value(
                    "general.alignment", found: "\(alignment)",
                    allowed: "a power of two of at most 2^20"))
        }
        let infos = try Self.infos(&cursor, tensorCount)
        let dataStart = (cursor.offset + alignment - 1) / alignment * alignment
        var tensors: [StoredTensor] = []
        tensors.reserveCapacity(infos.count)
        for info in infos {
            tensors.append(try info.tensor(file, dataStart: dataStart, alignment: alignment))
        }
        try TensorPlaces.check(tensors, of: file)
        self.file = file
        self.version = Int(version)
        self.metadata = metadata
        self.tensors = tensors
        self.alignment = alignment
    }

    private static func metadata(
        _ cursor: inout GGUFCursor, _ count: Int
    ) throws(ImportError) -> GGUFMetadata {
        var entries: [GGUFMetadata.Entry] = []
        var indices: [String: Int] = [:]
        entries.reserveCapacity(count)
        for index in 0..<count {
            let start = cursor.offset
            let key = try cursor.text("a metadata key")
            if indices.updateValue(index, forKey: key) != nil {
                throw cursor.fault(.duplicate(field: "metadata key", key), atByte: start)
            }
            let type = try cursor.type("the type of \(quoted(key))")
            let value = cursor.offset
            try cursor.skip(type)
            entries.append(
                GGUFMetadata.Entry(key: key, type: type, range: value..<cursor.offset))
        }
        return GGUFMetadata(file: cursor.file, entries: entries, indices: indices)
    }

    private static func infos(
        _ cursor: inout GGUFCursor, _ count: Int
    ) throws(ImportError) -> [TensorInfo] {
        var infos: [TensorInfo] = []
        var names: Set<String> = []
        infos.reserveCapacity(count)
        for _ in 0..<count {
            let start = cursor.offset
            let name = try cursor.text("a tensor's name")
            if !names.insert(name).inserted {
                throw cursor.fault(.duplicate(field: "tensor name", name), atByte: start)
            }
            let rank = try cursor.read(UInt32.self, "the rank of \(quoted(name))")
            guard (1...UInt32(rankMax)).contains(rank) else {
                throw cursor.fault(
                    .typeCode(field: "the rank of \(quoted(name))", rank),
                    atByte: cursor.offset - 4)
            }
            var extents: [UInt64] = []
            for _ in 0..<rank {
                extents.append(try cursor.read(UInt64.self, "the extents of \(quoted(name))"))
            }
            let type = try cursor.read(UInt32.self, "the type of \(quoted(name))")
            let offset = try cursor.read(UInt64.self, "the place of \(quoted(name))")
            infos.append(TensorInfo(name: name, extents: extents, type: type, offset: offset))
        }
        return infos
    }
}

/// What a GGUF header says about a tensor; extents are innermost first.
private struct TensorInfo {
    let name: String
    let extents: [UInt64]
    let type: UInt32
    let offset: UInt64

    func tensor(
        _ file: MappedFile, dataStart: Int, alignment: Int
    ) throws(ImportError) -> StoredTensor {
        guard let format = StoredFormat(ggufCode: type) else {
            throw .weight(
                file.path, name,
                .type(GGUFTypeNames.name(type), supported: StoredFormat.ggufNames))
        }
        var shape: [Int] = []
        var count = 1
        for extent in extents.reversed() {
            // No file of 2^40 elements exists, and products stay far from overflow.
            guard extent > 0, extent <= 1 << 40, let product = Self.product(count, Int(extent))
            else { throw .weight(file.path, name, .shape(extents.reversed())) }
            count = product
            shape.append(Int(extent))
        }
        let columns = shape.last ?? 1
        guard columns % format.blockLength == 0 else {
            throw .weight(file.path, name, .block(columns: columns, block: format.blockLength))
        }
        guard offset % UInt64(alignment) == 0 else {
            throw .weight(file.path, name, .alignment(atByte: offset, alignment: alignment))
        }
        let bytes = format.byteCount(count)
        guard dataStart <= file.count, offset <= UInt64(file.count - dataStart),
            bytes <= file.count - dataStart - Int(offset)
        else {
            let place = offset.addingReportingOverflow(UInt64(dataStart))
            throw .weight(
                file.path, name,
                .range(
                    atByte: place.overflow ? .max : place.partialValue, count: UInt64(bytes),
                    fileBytes: file.count))
        }
        return StoredTensor(
            name: name, format: format, shape: shape,
            span: FileSpan(file: file, offset: dataStart + Int(offset), count: bytes))
    }

    private static func product(_ a: Int, _ b: Int) -> Int? {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow || product > 1 << 44 ? nil : product
    }
}

/// Names of the ggml types that are not read, for messages.
private enum GGUFTypeNames {
    static func name(_ code: UInt32) -> String {
        let names: [UInt32: String] = [
            9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS",
            18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS",
            24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0",
            35: "TQ2_0",
        ]
        return names[code] ?? "number \(code)"
    }
}

/// Holds that no two tensors share bytes.
enum TensorPlaces {
    static func check(_ tensors: [StoredTensor], of file: MappedFile) throws(ImportError) {
        let ordered = tensors.sorted { $0.span.offset < $1.span.offset }
        for (one, next) in zip(ordered, ordered.dropFirst())
        where next.span.offset < one.span.offset + one.span.count {
            throw .weight(
                file.path, next.name, .overlap(with: one.name, atByte: next.span.offset))
        }
    }
}
