import ApusImport
import ApusRuntime

/// Why a language model could not be loaded or run.
public enum LanguageModelError: Error, Equatable, Sendable {
    /// What was too small.
    public enum Place: Equatable, Sendable {
        case scratchpad(String), accumulators(String), arguments(String), memory
        /// Pages of the key-value cache.
        case pages
    }

    /// Something needs more bytes than the chip has for it.
    case doesNotFit(Place, needed: Int, available: Int)
    /// A request is longer than the context.
    case contextTooLong(tokens: Int, limit: Int)
    /// A token that the model does not have.
    case unknownToken(Int, vocabulary: Int)
    case emptyPrompt
    /// A parameter of a request is out of its range.
    case parameter(String, range: String)
    /// The file is not what it should be.
    case files(ImportError)
    case tokenizer(TokenizerError)
    case template(TemplateError)
    /// A chat needs a template, and the files have none.
    case noTemplate
    /// The device failed.
    case device(RuntimeError)
    /// What the chip path does not do.
    case unsupported(String)
}

extension LanguageModelError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .doesNotFit(.memory, let needed, let available):
            "the model needs \(needed) bytes of memory, the chip has \(available)"
        case .doesNotFit(.pages, let needed, let available):
            "the request needs \(needed) cache pages, there are \(available)"
        case .doesNotFit(.scratchpad(let what), let needed, let available):
            "\(what) needs \(needed) bytes of scratchpad, a core has \(available)"
        case .doesNotFit(.accumulators(let what), let needed, let available):
            "\(what) needs \(needed) bytes of accumulators, a core has \(available)"
        case .doesNotFit(.arguments(let what), let needed, let available):
            "\(what) needs \(needed) bytes of arguments, a core has \(available)"
        case .contextTooLong(let tokens, let limit):
            "\(tokens) tokens do not fit the context of \(limit)"
        case .unknownToken(let token, let vocabulary):
            "token \(token) is not in the vocabulary of \(vocabulary)"
        case .parameter(let name, let range): "the \(name) must be \(range)"
        case .emptyPrompt: "the prompt has no tokens"
        case .files(let error): "\(error)"
        case .tokenizer(let error): "\(error)"
        case .template(let error): "chat template: \(error)"
        case .noTemplate:
            "the files have no chat template; give a plain prompt with --raw"
        case .device(let error): "\(error)"
        case .unsupported(let what): "\(what) is not supported"
        }
    }
}
