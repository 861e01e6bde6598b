import ApusImport
import ApusLLM
import ArgumentParser
import FoundationEssentials
import Glibc

/// `apus chat`: a conversation, answered as the tokens come.
struct ChatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk with a language model on the chip.",
        discussion: """
            apus chat model.gguf

            Ctrl-C stops an answer, and at the prompt leaves; /help lists the commands.
            """)

    @OptionGroup var options: LanguageModelOptions
    @OptionGroup var sampling: SamplingOptions

    @Option(name: .long, help: "What the model is told before the conversation.")
    var system: String?

    @Option(name: .long, help: "Tokens of an answer at most.")
    var maxTokens = 512

    func run() throws {
        let files = try options.files()
        do throws(LanguageModelError) {
            let text = try TextModel(files)
            guard text.template != nil else { throw .noTemplate }
            let model = try options.load(files)
            var conversation = Conversation(
                model: model, text: text, system: system, sampling: sampling.parameters,
                maxTokens: maxTokens)
            Interruption.catchSignal()
            Output.note("\(files.name ?? options.model) on \(options.chip); /help lists commands\n")
            while let line = conversation.read() {
                try conversation.take(line)
            }
        } catch {
            throw Refusal("\(options.model): \(error)")
        }
    }
}

/// The state of a conversation.
private struct Conversation {
    let model: LanguageModel
    let text: TextModel
    let engine: Engine
    let system: String?
    var sampling: SamplingParameters
    var maxTokens: Int
    var messages: [ChatMessage] = []
    /// Tokens and seconds of the last answer.
    var lastAnswer: (tokens: Int, seconds: Double) = (0, 0)

    init(
        model: LanguageModel, text: TextModel, system: String?, sampling: SamplingParameters,
        maxTokens: Int
    ) {
        self.model = model
        self.text = text
        engine = Engine(model)
        self.system = system
        self.sampling = sampling
        self.maxTokens = maxTokens
        clear()
    }

    private static let help = """
        /help            this list
        /clear           begins anew
        /undo            takes the last question and its answer back
        /history         prints the conversation
        /temperature X   0 takes the most likely token
        /seed N          the same seed gives the same answers
        /stats           speed of the last answer, and what the chip did
        /quit            leaves; so does the end of input

        """

    mutating func clear() {
        messages = system.map { [ChatMessage(role: "system", content: $0)] } ?? []
    }

    /// The next line of the user; nil at the end.
    func read() -> String? {
        if isatty(0) != 0 { Output.note("> ") }
        return readLine()
    }

    /// Obeys a command, or answers.
    mutating func take(_ line: String) throws(LanguageModelError) {
        let words = line.split(separator: " ")
        guard let first = words.first else { return }
        let value = words.count > 1 ? String(words[1]) : ""
        switch first {
        case "/help": Output.note(Self.help)
        case "/clear": clear()
        case "/undo": messages.removeLast(min(2, messages.count - (system == nil ? 0 : 1)))
        case "/history":
            for message in messages { Output.note("\(message.role): \(message.content)\n") }
        case "/temperature": set(Float(value), "a number") { $0.temperature = $1 }
        case "/seed": set(UInt64(value), "a whole number") { $0.seed = $1 }
        case "/stats": Output.note(statistics)
        case "/quit": exit(0)
        case let word where word.hasPrefix("/"):
            Output.note("\(word) is not a command; /help lists them\n")
        default: try answer(line)
        }
    }

    private mutating func set<Value>(
        _ value: Value?, _ kind: String, _ change: (inout SamplingParameters, Value) -> Void
    ) {
        guard let value else { return Output.note("the value must be \(kind)\n") }
        var changed = sampling
        change(&changed, value)
        if let fault = changed.fault {
            return Output.note("the \(fault.name) must be \(fault.range)\n")
        }
        sampling = changed
    }

    private var statistics: String {
        let report = model.report
        let rate = lastAnswer.seconds > 0 ? Double(lastAnswer.tokens) / lastAnswer.seconds : 0
        return "\(lastAnswer.tokens) tokens, \(rate.text(decimals: 1)) a second; since the "
            + "start \(report.launches) launches, \(report.commands) commands, "
            + "\(report.hostSteps) steps on the host, \(engine.sharedTokens) tokens not computed "
            + "again\n"
    }

    private mutating func answer(_ question: String) throws(LanguageModelError) {
        messages.append(ChatMessage(role: "user", content: question))
        let prompt = try text.tokens(of: messages)
        var answer = AnswerText(text.tokenizer)
        var count = 0
        let start = Date()
        Interruption.beginAnswer()
        defer { Interruption.endAnswer() }
        do {
            let request = GenerationRequest(
                prompt: prompt, maxTokens: maxTokens, sampling: sampling,
                stopTokens: text.endTokens)
            try engine.answer(request) { token in
                count += 1
                Output.write(answer.append(token))
                return !Interruption.isWanted
            }
        } catch .contextTooLong(let tokens, let limit) {
            messages.removeLast()
            return Output.note(
                "the conversation has \(tokens) tokens, the context \(limit); /clear begins anew\n")
        }
        Output.write(answer.finish() + "\n")
        lastAnswer = (count, Date().timeIntervalSince(start))
        messages.append(ChatMessage(role: "assistant", content: answer.text))
    }
}

/// Ctrl-C during an answer stops the answer; at the prompt it ends the program.
private enum Interruption {
    nonisolated(unsafe) private static var wanted: sig_atomic_t = 0
    nonisolated(unsafe) private static var isAnswering: sig_atomic_t = 0

    /// Whether it was pressed since the answer began.
    static var isWanted: Bool { wanted != 0 }

    static func beginAnswer() {
        wanted = 0
        isAnswering = 1
    }

    static func endAnswer() { isAnswering = 0 }

    static func catchSignal() {
        signal(SIGINT) { _ in
            if Interruption.isAnswering == 0 { _exit(130) }
            Interruption.wanted = 1
        }
    }
}
