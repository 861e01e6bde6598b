import ApusGraph

/// How a node is lowered: a function that adds primitives and returns the node's outputs.
typealias Lowering = @Sendable (NodeContext) throws(ImportError) -> [TraceValue]

/// One operator from one version of its domain on.
struct OperatorRow: Sendable {
    let name: String
    let domain: String
    /// The first version of the operator set that this lowering is for.
    let since: Int
    /// What the documentation says about limits, or empty.
    let note: String
    let lower: Lowering

    /// An operator with any number of outputs.
    init(
        _ name: String, domain: String = "", since: Int = 1, note: String = "",
        outputs lower: @escaping Lowering
    ) {
        self.name = name
        self.domain = domain
        self.since = since
        self.note = note
        self.lower = lower
    }

    /// An operator with one output.
    init(
        _ name: String, domain: String = "", since: Int = 1, note: String = "",
        _ lower: @escaping @Sendable (NodeContext) throws(ImportError) -> ValueID
    ) {
        self.init(name, domain: domain, since: since, note: note) {
            (node: NodeContext) throws(ImportError) -> [TraceValue] in [.tensor(try lower(node))]
        }
    }
}

/// All operators that can be imported; each family of them is a file under Operators/.
enum OperatorTable {
    static let rows: [OperatorRow] =
        elementwise + activations + comparisons + shapes + movement + indexing + reductions
        + matrices + convolutions + deformable + columns + pooling + normalizations + constants
        + control + sequences + recurrent + quantization + resizing + attention + linearAttention
        + losses + signal + sampling + random + selection + strings + machineLearning + training

    private static let byName = Dictionary(grouping: rows) { "\($0.domain).\($0.name)" }

    /// The row that lowers an operator at a version of its domain.
    static func row(_ name: String, domain: String, version: Int) -> OperatorRow? {
        byName["\(domain).\(name)"]?.filter { $0.since <= version }.max { $0.since < $1.since }
    }
}
