import ApusChip

/// Lays out a safetensors file: the header's length, its JSON, then the tensors one after another.
public struct SafetensorsWriter: Sendable {
    private var fields: [JSONValue.Field] = [
        // The libraries refuse files whose metadata does not name the framework.
        JSONValue.Field("__metadata__", .object([JSONValue.Field("format", .string("pt"))]))
    ]
    private var dataBytes = 0

    public init() {}

    /// Adds a tensor; its data follows that of those before it, without a gap.
    public mutating func addTensor(_ name: String, format: StoredFormat, shape: [Int]) {
        precondition(format.blockLength == 1, "\(format.rawValue) has no place in safetensors")
        let bytes = format.byteCount(shape.reduce(1, *))
        fields.append(
            JSONValue.Field(
                name,
                .object([
                    JSONValue.Field("dtype", .string(format.rawValue)),
                    JSONValue.Field("shape", .array(shape.map { .integer($0) })),
                    JSONValue.Field(
                        "data_offsets", .array([.integer(dataBytes), .integer(dataBytes + bytes)])),
                ])))
        dataBytes += bytes
    }

    /// Everything before the data; spaces fill it up to a multiple of 8 bytes.
    public var header: [UInt8] {
        var text = Array(JSONValue.object(fields).text.utf8)
        text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }
}
