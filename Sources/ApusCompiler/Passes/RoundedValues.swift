import ApusGraph

/// Finds FP32 values that may be stored as BF16 without changing any result.
///
/// Such a value is read only by matrix operands, which would round it to BF16 anyway, also by way
/// of movement and of maxima, with which rounding commutes. The answer depends on the graph alone,
/// so that results do not depend on the chip.
enum RoundedValues {
    static func find(
        in graph: Graph, roles: [NodeRole], raw: Set<ValueID>, options: CompileOptions
    ) -> Set<ValueID> {
        guard options.precision == .bf16 else { return [] }
        // Whether a reader needs all of FP32; nil: nobody reads the value.
        var isNeeded = [Bool?](repeating: nil, count: graph.values.count)
        for output in graph.outputs { isNeeded[output.value.index] = true }
        for (index, node) in graph.nodes.enumerated().reversed() {
            let result = isNeeded[node.outputs[0].index] ?? false
            for input in node.inputs {
                let needs: Bool
                switch (roles[index], node.operation) {
                case (.anchor, .dot), (.anchor, .convolution):
                    let formats = OperandFormats(
                        node, in: graph, raw: raw, precision: options.precision)
                    needs = formats.a == .fp32
                case (.anchor, .reduceWindow(.maximum, _)): needs = result
                case (.movement, .bitcast): needs = true
                case (.movement, _): needs = result
                default: needs = true
                }
                isNeeded[input.index] = (isNeeded[input.index] ?? false) || needs
            }
        }
        // All operands of one concatenation share its buffer, and so its format: the result decides
        // for itself, and an operand that differs is copied.
        return Set(
            graph.values.indices.filter {
                graph.values[$0].elementType == .float32 && isNeeded[$0] == false
            }.map { ValueID($0) })
    }
}
