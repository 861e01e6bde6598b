import ApusCompiler
import ApusGraph
import ApusImport
import ApusRuntime

/// Why a session cannot be opened or run.
public enum SessionError: Error, Sendable, CustomStringConvertible {
    /// The model file is not one, is broken, or uses what Apus does not have.
    case model(ImportError)
    /// The model does not fit the chip.
    case compile(CompileError)
    /// The chip refused the program or trapped.
    case device(RuntimeError)
    /// The reference interpreter could not run the graph.
    case interpreter(GraphError)
    /// A tensor is given under a name that no input has.
    case unknownInput(String, known: [String])
    /// Two tensors are given under one name.
    case repeatedInput(String)
    /// An input is not given.
    case missingInput(String, expected: String)
    /// A tensor has another type or shape than the input it is given for.
    case inputType(String, expected: String, found: String)

    /// Whose fault it is, as the C interface and the command line tell it.
    public enum Blame: Sendable {
        /// The caller gave something wrong.
        case input
        /// Apus lacks what the model needs.
        case unsupported
        /// Apus itself failed.
        case fault
    }

    /// Whose fault it is.
    public var blame: Blame {
        switch self {
        case .model(let error): return error.isUnsupportedOperator ? .unsupported : .input
        case .compile: return .unsupported
        case .device(.hostStep): return .input  // An index outside its axis, for instance.
        case .device, .interpreter: return .fault
        case .unknownInput, .repeatedInput, .missingInput, .inputType: return .input
        }
    }

    /// The sentence for humans.
    public var description: String {
        switch self {
        case .model(let error): return "\(error)"
        case .compile(let error): return "\(error)"
        case .device(let error): return "\(error)"
        case .interpreter(let error): return "\(error)"
        case .unknownInput(let name, let known):
            let list = known.isEmpty ? "none" : known.joined(separator: ", ")
            return "the model has no input \(name); its inputs are: \(list)"
        case .repeatedInput(let name): return "input \(name) is given twice"
        case .missingInput(let name, let expected):
            return "input \(name) is missing; it takes \(expected)"
        case .inputType(let name, let expected, let found):
            return "input \(name) is \(found); it takes \(expected)"
        }
    }
}
