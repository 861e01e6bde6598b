import ApusGraph

// Branches and loops, resolved while tracing.
extension OperatorTable {
    static let control: [OperatorRow] = [
        OperatorRow("If", note: "the branch taken is traced", outputs: branch),
        OperatorRow("Loop", note: "unrolled", outputs: loop),
        OperatorRow("Scan", note: "unrolled", outputs: scanBatched),
        OperatorRow("Scan", since: 9, note: "unrolled", outputs: scan),
    ]

    private static func branch(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let condition = try node.integer(try node.input(0))
        let graph = try node.graph(condition != 0 ? "then_branch" : "else_branch")
        return try node.trace.run(graph, inputs: [])
    }

    private static func loop(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let body = try node.graph("body")
        let tripCount = try node.optionalInput(0).map { (value) throws(ImportError) in
            try node.integer(value)
        }
        var goesOn = true
        if let condition = try node.optionalInput(1) { goesOn = try node.integer(condition) != 0 }
        var carried = Array(node.inputs.dropFirst(2))
        let carriedCount = carried.count
        try node.require(
            body.inputs.count == carriedCount + 2 && body.outputs.count > carriedCount,
            "inputs and outputs of the body", "\([body.inputs.count, body.outputs.count])",
            "\(carriedCount + 2) and at least \(carriedCount + 1)")
        var scanned = [[ValueID]](repeating: [], count: body.outputs.count - 1 - carriedCount)
        var iteration = 0
        while goesOn, iteration < tripCount ?? .max {
            try node.trace.countIteration()
            let index = node.constant(Tensor(scalar: Int64(iteration)))
            let condition = try node.scalar(1, .bool)
            let results = try node.trace.run(
                body, inputs: [.tensor(index), .tensor(condition)] + carried)
            carried = Array(results[1..<1 + carriedCount])
            for place in scanned.indices {
                scanned[place].append(try node.tensor(results[1 + carriedCount + place], place))
            }
            iteration += 1
            // A condition after the last iteration decides nothing and need not be known.
            if iteration < tripCount ?? .max {
                goesOn = try node.integer(try node.tensor(results[0], 0)) != 0
            }
        }
        for (place, items) in scanned.enumerated() {
            let declared = body.outputs[1 + carriedCount + place]
            carried.append(.tensor(try stacked(node, items, axis: 0, declared)))
        }
        return carried
    }

    /// Items along a new axis; of none, an empty tensor of the declared type.
    private static func stacked(
        _ node: NodeContext, _ items: [ValueID], axis: Int, _ declared: ValueMessage
    ) throws(ImportError) -> ValueID {
        if !items.isEmpty {
            let place = try node.axis(axis, rank: node.rank(items[0]) + 1)
            return try node.stack(items, axis: place)
        }
        let port = ModelPort(declared)
        let extents = (port?.dimensions ?? []).map { $0 ?? 1 }
        let type = TensorType(port?.elementType ?? .float32, try node.checkedShape([0] + extents))
        return node.constant(Tensor(zeros: type))
    }

    /// Scan of operator set 8: a leading batch axis, and lengths that must all be whole.
    private static func scanBatched(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        try node.require(!node.hasInput(0), "sequence_lens", "given", "left out")
        let inputs = Array(node.inputs.dropFirst())
        var batches: [[ValueID]] = []
        guard let first = inputs.first else { throw node.failure(.missingInput(1)) }
        let count = node.shape(try node.tensor(first, 1)).first ?? 0
        try node.require((1...4096).contains(count), "batch", "\(count)", "from 1 to 4096")
        for batch in 0..<count {
            var items: [TraceValue] = []
            for value in inputs {
                items.append(.tensor(try node.item(try node.tensor(value, 1), axis: 0, batch)))
            }
            let results = try scanned(node, items)
            var row: [ValueID] = []
            for value in results { row.append(try node.tensor(value, 0)) }
            batches.append(row)
        }
        var outputs: [TraceValue] = []
        for place in batches[0].indices {
            outputs.append(.tensor(try node.stack(batches.map { $0[place] }, axis: 0)))
        }
        return outputs
    }

    private static func scan(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        try scanned(node, node.inputs)
    }

    private static func scanned(
        _ node: NodeContext, _ inputs: [TraceValue]
    ) throws(ImportError) -> [TraceValue] {
        let body = try node.graph("body")
        let scanCount = node.int("num_scan_inputs", default: 0)
        let stateCount = inputs.count - scanCount
        try node.require(
            scanCount >= 1 && stateCount >= 0 && body.inputs.count == inputs.count
                && body.outputs.count >= stateCount,
            "num_scan_inputs", "\(scanCount)", "at most \(inputs.count), as the body takes")
        var state = Array(inputs[..<stateCount])
        var sources: [(value: ValueID, axis: Int, isReversed: Bool)] = []
        let directions = node.ints(node.version < 9 ? "directions" : "scan_input_directions") ?? []
        let axes = node.ints("scan_input_axes") ?? []
        for index in 0..<scanCount {
            let value = try node.tensor(inputs[stateCount + index], stateCount + index)
            let axis = try node.axis(index < axes.count ? axes[index] : 0, rank: node.rank(value))
            sources.append((value, axis, index < directions.count && directions[index] == 1))
        }
        let length = node.shape(sources[0].value)[sources[0].axis]
        var results = [[ValueID]](repeating: [], count: body.outputs.count - stateCount)
        for step in 0..<length {
            try node.trace.countIteration()
            var items: [TraceValue] = []
            for source in sources {
                try node.require(
                    node.shape(source.value)[source.axis] == length, "scan length",
                    "\(node.shape(source.value)[source.axis])", "\(length)")
                let place = source.isReversed ? length - 1 - step : step
                items.append(.tensor(try node.item(source.value, axis: source.axis, place)))
            }
            let values = try node.trace.run(body, inputs: state + items)
            state = Array(values[..<stateCount])
            for place in results.indices {
                results[place].append(try node.tensor(values[stateCount + place], place))
            }
        }
        let outputAxes = node.ints("scan_output_axes") ?? []
        let outputDirections = node.ints("scan_output_directions") ?? []
        for (place, items) in results.enumerated() {
            let isReversed = place < outputDirections.count && outputDirections[place] == 1
            state.append(
                .tensor(
                    try stacked(
                        node, isReversed ? items.reversed() : items,
                        axis: place < outputAxes.count ? outputAxes[place] : 0,
                        body.outputs[stateCount + place])))
        }
        return state
    }
}
