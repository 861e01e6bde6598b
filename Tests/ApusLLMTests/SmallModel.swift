import ApusChip
import ApusImport
import ApusRuntime

import ApusLLM

/// The model in the box, and a smaller one with reference logits.
enum SmallModel {
    private static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    static var box: LanguageModelFiles {
        get throws { try LanguageModelFiles(path: "\(root)/examples/box-model/box.gguf") }
    }

    static let goldens = "\(root)/Tests/ApusLLMTests/Goldens/tiny-llama"

    /// A model on an emulated chip, and the device.
    static func load(
        _ files: LanguageModelFiles, _ chip: Chip = .edge14, mode: EmulationMode = .fast,
        cache: CacheFormat = .bf16, sequences: Int = 4
    ) throws -> (model: LanguageModel, device: EmulatedDevice) {
        let device = try EmulatedDevice(chip: chip, threads: 1, mode: mode)
        let model = try LanguageModel(
            files, on: device,
            limits: LanguageModelLimits(
                rowsMax: 32, contextMax: 128, cacheTokens: 512, selectedMax: 32,
                sequencesMax: sequences, cacheFormat: cache))
        return (model, device)
    }
}

/// The sequence of a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
