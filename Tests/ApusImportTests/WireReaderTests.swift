import ApusImport
import Testing

@Suite("Protobuf wire format")
struct WireReaderTests {
    private func reader(_ bytes: [UInt8]) -> WireReader {
        WireReader(MappedFile(name: "bytes", bytes: bytes).span)
    }

    @Test("varints of every length are read back")
    func varints() throws {
        for shift in 0..<64 {
            for offset in [-1, 0, 1] {
                let value = (1 << UInt64(shift)) &+ UInt64(bitPattern: Int64(offset))
                var writer = ProtobufWriter()
                writer.varint(value)
                var reader = reader(writer.bytes)
                #expect(try reader.varint() == value)
                #expect(!reader.hasMore)
            }
        }
    }

    @Test("a varint of more than 64 bits is refused")
    func longVarint() {
        let bytes = [UInt8](repeating: 0xFF, count: 9)
        for last: UInt8 in [2, 0x7F, 0x80, 0xFF] {
            var reader = reader(bytes + [last, 0])
            #expect(throws: ImportError.malformed(file: "bytes", atByte: 0, .varintOverflow)) {
                try reader.varint()
            }
        }
        var whole = reader(bytes + [1])
        #expect(throws: Never.self) { try whole.varint() }
    }

    @Test("a length past the end is refused and names its place")
    func length() {
        var inside = reader([0x0A, 2, 1, 2])
        #expect(throws: Never.self) { try inside.next() }
        var past = reader([0x0A, 3, 1, 2])
        #expect(throws: ImportError.malformed(file: "bytes", atByte: 0, .lengthPastEnd)) {
            try past.next()
        }
        var huge = reader([0x0A] + [UInt8](repeating: 0xFF, count: 9) + [1])
        #expect(throws: ImportError.malformed(file: "bytes", atByte: 0, .lengthPastEnd)) {
            try huge.next()
        }
    }

    @Test("groups and unknown wire types are refused", arguments: [3, 4, 6, 7] as [UInt8])
    func wireTypes(type: UInt8) {
        var reader = reader([8 | type, 0, 0])
        #expect(throws: ImportError.malformed(file: "bytes", atByte: 0, .wireType)) {
            try reader.next()
        }
    }

    @Test("packed and single integers give the same list")
    func packed() throws {
        var packed = ProtobufWriter()
        packed.message(8) { list in
            for value in [3, -1, 300] { list.varint(UInt64(bitPattern: Int64(value))) }
        }
        var single = ProtobufWriter()
        for value in [3, -1, 300] { single.integer(8, value) }
        for bytes in [packed.bytes, single.bytes] {
            var list: [Int] = []
            var reader = reader(bytes)
            while let field = try reader.next() { try field.appendIntegers(to: &list) }
            #expect(list == [3, -1, 300])
        }
    }

    @Test("messages that nest without end are refused")
    func depth() {
        var bytes: [UInt8] = []
        for _ in 0..<400 {
            // A graph in an attribute in a node in a graph.
            for field in [6, 5, 1] {
                var writer = ProtobufWriter()
                writer.data(field, bytes)
                bytes = writer.bytes
            }
        }
        var model = ProtobufWriter()
        model.data(7, bytes)
        #expect {
            try ONNXModel(file: MappedFile(name: "deep", bytes: model.bytes))
        } throws: { error in
            guard case .malformed(_, _, .nestedTooDeep) = error as? ImportError else {
                return false
            }
            return true
        }
    }
}
