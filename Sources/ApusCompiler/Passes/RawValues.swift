import ApusGraph

/// Finds values that are a graph's inputs, only moved or changed element by element.
///
/// Measured data, such as samples of sound, may differ by much less than BF16 resolves. Products of
/// such values keep FP32 in three passes even where others round their operands; what a model has
/// computed itself by products is rounded. docs/decisions/first-layer.md has the measurements.
enum RawValues {
    static func find(in graph: Graph) -> Set<ValueID> {
        var raw = Set(graph.inputs.map(\.value))
        for node in graph.nodes {
            switch node.operation {
            case .reshape, .transpose, .broadcast, .slice, .pad, .concatenate, .unary, .binary,
                .select, .clamp, .convert, .gather:
                let data = node.inputs.filter { graph.constant($0) == nil }
                if !data.isEmpty, data.allSatisfy(raw.contains) { raw.formUnion(node.outputs) }
            default: break
            }
        }
        return raw
    }
}

extension OperandFormats {
    /// Sums of at most so many products keep FP32 operands in three passes: the fewer terms, the
    /// less their roundings cancel, and the less the passes cost. docs/decisions/first-layer.md.
    static let shortSumMax = 32

    /// How the operands of a `dot` or `convolution` node lie in the scratchpad.
    init(_ node: Node, in graph: Graph, raw: Set<ValueID>, precision: Precision) {
        let types = node.inputs.prefix(2).map { graph.type(of: $0).elementType }
        self.init(types[0], types[1], precision: precision)
        guard precision == .bf16, types[0] == .float32, types[1] == .float32 else { return }
        let isDepthwise = node.isDepthwise(in: graph)
        let isShort = node.termCount(in: graph) <= Self.shortSumMax
        guard isDepthwise || isShort || node.inputs.prefix(2).contains(where: raw.contains)
        else { return }
        a = .fp32
        b = .fp32
        // A depthwise convolution runs on Vector, whose arithmetic is FP32: rounding saves nothing.
        passes = isDepthwise ? .native : .three
    }
}

extension Node {
    /// Whether this is a convolution in which each output channel sees one input channel.
    func isDepthwise(in graph: Graph) -> Bool {
        guard case .convolution(let convolution) = operation else { return false }
        let weights = graph.type(of: inputs[1]).shape
        return convolution.groups > 1 && weights[0] == convolution.groups && weights[1] == 1
    }

    /// How many products each sum of a `dot` or `convolution` has.
    func termCount(in graph: Graph) -> Int {
        switch operation {
        case .dot(let dot):
            let shape = graph.type(of: inputs[0]).shape
            return dot.leftContracting.reduce(1) { $0 * shape[$1] }
        case .convolution:
            return graph.type(of: inputs[1]).shape.dropFirst().reduce(1, *)
        default: return 0
        }
    }
}
