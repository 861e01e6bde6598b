import ApusLLM
import ApusRuntime
import ArgumentParser
import Foundation

/// `apus generate`: a prompt continued.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue a prompt with a language model on the chip.",
        discussion: """
            apus generate model.gguf --tokens ids.json --max-tokens 64 --json
            """)

    @OptionGroup var options: LanguageModelOptions
    @OptionGroup var sampling: SamplingOptions

    @Option(name: .long, help: "The prompt as a JSON list of token numbers.")
    var tokens: String?

    @Option(name: .long, help: "Tokens to generate at most.")
    var maxTokens = 128

    @Flag(name: .long, help: "Do not end at the tokens that end an answer.")
    var ignoreEnd = false

    @Flag(name: .long, help: "Print tokens, times and what the chip did as JSON.")
    var json = false

    func run() throws {
        guard let tokens else { throw Refusal("generate needs --tokens FILE") }
        let start = Date()
        let prompt = try TokenList.read(tokens)
        let loaded = try options.load()
        let engine = Engine(loaded.model)
        let stops = ignoreEnd ? [] : Set(loaded.files.generation.endTokens)
        var times = GenerationTimes(start: start, prompt: prompt.count)
        times.loaded = Date()
        var answer: [Int] = []
        do throws(LanguageModelError) {
            _ = try engine.submit(
                GenerationRequest(
                    prompt: prompt, maxTokens: maxTokens, sampling: sampling.parameters,
                    stopTokens: stops))
            while !engine.isIdle {
                for case .token(_, let token) in try engine.step() {
                    answer.append(token)
                    times.note()
                }
            }
        } catch {
            throw Refusal("\(options.model): \(error)")
        }
        times.ended = Date()
        if json {
            print(times.json(answer: answer, report: loaded.model.report))
        } else {
            print(answer.map(String.init).joined(separator: " "))
        }
    }
}

/// The options of sampling.
struct SamplingOptions: ParsableArguments {
    @Option(name: .long, help: "What logits are divided by; 0 takes the most likely token.")
    var temperature: Float = 0

    @Option(name: .long, help: "Only so many of the most likely tokens; 0 for all.")
    var topK = 0

    @Option(name: .long, help: "Only the most likely tokens that hold this share; 1 for all.")
    var topP: Float = 1

    @Option(name: .long, help: "Only tokens so likely relative to the most likely; 0 for all.")
    var minP: Float = 0

    @Option(name: .long, help: "Divides the logits of tokens already seen; 1 for none.")
    var repetitionPenalty: Float = 1

    @Option(name: .long, help: "The same seed gives the same text.")
    var seed: UInt64 = 0

    var parameters: SamplingParameters {
        SamplingParameters(
            temperature: temperature, topK: topK, topP: topP, minP: minP,
            repetitionPenalty: repetitionPenalty, seed: seed)
    }
}

/// A list of token numbers in a file.
enum TokenList {
    static func read(_ file: String) throws -> [Int] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Refusal("--tokens: \(file) cannot be read")
        }
        guard let ids = try? JSONDecoder().decode([Int].self, from: data) else {
            throw Refusal("--tokens: \(file) is not a JSON list of integers")
        }
        return ids
    }
}

/// When what happened while a prompt was continued.
struct GenerationTimes {
    var start: Date
    var prompt: Int
    var loaded = Date()
    var first: Date?
    var last: Date?
    var generated = 0
    var ended = Date()

    init(start: Date, prompt: Int) {
        self.start = start
        self.prompt = prompt
    }

    /// A token was chosen.
    mutating func note() {
        last = Date()
        if first == nil { first = last }
        generated += 1
    }

    private var prefillSeconds: Double { (first ?? ended).timeIntervalSince(loaded) }
    private var decodeSeconds: Double { (last ?? ended).timeIntervalSince(first ?? ended) }

    func json(answer: [Int], report: RunReport) -> String {
        let fields: [(String, String)] = [
            ("tokens", "\(answer)"),
            ("prompt_tokens", "\(prompt)"),
            ("generated_tokens", "\(generated)"),
            ("load_seconds", number(loaded.timeIntervalSince(start))),
            ("first_token_seconds", number((first ?? ended).timeIntervalSince(start))),
            ("prefill_seconds", number(prefillSeconds)),
            ("decode_seconds", number(decodeSeconds)),
            ("prefill_tokens_per_second", number(rate(prompt, prefillSeconds))),
            ("decode_tokens_per_second", number(rate(generated - 1, decodeSeconds))),
            ("peak_memory_bytes", "\(PeakMemory.bytes)"),
            ("launches", "\(report.launches)"),
            ("host_steps", "\(report.hostSteps)"),
            ("commands", "\(report.commands)"),
            ("multiply_adds", "\(report.multiplyAdds)"),
            ("bytes_loaded", "\(report.bytesLoaded)"),
            ("bytes_stored", "\(report.bytesStored)"),
            ("control_instructions", "\(report.controlInstructions)"),
        ]
        return "{" + fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
    }

    private func rate(_ count: Int, _ seconds: Double) -> Double {
        seconds > 0 ? Double(count) / seconds : 0
    }

    private func number(_ value: Double) -> String { String(format: "%.4f", value) }
}

/// The largest amount of memory that this process has had.
enum PeakMemory {
    static var bytes: Int {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        return usage.ru_maxrss * 1024
    }
}
