/// The key-value pairs of a GGUF file. Values stay in the mapped file until they are asked for.
public struct GGUFMetadata: Sendable {
    /// Where a value lies.
    struct Entry: Sendable {
        let key: String
        let type: GGUFType
        /// The value's bytes, without its type.
        let range: Range<Int>
    }

    let file: MappedFile
    /// In the file's order.
    let entries: [Entry]
    private let indices: [String: Int]

    init(file: MappedFile, entries: [Entry], indices: [String: Int]) {
        self.file = file
        self.entries = entries
        self.indices = indices
    }

    /// All keys in the file's order.
    public var keys: [String] { entries.map(\.key) }

    /// Whether the file has the key.
    public func has(_ key: String) -> Bool { indices[key] != nil }

    private func entry(_ key: String) -> Entry? { indices[key].map { entries[$0] } }

    private func kind(_ key: String, _ expected: String) -> ImportError {
        .description(file.path, .kind(key, expected: expected))
    }

    /// An integer; nil if the key is absent.
    public func integer(_ key: String) throws(ImportError) -> Int? {
        guard let entry = entry(key) else { return nil }
        guard let value = Self.integer(entry.type, file, at: entry.range.lowerBound) else {
            throw kind(key, "an integer")
        }
        return value
    }

    /// A number; nil if the key is absent.
    public func number(_ key: String) throws(ImportError) -> Double? {
        guard let entry = entry(key) else { return nil }
        guard let value = Self.number(entry.type, file, at: entry.range.lowerBound) else {
            throw kind(key, "a number")
        }
        return value
    }

    /// A truth value; nil if the key is absent.
    public func bool(_ key: String) throws(ImportError) -> Bool? {
        guard let entry = entry(key) else { return nil }
        guard entry.type == .bool else { throw kind(key, "true or false") }
        return file.bytes[entry.range.lowerBound] != 0
    }

    /// A string, malformed UTF-8 repaired; nil if the key is absent.
    public func text(_ key: String) throws(ImportError) -> String? {
        try textSpan(key)?.text
    }

    /// Where a string's bytes lie; nil if the key is absent.
    public func textSpan(_ key: String) throws(ImportError) -> FileSpan? {
        guard let entry = entry(key) else { return nil }
        guard entry.type == .string else { throw kind(key, "a string") }
        var cursor = GGUFCursor(file: file, offset: entry.range.lowerBound)
        let range = try cursor.stringRange(key)
        return FileSpan(file: file, offset: range.lowerBound, count: range.count)
    }

    /// An array of strings, malformed UTF-8 repaired; nil if the key is absent.
    public func strings(_ key: String) throws(ImportError) -> [String]? {
        guard let (type, count, start) = try array(key) else { return nil }
        guard type == .string else { throw kind(key, "an array of strings") }
        var cursor = GGUFCursor(file: file, offset: start)
        var strings: [String] = []
        strings.reserveCapacity(count)
        for _ in 0..<count {
            let range = try cursor.stringRange(key)
            strings.append(String(decoding: file.bytes[range], as: UTF8.self))
        }
        return strings
    }

    /// An array of integers; nil if the key is absent.
    public func integers(_ key: String) throws(ImportError) -> [Int]? {
        guard let (type, count, start) = try array(key) else { return nil }
        var values: [Int] = []
        values.reserveCapacity(count)
        for index in 0..<count {
            let place = start + index * type.byteCountMin
            guard let value = Self.integer(type, file, at: place) else {
                throw kind(key, "an array of integers")
            }
            values.append(value)
        }
        return values
    }

    /// An array of numbers; nil if the key is absent.
    public func numbers(_ key: String) throws(ImportError) -> [Float]? {
        guard let (type, count, start) = try array(key) else { return nil }
        var values: [Float] = []
        values.reserveCapacity(count)
        for index in 0..<count {
            let place = start + index * type.byteCountMin
            guard let value = Self.number(type, file, at: place) else {
                throw kind(key, "an array of numbers")
            }
            values.append(Float(value))
        }
        return values
    }

    /// An array of truth values; nil if the key is absent.
    public func bools(_ key: String) throws(ImportError) -> [Bool]? {
        guard let (type, count, start) = try array(key) else { return nil }
        guard type == .bool else { throw kind(key, "an array of truth values") }
        return file.bytes[start..<start + count].map { $0 != 0 }
    }

    /// Whether the value is an array.
    public func isArray(_ key: String) -> Bool { entry(key)?.type == .array }

    /// Element type, count and place of an array.
    private func array(
        _ key: String
    ) throws(ImportError) -> (type: GGUFType, count: Int, start: Int)? {
        guard let entry = entry(key) else { return nil }
        guard entry.type == .array else { throw kind(key, "an array") }
        var cursor = GGUFCursor(file: file, offset: entry.range.lowerBound)
        let type = try cursor.type(key)
        let count = try cursor.count(key, bytesEach: type.byteCountMin)
        return (type, count, cursor.offset)
    }

    /// nil for another type, and for an integer beyond 63 bits. The range was checked when the
    /// file was opened.
    private static func integer(_ type: GGUFType, _ file: MappedFile, at place: Int) -> Int? {
        func load<Value: FixedWidthInteger>(_: Value.Type) -> Int? {
            let bits = file.bytes.loadUnaligned(fromByteOffset: place, as: Value.self)
            return Int(exactly: Value(littleEndian: bits))
        }
        return switch type {
        case .uint8: load(UInt8.self)
        case .int8: load(Int8.self)
        case .uint16: load(UInt16.self)
        case .int16: load(Int16.self)
        case .uint32: load(UInt32.self)
        case .int32: load(Int32.self)
        case .uint64: load(UInt64.self)
        case .int64: load(Int64.self)
        case .float32, .float64, .bool, .string, .array: nil
        }
    }

    private static func number(_ type: GGUFType, _ file: MappedFile, at place: Int) -> Double? {
        switch type {
        case .float32:
            let bits = file.bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
            return Double(Float(bitPattern: UInt32(littleEndian: bits)))
        case .float64:
            let bits = file.bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            return Double(bitPattern: UInt64(littleEndian: bits))
        default: return integer(type, file, at: place).map(Double.init)
        }
    }
}
