import ApusGraph

// Attention with a state of fixed size, unrolled, and the convolution that comes before it.
extension OperatorTable {
    static let linearAttention: [OperatorRow] = [
        OperatorRow("LinearAttention", note: "unrolled", outputs: linear),
        OperatorRow("CausalConvWithState", outputs: causalConvolution),
    ]

    /// A depthwise convolution that sees the past only, continued from a state.
    private static func causalConvolution(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let (x, weight) = (try node.input(0), try node.input(1))
        try node.require(
            node.rank(x) == 3 && node.rank(weight) == 3, "ranks",
            "\([node.rank(x), node.rank(weight)])", "3")
        let extents = node.shape(x).dimensions
        let width = node.shape(weight)[2]
        try node.require(width >= 1, "width of the weight", "\(width)", "at least 1")
        var padded: ValueID
        if let past = try node.optionalInput(3) {
            padded = try node.concatenate([past, x], axis: 2)
        } else {
            padded = try node.pad(
                x, low: [0, 0, width - 1], high: [0, 0, 0], fill: try node.scalar(0, like: x))
        }
        let convolution = Convolution(
            strides: [1], low: [0], high: [0], groups: extents[1], resultType: node.elementType(x))
        var result = try node.emit(.convolution(convolution), padded, weight)
        if let bias = try node.optionalInput(2) { result = try node.addPerChannel(result, bias) }
        let activation = node.string("activation", default: "none")
        if ["silu", "swish"].contains(activation) {
            result = try node.convert(
                try swish(node, try node.widened(result), alpha: 1), like: x)
        } else {
            try node.require(activation == "none", "activation", activation, "none, silu or swish")
        }
        let length = node.shape(padded)[2]
        let state = try node.slice(padded, axis: 2, length - (width - 1)..<length)
        return [.tensor(result), .tensor(state)]
    }

    /// state ← decay · state + k ⊗ v′; output ← scale · q · state, step by step.
    private static func linear(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let rule = node.string("update_rule", default: "gated_delta")
        try node.require(
            ["linear", "gated", "delta", "gated_delta"].contains(rule), "update_rule", rule,
            "linear, gated, delta or gated_delta")
        let input = try node.input(0)
        let (queryHeads, heads) = (
            node.int("q_num_heads", default: 0), node.int("kv_num_heads", default: 0)
        )
        func split(_ index: Int, _ heads: Int) throws(ImportError) -> ValueID {
            try node.convert(try splitHeads(node, try node.input(index), heads), .float32)
        }
        let q = try split(0, queryHeads)
        let (k, v) = (try split(1, heads), try split(2, heads))
        let (batch, steps, size) = (node.shape(q)[0], node.shape(q)[2], node.shape(q)[3])
        let width = node.shape(v)[3]
        var decay: ValueID?
        if rule.hasPrefix("gated") {
            decay = try node.unary(.exp, try split(4, heads))
        }
        var beta: ValueID?
        if rule.hasSuffix("delta") {
            let last = node.shape(try node.input(5)).last ?? 1
            beta = try split(5, last)
        }
        var state: ValueID
        let past = try node.optionalInput(3)
        if let past {
            state = try node.convert(past, .float32)
        } else {
            state = try node.broadcast(try node.scalar(0, .float32), [batch, heads, size, width])
        }
        let declared = node.float("scale", default: 0)
        let scale = declared == 0 ? 1 / Double(max(size, 1)).squareRoot() : declared
        var outputs: [ValueID] = []
        for step in 0..<steps {
            try node.trace.countIteration()
            func row(_ value: ValueID) throws(ImportError) -> ValueID {
                try node.slice(value, axis: 2, step..<step + 1)
            }
            if let decay {
                state = try node.multiply(state, try node.swapAxes(try row(decay), 2, 3))
            }
            var value = try row(v)
            let key = try row(k)
            if let beta {
                let known = try node.matmul(key, state)
                value = try node.multiply(try row(beta), try node.subtract(value, known))
            }
            state = try node.add(state, try node.multiply(try node.swapAxes(key, 2, 3), value))
            let shared = try repeatHeads(node, state, to: queryHeads)
            outputs.append(try node.multiply(try node.matmul(try row(q), shared), scale))
        }
        try node.require(!outputs.isEmpty, "sequence length", "0", "at least 1")
        let merged = try mergeHeads(node, try node.concatenate(outputs, axis: 2))
        return [
            .tensor(try node.convert(merged, like: input)),
            .tensor(try node.convert(state, like: past ?? input)),
        ]
    }
}
