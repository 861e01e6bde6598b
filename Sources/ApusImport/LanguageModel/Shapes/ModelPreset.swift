import ApusChip

/// A model whose description comes with the project, as a small `config.json` that names its
/// source.
public struct ModelPreset: Sendable {
    public let name: String
    private let bytes: [UInt8]

    /// All of them, smallest first.
    public static let all = [
        ModelPreset(name: "smollm2-135m", bytes: PackageResources.smollm2_135m_json),
        ModelPreset(name: "llama-3.1-8b", bytes: PackageResources.llama_3_1_8b_json),
        ModelPreset(name: "qwen3-30b-a3b", bytes: PackageResources.qwen3_30b_a3b_json),
        ModelPreset(name: "mixtral-8x7b", bytes: PackageResources.mixtral_8x7b_json),
        ModelPreset(name: "llama-3.1-70b", bytes: PackageResources.llama_3_1_70b_json),
        ModelPreset(name: "qwen2.5-72b", bytes: PackageResources.qwen2_5_72b_json),
        ModelPreset(name: "deepseek-v3", bytes: PackageResources.deepseek_v3_json),
    ]

    /// The preset of that name.
    public static func named(_ name: String) -> ModelPreset? { all.first { $0.name == name } }

    /// The model's shapes, all matrices in one format.
    public func shapes(_ weights: WeightFormat) throws(ImportError) -> ModelShapes {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(ImportError) in try HuggingFaceFolder.json(bytes, path: name) }
        }
        let description = try result.get()
        return ModelShapes(
            path: name, configuration: try LanguageModelConfiguration(alone: description),
            weights: weights)
    }
}
