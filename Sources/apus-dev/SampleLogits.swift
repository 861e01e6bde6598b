import ApusChip
import ApusLLM
import ApusRuntime
import ArgumentParser
import Foundation

/// `apus-dev sample-logits`: chooses tokens on the chip, many times, from one row of logits.
struct SampleLogits: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample-logits",
        abstract: "Count what the chip chooses from logits; see benchmarks/chat/sampling.py.")

    @Argument(help: "Logits, parameters, count and seed as JSON.")
    var input: String

    @Argument(help: "Where the counts of all tokens go, as JSON.")
    var output: String

    @Option(help: "The chip's preset.")
    var chip = "edge14"

    private struct Input: Decodable {
        struct Parameters: Decodable {
            var temperature: Float?
            var topK: Int?
            var topP: Float?
            var minP: Float?
            var repetitionPenalty: Float?
            var history: [Int]?
        }
        var logits: [Float]
        var parameters: Parameters
        var count: Int
        var seed: UInt64
    }

    private struct Output: Encodable {
        var counts: [Int]
    }

    func run() throws {
        guard let preset = Chip.preset(named: chip) else {
            throw ValidationError("there is no preset \(chip)")
        }
        let given = try JSONDecoder().decode(
            Input.self, from: Data(contentsOf: URL(fileURLWithPath: input)))
        let device = try EmulatedDevice(chip: preset, threads: 0, mode: .fast)
        let probe = try SamplingProbe(
            logits: given.logits, history: given.parameters.history ?? [], on: device)
        let parameters = SamplingParameters(
            temperature: given.parameters.temperature ?? 1, topK: given.parameters.topK ?? 0,
            topP: given.parameters.topP ?? 1, minP: given.parameters.minP ?? 0,
            repetitionPenalty: given.parameters.repetitionPenalty ?? 1, seed: given.seed)
        var counts = [Int](repeating: 0, count: given.logits.count)
        for token in try probe.draw(given.count, from: 0, parameters) { counts[token] += 1 }
        try JSONEncoder().encode(Output(counts: counts))
            .write(to: URL(fileURLWithPath: output), options: .atomic)
    }
}
