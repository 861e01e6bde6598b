import ApusChip

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder as Hugging Face's libraries write it: `config.json`, weights in one safetensors file or
/// in several with an index, and beside them what tokenizer and generation need.
struct HuggingFaceFolder {
    let path: String
    /// Of `config.json`.
    let description: JSONDescription
    /// All weights by name, with their scales where they have any.
    private(set) var tensors: [String: StoredTensor] = [:]
    /// Types of tensors that are not read, by name.
    private(set) var otherTypes: [String: String] = [:]
    /// Bytes of the files of weights.
    private(set) var weightBytes = 0

    private static let indexName = "model.safetensors.index.json"
    private static let weightsName = "model.safetensors"

    init(path: String) throws(ImportError) {
        self.path = path
        description = try Self.json(path, "config.json").required("config.json", in: path)
        if let index = try Self.json(path, Self.indexName) {
            try readShards(index)
        } else if Self.exists("\(path)/\(Self.weightsName)") {
            let file = try SafetensorsFile(path: "\(path)/\(Self.weightsName)")
            add(file.tensors)
            otherTypes = file.otherTypes
            weightBytes = file.file.count
        } else {
            throw .languageModel(
                file: path, .folder(missing: "\(Self.weightsName) and no \(Self.indexName)"))
        }
        try attachScales()
    }

    // MARK: Files

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// A file of the folder; nil if there is none.
    static func file(_ folder: String, _ name: String) throws(ImportError) -> MappedFile? {
        let path = "\(folder)/\(name)"
        return exists(path) ? try MappedFile(path: path) : nil
    }

    /// A JSON object of the folder; nil if there is no such file.
    static func json(_ folder: String, _ name: String) throws(ImportError) -> JSONDescription? {
        guard let file = try file(folder, name) else { return nil }
        return try json(file.bytes, path: file.path)
    }

    /// The JSON object of a file.
    static func json(path: String) throws(ImportError) -> JSONDescription {
        let file = try MappedFile(path: path)
        return try json(file.bytes, path: file.path)
    }

    /// The JSON object that `bytes` hold; `path` is for messages.
    static func json(
        _ bytes: UnsafeRawBufferPointer, path: String
    ) throws(ImportError) -> JSONDescription {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(reading: bytes)
        } catch {
            throw .format(path, 0, .json(JSONProblem(sentence: "\(error)")))
        }
        guard case .object = value else {
            throw .description(path, .kind("the file", expected: "an object"))
        }
        return JSONDescription(path: path, value: value)
    }

    // MARK: Weights

    private mutating func add(_ found: [StoredTensor]) {
        for tensor in found { tensors[tensor.name] = tensor }
    }

    /// Opens the files that the index names; each tensor must be where the index says it is.
    private mutating func readShards(_ index: JSONDescription) throws(ImportError) {
        guard let map = try index.object("weight_map"), case .object(let fields) = map.value else {
            throw .description(index.path, .missing("weight_map"))
        }
        var shards: [String: [String: StoredTensor]] = [:]
        for field in fields {
            guard case .string(let shard) = field.value else {
                throw .description(
                    index.path, .kind("weight_map.\(field.name)", expected: "a string"))
            }
            if shards[shard] == nil {
                guard Self.isShardName(shard) else {
                    throw .weight(index.path, field.name, .shardPath(shard))
                }
                let file = try SafetensorsFile(path: "\(path)/\(shard)")
                shards[shard] = Dictionary(
                    file.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
                otherTypes.merge(file.otherTypes) { first, _ in first }
                weightBytes += file.file.count
            }
            if let tensor = shards[shard]?[field.name] {
                tensors[field.name] = tensor
            } else if otherTypes[field.name] == nil {
                throw .weight(index.path, field.name, .notInShard(shard))
            }
        }
    }

    /// A plain name in the folder, never a path.
    private static func isShardName(_ name: String) -> Bool {
        name.hasSuffix(".safetensors") && !name.contains("/") && !name.contains("\0")
            && !name.hasPrefix(".")
    }

    // MARK: Scales

    /// Gives 8-bit weights the scales that stand beside them.
    private mutating func attachScales() throws(ImportError) {
        let tiles = try quantisation()
        for (name, tensor) in tensors where tensor.format.blockLength == 1 {
            switch tensor.format {
            case .e4m3, .int8: break
            default: continue
            }
            // DeepSeek calls the factor to multiply with the inverse of the scale.
            for suffix in ["_scale_inv", "_scale"] {
                guard let scales = tensors[name + suffix] else { continue }
                tensors[name] = StoredTensor(
                    name: name, format: tensor.format, shape: tensor.shape, span: tensor.span,
                    scales: try scales.asScales(of: tensor, tiles: tiles))
                break
            }
        }
    }

    /// The tile that shares a scale, from `quantization_config`; nil if it says none.
    private func quantisation() throws(ImportError) -> (rows: Int, columns: Int)? {
        guard let quantisation = try description.object("quantization_config") else { return nil }
        let method = try quantisation.text("quant_method") ?? ""
        guard ["fp8", "compressed-tensors"].contains(method) else {
            throw quantisation.refused(
                "quantization_config.quant_method", method, allowed: "fp8 or compressed-tensors")
        }
        guard let sizes = try quantisation.array("weight_block_size") else { return nil }
        guard sizes.count == 2, case .integer(let rows) = sizes[0],
            case .integer(let columns) = sizes[1], (1...1 << 20).contains(rows),
            (1...1 << 20).contains(columns)
        else {
            throw .description(
                description.path,
                .kind("quantization_config.weight_block_size", expected: "two positive integers"))
        }
        return (rows, columns)
    }
}

extension JSONDescription? {
    /// The description, or the error of a folder without the file.
    fileprivate func required(
        _ name: String, in folder: String
    ) throws(ImportError) -> JSONDescription {
        guard let found = self else {
            throw .languageModel(file: folder, .folder(missing: name))
        }
        return found
    }
}

extension StoredTensor {
    /// These values as the scales of `weight`: of its tiles, of its rows, or one for all.
    fileprivate func asScales(
        of weight: StoredTensor, tiles: (rows: Int, columns: Int)?
    ) throws(ImportError) -> StoredScales {
        let refused = ImportError.weight(
            weight.span.file.path, weight.name,
            .scales(name, shape: weight.shape, scales: shape))
        guard weight.shape.count == 2, [.fp32, .fp16, .bf16].contains(format) else {
            throw refused
        }
        func parts(_ extent: Int, _ tile: Int) -> Int { (extent + tile - 1) / tile }
        var tile = (rows: weight.rows, columns: weight.columns)
        if let tiles,
            shape == [parts(weight.rows, tiles.rows), parts(weight.columns, tiles.columns)]
        {
            tile = tiles
        } else if shape == [weight.rows, 1] || shape == [weight.rows] {
            tile.rows = 1
        } else if count != 1 {
            throw refused
        }
        return StoredScales(
            tileRows: tile.rows, tileColumns: tile.columns, values: dequantised(),
            tilesAcross: parts(weight.columns, tile.columns))
    }
}
