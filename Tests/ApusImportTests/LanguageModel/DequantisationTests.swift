import ApusImport
import Testing

@Suite("Dequantisation of stored weights")
struct DequantisationTests {
    @Test("every format's values have the bits that the formats' own package reads")
    func golden() throws {
        let file = try GGUFFile(path: WeightVectors.folder + "blocks.gguf")
        let expected = try MappedFile(path: WeightVectors.folder + "blocks.f32")
        var place = 0
        for tensor in file.tensors {
            #expect(tensor.format.rawValue == tensor.name)
            #expect(tensor.shape == [3, 256])
            for (index, value) in tensor.dequantised().enumerated() {
                let bits = expected.bytes.loadUnaligned(
                    fromByteOffset: 4 * (place + index), as: UInt32.self)
                if value.bitPattern != bits {
                    Issue.record(
                        "\(tensor.name) [\(index)]: \(value.bitPattern) in place of \(bits)")
                    break
                }
            }
            place += tensor.count
        }
        #expect(4 * place == expected.count)
        #expect(file.tensors.count == StoredFormat.allCases.count { $0.ggufCode != nil })
    }

    @Test("metadata is read by type, and refused by key where the type is another")
    func metadata() throws {
        let metadata = try GGUFFile(path: WeightVectors.folder + "blocks.gguf").metadata
        #expect(try metadata.text("general.architecture") == "llama")
        #expect(try metadata.text("test.text") == "é")
        #expect(try metadata.integers("test.numbers") == [1, 2, 3])
        #expect(try metadata.numbers("test.numbers") == [1, 2, 3])
        #expect(try metadata.integer("test.absent") == nil)
        #expect(throws: ImportError.self) { try metadata.integer("test.text") }
        #expect(throws: ImportError.self) { try metadata.strings("test.numbers") }
    }
}
