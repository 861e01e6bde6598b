/// Reads the fields of one protobuf message straight from a mapped file.
///
///     var reader = WireReader(span)
///     while let field = try reader.next() { switch field.number { … } }
///
/// Every length and varint is checked against the message's end. Nothing is copied: a field of
/// bytes is a span of the same file.
package struct WireReader {
    /// Messages nest at most this deep; a graph inside an attribute takes three levels.
    package static let depthMax = 96

    let file: MappedFile
    let depth: Int
    private(set) var position: Int
    private let end: Int

    /// Reads the message that fills `span`.
    package init(_ span: FileSpan, depth: Int = 0) {
        file = span.file
        self.depth = depth
        position = span.offset
        end = span.offset + span.count
    }

    /// The next field, or nil at the message's end. Groups, which ONNX does not use, are refused.
    package mutating func next() throws(ImportError) -> WireField? {
        guard position < end else { return nil }
        let start = position
        let key = try varint()
        let number = key >> 3
        guard number > 0, number < 1 << 29 else {
            throw malformed(.fieldNumber, at: start)
        }
        switch key & 7 {
        case 0:
            return field(number, .varint(try varint()), start)
        case 1:
            return field(number, .fixed64(try fixed(bytes: 8)), start)
        case 2:
            let length = try varint()
            guard length <= UInt64(end - position) else {
                throw malformed(.lengthPastEnd, at: start)
            }
            let span = FileSpan(file: file, offset: position, count: Int(length))
            position += Int(length)
            return field(number, .bytes(span), start)
        case 5:
            return field(number, .fixed32(UInt32(truncatingIfNeeded: try fixed(bytes: 4))), start)
        default:
            throw malformed(.wireType, at: start)
        }
    }

    /// A LEB128 integer of at most 64 bits.
    package mutating func varint() throws(ImportError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        let start = position
        let bytes = file.bytes
        while position < end {
            let byte = UInt64(bytes[position])
            position += 1
            guard shift < 63 || byte <= 1 else { throw malformed(.varintOverflow, at: start) }
            value |= (byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw malformed(.truncated, at: start)
    }

    /// True while bytes remain: for packed scalars.
    package var hasMore: Bool { position < end }

    /// A little-endian integer of 4 or 8 bytes.
    mutating func fixed(bytes width: Int) throws(ImportError) -> UInt64 {
        guard end - position >= width else { throw malformed(.truncated, at: position) }
        var value: UInt64 = 0
        let bytes = file.bytes
        for index in 0..<width { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
        position += width
        return value
    }

    private func field(_ number: UInt64, _ value: WireField.Value, _ start: Int) -> WireField {
        WireField(number: Int(number), value: value, offset: start, depth: depth, file: file)
    }

    private func malformed(_ reason: MalformedReason, at offset: Int) -> ImportError {
        .malformed(file: file.path, atByte: offset, reason)
    }
}

/// One field of a message.
package struct WireField {
    package enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(FileSpan)
    }

    let number: Int
    package let value: Value
    /// Where the field begins in the file, for messages.
    package let offset: Int
    let depth: Int
    let file: MappedFile

    /// The payload of a length-delimited field.
    func bytes() throws(ImportError) -> FileSpan {
        guard case .bytes(let span) = value else { throw wrongType }
        return span
    }

    /// The payload as text.
    func text() throws(ImportError) -> String { try bytes().text }

    /// A reader of the nested message.
    func message() throws(ImportError) -> WireReader {
        guard depth < WireReader.depthMax else {
            throw .malformed(file: file.path, atByte: offset, .nestedTooDeep)
        }
        return WireReader(try bytes(), depth: depth + 1)
    }

    /// A scalar integer.
    func integer() throws(ImportError) -> Int {
        guard case .varint(let bits) = value else { throw wrongType }
        return Int(Int64(bitPattern: bits))
    }

    /// A scalar FP32 number.
    func float() throws(ImportError) -> Float {
        guard case .fixed32(let bits) = value else { throw wrongType }
        return Float(bitPattern: bits)
    }

    /// Appends a repeated integer's values, packed or not.
    package func appendIntegers(to list: inout [Int]) throws(ImportError) {
        switch value {
        case .varint(let bits):
            list.append(Int(Int64(bitPattern: bits)))
        case .bytes(let span):
            var reader = WireReader(span, depth: depth)
            while reader.hasMore { list.append(Int(Int64(bitPattern: try reader.varint()))) }
        default:
            throw wrongType
        }
    }

    /// Appends a repeated FP32 number's values, packed or not.
    func appendFloats(to list: inout [Float]) throws(ImportError) {
        switch value {
        case .fixed32(let bits):
            list.append(Float(bitPattern: bits))
        case .bytes(let span):
            var reader = WireReader(span, depth: depth)
            list.reserveCapacity(list.count + span.count / 4)
            while reader.hasMore {
                list.append(
                    Float(bitPattern: UInt32(truncatingIfNeeded: try reader.fixed(bytes: 4))))
            }
        default:
            throw wrongType
        }
    }

    /// Appends a repeated FP64 number's values, packed or not.
    func appendDoubles(to list: inout [Double]) throws(ImportError) {
        switch value {
        case .fixed64(let bits):
            list.append(Double(bitPattern: bits))
        case .bytes(let span):
            var reader = WireReader(span, depth: depth)
            while reader.hasMore { list.append(Double(bitPattern: try reader.fixed(bytes: 8))) }
        default:
            throw wrongType
        }
    }

    private var wrongType: ImportError { .malformed(file: file.path, atByte: offset, .wireType) }
}
