extension Operation {
    /// The primitives without their attributes; docs/graph.md has a line for each.
    public enum Kind: String, CaseIterable, Sendable {
        case unary, binary, compare, select, clamp, convert, bitcast
        case reshape, transpose, broadcast, slice, pad, concatenate, iota
        case gather, gatherND, gatherElements, scatterElements, scatterND
        case dot, convolution
        case reduce, argument, reduceWindow, scan, sort, random, host
    }

    /// Which primitive this is.
    public var kind: Kind {
        switch self {
        case .unary: return .unary
        case .binary: return .binary
        case .compare: return .compare
        case .select: return .select
        case .clamp: return .clamp
        case .convert: return .convert
        case .bitcast: return .bitcast
        case .reshape: return .reshape
        case .transpose: return .transpose
        case .broadcast: return .broadcast
        case .slice: return .slice
        case .pad: return .pad
        case .concatenate: return .concatenate
        case .iota: return .iota
        case .gather: return .gather
        case .gatherND: return .gatherND
        case .gatherElements: return .gatherElements
        case .scatterElements: return .scatterElements
        case .scatterND: return .scatterND
        case .dot: return .dot
        case .convolution: return .convolution
        case .reduce: return .reduce
        case .argument: return .argument
        case .reduceWindow: return .reduceWindow
        case .scan: return .scan
        case .sort: return .sort
        case .random: return .random
        case .host: return .host
        }
    }

    /// The primitive's name with the function it applies, as the printer and messages write it.
    public var name: String {
        switch self {
        case .unary(let function): return function.rawValue
        case .binary(let function): return function.rawValue
        case .compare(let comparison): return comparison.rawValue
        case .reduce(let reduction, _, _): return "reduce." + reduction.rawValue
        case .argument(let argument): return argument.largest ? "argMax" : "argMin"
        case .reduceWindow(let reduction, _): return "reduceWindow." + reduction.rawValue
        case .scan(let scan): return "scan." + scan.fold.rawValue
        case .host(let operation): return "host." + operation.name
        default: return kind.rawValue
        }
    }

    /// Whether each result element depends on the operand elements at its own place only.
    public var isElementwise: Bool {
        switch self {
        case .unary, .binary, .compare, .select, .clamp, .convert, .bitcast: return true
        default: return false
        }
    }
}
