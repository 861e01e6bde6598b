import ApusGraph

// Operators whose places come from an operand.
extension OperatorTable {
    static let indexing: [OperatorRow] = [
        OperatorRow("Gather", outputs: gather), OperatorRow("GatherElements", gatherElements),
        OperatorRow("GatherND", gatherND), OperatorRow("ScatterElements", scatterElements),
        OperatorRow("Scatter", scatterElements), OperatorRow("ScatterND", scatterND),
        OperatorRow("OneHot", oneHot), OperatorRow("ArgMax", argMax), OperatorRow("ArgMin", argMin),
        OperatorRow("TopK", outputs: topK), OperatorRow("TensorScatter", tensorScatter),
    ]

    private static func gather(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let indices = try node.input(1)
        if case .strings(let strings)? = node.inputs.first {
            return [.strings(try gatherStrings(node, strings, indices))]
        }
        let x = try node.input(0)
        let axis = try node.axis(node.int("axis", default: 0), rank: node.rank(x))
        return [.tensor(try node.gather(x, indices, axis: axis))]
    }

    private static func gatherStrings(
        _ node: NodeContext, _ strings: StringTensor, _ indices: ValueID
    ) throws(ImportError) -> StringTensor {
        try node.require(strings.shape.rank == 1, "rank of strings", "\(strings.shape.rank)", "1")
        var elements: [String] = []
        for index in try node.integers(indices) {
            let place = try node.axis(index, rank: strings.elements.count)
            elements.append(strings.elements[place])
        }
        return StringTensor(shape: node.shape(indices), elements: elements)
    }

    private static func gatherElements(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let axis = try node.axis(node.int("axis", default: 0), rank: node.rank(x))
        return try node.emit(.gatherElements(axis: axis), x, try node.input(1))
    }

    private static func gatherND(_ node: NodeContext) throws(ImportError) -> ValueID {
        let batch = node.int("batch_dims", default: 0)
        return try node.emit(
            .gatherND(batchDimensions: batch), try node.input(0), try node.input(1))
    }

    private static func scatterReduction(
        _ node: NodeContext
    ) throws(ImportError) -> ScatterReduction {
        let reductions: [String: ScatterReduction] = [
            "none": .replace, "add": .add, "mul": .multiply, "max": .maximum, "min": .minimum,
        ]
        let name = node.string("reduction", default: "none")
        guard let reduction = reductions[name] else {
            throw node.illegal("reduction", name, "none, add, mul, max or min")
        }
        return reduction
    }

    private static func scatterElements(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let axis = try node.axis(node.int("axis", default: 0), rank: node.rank(x))
        return try node.emit(
            .scatterElements(axis: axis, try scatterReduction(node)), x, try node.input(1),
            try node.input(2))
    }

    private static func scatterND(_ node: NodeContext) throws(ImportError) -> ValueID {
        try node.emit(
            .scatterND(try scatterReduction(node)), try node.input(0), try node.input(1),
            try node.input(2))
    }

    private static func oneHot(_ node: NodeContext) throws(ImportError) -> ValueID {
        let indices = try node.convert(try node.input(0), .int64)
        let depthValue = try node.input(1)
        let depth = try node.doubles(depthValue).first ?? 0
        try node.require(depth >= 0 && depth < 1e9, "depth", "\(depth)", "from 0 to 1e9")
        let count = Int(depth)
        let rank = node.rank(indices) + 1
        let axis = try node.axis(node.int("axis", default: -1), rank: rank)
        let wrapped = try node.select(
            try node.compare(.less, indices, try node.scalar(0, .int64)),
            try node.add(indices, Double(count)), indices)
        let places = try node.along(axis, rank: rank, try node.iota(.int64, [count], axis: 0))
        let isHot = try node.compare(.equal, try node.unsqueeze(wrapped, axis), places)
        let values = try node.input(2)
        try node.require(
            node.shape(values) == [2], "shape of values", "\(node.shape(values))", "[2]")
        return try node.select(
            isHot, try node.item(values, axis: 0, 1), try node.item(values, axis: 0, 0))
    }

    private static func argument(
        _ node: NodeContext, largest: Bool
    ) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let axis = try node.axis(node.int("axis", default: 0), rank: node.rank(x))
        return try node.emit(
            .argument(
                ArgumentReduction(
                    axis: axis, largest: largest,
                    keepDimension: node.flag("keepdims", default: true),
                    selectsLast: node.flag("select_last_index"))), x)
    }

    private static func argMax(_ node: NodeContext) throws(ImportError) -> ValueID {
        try argument(node, largest: true)
    }

    private static func argMin(_ node: NodeContext) throws(ImportError) -> ValueID {
        try argument(node, largest: false)
    }

    private static func topK(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let x = try node.input(0)
        let axis = try node.axis(node.int("axis", default: -1), rank: node.rank(x))
        let count =
            node.version < 10 ? node.int("k", default: 0) : try node.integer(try node.input(1))
        let sort = Sort(axis: axis, count: count, descending: node.flag("largest", default: true))
        return try node.trace.emit(.sort(sort), [x]).map { .tensor($0) }
    }

    /// Writes `update` into `past` along an axis, from a position for each batch entry on.
    private static func tensorScatter(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (past, update) = (try node.input(0), try node.input(1))
        let extents = node.shape(past).dimensions
        let axis = try node.axis(node.int("axis", default: -2), rank: extents.count)
        try node.require(axis > 0, "axis", "\(axis)", "not the batch axis")
        var places = try node.iota(.int64, node.shape(update).dimensions, axis: axis)
        if let starts = try node.optionalInput(2) {
            places = try node.add(
                places, try node.along(0, rank: extents.count, try node.convert(starts, .int64)))
        }
        if node.string("mode", default: "linear") == "circular" {
            places = try node.binary(
                .modulo, places, try node.scalar(Double(extents[axis]), .int64))
        }
        return try node.emit(.scatterElements(axis: axis, .replace), past, places, update)
    }
}
