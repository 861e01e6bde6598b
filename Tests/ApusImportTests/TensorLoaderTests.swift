import ApusGraph
import ApusImport
import Testing

@Suite("Stored tensors")
struct TensorLoaderTests {
    /// A model whose output is the stored tensor.
    private func stored(
        type: Int, shape: [Int], _ write: @escaping (inout ProtobufWriter) -> Void
    ) throws -> Tensor {
        var model = ModelWriter()
        model.tensor("w", type: type, shape: shape, write)
        model.node("Identity", ["w"], ["y"])
        return try model.run()[0]
    }

    @Test(
        "raw and typed fields give the same elements",
        arguments: [
            (1, 4, [0x3F80_0000, 0xC000_0000]), (10, 2, [0x3C00, 0x8001]),
            (16, 2, [0x3F80, 0xC000]),
            (6, 4, [5, 0xFFFF_FFFF]), (3, 1, [5, 0xFF]), (2, 1, [5, 0xFF]), (5, 2, [5, 0xFFFF]),
            (17, 1, [0x38, 0xFF]), (9, 1, [0, 1]), (12, 4, [5, 0xFFFF_FFFF]),
        ] as [(Int, Int, [UInt64])])
    func encodings(type: Int, width: Int, bits: [UInt64]) throws {
        let raw = try stored(type: type, shape: [2]) { tensor in
            tensor.data(
                9,
                bits.flatMap { value in
                    (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
                })
        }
        let typed = try stored(type: type, shape: [2]) { tensor in
            if type == 1 {
                tensor.data(
                    4,
                    bits.flatMap { value in
                        (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
                    })
            } else {
                tensor.message(type == 12 ? 11 : 5) { list in
                    for value in bits { list.varint(value) }
                }
            }
        }
        #expect(raw == typed)
    }

    @Test("elements of four and two bits are unpacked, low bits first, with their sign")
    func packed() throws {
        let signed = try stored(type: 22, shape: [3]) { $0.data(9, [0x8F, 0x07]) }
        #expect(signed.integers == [-1, -8, 7])
        let unsigned = try stored(type: 21, shape: [3]) { $0.data(9, [0x8F, 0x07]) }
        #expect(unsigned.integers == [15, 8, 7])
        let narrow = try stored(type: 26, shape: [5]) { $0.data(9, [0b10_11_01_00, 0b01]) }
        #expect(narrow.integers == [0, 1, -1, -2, 1])
    }

    @Test("too few and too many bytes are refused", arguments: [0, 7, 9, 16])
    func sizes(count: Int) {
        var model = ModelWriter()
        model.tensor("w", type: 1, shape: [2]) { $0.data(9, [UInt8](repeating: 0, count: count)) }
        model.node("Identity", ["w"], ["y"])
        #expect(
            model.errorText()
                == "test.onnx: tensor 'w': its shape needs 8 bytes or elements, "
                + "the file holds \(count)"
        )
    }

    @Test("extents of 2^60 and negative ones are refused before memory is taken")
    func extents() {
        for shape in [[1 << 60], [1 << 31, 1 << 31], [-1], [1 << 62, 1 << 62, 4]] {
            var model = ModelWriter()
            model.tensor("w", type: 1, shape: shape) { _ in }
            model.node("Identity", ["w"], ["y"])
            #expect(model.errorText()?.contains("negative extent or is too large") == true)
        }
    }

    @Test(
        "external data outside the model's folder is refused",
        arguments: [
            "/etc/passwd", "../x", "a/../../x", "", "a\0b",
        ])
    func escape(location: String) {
        #expect(
            externalError(location, offset: "0")?.contains("outside the model's folder") == true)
    }

    @Test("missing external data is named")
    func missing() {
        #expect(
            externalError("weights.bin", offset: "0")?
                .contains("tensor 'w': external data 'weights.bin'") == true)
    }

    @Test(
        "a range outside the external file is refused",
        arguments: [
            "-1", "9999999", "x", "99999999999999999999", "477",
        ])
    func range(offset: String) {
        #expect(externalError("external.bin", offset: offset)?.contains("do not fit") == true)
    }

    private func externalError(_ location: String, offset: String) -> String? {
        var model = ModelWriter()
        model.tensor("w", type: 1, shape: [2]) { tensor in
            for (key, value) in [("location", location), ("offset", offset)] {
                tensor.message(13) { entry in
                    entry.text(1, key)
                    entry.text(2, value)
                }
            }
            tensor.integer(14, 1)
        }
        model.node("Identity", ["w"], ["y"])
        do {
            let file = MappedFile(name: Golden.folder + "test.onnx", bytes: model.bytes)
            _ = try ONNXModel(file: file).importGraph(shapes: [:]) { _ in nil }
            return nil
        } catch {
            return "\(error)"
        }
    }
}
