import ApusChip
import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

/// What matrix products do to FP32 operands.
public enum Precision: String, CaseIterable, Hashable, Sendable {
    /// Rounds them to BF16, ties to even; sums and everything else stay FP32.
    case bf16
    /// Keeps them, by six passes over BF16 slices.
    case highest
}

/// How a graph is compiled.
public struct CompileOptions: Hashable, Sendable {
    public var precision: Precision

    public init(precision: Precision) {
        self.precision = precision
    }
}

/// Turns graphs into programs.
public enum Compiler {
    /// Compiles a graph for a chip.
    ///
    /// Results do not depend on the chip: what is rounded, and in which order sums are taken,
    /// follows from the graph and the precision alone.
    ///
    /// - Throws: ``CompileError`` if the graph is not well formed or does not fit the chip's
    ///   memory.
    public static func compile(
        _ graph: Graph, for chip: Chip, options: CompileOptions
    ) throws(CompileError) -> CompiledProgram {
        let graph = try simplified(graph)
        let narrow = NarrowIntegers.find(in: graph)
        let roles = graph.nodes.map { NodeRoles(graph: graph, narrow: narrow).role(of: $0) }
        let partition = Partition(graph: graph, roles: roles)
        let memory = LocalMemory(
            scratchpad: chip.scratchpadBytes, accumulators: chip.accumulatorBytes,
            arguments: chip.argumentBytes)
        var state = LoweringState(
            graph: graph, partition: partition, roles: roles, options: options, memory: memory,
            chip: chip)
        state.lowerAll()
        return try Assembly(state: state).program(for: chip)
    }

    /// The graph after the passes that know no chip; the verifier runs after each.
    private static func simplified(_ graph: Graph) throws(CompileError) -> Graph {
        do throws(GraphError) {
            try graph.verify()
            return try Simplifier.simplify(UndilatePass.run(graph))
        } catch {
            throw .graph(error)
        }
    }
}
