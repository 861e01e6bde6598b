/// Rewrites a graph into a smaller one that means the same, independently of any chip.
///
/// Every rewrite keeps every output's bits, except that ``SimplificationPass/mergeAffine`` and
/// ``SimplificationPass/splitLongFolds`` round in other places, as their pages say.
public enum Simplifier {
    /// The passes in the order in which they run, over and over until nothing changes.
    public static let passes: [SimplificationPass] = [
        .decompose, .foldConstants, .removeIdentities, .mergeMovement, .removeBroadcasts,
        .mergePadding, .mergeAffine, .mergeCommon, .splitLongFolds, .removeDead,
    ]

    /// More rounds than any graph needs whose rewrites do not undo each other.
    private static let roundsMax = 8

    /// Runs all passes, and the verifier after each.
    ///
    /// - Throws: the ``GraphError`` of a graph that is not well formed.
    public static func simplify(_ graph: Graph) throws(GraphError) -> Graph {
        try graph.verify()
        var graph = graph
        for _ in 0..<roundsMax {
            let before = graph.nodes
            for pass in passes { graph = try pass.run(graph) }
            if graph.nodes == before { break }
        }
        return graph
    }
}

/// A rewrite of graphs with a name.
public struct SimplificationPass: Sendable {
    public let name: String
    private let rewrite: @Sendable (Graph) throws(GraphError) -> Graph

    init(_ name: String, rewrite: @escaping @Sendable (Graph) throws(GraphError) -> Graph) {
        self.name = name
        self.rewrite = rewrite
    }

    /// A pass that looks at one node after the other; the rule returns what takes the place of the
    /// node's results, or nil to keep it.
    init(
        _ name: String,
        rule: @escaping @Sendable (Node, inout Rewriter) throws(GraphError) -> [ValueID]?
    ) {
        self.init(name) { (graph: Graph) throws(GraphError) -> Graph in
            var rewriter = Rewriter(graph)
            return try rewriter.run(rule)
        }
    }

    /// Rewrites a well-formed graph and verifies the result.
    ///
    /// - Throws: the ``GraphError`` of a graph that is not well formed.
    public func run(_ graph: Graph) throws(GraphError) -> Graph {
        let result = try rewrite(graph)
        try result.verify()
        return result
    }
}
