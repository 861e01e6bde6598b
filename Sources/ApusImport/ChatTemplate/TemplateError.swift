/// Why a chat template cannot be read or rendered. Every case says the line, counted from 1.
public struct TemplateError: Error, Equatable, Sendable {
    /// What is wrong.
    public enum Problem: Equatable, Sendable {
        /// The template ends inside something; what it began with.
        case unexpectedEnd(in: String)
        /// This cannot stand here.
        case unexpected(String)
        /// Part of Jinja that is not supported.
        case unsupported(String)
        /// Expressions or blocks nest too deep.
        case tooDeep(limit: Int)
        /// A name that is neither a variable, nor set, nor a function.
        case undefined(String)
        /// An operation that these kinds of values do not have.
        case kinds(operation: String, found: String)
        /// A function, filter, test or method got arguments that it does not take.
        case arguments(of: String)
        /// A number became too large, or was divided by zero.
        case arithmetic(String)
        /// Rendering takes more steps than any template needs.
        case tooManySteps(limit: Int)
        /// The output or a value grows larger than any chat needs.
        case tooLarge(limit: Int)
        /// The template itself refuses these messages.
        case raised(String)
    }

    public let problem: Problem
    public let line: Int

    /// A fault and where it is.
    public init(_ problem: Problem, line: Int) {
        self.problem = problem
        self.line = line
    }
}

extension TemplateError: CustomStringConvertible {
    public var description: String { "chat template, line \(line): \(problem.description)" }
}

extension TemplateError.Problem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unexpectedEnd(let what): "the template ends inside \(quoted(what))"
        case .unexpected(let what): "unexpected \(quoted(what))"
        case .unsupported(let what): "\(quoted(what)) is not supported"
        case .tooDeep(let limit): "nests deeper than \(limit)"
        case .undefined(let name): "\(quoted(name)) is undefined"
        case .kinds(let operation, let found): "\(quoted(operation)) does not work on \(found)"
        case .arguments(let name): "\(quoted(name)) does not take these arguments"
        case .arithmetic(let operation): "\(quoted(operation)) has no result that can be used"
        case .tooManySteps(let limit): "takes more than \(limit) steps"
        case .tooLarge(let limit): "gives more than \(limit) bytes"
        case .raised(let message): "the template refuses: \(quoted(message))"
        }
    }
}

/// What a template may use up.
public struct TemplateLimits: Sendable {
    /// Statements, expressions and elements visited; text that is made or searched counts a step
    /// for 64 bytes, so that this bounds memory and time, too.
    public var stepsMax: Int
    /// Bytes of output, and of any value on the way to it.
    public var bytesMax: Int
    /// Nested expressions, blocks, calls and values.
    public var depthMax: Int

    /// Limits of the caller's choice.
    public init(stepsMax: Int, bytesMax: Int, depthMax: Int) {
        self.stepsMax = stepsMax
        self.bytesMax = bytesMax
        self.depthMax = depthMax
    }

    /// Far above what published templates need: a long chat takes some 10,000 steps.
    public static let chat = TemplateLimits(
        stepsMax: 5_000_000, bytesMax: 16 << 20, depthMax: 64)
}
