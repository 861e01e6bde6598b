import ApusChip

extension Quantizer {
    /// Rows and columns of a tile that shares a scale, as DeepSeek-V3's checkpoint has them.
    static let tile = 128

    /// A tensor of the folder; an E4M3 one is followed by its scales.
    private struct FolderPiece {
        let name: String
        let role: TensorRole
        let format: StoredFormat
        let shape: [Int]

        /// Tiles of the matrix, down and across.
        var scaleShape: [Int] {
            shape.map { ($0 + Quantizer.tile - 1) / Quantizer.tile }
        }
    }

    private func folderPieces() throws(ImportError) -> [FolderPiece] {
        let configuration = model.configuration
        if configuration.attention.latent?.hasSplitB == true {
            throw .description(
                model.path,
                .value(
                    "attn_k_b.weight", found: "split from attn_v_b.weight",
                    allowed: "one attn_kv_b.weight for a folder"))
        }
        return configuration.tensorShapes.compactMap { role, shape in
            role.huggingFacePlaces(configuration.family).first.map { place in
                FolderPiece(
                    name: place.name, role: role, format: format(role, shape), shape: shape)
            }
        }
    }

    func writeFolder(
        _ path: String, _ progress: (Int, Int) -> Void
    ) throws(ImportError) {
        let pieces = try folderPieces()
        let description = try FolderDescription(model: model).json
        let folder = try OutputFolder(path: path)
        try folder.write("config.json", Array((description.text + "\n").utf8))
        try writeCompanions(to: folder)
        var writer = SafetensorsWriter()
        for piece in pieces {
            writer.addTensor(piece.name, format: piece.format, shape: piece.shape)
            if piece.format == .e4m3 {
                writer.addTensor(
                    piece.name + "_scale_inv", format: .fp32, shape: piece.scaleShape)
            }
        }
        let file = try folder.file("model.safetensors")
        try file.write(writer.header)
        let rows = WeightRows(model: model, target: .huggingFace)
        for (index, piece) in pieces.enumerated() {
            progress(index, pieces.count)
            if piece.format == .e4m3 {
                try writeTiles(piece.role, rows, to: file)
            } else {
                try writeBlocks(piece.role, piece.format, rows, to: file)
            }
        }
        progress(pieces.count, pieces.count)
        try file.commit()
        try folder.commit { (temporary) throws(ImportError) in
            try check(LanguageModelFiles(path: temporary).configuration)
        }
    }

    /// Writes a weight's codes, then the scales of its tiles.
    ///
    /// scale = largest magnitude of the tile / 448, in binary32; code = value / scale to the
    /// nearest E4M3, ties to even. A tile of zeros has scale 1.
    private func writeTiles(
        _ role: TensorRole, _ rows: WeightRows, to file: OutputFile
    ) throws(ImportError) {
        let tensor = try model.tensor(role)
        let columns = tensor.columns
        var scales: [Float] = []
        for first in stride(from: 0, to: tensor.rows, by: Self.tile) {
            let range = first..<min(first + Self.tile, tensor.rows)
            let values = try rows.values(role, rows: range)
            var codes = [UInt8](repeating: 0, count: values.count)
            for left in stride(from: 0, to: columns, by: Self.tile) {
                let across = left..<min(left + Self.tile, columns)
                var largest: Float = 0
                for row in 0..<range.count {
                    for column in across {
                        largest = max(largest, values[row * columns + column].magnitude)
                    }
                }
                let scale = largest / 448
                // Of magnitudes so small that the quotient vanishes nothing is left.
                scales.append(scale == 0 ? 1 : scale)
                for row in 0..<range.count {
                    for column in across {
                        let place = row * columns + column
                        codes[place] = BlockQuantizer.e4m3(
                            scale == 0 ? 0 : values[place] / scale)
                    }
                }
            }
            try file.write(codes)
        }
        for scale in scales {
            try file.write(withUnsafeBytes(of: scale.bitPattern.littleEndian) { Array($0) })
        }
        tensor.release()
    }

    /// Copies what belongs to tokenizer and generation, or writes it from a GGUF file's metadata.
    private func writeCompanions(to folder: OutputFolder) throws(ImportError) {
        let names = [
            "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
            "generation_config.json", "chat_template.jinja", "tokenizer.gguf",
        ]
        if model.metadata == nil {
            for name in names {
                if let file = try HuggingFaceFolder.file(model.path, name) {
                    try folder.write(name, file.span.array)
                }
            }
            return
        }
        switch model.tokenizer {
        case .gguf(let metadata):
            var writer = GGUFWriter()
            writer.copy(metadata) { !$0.hasPrefix("tokenizer.") }
            try folder.write("tokenizer.gguf", writer.header)
        case .json(let tokenizer, _): try folder.write("tokenizer.json", tokenizer.array)
        case .none: break
        }
        if let template = model.chatTemplate {
            try folder.write("chat_template.jinja", Array(template.utf8))
        }
        let generation = JSONValue.object([
            JSONValue.Field(
                "bos_token_id", model.generation.beginToken.map { .integer($0) } ?? .null),
            JSONValue.Field(
                "eos_token_id", .array(model.generation.endTokens.map { .integer($0) })),
        ])
        try folder.write("generation_config.json", Array((generation.text + "\n").utf8))
    }
}
