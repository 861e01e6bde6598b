/// Types of GGUF metadata values, by their codes.
public enum GGUFType: UInt32, Sendable {
    case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64
    case float64

    /// Bytes of a value; for those of variable length the fewest that one can take.
    var byteCountMin: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64, .string: 8
        case .array: 12
        }
    }

    /// Whether every value takes the same number of bytes.
    var isFixed: Bool { self != .string && self != .array }
}

/// Walks the header of a GGUF file; every step is checked against the file's end.
struct GGUFCursor {
    /// No published file nests arrays at all.
    static let arrayDepthMax = 4

    let file: MappedFile
    let bytes: UnsafeRawBufferPointer
    var offset = 0

    init(file: MappedFile, offset: Int = 0) {
        self.file = file
        bytes = file.bytes
        self.offset = offset
    }

    var remaining: Int { bytes.count - offset }

    func fault(_ problem: FileProblem, atByte place: Int? = nil) -> ImportError {
        .format(file.path, place ?? offset, problem)
    }

    /// A little-endian integer or float's bits.
    mutating func read<Integer: FixedWidthInteger>(
        _ type: Integer.Type, _ field: String
    ) throws(ImportError) -> Integer {
        guard remaining >= MemoryLayout<Integer>.size else {
            throw fault(.truncated(field: field))
        }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: Integer.self)
        offset += MemoryLayout<Integer>.size
        return Integer(littleEndian: value)
    }

    /// A count of things that take at least `bytesEach` bytes in what is left of the file.
    mutating func count(_ field: String, bytesEach: Int) throws(ImportError) -> Int {
        let start = offset
        let count = try read(UInt64.self, field)
        guard count <= UInt64(remaining / bytesEach) else {
            throw fault(.count(field: field, count), atByte: start)
        }
        return Int(count)
    }

    /// The range of a string's bytes.
    mutating func stringRange(_ field: String) throws(ImportError) -> Range<Int> {
        let length = try count("the length of \(field)", bytesEach: 1)
        defer { offset += length }
        return offset..<offset + length
    }

    /// A string that must be UTF-8.
    mutating func text(_ field: String) throws(ImportError) -> String {
        let range = try stringRange(field)
        let slice = UnsafeRawBufferPointer(rebasing: bytes[range])
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw fault(.text(field: field), atByte: range.lowerBound)
        }
        return text
    }

    mutating func type(_ field: String) throws(ImportError) -> GGUFType {
        let start = offset
        let code = try read(UInt32.self, field)
        guard let type = GGUFType(rawValue: code) else {
            throw fault(.typeCode(field: field, code), atByte: start)
        }
        return type
    }

    /// Passes over a value.
    mutating func skip(_ type: GGUFType, depth: Int = 0) throws(ImportError) {
        switch type {
        case .string: _ = try stringRange("a string")
        case .array:
            guard depth < Self.arrayDepthMax else { throw fault(.nestedTooDeep) }
            let element = try self.type("the type of array elements")
            let count = try count("the length of an array", bytesEach: element.byteCountMin)
            if element.isFixed {
                offset += count * element.byteCountMin
            } else {
                for _ in 0..<count { try skip(element, depth: depth + 1) }
            }
        default:
            guard remaining >= type.byteCountMin else { throw fault(.truncated(field: "a value")) }
            offset += type.byteCountMin
        }
    }
}
