import ApusChip
import ApusImport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Truncated and mutated files of models: each is opened and read whole, or refused in one line.
///
/// Twenty thousand in the slow set, some hundreds else. A trap ends the process, which the count
/// that is printed at the end does not survive. `benchmarks/chat/fuzz_files.sh` runs the
/// slow set.
@Suite("Mutated files of language models", .serialized)
struct MutatedFileTests {
    static let isSlow = getenv("APUS_SLOW") != nil
    static let seed: UInt64 = 2026
    static let ggufCases = ["llama", "qwen2", "qwen3-moe", "gemma3", "deepseek-v3", "mixtral"]
    static let folderCases = ["llama3", "qwen2-sliding", "gemma2", "deepseek-v2"]
    /// Mutants of each GGUF file, and of each folder: 6 · 1800 + 4 · 2300 are twenty thousand.
    static let countPerGGUF = isSlow ? 1800 : 40
    static let countPerFolder = isSlow ? 2300 : 40

    // MARK: GGUF

    @Test("a mutated GGUF file is read or refused in one line", arguments: ggufCases)
    func gguf(name: String) throws {
        let original = try ggufBytes(name)
        let header = try headerBytes(original)
        var generator = WeightVectors.Generator(state: Self.seed &+ UInt64(original.count))
        var tally = Tally()
        for index in 0..<Self.countPerGGUF {
            let bytes = Mutation.of(original, header: header, &generator)
            tally.note("\(name), mutant \(index), seed \(Self.seed)") { () throws(ImportError) in
                let gguf = try GGUFFile(file: MappedFile(name: "mutant.gguf", bytes: bytes))
                try exercise(LanguageModelFiles(gguf: gguf, path: "mutant.gguf"))
            }
        }
        tally.finish("GGUF \(name)")
    }

    /// A GGUF file of the case, weights random.
    private func ggufBytes(_ name: String) throws -> [UInt8] {
        let folder = try FamilyTests.folder(try #require(FamilyTests.cases[name]))
        try folder.write("tokenizer.json", #"{"model": {"type": "BPE"}}"#)
        let path = folder.path + "/model.gguf"
        let target: Quantizer.Target = name == "llama" ? .int4 : name == "qwen2" ? .mxfp4 : .int8
        try Quantizer(model: LanguageModelFiles(path: folder.path), target: target)
            .write(to: path) { _, _ in }
        return try MappedFile(path: path).span.array
    }

    /// Bytes before the data, where mutations bite.
    private func headerBytes(_ bytes: [UInt8]) throws -> Int {
        let file = try GGUFFile(file: MappedFile(name: "original.gguf", bytes: bytes))
        return file.tensors.map(\.span.offset).min() ?? bytes.count
    }

    // MARK: Folders

    @Test("a folder with a mutated file is read or refused in one line", arguments: folderCases)
    func folder(name: String) throws {
        let (folder, files) = try self.folder(name)
        var generator = WeightVectors.Generator(state: Self.seed &+ UInt64(files.count * 977))
        var tally = Tally()
        let names = files.keys.sorted()
        for index in 0..<Self.countPerFolder {
            let file = names[index % names.count]
            let original = files[file] ?? []
            let header =
                file.hasSuffix(".safetensors") ? Int(original[0]) + Int(original[1]) << 8 + 8 : 0
            try folder.write(file, Mutation.of(original, header: header, &generator))
            let place = "\(name), \(file), mutant \(index), seed \(Self.seed)"
            tally.note(place) { () throws(ImportError) in
                try exercise(LanguageModelFiles(path: folder.path))
            }
            try folder.write(file, original)
        }
        tally.finish("folder \(name)")
    }

    /// A folder of the case in two shards, one of them with FP8 weights and their scales.
    private func folder(_ name: String) throws -> (TemporaryFolder, [String: [UInt8]]) {
        let value = try #require(FamilyTests.cases[name])
        let source = try FamilyTests.folder(value)
        let narrow = source.path + "/fp8"
        try Quantizer(model: LanguageModelFiles(path: source.path), target: .fp8)
            .write(to: narrow) { _, _ in }
        let written = try SafetensorsFile(path: narrow + "/model.safetensors").tensors
        var files: [String: [UInt8]] = [:]
        files["config.json"] = try MappedFile(path: narrow + "/config.json").span.array
        try TemporaryFolder.remove(narrow)
        var map: [JSONValue.Field] = []
        for (part, tensors) in [
            written.prefix(written.count / 2), written.dropFirst(written.count / 2),
        ].enumerated() {
            var writer = SafetensorsWriter()
            var data: [UInt8] = []
            for tensor in tensors {
                writer.addTensor(tensor.name, format: tensor.format, shape: tensor.shape)
                data += tensor.span.array
                map.append(JSONValue.Field(tensor.name, .string("part\(part).safetensors")))
            }
            files["part\(part).safetensors"] = writer.header + data
        }
        let index = JSONValue.object([JSONValue.Field("weight_map", .object(map))])
        files["model.safetensors.index.json"] = Array(index.text.utf8)
        files["generation_config.json"] = Array(
            #"{"bos_token_id": 1, "eos_token_id": [2, 3], "temperature": 0.6, "top_k": 5}"#.utf8)
        files["tokenizer_config.json"] = Array(
            #"{"chat_template": [{"name": "default", "template": "{{ x }}"}]}"#.utf8)
        files["tokenizer.json"] = Array(#"{"model": {"type": "BPE"}}"#.utf8)
        let folder = try TemporaryFolder()
        for (name, bytes) in files { try folder.write(name, bytes) }
        return (folder, files)
    }

    // MARK: What is done with a mutant

    /// Reads everything that a run of the model would.
    private func exercise(_ model: LanguageModelFiles) throws(ImportError) {
        for layer in model.configuration.layers.prefix(8) { _ = layer.rotary.frequencies }
        for (role, tensor) in model.tensors {
            _ = try model.tensor(role)
            let rows = 0..<min(tensor.rows, 3)
            _ = tensor.dequantised(rows: rows)
            if tensor.shape.count == 2 {
                _ = StreamingTests.Streamed(tensor, rows: rows, extraStride: 1)
            }
            tensor.release()
        }
        guard let metadata = model.metadata else { return }
        for key in metadata.keys {
            // Another kind of value is an error of the caller's; none may trap.
            _ = try? metadata.integer(key)
            _ = try? metadata.number(key)
            _ = try? metadata.bool(key)
            _ = try? metadata.text(key)
            _ = try? metadata.strings(key)
            _ = try? metadata.integers(key)
            _ = try? metadata.numbers(key)
            _ = try? metadata.bools(key)
        }
    }

    /// Counts what became of the mutants.
    struct Tally {
        var read = 0
        var refused = 0

        mutating func note(_ place: String, _ body: () throws(ImportError) -> Void) {
            do throws(ImportError) {
                try body()
                read += 1
            } catch {
                let text = "\(error)"
                #expect(!text.contains("\n") && !text.contains("\r"), "\(place): \(text)")
                refused += 1
            }
        }

        func finish(_ name: String) {
            print("\(name): \(read) read, \(refused) refused")
            print("chat.fuzz_files part: \(read + refused)")
            #expect(read > 0 && refused > 0)
        }
    }
}

/// One to four small changes, most of them where the file describes itself.
enum Mutation {
    static func of(
        _ original: [UInt8], header: Int, _ generator: inout WeightVectors.Generator
    ) -> [UInt8] {
        var bytes = original
        if Int.random(in: 0..<8, using: &generator) == 0 {
            return Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator)))
        }
        let count = [1, 1, 1, 1, 2, 4].randomElement(using: &generator) ?? 1
        for _ in 0..<count where !bytes.isEmpty {
            let isInHeader = header > 0 && Int.random(in: 0..<10, using: &generator) > 0
            let bound = isInHeader ? min(header, bytes.count) : bytes.count
            let place = Int.random(in: 0..<bound, using: &generator)
            let length = min(Int.random(in: 1...12, using: &generator), bytes.count - place)
            switch Int.random(in: 0..<16, using: &generator) {
            case 0, 8, 9: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1, 10, 11, 12: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: bytes.removeSubrange(place..<place + length)
            case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
            case 4:
                let source = Int.random(in: 0...bytes.count - length, using: &generator)
                bytes.replaceSubrange(place..<place + length, with: bytes[source..<source + length])
            case 5, 13, 14:
                bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            case 6, 15:
                // A digit, so that texts stay texts more often.
                bytes[place] = UInt8.random(in: 0x30...0x39, using: &generator)
            default:
                for index in place..<place + length { bytes[index] = 0xFF }
            }
        }
        return bytes
    }
}
