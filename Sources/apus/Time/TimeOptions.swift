import ApusChip
import ApusCost
import ApusImport
import ApusLLM
import ApusReport
import ArgumentParser
import FoundationEssentials

/// Which model, what it does, and on which chips: what `time`, `trace` and `report` share.
struct TimeOptions: ParsableArguments {
    @Argument(
        help: """
            A preset, a config.json or its folder, a GGUF file, or an ONNX model. Presets: \
            \((ModelPreset.all.map(\.name) + GraphPreset.allCases.map(\.rawValue))
                .joined(separator: ", ")).
            """)
    var model: String

    @Option(name: .long, help: "A preset (see `apus chip list`) or a chip file.")
    var chip = "cloud7"

    @Option(name: .long, help: "Chips; without the next three, all share every matrix.")
    var chips: Int?

    @Option(name: .long, help: "Chips that share every matrix.")
    var tensorParallel: Int?

    @Option(name: .long, help: "Stages that have layers.")
    var pipelineParallel: Int?

    @Option(name: .long, help: "Groups of chips that share the experts.")
    var expertParallel: Int?

    @Option(name: .long, help: "Sequences, or images.")
    var batch = 1

    @Option(name: .long, help: "Tokens of each sequence: with the next one, or of the prompt.")
    var context = 2048

    @Option(name: .long, help: "decode: one token of each sequence. prefill: the prompts.")
    var phase = "decode"

    @Option(
        name: .long,
        help: "int4, int8, fp8, bf16 or mxfp4; else what the file has, bf16 for shapes alone.")
    var weights: String?

    @Option(name: .long, help: "How keys and values are kept: bf16, e4m3 or int8.")
    var cache = "bf16"

    @Option(name: .long, help: "Tokens that a prefill step computes at most.")
    var stepTokens = 2048

    @Option(
        name: .long,
        help: "The process that energy is told of: 14nm, 7nm, n+2, …; else a domestic one.")
    var node: String?

    @Option(
        name: .long, help: "An input's extents for an ONNX model, as NAME=1x3x224x224; repeatable.")
    var random: [String] = []
}

extension TimeOptions {
    /// What a run took in joules; nil for a chip that belongs to no process.
    func energy(of time: ModelTime) throws -> ModelEnergy? {
        if let node {
            return ModelEnergy(
                time, node: try refusing { () throws(CostError) in try .named(node) })
        }
        guard time.chip.nodeNanometres > 0 else { return nil }
        return ModelEnergy(time, node: .domestic(nanometres: time.chip.nodeNanometres))
    }

    /// The chip, the options checked.
    func checkedChip() throws -> Chip {
        guard (1...65_536).contains(batch) else {
            throw Refusal("--batch \(batch): it must lie between 1 and 65536")
        }
        guard (1...1 << 24).contains(context) else {
            throw Refusal("--context \(context): it must lie between 1 and 16777216 tokens")
        }
        guard (16...8192).contains(stepTokens) else {
            throw Refusal("--step-tokens \(stepTokens): it must lie between 16 and 8192")
        }
        return try ChipCommand.chip(chip)
    }

    func workload() throws -> Workload {
        guard let phase = Workload.Phase(rawValue: phase) else {
            throw Refusal("--phase \(phase): it is decode or prefill")
        }
        guard let cache = CacheFormat(rawValue: cache) else {
            throw Refusal("--cache \(cache): it is bf16, e4m3 or int8")
        }
        return Workload(
            phase: phase, batch: batch, context: context, stepTokens: stepTokens,
            cacheFormat: cache)
    }

    func placement() throws -> Placement {
        let pipeline = pipelineParallel ?? 1
        let expert = expertParallel ?? 1
        for (name, value) in [
            ("chips", chips ?? 1), ("tensor-parallel", tensorParallel ?? 1),
            ("pipeline-parallel", pipeline), ("expert-parallel", expert),
        ] where !(1...4096).contains(value) {
            throw Refusal("--\(name) \(value): it must lie between 1 and 4096")
        }
        let rest = max((chips ?? 1) / (pipeline * expert), 1)
        let placement = Placement(
            tensor: tensorParallel ?? rest, pipeline: pipeline, expert: expert)
        if let chips, placement.chips != chips {
            throw Refusal("--chips: \(PlacementError.chips(chips, placement))")
        }
        return placement
    }

    func weightFormat() throws -> WeightFormat? {
        guard let weights else { return nil }
        guard let format = WeightFormat(rawValue: weights) else {
            let known = WeightFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal("--weights \(weights): it is one of \(known)")
        }
        return format
    }

    /// The shapes of a language model; nil for a graph.
    func languageModel() throws -> ModelShapes? {
        let format = try weightFormat()
        do throws(ImportError) {
            if let preset = ModelPreset.named(model) {
                return try preset.shapes(format ?? .bf16)
            }
            if GraphPreset(rawValue: model) != nil || model.hasSuffix(".onnx") { return nil }
            var isFolder = false
            guard FileManager.default.fileExists(atPath: model, isDirectory: &isFolder) else {
                throw .cannotOpen(path: model, reason: "no such file, and no preset of that name")
            }
            let hasWeights =
                isFolder
                && ["model.safetensors", "model.safetensors.index.json"].contains {
                    FileManager.default.fileExists(atPath: "\(model)/\($0)")
                }
            if !hasWeights, isFolder || model.hasSuffix(".json") {
                return try ModelShapes(configurationPath: model, weights: format ?? .bf16)
            }
            let shapes = ModelShapes(try LanguageModelFiles(path: model))
            return format.map { shapes.with($0) } ?? shapes
        } catch {
            throw Refusal("\(error)")
        }
    }
}
