import ApusImport
import ApusLLM
import ArgumentParser
import FoundationEssentials

/// `apus generate`: a prompt answered or continued.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Answer a prompt with a language model on the chip.",
        discussion: """
            apus generate model.gguf --prompt "What is the capital of France?"
            apus generate model.gguf --raw --prompt "Once upon a time" --max-tokens 64 --json

            The prompt is put into the model's chat template unless --raw is given.
            """)

    @OptionGroup var options: LanguageModelOptions
    @OptionGroup var sampling: SamplingOptions

    @Option(name: .long, help: "The prompt.")
    var prompt: String?

    @Option(name: .long, help: "The prompt as a file with a JSON list of token numbers.")
    var tokens: String?

    @Flag(name: .long, help: "Continue the prompt as it is, without the chat template.")
    var raw = false

    @Option(name: .long, help: "Tokens to generate at most.")
    var maxTokens = 256

    @Option(name: .long, help: "Text that ends the answer; repeatable.")
    var stop: [String] = []

    @Flag(name: .long, help: "Do not end at the tokens that end an answer.")
    var ignoreEnd = false

    @Flag(name: .long, help: "Print text, tokens, times and what the chip did as JSON.")
    var json = false

    func run() throws {
        guard (prompt == nil) != (tokens == nil) else {
            throw Refusal("generate needs either --prompt TEXT or --tokens FILE")
        }
        var times = GenerationTimes()
        let files = try options.files()
        do throws(LanguageModelError) {
            let text = try TextModel(files)
            let prompt = try promptTokens(text)
            let model = try options.load(files)
            times.loaded(prompt: prompt.count)
            let request = GenerationRequest(
                prompt: prompt, maxTokens: maxTokens, sampling: sampling.parameters,
                stopTokens: ignoreEnd ? [] : text.endTokens)
            var answer = AnswerText(text.tokenizer, stops: stop)
            var found: [Int] = []
            try Engine(model).answer(request) { token in
                found.append(token)
                times.note()
                let part = answer.append(token)
                if !json { Output.write(part) }
                return !answer.isStopped
            }
            let rest = answer.finish()
            times.end()
            if json {
                print(times.json(text: answer.text, tokens: found, model: model))
            } else {
                Output.write(rest + "\n")
            }
        } catch {
            throw Refusal("\(options.model): \(error)")
        }
    }

    private func promptTokens(_ text: TextModel) throws(LanguageModelError) -> [Int] {
        if let tokens { return try TokenList.read(tokens) }
        let prompt = prompt ?? ""
        if raw { return text.tokens(of: prompt) }
        return try text.tokens(of: [ChatMessage(role: "user", content: prompt)])
    }
}

extension Engine {
    /// Serves one request alone; `body` takes each token and says whether to go on.
    func answer(
        _ request: GenerationRequest, _ body: (Int) -> Bool
    ) throws(LanguageModelError) {
        let id = try submit(request)
        while !isIdle {
            for case .token(_, let token) in try step() where !body(token) { cancel(id) }
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
    static func read(_ file: String) throws(LanguageModelError) -> [Int] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw .parameter("list of tokens", range: "a file that can be read; \(file) cannot")
        }
        guard let ids = try? JSONDecoder().decode([Int].self, from: data) else {
            throw .parameter("list of tokens", range: "a JSON list of integers; \(file) is none")
        }
        return ids
    }
}
