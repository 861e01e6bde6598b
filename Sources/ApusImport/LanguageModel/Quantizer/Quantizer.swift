/// Writes a model again with its matrices in a narrower format, each value rounded to nearest.
///
/// - int8: a GGUF file of Q8_0.
/// - int4: a GGUF file of Q4_1; token embedding and output stay at Q8_0.
/// - mxfp4: a GGUF file of MXFP4; token embedding and output stay at Q8_0.
/// - fp8: a folder with safetensors of E4M3, a scale for each 128×128; token embedding and output
///   are BF16.
///
/// Norms, biases and routers stay in FP32. A matrix whose rows are not whole blocks becomes BF16.
/// What is written appears under its name when it is whole, and after it has been read back.
///
/// - Source: docs/language-models/files.md.
public struct Quantizer {
    /// What the matrices become.
    public enum Target: String, CaseIterable, Sendable {
        case int8, int4, fp8, mxfp4
    }

    let model: LanguageModelFiles
    let target: Target

    public init(model: LanguageModelFiles, target: Target) {
        self.model = model
        self.target = target
    }

    /// A tensor to write: one weight, or the experts' stacked.
    struct Piece {
        let name: String
        let format: StoredFormat
        let shape: [Int]
        let roles: [TensorRole]
        var byteCount: Int { format.byteCount(shape.reduce(1, *)) }
    }

    /// Rows that are dequantised at a time.
    static let rowsAtOnce = 128

    /// Writes the file, or for fp8 the folder, `path`.
    ///
    /// - Parameter progress: Is told the weights done and their number.
    /// - Throws: ``ImportError`` if a weight holds a value that is not finite, the description has
    ///   no place in the target, or the files cannot be written.
    public func write(
        to path: String, progress: (_ done: Int, _ total: Int) -> Void
    ) throws(ImportError) {
        if target == .fp8 {
            try writeFolder(path, progress)
        } else {
            try writeGGUF(path, progress)
        }
    }

    // MARK: Formats

    /// The format of a role's weight of this shape.
    func format(_ role: TensorRole, _ shape: [Int]) -> StoredFormat {
        if role.isVector || role.isRouter { return .fp32 }
        let isOuter = role == .tokenEmbedding || role == .output
        let wanted: StoredFormat =
            switch target {
            case .int8: .q8_0
            case .int4: isOuter ? .q8_0 : .q4_1
            case .mxfp4: isOuter ? .q8_0 : .mxfp4
            case .fp8: isOuter ? .bf16 : .e4m3
            }
        return (shape.last ?? 1) % wanted.blockLength == 0 ? wanted : .bf16
    }

    // MARK: GGUF

    /// The tensors of the GGUF file: experts are stacked.
    var ggufPieces: [Piece] {
        let shapes = model.configuration.tensorShapes
        let known = Dictionary(shapes.map { ($0.role, $0.shape) }, uniquingKeysWith: { $1 })
        var pieces: [Piece] = []
        for (role, shape) in shapes {
            guard let place = role.ggufPlaces.first else { continue }
            if let slice = place.slice {
                guard slice == 0 else { continue }
                let roles = role.experts.filter { known[$0] != nil }
                pieces.append(
                    Piece(
                        name: place.name, format: format(role, shape),
                        shape: [roles.count] + shape, roles: roles))
            } else {
                pieces.append(
                    Piece(
                        name: place.name, format: format(role, shape), shape: shape, roles: [role]))
            }
        }
        return pieces
    }

    private func writeGGUF(
        _ path: String, _ progress: (Int, Int) -> Void
    ) throws(ImportError) {
        let pieces = ggufPieces
        var writer = GGUFWriter()
        try writer.describe(model, target)
        let factors = GGUFWriter.frequencyFactors(model.configuration)
        for piece in pieces {
            writer.addTensor(piece.name, format: piece.format, shape: piece.shape)
        }
        if let factors {
            writer.addTensor("rope_freqs.weight", format: .fp32, shape: [factors.count])
        }
        let file = try OutputFile(path: path)
        try file.write(writer.header)
        let rows = WeightRows(model: model, target: .gguf)
        for (index, piece) in pieces.enumerated() {
            progress(index, pieces.count)
            for role in piece.roles { try writeBlocks(role, piece.format, rows, to: file) }
            try file.write(
                [UInt8](repeating: 0, count: GGUFWriter.padding(after: piece.byteCount)))
        }
        if let factors {
            for factor in factors {
                try file.write(withUnsafeBytes(of: factor.bitPattern.littleEndian) { Array($0) })
            }
            try file.write(
                [UInt8](repeating: 0, count: GGUFWriter.padding(after: 4 * factors.count)))
        }
        progress(pieces.count, pieces.count)
        try file.commit { (temporary) throws(ImportError) in
            let written = try LanguageModelFiles(path: temporary)
            try check(written.configuration)
        }
    }

    /// Writes a weight's rows, some at a time.
    func writeBlocks(
        _ role: TensorRole, _ format: StoredFormat, _ rows: WeightRows, to file: OutputFile
    ) throws(ImportError) {
        let tensor = try model.tensor(role)
        let rowBytes = format.byteCount(tensor.columns)
        for first in stride(from: 0, to: tensor.rows, by: Self.rowsAtOnce) {
            let range = first..<min(first + Self.rowsAtOnce, tensor.rows)
            let values = try rows.values(role, rows: range)
            var bytes = [UInt8](repeating: 0, count: range.count * rowBytes)
            bytes.withUnsafeMutableBytes { target in
                values.withUnsafeBufferPointer { source in
                    guard let base = target.baseAddress else { return }
                    for block in 0..<source.count / format.blockLength {
                        let start = block * format.blockLength
                        BlockQuantizer.write(
                            UnsafeBufferPointer(
                                rebasing: source[start..<start + format.blockLength]),
                            as: format, to: base + block * format.blockBytes)
                    }
                }
            }
            try file.write(bytes)
        }
        tensor.release()
    }

    // MARK: What was written

    /// Holds that the written description says what the model's does.
    func check(_ written: LanguageModelConfiguration) throws(ImportError) {
        let model = model.configuration
        func differs(_ field: String) -> ImportError {
            .description(
                self.model.path,
                .value(
                    field, found: "a setting that the target's format cannot say",
                    allowed: "as \(model.family.rawValue) usually has it"))
        }
        func isNear(_ a: Float, _ b: Float) -> Bool { abs(a - b) <= 4 * max(a.ulp, b.ulp) }
        guard isNear(model.attention.scale, written.attention.scale) else {
            throw differs("the scale of attention")
        }
        guard model.layers.map(\.slidingWindow) == written.layers.map(\.slidingWindow) else {
            throw differs("the layers that slide")
        }
        guard model.layers.map(\.feedForward) == written.layers.map(\.feedForward) else {
            throw differs("the layers of experts")
        }
        for (one, other) in zip(model.layers, written.layers) {
            let pairs = zip(one.rotary.frequencies, other.rotary.frequencies)
            guard pairs.allSatisfy({ isNear($0, $1) }),
                isNear(one.rotary.magnitude, other.rotary.magnitude)
            else { throw differs("the rotary embedding") }
        }
        var (one, other) = (model, written)
        for configuration in [\LanguageModelConfiguration.layers] {
            one[keyPath: configuration] = []
            other[keyPath: configuration] = []
        }
        one.family = other.family
        one.normWeightOffset = other.normWeightOffset
        one.attention.scale = other.attention.scale
        guard one == other else { throw differs("the description") }
    }
}

extension TensorRole {
    var isRouter: Bool { if case .layer(_, .router) = self { true } else { false } }

    /// The same role of all experts that may be, for an expert's role.
    fileprivate var experts: [TensorRole] {
        guard case .layer(let layer, let tensor) = self else { return [] }
        return (0..<4096).compactMap { index in
            switch tensor {
            case .expertGate: .layer(layer, .expertGate(index))
            case .expertUp: .layer(layer, .expertUp(index))
            case .expertDown: .layer(layer, .expertDown(index))
            default: nil
            }
        }
    }
}
