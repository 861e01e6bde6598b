extension Operation {
    /// The primitive's name, as the printer, messages and docs/graph.md write it.
    public var name: String {
        switch self {
        case .unary(let function): return function.rawValue
        case .binary(let function): return function.rawValue
        case .compare(let comparison): return comparison.rawValue
        case .select: return "select"
        case .clamp: return "clamp"
        case .convert: return "convert"
        case .bitcast: return "bitcast"
        case .reshape: return "reshape"
        case .transpose: return "transpose"
        case .broadcast: return "broadcast"
        case .slice: return "slice"
        case .pad: return "pad"
        case .concatenate: return "concatenate"
        case .gather: return "gather"
        case .gatherND: return "gatherND"
        case .gatherElements: return "gatherElements"
        case .scatterElements: return "scatterElements"
        case .scatterND: return "scatterND"
        case .iota: return "iota"
        case .dot: return "dot"
        case .convolution: return "convolution"
        case .reduce(let reduction, _, _): return "reduce." + reduction.rawValue
        case .argument(let argument): return argument.largest ? "argMax" : "argMin"
        case .reduceWindow(let reduction, _): return "reduceWindow." + reduction.rawValue
        case .scan(let scan): return "scan." + scan.fold.rawValue
        case .sort: return "sort"
        case .random: return "random"
        case .host(let operation): return "host." + operation.name
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
