import ApusChip

/// A safetensors file: a JSON header, then the bytes of tensors, which stay in the mapped file.
///
/// The header is checked when the file is opened: its length, every range against the file and
/// against its shape, and ranges against each other.
///
/// - Source: docs/language-models/files.md.
public struct SafetensorsFile: Sendable {
    /// The mapped file.
    public let file: MappedFile
    /// The tensors of types that are read, in the file's order of data.
    public let tensors: [StoredTensor]
    /// The types of the others by name, such as the I64 of position tables.
    public let otherTypes: [String: String]

    /// The bound of the format's authors on the header.
    static let headerBytesMax = 100_000_000
    static let rankMax = 8

    /// Bytes of an element by the type's name.
    private static let elementBytes = [
        "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I64": 8, "I32": 4,
        "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1, "F8_E8M0": 1,
    ]

    /// Opens the file at `path`.
    public init(path: String) throws(ImportError) {
        try self.init(file: MappedFile(path: path))
    }

    /// Reads the header of a mapped file.
    public init(file: MappedFile) throws(ImportError) {
        var cursor = GGUFCursor(file: file)
        let length = try cursor.read(UInt64.self, "the header's length")
        guard length <= UInt64(min(file.count - 8, Self.headerBytesMax)) else {
            throw cursor.fault(.count(field: "the header's length", length), atByte: 0)
        }
        let dataStart = 8 + Int(length)
        let header: JSONValue
        do throws(JSONError) {
            header = try JSONValue(
                reading: UnsafeRawBufferPointer(rebasing: file.bytes[8..<dataStart]))
        } catch {
            throw cursor.fault(.json(JSONProblem(sentence: "\(error)")), atByte: 8)
        }
        guard case .object(let fields) = header else {
            throw cursor.fault(.magic(expected: "safetensors"), atByte: 8)
        }
        var tensors: [StoredTensor] = []
        var otherTypes: [String: String] = [:]
        for field in fields where field.name != "__metadata__" {
            let info = SafetensorsInfo(name: field.name, value: field.value, path: file.path)
            let (type, shape, range) = try info.parts(elementBytes: Self.elementBytes)
            guard range.upperBound <= file.count - dataStart else {
                throw .weight(
                    file.path, field.name,
                    .range(
                        atByte: UInt64(dataStart + range.lowerBound), count: UInt64(range.count),
                        fileBytes: file.count))
            }
            guard let format = StoredFormat(rawValue: type), !range.isEmpty else {
                otherTypes[field.name] = type
                continue
            }
            tensors.append(
                StoredTensor(
                    name: field.name, format: format, shape: shape,
                    span: FileSpan(
                        file: file, offset: dataStart + range.lowerBound, count: range.count)))
        }
        try TensorPlaces.check(tensors, of: file)
        self.file = file
        self.tensors = tensors.sorted { $0.span.offset < $1.span.offset }
        self.otherTypes = otherTypes
    }
}

/// What a header says about a tensor.
private struct SafetensorsInfo {
    let name: String
    let value: JSONValue
    let path: String

    /// Type, shape and the range of bytes behind the header; the shape fills the range.
    func parts(
        elementBytes: [String: Int]
    ) throws(ImportError) -> (type: String, shape: [Int], range: Range<Int>) {
        guard case .string(let type)? = value["dtype"] else {
            throw kind("dtype", "a string")
        }
        guard let size = elementBytes[type] else {
            let known = elementBytes.keys.sorted().joined(separator: ", ")
            throw .weight(path, name, .type(type, supported: known))
        }
        let shape = try integers("shape")
        guard shape.count <= SafetensorsFile.rankMax else {
            throw .weight(path, name, .shape(shape.map { UInt64($0) }))
        }
        var bytes = size
        for extent in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
            guard !overflow, product <= 1 << 46 else {
                throw .weight(path, name, .shape(shape.map { UInt64($0) }))
            }
            bytes = product
        }
        let offsets = try integers("data_offsets")
        guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= 1 << 46 else {
            throw kind("data_offsets", "two ascending offsets")
        }
        guard offsets[1] - offsets[0] == bytes else {
            throw .weight(
                path, name, .size(expected: bytes, found: offsets[1] - offsets[0]))
        }
        return (type, shape, offsets[0]..<offsets[1])
    }

    private func kind(_ field: String, _ expected: String) -> ImportError {
        .description(path, .kind("\(name).\(field)", expected: expected))
    }

    private func integers(_ field: String) throws(ImportError) -> [Int] {
        guard case .array(let items)? = value[field] else { throw kind(field, "an array") }
        var integers: [Int] = []
        for item in items {
            guard case .integer(let integer) = item, integer >= 0 else {
                throw kind(field, "an array of integers from 0 on")
            }
            integers.append(integer)
        }
        return integers
    }
}
