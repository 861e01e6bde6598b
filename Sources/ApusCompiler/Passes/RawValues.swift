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
                .select, .clamp, .convert:
                let data = node.inputs.filter { graph.constant($0) == nil }
                if !data.isEmpty, data.allSatisfy(raw.contains) { raw.formUnion(node.outputs) }
            default: break
            }
        }
        return raw
    }
}

extension OperandFormats {
    /// How the operands of a `dot` or `convolution` node lie in the scratchpad.
    init(_ node: Node, in graph: Graph, raw: Set<ValueID>, precision: Precision) {
        let types = node.inputs.prefix(2).map { graph.type(of: $0).elementType }
        self.init(types[0], types[1], precision: precision)
        guard precision == .bf16, types[0] == .float32, types[1] == .float32,
            node.inputs.prefix(2).contains(where: raw.contains)
        else { return }
        a = .fp32
        b = .fp32
        passes = .three
    }
}
