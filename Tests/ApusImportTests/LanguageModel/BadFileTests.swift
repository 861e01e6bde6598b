import ApusImport
import Testing

/// What is wrong with a file of weights is said in one line, with the name and the byte.
@Suite("Refusals of files of weights")
struct BadFileTests {
    /// Bytes of a GGUF file, field by field.
    struct Bytes {
        var all: [UInt8] = []

        mutating func add(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { all += $0 }
        }

        mutating func add(_ text: String) {
            add(UInt64(text.utf8.count))
            all += text.utf8
        }

        /// A file with no metadata, these tensors, and `dataBytes` of data from the next 32 on.
        init(
            version: UInt32 = 3, tensorCount: UInt64? = nil,
            tensors: [(name: String, extents: [UInt64], type: UInt32, offset: UInt64)],
            dataBytes: Int
        ) {
            all = Array("GGUF".utf8)
            add(version)
            add(tensorCount ?? UInt64(tensors.count))
            add(UInt64(0))
            for tensor in tensors {
                add(tensor.name)
                add(UInt32(tensor.extents.count))
                for extent in tensor.extents { add(extent) }
                add(tensor.type)
                add(tensor.offset)
            }
            all += [UInt8](repeating: 0, count: (32 - all.count % 32) % 32 + dataBytes)
        }
    }

    private func refusal(_ bytes: [UInt8]) -> String {
        do throws(ImportError) {
            _ = try GGUFFile(file: MappedFile(name: "bad.gguf", bytes: bytes))
            return "taken"
        } catch {
            return "\(error)"
        }
    }

    @Test("tensors that overlap, pass the end, are misaligned, or are no weights")
    func tensors() {
        // F32, 8 elements: 32 bytes each.
        let cases: [([(String, [UInt64], UInt32, UInt64)], String)] = [
            ([("a", [16], 0, 0), ("b", [8], 0, 32)], "tensor 'b': its data overlaps that of 'a'"),
            ([("a", [8], 0, 64)], "tensor 'a': its 32 bytes from byte"),
            ([("a", [8], 0, .max - 31)], "pass the end"),
            ([("a", [8], 0, 8)], "tensor 'a': its data at byte 8 is not aligned to 32"),
            ([("a", [8], 0, 0), ("a", [8], 0, 32)], "the tensor name 'a' occurs twice"),
            ([("a", [8], 23, 0)], "tensor 'a': type IQ4_XS is not read"),
            ([("a", [8], 99, 0)], "tensor 'a': type number 99 is not read"),
            ([("a", [33], 8, 0)], "rows of 33 elements are not a multiple of its blocks of 32"),
            ([("a", [0], 0, 0)], "shape [0] is not that of a weight"),
            ([("a", [1 << 40, 1 << 40], 0, 0)], "is not that of a weight"),
            ([("a", [UInt64.max, 2], 0, 0)], "is not that of a weight"),
            ([("a", [1, 1, 1, 1, 1], 0, 0)], "the rank of 'a' is 5"),
            ([("a\nb", [8], 99, 0)], "tensor 'a?b'"),
        ]
        for (tensors, words) in cases {
            let bytes = Bytes(
                tensors: tensors.map { (name: $0.0, extents: $0.1, type: $0.2, offset: $0.3) },
                dataBytes: 64)
            let text = refusal(bytes.all)
            #expect(text.hasPrefix("bad.gguf: "), "\(text)")
            #expect(text.contains(words), "\(text)")
            #expect(!text.contains("\n"))
        }
    }

    @Test("versions, counts and ends")
    func headers() {
        let good = Bytes(tensors: [("a", [8], 0, 0)], dataBytes: 32)
        #expect(refusal(good.all) == "taken")
        #expect(refusal([]).contains("byte 0: not a GGUF file"))
        #expect(refusal(Array("GGUFx".utf8)).contains("byte 4: the file ends inside the version"))
        for (version, words) in [
            (UInt32(1), "byte 4: version 1"), (4, "version 4"), (3 << 24, "little-endian"),
        ] {
            #expect(refusal(Bytes(version: version, tensors: [], dataBytes: 0).all).contains(words))
        }
        let many = Bytes(tensorCount: .max, tensors: [], dataBytes: 0)
        #expect(refusal(many.all).contains("byte 8: the number of tensors is 18446744073709551615"))
        for count in 0..<good.all.count {
            #expect(refusal(Array(good.all.prefix(count))) != "taken", "\(count) bytes")
        }
    }

    @Test("safetensors whose ranges overlap, do not fill the shape, or pass the end")
    func safetensors() {
        func refusal(_ header: String, dataBytes: Int = 64) -> String {
            var bytes = Array(header.utf8)
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { bytes = $0 + bytes }
            bytes += [UInt8](repeating: 0, count: dataBytes)
            do throws(ImportError) {
                _ = try SafetensorsFile(file: MappedFile(name: "bad.safetensors", bytes: bytes))
                return "taken"
            } catch {
                return "\(error)"
            }
        }
        func tensor(_ name: String, _ type: String, _ shape: [Int], _ range: [Int]) -> String {
            #""\#(name)": {"dtype": "\#(type)", "shape": \#(shape), "data_offsets": \#(range)}"#
        }
        let good = tensor("a", "F32", [2, 4], [0, 32])
        #expect(refusal("{\(good)}") == "taken")
        for (fields, words) in [
            (
                good + ", " + tensor("b", "F16", [4], [24, 32]),
                "'b': its data overlaps that of 'a'"
            ),
            (tensor("a", "F32", [2, 5], [0, 32]), "needs 40 bytes, the file gives it 32"),
            (tensor("a", "F32", [8, 4], [0, 128]), "its 128 bytes from byte"),
            (tensor("a", "F32", [8], [32, 0]), "two ascending offsets"),
            (tensor("a", "F3", [8], [0, 32]), "type F3 is not read"),
            (tensor("a", "F32", [1 << 40, 1 << 40], [0, 32]), "is not that of a weight"),
            (good + ", " + good, "occurs twice"),
            ("\"a\": 3", "a.dtype is not a string"),
        ] {
            let text = refusal("{\(fields)}")
            #expect(text.contains(words), "\(text)")
            #expect(text.hasPrefix("bad.safetensors: ") && !text.contains("\n"))
        }
        #expect(refusal("[1]").contains("not a safetensors file"))
        #expect(refusal("{").contains("byte 8: not JSON: 1:2"))
    }
}
