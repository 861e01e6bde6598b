import ApusGraph

// Sequences and optionals: lists that exist while tracing.
extension OperatorTable {
    static let sequences: [OperatorRow] = [
        OperatorRow("SequenceConstruct", outputs: construct),
        OperatorRow(
            "SequenceEmpty", outputs: { (_: NodeContext) throws(ImportError) in [.sequence([])] }),
        OperatorRow("SequenceAt", outputs: element), OperatorRow("SequenceInsert", outputs: insert),
        OperatorRow("SequenceErase", outputs: erase), OperatorRow("SequenceLength", length),
        OperatorRow("SplitToSequence", outputs: splitToSequence),
        OperatorRow("ConcatFromSequence", concatenateSequence),
        OperatorRow("SequenceMap", outputs: map),
        OperatorRow("Optional", outputs: optional),
        OperatorRow("OptionalGetElement", outputs: optionalElement),
        OperatorRow("OptionalHasElement", optionalHasElement),
    ]

    private static func construct(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        [.sequence(node.inputs)]
    }

    private static func position(
        _ node: NodeContext, _ input: Int, count: Int
    ) throws(ImportError) -> Int {
        guard let value = try node.optionalInput(input) else { return count }
        let index = try node.integer(value)
        try node.require(
            (-count...count).contains(index), "position", "\(index)", "in \(-count)...\(count)")
        return index < 0 ? index + count : index
    }

    private static func element(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let items = try node.sequence(0)
        let index = try position(node, 1, count: items.count)
        try node.require(index < items.count, "position", "\(index)", "below \(items.count)")
        return [items[index]]
    }

    private static func insert(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        var items = try node.sequence(0)
        guard node.hasInput(1) else { throw node.failure(.missingInput(1)) }
        items.insert(node.inputs[1], at: try position(node, 2, count: items.count))
        return [.sequence(items)]
    }

    private static func erase(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        var items = try node.sequence(0)
        let isLast = !node.hasInput(1)
        let index = isLast ? items.count - 1 : try position(node, 1, count: items.count)
        try node.require(
            items.indices.contains(index), "position", "\(index)", "below \(items.count)")
        items.remove(at: index)
        return [.sequence(items)]
    }

    private static func length(_ node: NodeContext) throws(ImportError) -> ValueID {
        node.constant(Tensor(scalar: Int64(try node.sequence(0).count)))
    }

    private static func splitToSequence(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let x = try node.input(0)
        let axis = try node.axis(node.int("axis", default: 0), rank: node.rank(x))
        let extent = node.shape(x)[axis]
        var sizes = Array(repeating: 1, count: min(extent, 1 << 16))
        var keeps = node.flag("keepdims", default: true)
        if let split = try node.optionalInput(1) {
            keeps = true
            sizes = try node.shortList(split)
            if node.rank(split) == 0 {
                let size = sizes.first ?? 0
                try node.require(size > 0, "split", "\(size)", "positive")
                try node.require(extent / size < 1 << 16, "split", "\(size)", "larger")
                sizes = stride(from: 0, to: extent, by: size).map { min(size, extent - $0) }
            }
        }
        try node.require(
            sizes.allSatisfy { (0...extent).contains($0) } && sizes.reduce(0, +) == extent, "split",
            "\(sizes.prefix(8))", "a division of \(extent)")
        var items: [TraceValue] = []
        var start = 0
        for size in sizes {
            let part = try node.slice(x, axis: axis, start..<start + size)
            items.append(.tensor(keeps ? part : try node.squeeze(part, axis)))
            start += size
        }
        return [.sequence(items)]
    }

    private static func concatenateSequence(_ node: NodeContext) throws(ImportError) -> ValueID {
        var parts: [ValueID] = []
        for item in try node.sequence(0) { parts.append(try node.tensor(item, 0)) }
        try node.require(!parts.isEmpty, "length of the sequence", "0", "at least 1")
        let isNew = node.flag("new_axis")
        let axis = try node.axis(
            node.int("axis", default: 0), rank: node.rank(parts[0]) + (isNew ? 1 : 0))
        return isNew ? try node.stack(parts, axis: axis) : try node.concatenate(parts, axis: axis)
    }

    private static func map(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let body = try node.graph("body")
        let count = try node.sequence(0).count
        var results = [[TraceValue]](repeating: [], count: body.outputs.count)
        for index in 0..<count {
            try node.trace.countIteration()
            var items: [TraceValue] = []
            for input in node.inputs {
                guard case .sequence(let list) = input else {
                    items.append(input)
                    continue
                }
                try node.require(
                    index < list.count, "length of a sequence", "\(list.count)", "\(count)")
                items.append(list[index])
            }
            for (place, value) in try node.trace.run(body, inputs: items).enumerated() {
                results[place].append(value)
            }
        }
        return results.map { .sequence($0) }
    }

    private static func optional(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        [node.inputs.first ?? .absent]
    }

    private static func optionalElement(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        guard node.hasInput(0) else { throw node.failure(.inputKind(0, expected: "not empty")) }
        return [node.inputs[0]]
    }

    private static func optionalHasElement(_ node: NodeContext) throws(ImportError) -> ValueID {
        try node.scalar(node.hasInput(0) ? 1 : 0, .bool)
    }
}
