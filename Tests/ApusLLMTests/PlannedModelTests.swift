import ApusChip
import ApusImport
import ApusRuntime
import Testing

import ApusLLM

@Suite("models planned from their shapes")
struct PlannedModelTests {
    private func workload(
        _ phase: Workload.Phase, batch: Int, context: Int
    ) -> Workload {
        Workload(
            phase: phase, batch: batch, context: context, stepTokens: 2048, cacheFormat: .bf16)
    }

    @Test("the launches of a step are those of the model with its weights")
    func sameLaunches() throws {
        let files = try SmallModel.box
        let limits = LanguageModelLimits(
            rowsMax: 32, contextMax: 128, cacheTokens: 512, selectedMax: 32, sequencesMax: 4)
        let model = try LanguageModel(
            files, on: EmulatedDevice(chip: .edge14, threads: 1, mode: .fast), limits: limits)
        var planned = try PlannedModel(ModelShapes(files), on: .edge14, limits: limits)
        for step in [
            PlannedStep.decode(batch: 3, context: 40),
            .prefill(batch: 1, rows: 20, context: 16, selected: 1),
        ] {
            let own = try planned.parts(of: step).dropLast().flatMap(\.launches)
            #expect(own == (try model.launches(of: step)))
            #expect(own.count > 8)
        }
    }

    @Test("every preset can be planned on as many chips as it needs, and its size is as told")
    func presets() throws {
        // Parameters in units of 10⁹, from the models' papers.
        let sizes = [
            "smollm2-135m": 0.135, "llama-3.1-8b": 8.03, "qwen3-30b-a3b": 30.5,
            "mixtral-8x7b": 46.7, "llama-3.1-70b": 70.6, "qwen2.5-72b": 72.7, "deepseek-v3": 671,
        ]
        for preset in ModelPreset.all {
            let shapes = try preset.shapes(.int4)
            let told = try #require(sizes[preset.name])
            let found = Double(shapes.parameterCount) / 1e9
            #expect(abs(found / told - 1) < 0.01, "\(preset.name): \(found)")
            let expert = preset.name == "deepseek-v3" ? 8 : 1
            var model = try PlacedModel(
                shapes, on: .cloud7, workload(.decode, batch: 8, context: 1024),
                Placement(tensor: 1, pipeline: 1, expert: expert))
            let work = try model.work(of: .decode(batch: 8 / expert, context: 1024))
            #expect(work.count == 1)
        }
    }

    /// Keys of four chunks, which the scratchpad of `cloud7` holds twice, are 128 KiB.
    @Test("attention takes as few chunks together as a small scratchpad holds")
    func smallScratchpad() throws {
        let shapes = try #require(ModelPreset.named("llama-3.1-8b")).shapes(.int4)
        var chip = Chip.cloud7
        chip.scratchpadBytes = 96 << 10
        var model = try PlacedModel(
            shapes, on: chip, workload(.decode, batch: 1, context: 2048), .one)
        let work = try model.work(of: .decode(batch: 1, context: 2048))
        #expect(work.count == 1)
    }

    @Test("parts of a model together have its weights")
    func parts() throws {
        let shapes = try #require(ModelPreset.named("llama-3.1-70b")).shapes(.int4)
        let task = workload(.decode, batch: 1, context: 256)
        let whole = try PlacedModel(shapes, on: .cloud7, task, .one).stages[0]
        for count in [2, 4, 8] {
            let part = try PlacedModel(
                shapes, on: .cloud7, task, Placement(tensor: count, pipeline: 1, expert: 1)
            ).stages[0]
            // Columns are filled up to whole tiles of all cores.
            let ratio = Double(part.weightBytes * count) / Double(whole.weightBytes)
            #expect(ratio >= 0.999 && ratio < 1.3, "\(count): \(ratio)")
            #expect(part.cacheBytes * count == whole.cacheBytes)
        }
        let stages = try PlacedModel(
            shapes, on: .cloud7, task, Placement(tensor: 1, pipeline: 3, expert: 1)
        ).stages
        #expect(stages.map(\.shapes.configuration.layerCount) == [27, 27, 26])
        #expect(stages.reduce(0) { $0 + $1.weightBytes } <= whole.weightBytes * 101 / 100)
    }

    @Test("what does not fit or divide says what would")
    func refusals() throws {
        let shapes = try #require(ModelPreset.named("llama-3.1-70b")).shapes(.bf16)
        let task = workload(.decode, batch: 3, context: 1024)
        func message(_ placement: Placement, chip: Chip = .cloud7) -> String {
            do throws(PlacementError) {
                _ = try PlacedModel(shapes, on: chip, task, placement)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(message(.one).hasSuffix("--tensor-parallel 2 would fit"))
        #expect(message(.one).contains("36.0 GiB too much") || message(.one).contains("GiB too"))
        #expect(message(Placement(tensor: 3, pipeline: 1, expert: 1)).contains("1, 2, 4, 8"))
        #expect(message(Placement(tensor: 0, pipeline: 1, expert: 1)).contains("at least 1"))
        #expect(message(Placement(tensor: 1, pipeline: 81, expert: 1)).contains("80 layers"))
        #expect(message(Placement(tensor: 1, pipeline: 1, expert: 2)).contains("possible are 1"))
        #expect(
            message(Placement(tensor: 2, pipeline: 1, expert: 1), chip: .edge14)
                .contains("no links"))
    }

    /// The last token of the second and third length is a step of its own, whose chunks of keys are
    /// computed side by side on many cores (``SplitAttention``): each on a core, or two together.
    @Test(
        "tiles that are chosen for cycles on many cores leave the bits of a long prompt",
        arguments: [(300, 320, 8), (449, 448, 8), (2305, 256, 3)])
    func longSteps(count: Int, rowsMax: Int, meshRows: Int) throws {
        let files = try SmallModel.box
        let tokens = (0..<count).map { $0 * 7 % files.configuration.vocabularySize }
        func scores(_ chip: Chip) throws -> [[UInt32]] {
            let model = try LanguageModel(
                files, on: EmulatedDevice(chip: chip, threads: 0, mode: .fast),
                limits: LanguageModelLimits(
                    rowsMax: rowsMax, contextMax: 2432, cacheTokens: 2432, selectedMax: rowsMax))
            var bits: [[UInt32]] = []
            try model.score(tokens) { bits.append($1.map(\.bitPattern)) }
            return bits
        }
        let expected = try scores(.edge14)
        #expect(expected.count == tokens.count)
        var chip = Chip.cloud7
        chip.meshRows = meshRows
        #expect(try scores(chip) == expected)
    }
}
