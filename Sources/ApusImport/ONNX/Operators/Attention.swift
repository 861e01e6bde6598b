import ApusGraph

// Attention in its forms, and the embeddings that go with it.
extension OperatorTable {
    static let attention: [OperatorRow] = [
        OperatorRow(
            "Attention",
            outputs: { (node: NodeContext) throws(ImportError) in
                try AttentionNode(node).apply()
            }),
        OperatorRow("FlexAttention", domain: "ai.onnx.preview", flexAttention),
        OperatorRow("RotaryEmbedding", rotaryEmbedding),
    ]

    /// `[batch, length, heads · size]` as `[batch, heads, length, size]`.
    static func splitHeads(
        _ node: NodeContext, _ x: ValueID, _ heads: Int
    ) throws(ImportError) -> ValueID {
        let extents = node.shape(x).dimensions
        try node.require(
            extents.count == 3 && heads > 0 && extents[2] % max(heads, 1) == 0, "number of heads",
            "\(heads)", "a divisor of the last extent of \(extents)")
        let split = try node.reshape(x, [extents[0], extents[1], heads, extents[2] / heads])
        return try node.transpose(split, [0, 2, 1, 3])
    }

    /// The inverse of ``splitHeads``.
    static func mergeHeads(_ node: NodeContext, _ x: ValueID) throws(ImportError) -> ValueID {
        let extents = node.shape(x).dimensions
        let moved = try node.transpose(x, [0, 2, 1, 3])
        return try node.reshape(moved, [extents[0], extents[2], extents[1] * extents[3]])
    }

    /// Repeats each key or value head for the query heads that share it.
    static func repeatHeads(
        _ node: NodeContext, _ x: ValueID, to heads: Int
    ) throws(ImportError) -> ValueID {
        let extents = node.shape(x).dimensions
        if extents[1] == heads { return x }
        try node.require(
            extents[1] > 0 && heads % max(extents[1], 1) == 0, "number of query heads", "\(heads)",
            "a multiple of \(extents[1])")
        let wide = [extents[0], extents[1], heads / extents[1], extents[2], extents[3]]
        let repeated = try node.broadcast(try node.unsqueeze(x, 2), wide)
        return try node.reshape(repeated, [extents[0], heads, extents[2], extents[3]])
    }

    private static func flexAttention(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (q, k, v) = (try node.input(0), try node.input(1), try node.input(2))
        for value in [q, k, v] {
            try node.require(node.rank(value) == 4, "rank", "\(node.rank(value))", "4")
        }
        let extents = node.shape(q).dimensions
        let working =
            DataType.elementType(node.int("softmax_precision", default: 0))
            ?? (node.elementType(q) == .float64 ? .float64 : .float32)
        let keys = try repeatHeads(node, k, to: extents[1])
        let values = try repeatHeads(node, v, to: extents[1])
        let scale =
            node.attributes["scale"].map { Double($0.float) } ?? 1
            / Double(max(extents[3], 1)).squareRoot()
        let scaled = try node.multiply(try node.convert(q, working), scale)
        var scores = try node.matmul(
            scaled, try node.swapAxes(try node.convert(keys, working), 2, 3))
        if let graph = node.attributes["score_mod"]?.graphs.first {
            scores = try modified(node, graph, scores)
        }
        var weights = try softmax(node, scores, axes: [3])
        if let graph = node.attributes["prob_mod"]?.graphs.first {
            weights = try modified(node, graph, weights)
        }
        let result = try node.matmul(weights, try node.convert(values, working))
        return try node.convert(result, like: v)
    }

    private static func modified(
        _ node: NodeContext, _ graph: GraphMessage, _ x: ValueID
    ) throws(ImportError) -> ValueID {
        let results = try node.trace.run(graph, inputs: [.tensor(x)])
        guard let result = results.first else {
            throw node.illegal("number of outputs of \(graph.name)", "0", "1")
        }
        return try node.tensor(result, 0)
    }

    private static func rotaryEmbedding(_ node: NodeContext) throws(ImportError) -> ValueID {
        let input = try node.input(0)
        let isFlat = node.rank(input) == 3
        try node.require(isFlat || node.rank(input) == 4, "rank", "\(node.rank(input))", "3 or 4")
        let x = isFlat ? try splitHeads(node, input, node.int("num_heads", default: 0)) : input
        let size = node.shape(x)[3]
        let declared = node.int("rotary_embedding_dim", default: 0)
        let rotated = declared == 0 ? size : declared
        try node.require(
            rotated >= 2 && rotated <= size && rotated % 2 == 0, "rotary_embedding_dim",
            "\(rotated)",
            "even and at most \(size)")
        // [batch, 1, length, rotated / 2], the same for all heads.
        func table(_ index: Int) throws(ImportError) -> ValueID {
            var cache = try node.input(index)
            if let positions = try node.optionalInput(3) {
                cache = try node.gather(cache, positions, axis: 0)
            }
            try node.require(node.rank(cache) == 3, "rank of a cache", "\(node.rank(cache))", "3")
            return try node.unsqueeze(cache, 1)
        }
        let (cosine, sine) = (try table(1), try table(2))
        let (even, odd): (ValueID, ValueID)
        let isInterleaved = node.flag("interleaved")
        if isInterleaved {
            var extents = node.shape(x).dimensions
            extents[3] = rotated / 2
            let pairs = try node.reshape(
                try node.slice(x, axis: 3, 0..<rotated), extents + [2])
            (even, odd) = (try node.item(pairs, axis: 4, 0), try node.item(pairs, axis: 4, 1))
        } else {
            even = try node.slice(x, axis: 3, 0..<rotated / 2)
            odd = try node.slice(x, axis: 3, rotated / 2..<rotated)
        }
        let real = try node.subtract(try node.multiply(cosine, even), try node.multiply(sine, odd))
        let imaginary = try node.add(try node.multiply(sine, even), try node.multiply(cosine, odd))
        var turned: ValueID
        if isInterleaved {
            var extents = node.shape(x).dimensions
            extents[3] = rotated
            turned = try node.reshape(try node.stack([real, imaginary], axis: 4), extents)
        } else {
            turned = try node.concatenate([real, imaginary], axis: 3)
        }
        if rotated < size {
            turned = try node.concatenate(
                [turned, try node.slice(x, axis: 3, rotated..<size)], axis: 3)
        }
        return isFlat ? try mergeHeads(node, turned) : turned
    }
}

/// One Attention node.
private struct AttentionNode {
    let node: NodeContext
    let type: ElementType
    /// The type that scores are computed in.
    let working: ElementType

    init(_ node: NodeContext) throws(ImportError) {
        self.node = node
        type = node.elementType(try node.input(0))
        working = type == .float64 ? .float64 : .float32
    }

    func apply() throws(ImportError) -> [TraceValue] {
        var (q, k, v) = (try node.input(0), try node.input(1), try node.input(2))
        let isFlat = node.rank(q) == 3
        if isFlat {
            let keyHeads = node.int("kv_num_heads", default: 0)
            q = try OperatorTable.splitHeads(node, q, node.int("q_num_heads", default: 0))
            k = try OperatorTable.splitHeads(node, k, keyHeads)
            v = try OperatorTable.splitHeads(node, v, keyHeads)
        }
        for value in [q, k, v] {
            try node.require(node.rank(value) == 4, "rank", "\(node.rank(value))", "3 or 4")
        }
        if let past = try node.optionalInput(4) { k = try node.concatenate([past, k], axis: 2) }
        if let past = try node.optionalInput(5) { v = try node.concatenate([past, v], axis: 2) }
        let heads = node.shape(q)[1]
        let keys = try node.convert(try OperatorTable.repeatHeads(node, k, to: heads), working)
        let values = try node.convert(try OperatorTable.repeatHeads(node, v, to: heads), working)
        let size = node.shape(q)[3]
        let scale =
            node.attributes["scale"].map { Double($0.float) } ?? 1
            / Double(max(size, 1)).squareRoot()
        let raw = try node.matmul(
            try node.multiply(try node.convert(q, working), scale), try node.swapAxes(keys, 2, 3))
        let (masked, bias, shown) = try biased(
            raw, length: node.shape(q)[2], keys: node.shape(keys)[2])
        let weights = try weights(masked, bias)
        var y = try node.matmul(weights, values)
        y = try node.convert(isFlat ? try OperatorTable.mergeHeads(node, y) : y, type)
        let mode = node.int("qk_matmul_output_mode", default: 0)
        let scores = mode == 3 ? weights : shown
        return [.tensor(y), .tensor(k), .tensor(v), .tensor(try node.convert(scores, type))]
    }

    /// Scores with cap and bias, the bias alone, and the scores that the mode shows.
    private func biased(
        _ raw: ValueID, length: Int, keys: Int
    ) throws(ImportError) -> (masked: ValueID, bias: ValueID?, shown: ValueID) {
        let cap = node.float("softcap", default: 0)
        func capped(_ x: ValueID) throws(ImportError) -> ValueID {
            if cap == 0 { return x }
            return try node.multiply(try node.unary(.tanh, try node.divide(x, cap)), cap)
        }
        let bias = try bias(length: length, keys: keys)
        let mode = node.int("qk_matmul_output_mode", default: 0)
        let soft = try capped(raw)
        let masked = try bias.map { (bias) throws(ImportError) in try node.add(soft, bias) } ?? soft
        return (masked, bias, mode == 1 ? soft : mode == 2 ? masked : raw)
    }

    private func weights(_ scores: ValueID, _ bias: ValueID?) throws(ImportError) -> ValueID {
        let precision = DataType.elementType(node.int("softmax_precision", default: 0)) ?? working
        let x = try node.convert(
            scores, precision == .float16 || precision == .bfloat16 ? working : precision)
        let last = node.rank(x) - 1
        guard let bias else { return try OperatorTable.softmax(node, x, axes: [last]) }
        // A row without any key to attend to has weights of zero.
        let largest = try node.reduce(.maximum, bias, axes: [node.rank(bias) - 1])
        let isMasked = try node.compare(
            .equal, largest, try node.scalar(-Double.infinity, like: largest))
        let safe = try node.select(isMasked, try node.scalar(0, like: x), x)
        let weights = try OperatorTable.softmax(node, safe, axes: [last])
        return try node.convert(
            try node.select(isMasked, try node.scalar(0, like: weights), weights), working)
    }

    /// The sum of all masks as a value that broadcasts to `[batch, heads, length, keys]`.
    private func bias(length: Int, keys: Int) throws(ImportError) -> ValueID? {
        var terms: [ValueID] = []
        if let mask = try node.optionalInput(3) { terms.append(try additive(mask, keys: keys)) }
        let lengths = node.version >= 24 ? try node.optionalInput(6) : nil
        let (left, right) = (
            node.int("left_window_size", default: -1), node.int("right_window_size", default: -1)
        )
        if node.flag("is_causal") || left >= 0 || right >= 0 {
            let rows = try positions(length: length, lengths)
            let columns = try node.iota(.int64, [1, 1, 1, keys], axis: 3)
            let ahead = try node.subtract(columns, rows)
            if node.flag("is_causal") { terms.append(try allowing(ahead, atMost: 0)) }
            if right >= 0 { terms.append(try allowing(ahead, atMost: right)) }
            if left >= 0 {
                terms.append(try allowing(try node.unary(.negate, ahead), atMost: left))
            }
        }
        if let lengths {
            let columns = try node.iota(.int64, [1, 1, 1, keys], axis: 3)
            let count = try node.reshape(
                try node.convert(lengths, .int64), [node.shape(lengths).elementCount, 1, 1, 1])
            terms.append(try masking(try node.compare(.less, columns, count)))
        }
        guard var sum = terms.first else { return nil }
        for term in terms.dropFirst() { sum = try node.add(sum, term) }
        return sum
    }

    /// The absolute position of each query: after the keys of the cache, if there is one.
    private func positions(length: Int, _ lengths: ValueID?) throws(ImportError) -> ValueID {
        let rows = try node.iota(.int64, [1, 1, length, 1], axis: 2)
        if let past = try node.optionalInput(4) {
            return try node.add(rows, Double(node.shape(past)[2]))
        }
        guard let lengths else { return rows }
        let offset = try node.reshape(
            try node.convert(lengths, .int64), [node.shape(lengths).elementCount, 1, 1, 1])
        return try node.add(try node.add(rows, offset), Double(-length))
    }

    private func allowing(_ x: ValueID, atMost bound: Int) throws(ImportError) -> ValueID {
        try masking(try node.compare(.lessOrEqual, x, try node.scalar(Double(bound), .int64)))
    }

    /// 0 where a flag is set, −∞ elsewhere.
    private func masking(_ isAllowed: ValueID) throws(ImportError) -> ValueID {
        try node.select(
            isAllowed, try node.scalar(0, working), try node.scalar(-Double.infinity, working))
    }

    /// A given mask as an addend; keys past its end are masked.
    private func additive(_ mask: ValueID, keys: Int) throws(ImportError) -> ValueID {
        var value =
            node.elementType(mask) == .bool ? try masking(mask) : try node.convert(mask, working)
        let missing = keys - (node.shape(value).last ?? keys)
        if missing > 0, node.shape(value).last != 1 || keys != 1 {
            var high = Array(repeating: 0, count: node.rank(value))
            high[high.count - 1] = missing
            value = try node.pad(
                value, low: high.map { _ in 0 }, high: high,
                fill: try node.scalar(-Double.infinity, working))
        }
        return value
    }
}
