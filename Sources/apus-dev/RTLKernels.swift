import ApusChip
import ApusImport
import ApusLLM
import ApusRTL
import ApusRuntime
import ApusSession
import ArgumentParser
import Foundation

/// `apus-dev rtl-kernels`: every kind of tile program, on the emulator and on the RTL of nano.
struct RTLKernels: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rtl-kernels",
        abstract: "Compare each kind of launch that models come to, on the emulator and the RTL.",
        discussion: "benchmarks/rtl/kernels.sh makes the cases and models.")

    @Option(help: "A folder of ONNX cases, as python/extract_onnx_cases.py makes it.")
    var cases: String?

    @Argument(help: "Language models, GGUF files or Hugging Face folders.")
    var models: [String] = []

    @Option(help: "The model of the RTL, as rtl/bench/build_chip.sh builds it.")
    var library = RTLModel.defaultPath(chip: .nano)

    @Option(help: "Launches likely to take more cycles are not compared.")
    var cyclesMax = 2_000_000

    @Option(help: "Of the ONNX cases, one in so many.")
    var every = 1

    func run() throws {
        let device = try ComparedDevice(
            chip: .nano, libraryPath: library, cyclesMax: cyclesMax / 50)
        if let cases {
            // First those that are short, then the kinds that have none.
            try runCases(in: cases, on: device)
            device.cyclesMax = cyclesMax
            try runCases(in: cases, on: device)
        }
        let fromGraphs = device.kinds
        for model in models {
            try converse(model, on: device)
            print("\(model): \(device.kinds) kinds so far, \(device.cycles) cycles")
            fflush(nil)
        }
        if !models.isEmpty { try sample(on: device) }
        for (name, count) in device.compared.sorted(by: { $0.key < $1.key }) {
            print("\(count) \(name)")
        }
        for difference in device.differences { print(difference) }
        print("\(fromGraphs) kinds from ONNX cases, \(device.kinds - fromGraphs) from models")
        print("\(device.kindsPostponed) kinds had no launch of at most \(cyclesMax) cycles or so")
        print("\(device.cycles) cycles")
        print("rtl.kernels: \(device.kinds - device.differences.count)")
        print("rtl.kernel_differences: \(device.differences.count)")
        if !device.differences.isEmpty { throw ExitCode(1) }
    }

    /// Cases that cannot be imported or compiled are not this command's matter.
    private func runCases(in folder: String, on device: ComparedDevice) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        var ran = 0
        for (number, name) in names.enumerated() where number % every == 0 {
            if number % 100 == 0 {
                print("\(number) cases, \(device.kinds) kinds, \(device.cycles) cycles")
                fflush(nil)
            }
            let path = "\(folder)/\(name)"
            guard let inputs = try ConformanceCase(folder: path).tensorInputs() else { continue }
            let options = SessionOptions(
                chip: device.chip, precision: .highest, threads: 1, mode: .fast)
            do throws(SessionError) {
                let session = try Session(
                    path: "\(path)/model.onnx", options: options, device: device)
                _ = try session.run(inputs)
                ran += 1
            } catch {
                switch error {
                case .device: throw error
                default: continue
                }
            }
        }
        print("\(ran) ONNX cases, \(device.kinds) kinds, \(device.cycles) cycles")
    }

    /// A prompt, and some tokens, with all ways of choosing them.
    private func converse(_ path: String, on device: ComparedDevice) throws {
        let files = try LanguageModelFiles(path: path)
        let limits = LanguageModelLimits(
            rowsMax: 8, contextMax: 64, cacheTokens: 128, selectedMax: 4, sequencesMax: 2)
        let engine = Engine(try LanguageModel(files, on: device, limits: limits))
        let vocabulary = files.configuration.vocabularySize
        let prompt = (0..<11).map { ($0 * 7919 + 13) % vocabulary }
        var sampling = SamplingParameters(seed: 1)
        for step in 0..<2 {
            if step == 1 {
                sampling.temperature = 0.9
                sampling.topK = 5
                sampling.repetitionPenalty = 1.2
            }
            _ = try engine.submit(
                GenerationRequest(prompt: prompt, maxTokens: 2, sampling: sampling))
        }
        while !engine.isIdle { _ = try engine.step() }
    }

    /// The choice of tokens, with every filter.
    private func sample(on device: ComparedDevice) throws {
        let logits = (0..<40).map { Float(($0 * 17) % 40) / 8 }
        let probe = try SamplingProbe(logits: logits, history: [3], on: device)
        for parameters in [
            SamplingParameters(), SamplingParameters(temperature: 1, seed: 3),
            SamplingParameters(temperature: 1, topK: 4, seed: 4),
            SamplingParameters(temperature: 1, topP: 0.7, seed: 5),
            SamplingParameters(temperature: 1, minP: 0.2, seed: 6),
            SamplingParameters(temperature: 0.7, repetitionPenalty: 1.3, seed: 7),
        ] {
            _ = try probe.draw(2, from: 0, parameters)
        }
    }
}
