/// Lays out a GGUF file, version 3: pairs, tensor infos, then the data, each piece aligned.
///
///     var writer = GGUFWriter()
///     writer.add("general.architecture", .text("llama"))
///     writer.addTensor("token_embd.weight", format: .q8_0, shape: [rows, columns])
///     file.write(writer.header)       // then each tensor's bytes, with `padding(after:)` between
public struct GGUFWriter: Sendable {
    /// A metadata value to write.
    public enum Value: Sendable {
        case uint32(UInt32)
        case uint64(UInt64)
        case int32(Int32)
        case float32(Float)
        case bool(Bool)
        case text(String)
        case texts([String])
        case int32s([Int32])
        case float32s([Float])
        case bools([Bool])
    }

    private static let alignment = GGUFFile.alignmentDefault
    private var pairs: [UInt8] = []
    private var pairCount = 0
    private var infos: [UInt8] = []
    private var infoCount = 0
    private var dataBytes = 0

    public init() {}

    /// Adds a pair; keys must differ.
    public mutating func add(_ key: String, _ value: Value) {
        pairCount += 1
        Self.append(key, to: &pairs)
        switch value {
        case .uint32(let value): Self.append(.uint32, value, to: &pairs)
        case .uint64(let value): Self.append(.uint64, value, to: &pairs)
        case .int32(let value): Self.append(.int32, value, to: &pairs)
        case .float32(let value): Self.append(.float32, value.bitPattern, to: &pairs)
        case .bool(let value): Self.append(.bool, UInt8(value ? 1 : 0), to: &pairs)
        case .text(let text):
            Self.append(GGUFType.string.rawValue, to: &pairs)
            Self.append(text, to: &pairs)
        case .texts(let texts):
            appendArray(.string, texts.count)
            for text in texts { Self.append(text, to: &pairs) }
        case .int32s(let values):
            appendArray(.int32, values.count)
            for value in values { Self.append(value, to: &pairs) }
        case .float32s(let values):
            appendArray(.float32, values.count)
            for value in values { Self.append(value.bitPattern, to: &pairs) }
        case .bools(let values):
            appendArray(.bool, values.count)
            pairs += values.map { $0 ? 1 : 0 }
        }
    }

    /// Copies pairs of another file as they stand, but for those whose key `isLeftOut`.
    public mutating func copy(_ metadata: GGUFMetadata, leavingOut isLeftOut: (String) -> Bool) {
        for entry in metadata.entries where !isLeftOut(entry.key) {
            pairCount += 1
            Self.append(entry.key, to: &pairs)
            Self.append(entry.type.rawValue, to: &pairs)
            pairs.append(contentsOf: metadata.file.bytes[entry.range])
        }
    }

    /// Adds a tensor; its data goes behind that of those before it.
    ///
    /// - Shapes: `shape` is outermost first; the last extent is a multiple of the block length.
    public mutating func addTensor(_ name: String, format: StoredFormat, shape: [Int]) {
        guard let code = format.ggufCode else {
            preconditionFailure("\(format.rawValue) has no place in a GGUF file")
        }
        infoCount += 1
        Self.append(name, to: &infos)
        Self.append(UInt32(shape.count), to: &infos)
        for extent in shape.reversed() { Self.append(UInt64(extent), to: &infos) }
        Self.append(code, to: &infos)
        Self.append(UInt64(dataBytes), to: &infos)
        let bytes = format.byteCount(shape.reduce(1, *))
        dataBytes += bytes + Self.padding(after: bytes)
    }

    /// Everything before the data, padded so that the data may follow.
    public var header: [UInt8] {
        var bytes: [UInt8] = []
        Self.append(GGUFFile.magic, to: &bytes)
        Self.append(UInt32(3), to: &bytes)
        Self.append(UInt64(infoCount), to: &bytes)
        Self.append(UInt64(pairCount), to: &bytes)
        bytes += pairs
        bytes += infos
        bytes += [UInt8](repeating: 0, count: Self.padding(after: bytes.count))
        return bytes
    }

    /// The zero bytes that follow a tensor's data of `count` bytes.
    public static func padding(after count: Int) -> Int {
        (alignment - count % alignment) % alignment
    }

    private mutating func appendArray(_ type: GGUFType, _ count: Int) {
        Self.append(GGUFType.array.rawValue, to: &pairs)
        Self.append(type.rawValue, to: &pairs)
        Self.append(UInt64(count), to: &pairs)
    }

    private static func append(
        _ type: GGUFType, _ value: some FixedWidthInteger, to bytes: inout [UInt8]
    ) {
        append(type.rawValue, to: &bytes)
        append(value, to: &bytes)
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        append(UInt64(text.utf8.count), to: &bytes)
        bytes.append(contentsOf: text.utf8)
    }
}
