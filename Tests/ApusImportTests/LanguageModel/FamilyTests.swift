import ApusChip
import ApusImport
import Testing

/// What is read of every family, against what the transformers library makes of the same file.
@Suite("Families of models in Hugging Face folders")
struct FamilyTests {
    static let cases: [String: JSONValue] = {
        guard let file = try? MappedFile(path: WeightVectors.folder + "families.json"),
            let value = try? JSONValue(reading: file.bytes), case .object(let fields) = value
        else { return [:] }
        return Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.value) })
    }()

    /// A folder with the case's `config.json` and tensors of zeros by its names.
    static func folder(_ value: JSONValue) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("config.json", (value["config"] ?? .null).text)
        var writer = SafetensorsWriter()
        var bytes = 0
        for (name, shape) in shapes(value) {
            writer.addTensor(name, format: .fp32, shape: shape)
            bytes += 4 * shape.reduce(1, *)
        }
        try folder.write(
            "model.safetensors", writer.header + [UInt8](repeating: 0, count: bytes))
        return folder
    }

    static func shapes(_ value: JSONValue) -> [(String, [Int])] {
        guard case .object(let fields)? = value["tensors"] else { return [] }
        return fields.map { ($0.name, integers($0.value)) }
    }

    static func integers(_ value: JSONValue?) -> [Int] {
        guard case .array(let items)? = value else { return [] }
        return items.map { if case .integer(let integer) = $0 { integer } else { 0 } }
    }

    static func number(_ value: JSONValue?) -> Double {
        switch value {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: .nan
        }
    }

    @Test("there is a case for every family")
    func everyFamily() {
        let types = Self.cases.values.compactMap { value -> String? in
            if case .string(let type)? = value["config"]?["model_type"] { type } else { nil }
        }
        #expect(
            Set(types).union(["gemma3"])
                == Set(LanguageModelConfiguration.huggingFaceTypes))
    }

    @Test("every weight is found, and every stored tensor has a role", arguments: cases.keys)
    func weights(name: String) throws {
        let value = try #require(Self.cases[name])
        let folder = try Self.folder(value)
        let model = try LanguageModelFiles(path: folder.path)
        let stored = Self.shapes(value)
        #expect(Set(model.tensors.map(\.tensor.name)) == Set(stored.map(\.0)))
        let count = model.tensors.reduce(0) { $0 + $1.tensor.count }
        #expect(count == stored.reduce(0) { $0 + $1.1.reduce(1, *) })
        #expect(model.has(.output))
        _ = try model.tensor(.output)
    }

    @Test(
        "rotation, scale, windows and experts are what the library computes", arguments: cases.keys)
    func computed(name: String) throws {
        let value = try #require(Self.cases[name])
        let folder = try Self.folder(value)
        let configuration = try LanguageModelFiles(path: folder.path).configuration
        // The library's own rounding: it computes the scale in binary64, and YaRN's in binary32.
        let scale = Float(Self.number(value["scale"]))
        #expect(abs(configuration.attention.scale - scale) <= 2 * scale.ulp)
        let windows = value["windows"].flatMap { windows -> [Int?]? in
            guard case .array(let items) = windows else { return nil }
            return items.map { if case .integer(let window) = $0 { window } else { nil } }
        }
        #expect(configuration.layers.map(\.slidingWindow) == windows)
        let experts = configuration.layers.map { layer -> JSONValue in
            if case .experts = layer.feedForward { .bool(true) } else { .bool(false) }
        }
        #expect(value["experts"] == .array(experts))
        for layer in configuration.layers {
            let expected = try #require(value[layer.slidingWindow == nil ? "whole" : "local"])
            let magnitude = Float(Self.number(expected["magnitude"]))
            #expect(abs(layer.rotary.magnitude - magnitude) <= 2 * magnitude.ulp)
            guard case .array(let frequencies)? = expected["frequencies"] else {
                Issue.record("no frequencies")
                return
            }
            #expect(layer.rotary.frequencies.count == frequencies.count)
            for (found, item) in zip(layer.rotary.frequencies, frequencies) {
                // The library's chain of binary32 operations is off by some units in the last
                // place: pow, division, and for scalings three to five more.
                let right = Float(Self.number(item))
                #expect(abs(found - right) <= 8 * right.ulp, "\(name): \(found), \(right)")
            }
        }
    }

    @Test("a model in shards is the model in one file, and a wrong index is refused by name")
    func shards() throws {
        let value = try #require(Self.cases["llama"])
        let folder = try TemporaryFolder()
        try folder.write("config.json", (value["config"] ?? .null).text)
        var map: [JSONValue.Field] = []
        let all = Self.shapes(value)
        for (part, tensors) in [all.prefix(7), all.dropFirst(7)].enumerated() {
            var writer = SafetensorsWriter()
            var bytes = 0
            for (name, shape) in tensors {
                writer.addTensor(name, format: .bf16, shape: shape)
                bytes += 2 * shape.reduce(1, *)
                map.append(JSONValue.Field(name, .string("part\(part).safetensors")))
            }
            try folder.write(
                "part\(part).safetensors", writer.header + [UInt8](repeating: 0, count: bytes))
        }
        func index(_ fields: [JSONValue.Field]) throws {
            try folder.write(
                "model.safetensors.index.json",
                JSONValue.object([JSONValue.Field("weight_map", .object(fields))]).text)
        }
        try index(map)
        let model = try LanguageModelFiles(path: folder.path)
        #expect(model.tensors.count == map.count)
        for (path, word) in [
            ("../x.safetensors", "folder"), ("/etc/x.safetensors", "folder"),
            ("part1.safetensors", "not in"), ("absent.safetensors", "cannot open"),
        ] {
            var wrong = map
            wrong[0] = JSONValue.Field(wrong[0].name, .string(path))
            try index(wrong)
            do {
                _ = try LanguageModelFiles(path: folder.path)
                Issue.record("\(path) was taken")
            } catch {
                #expect("\(error)".contains(word) && !"\(error)".contains("\n"), "\(error)")
            }
        }
    }

    @Test("a description of more weights than any model has is refused before they are listed")
    func tooMany() throws {
        let value = try #require(Self.cases["mixtral"])
        let folder = try Self.folder(value)
        var text = (value["config"] ?? .null).text
        for (name, small) in [("num_hidden_layers", 2), ("num_local_experts", 4)] {
            let whole = text
            text = text.replacing("\"\(name)\": \(small)", with: "\"\(name)\": 4096")
            #expect(text != whole)
        }
        try folder.write("config.json", text)
        do {
            _ = try LanguageModelFiles(path: folder.path)
            Issue.record("the model was taken")
        } catch {
            #expect("\(error)".contains("number of weights"), "\(error)")
        }
    }

    @Test("a missing weight and one of a wrong shape are refused by name and shapes")
    func refusals() throws {
        let value = try #require(Self.cases["qwen3"])
        let name = "model.layers.1.self_attn.k_norm.weight"
        for (shape, words) in [(nil, ["is missing"]), ([17], ["[16]", "[17]"])] {
            let folder = try TemporaryFolder()
            try folder.write("config.json", (value["config"] ?? .null).text)
            var writer = SafetensorsWriter()
            var bytes = 0
            for (tensor, usual) in Self.shapes(value) {
                guard let shape = tensor == name ? shape : usual else { continue }
                writer.addTensor(tensor, format: .fp16, shape: shape)
                bytes += 2 * shape.reduce(1, *)
            }
            try folder.write(
                "model.safetensors", writer.header + [UInt8](repeating: 0, count: bytes))
            do {
                _ = try LanguageModelFiles(path: folder.path)
                Issue.record("the model was taken")
            } catch {
                #expect("\(error)".contains(name))
                for word in words { #expect("\(error)".contains(word), "\(error)") }
            }
        }
    }
}
