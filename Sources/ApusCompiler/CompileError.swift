import ApusGraph

/// Why a graph cannot be compiled for a chip.
public enum CompileError: Error, Equatable, Sendable {
    /// The graph is not well formed.
    case graph(GraphError)
    /// The program needs more global memory than the chip has, in bytes.
    case memory(needed: Int, available: Int)
    /// Two values that are needed at once were given the same memory: a bug of the planner.
    case overlappingBuffers(first: Int, second: Int)
}

extension CompileError: CustomStringConvertible {
    /// The sentence for humans.
    public var description: String {
        switch self {
        case .graph(let error): return error.description
        case .memory(let needed, let available):
            return "the program needs \(needed) bytes of memory, the chip has \(available)"
        case .overlappingBuffers(let first, let second):
            return "buffers \(first) and \(second) overlap while both are live"
        }
    }
}
