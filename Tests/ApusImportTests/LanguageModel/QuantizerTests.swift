import ApusChip
import ApusImport
import ApusNumerics
import Testing

@Suite("Quantising weights and models")
struct QuantizerTests {
    @Test("blocks are those that the formats' own package writes")
    func golden() throws {
        let tensors = try GGUFFile(path: WeightVectors.folder + "quantised.gguf").tensors
        let values = try #require(tensors.first { $0.format == .fp32 }).dequantised()
        for tensor in tensors where tensor.format != .fp32 {
            let format = tensor.format
            for block in 0..<values.count / format.blockLength {
                var bytes = [UInt8](repeating: 0, count: format.blockBytes)
                values.withUnsafeBufferPointer { values in
                    bytes.withUnsafeMutableBytes { target in
                        guard let base = target.baseAddress else { return }
                        let start = block * format.blockLength
                        BlockQuantizer.write(
                            UnsafeBufferPointer(
                                rebasing: values[start..<start + format.blockLength]),
                            as: format, to: base)
                    }
                }
                let start = block * format.blockBytes
                let stored = tensor.span.array[start..<start + format.blockBytes]
                #expect(bytes.elementsEqual(stored), "\(format), block \(block)")
            }
        }
        #expect(tensors.count == 4)
    }

    @Test("E4M3 codes are the nearest, for every BF16 value and the neighbours of every tie")
    func nearestE4M3() {
        func check(_ value: Float) {
            let expected = ElementFormat.e4m3.encode(Double(value), rounding: .nearestEven)
            let found = UInt64(BlockQuantizer.e4m3(value))
            if found != expected, !value.isNaN {
                Issue.record("\(value): \(found) in place of \(expected)")
            }
        }
        for bits in UInt32(0)..<65536 { check(Float(bitPattern: bits << 16)) }
        for code in UInt64(0)..<0x7E {
            let sum = ElementFormat.e4m3.decode(code) + ElementFormat.e4m3.decode(code + 1)
            let tie = Float(sum / 2)
            for value in [tie, tie.nextUp, tie.nextDown, -tie, -tie.nextUp, -tie.nextDown] {
                check(value)
            }
        }
        for value in [Float.infinity, 448, 464, 465, 1e30] { check(value) }
    }

    /// A folder of a family's case with random weights.
    private func folder(_ name: String, _ seed: UInt64) throws -> TemporaryFolder {
        let value = try #require(FamilyTests.cases[name])
        let folder = try TemporaryFolder()
        try folder.write("config.json", (value["config"] ?? .null).text)
        try folder.write("generation_config.json", #"{"eos_token_id": [2, 3], "top_k": 5}"#)
        try folder.write("tokenizer.json", #"{"model": {}}"#)
        try folder.write("tokenizer_config.json", #"{"chat_template": "{{ messages }}"}"#)
        var generator = WeightVectors.Generator(state: seed)
        var writer = SafetensorsWriter()
        var data: [UInt8] = []
        for (name, shape) in FamilyTests.shapes(value) {
            writer.addTensor(name, format: .fp32, shape: shape)
            for _ in 0..<shape.reduce(1, *) {
                let number = Float.random(in: -1...1, using: &generator)
                withUnsafeBytes(of: number.bitPattern.littleEndian) { data += $0 }
            }
        }
        try folder.write("model.safetensors", writer.header + data)
        return folder
    }

    /// The largest distance between a value and its code's, of values within ±2.
    private func bound(_ format: StoredFormat) -> Float {
        switch format {
        case .fp32: 0
        case .bf16: 0x1p-8
        // Half a step, and the binary16 rounding of scale and minimum.
        case .q8_0: 1.01 * 2 / 254
        case .q4_1: 2.0 / 30 + 0.005
        // The largest magnitudes are between 4 and 8 times the scale, and saturate at 6.
        case .mxfp4: 0.25
        case .e4m3: 0x1p-4
        default: .infinity
        }
    }

    static let names = FamilyTests.cases.keys.sorted()

    @Test("a written model reads as the model, its weights within half a step", arguments: names)
    func families(name: String) throws {
        let source = try folder(name, 99)
        let model = try LanguageModelFiles(path: source.path)
        for target in Quantizer.Target.allCases {
            let path = source.path + "/written-\(target)"
            // With latent attention a GGUF file cannot say YaRN's magnitude.
            if target != .fp8, name == "deepseek-v2" {
                #expect(throws: ImportError.self) {
                    try Quantizer(model: model, target: target).write(to: path) { _, _ in }
                }
                #expect(!source.names.contains { $0.hasPrefix("written") })
                continue
            }
            var steps = 0
            try Quantizer(model: model, target: target).write(to: path) { _, _ in steps += 1 }
            #expect(steps > 10)
            try compare(model, try LanguageModelFiles(path: path), "\(name), \(target)")
            if target == .fp8 { try TemporaryFolder.remove(path) }
        }
    }

    private func compare(
        _ model: LanguageModelFiles, _ written: LanguageModelFiles, _ place: String
    ) throws {
        #expect(written.chatTemplate == "{{ messages }}")
        #expect(written.generation.endTokens == [2, 3])
        guard case .json(let tokenizer, _) = written.tokenizer else {
            Issue.record("\(place): no tokenizer")
            return
        }
        #expect(tokenizer.text == #"{"model": {}}"#)
        #expect(model.tensors.map(\.role) == written.tensors.map(\.role))
        for (role, tensor) in written.tensors {
            let original = try model.tensor(role)
            var expected = original.dequantised()
            if "\(role)".contains("orm"), written.configuration.normWeightOffset == 0 {
                expected = expected.map { $0 + model.configuration.normWeightOffset }
            }
            let rotated: [LayerTensor] = [.query, .key, .queryBias, .keyBias]
            if case .layer(_, let part) = role, rotated.contains(part),
                model.configuration.layers[0].rotary.layout
                    != written.configuration.layers[0].rotary.layout
            {
                let rowLength = original.shape.count == 1 ? 1 : original.columns
                expected = Self.interleaved(
                    expected, head: model.configuration.attention.keySize, row: rowLength)
            }
            let largest = bound(tensor.format)
            for (found, value) in zip(tensor.dequantised(), expected)
            where !(abs(found - value) <= largest) {
                Issue.record("\(place), \(tensor.name): \(found) for \(value)")
                break
            }
        }
    }

    /// llama.cpp's order of rows: `reshape(heads, 2, size / 2, row).swapaxes(1, 2)`.
    private static func interleaved(_ values: [Float], head: Int, row: Int) -> [Float] {
        var result: [Float] = []
        for start in stride(from: 0, to: values.count, by: head * row) {
            for pair in 0..<head / 2 {
                for half in 0..<2 {
                    let place = start + (half * head / 2 + pair) * row
                    result += values[place..<place + row]
                }
            }
        }
        return result
    }

    @Test("a GGUF model goes to a folder and back with its rows in their order")
    func backAndForth() throws {
        let source = try folder("llama3", 5)
        let path = source.path + "/first.gguf"
        try Quantizer(model: LanguageModelFiles(path: source.path), target: .int8)
            .write(to: path) { _, _ in }
        let first = try LanguageModelFiles(path: path)
        #expect(first.configuration.layers[0].rotary.layout == .interleaved)
        // Its frequency factors are those of no published model, which config.json cannot say.
        #expect(throws: ImportError.self) {
            try Quantizer(model: first, target: .fp8).write(to: source.path + "/x") { _, _ in }
        }
        #expect(!source.names.contains { $0.hasPrefix("x") })

        let plain = try folder("llama", 6)
        let gguf = plain.path + "/plain.gguf"
        let original = try LanguageModelFiles(path: plain.path)
        try Quantizer(model: original, target: .int8).write(to: gguf) { _, _ in }
        let back = plain.path + "/back"
        try Quantizer(model: LanguageModelFiles(path: gguf), target: .fp8)
            .write(to: back) { _, _ in }
        let written = try LanguageModelFiles(path: back)
        #expect(written.configuration == original.configuration)
        let query = try written.tensor(.layer(1, .query)).dequantised()
        let expected = try original.tensor(.layer(1, .query)).dequantised()
        for (found, value) in zip(query, expected) { #expect(abs(found - value) < 0.07) }
        try TemporaryFolder.remove(back)
    }

    @Test("a weight that is not finite is refused by name and row, and nothing is left behind")
    func notFinite() throws {
        let source = try folder("llama", 1)
        var bytes = try MappedFile(path: source.path + "/model.safetensors").span.array
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0x80, 0x7F])
        try source.write("model.safetensors", bytes)
        let before = source.names
        for target in Quantizer.Target.allCases {
            do {
                let model = try LanguageModelFiles(path: source.path)
                try Quantizer(model: model, target: target)
                    .write(to: source.path + "/out") { _, _ in }
                Issue.record("\(target) took an infinity")
            } catch {
                #expect("\(error)".contains("infinite") && "\(error)".contains("row"), "\(error)")
            }
            #expect(source.names == before)
        }
    }
}
