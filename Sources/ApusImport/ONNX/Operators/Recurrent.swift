import ApusGraph

// LSTM, GRU and RNN, unrolled step by step in all their directions.
extension OperatorTable {
    static let recurrent: [OperatorRow] = [
        OperatorRow(
            "LSTM", note: "unrolled",
            outputs: { (node: NodeContext) throws(ImportError) in
                try Recurrence(node, gates: 4, states: 2).trace {
                    (cell, input, state) throws(ImportError) in
                    try lstm(cell, input, state)
                }
            }),
        OperatorRow(
            "GRU", note: "unrolled",
            outputs: { (node: NodeContext) throws(ImportError) in
                try Recurrence(node, gates: 3, states: 1).trace {
                    (cell, input, state) throws(ImportError) in
                    try gru(cell, input, state)
                }
            }),
        OperatorRow(
            "RNN", note: "unrolled",
            outputs: { (node: NodeContext) throws(ImportError) in
                try Recurrence(node, gates: 1, states: 1).trace {
                    (cell, input, state) throws(ImportError) in
                    let sum = try cell.node.add(input, try cell.recurrent(state[0], 0..<1))
                    return [try cell.activate(0, sum)]
                }
            }),
    ]

    /// One step: gates i, o, f, c in this order.
    private static func lstm(
        _ cell: Recurrence.Cell, _ input: ValueID, _ state: [ValueID]
    ) throws(ImportError) -> [ValueID] {
        let node = cell.node
        let (hidden, memory) = (state[0], state[1])
        let sum = try node.add(input, try cell.recurrent(hidden, 0..<4))
        func peephole(_ gate: ValueID, _ index: Int, _ memory: ValueID) throws(ImportError)
            -> ValueID
        {
            guard let weights = cell.peepholes else { return gate }
            let row = try node.slice(weights, axis: 0, index * cell.size..<(index + 1) * cell.size)
            return try node.add(gate, try node.multiply(memory, row))
        }
        let i = try cell.activate(0, try peephole(try cell.gate(sum, 0), 0, memory))
        let f =
            node.flag("input_forget")
            ? try node.subtract(1, i)
            : try cell.activate(0, try peephole(try cell.gate(sum, 2), 2, memory))
        let candidate = try cell.activate(1, try cell.gate(sum, 3))
        let next = try node.add(try node.multiply(f, memory), try node.multiply(i, candidate))
        let o = try cell.activate(0, try peephole(try cell.gate(sum, 1), 1, next))
        return [try node.multiply(o, try cell.activate(2, next, clips: false)), next]
    }

    /// One step: gates z, r, h in this order.
    private static func gru(
        _ cell: Recurrence.Cell, _ input: ValueID, _ state: [ValueID]
    ) throws(ImportError) -> [ValueID] {
        let node = cell.node
        let hidden = state[0]
        let sum = try node.add(
            try node.slice(input, axis: 1, 0..<2 * cell.size), try cell.recurrent(hidden, 0..<2))
        let z = try cell.activate(0, try cell.gate(sum, 0))
        let r = try cell.activate(0, try cell.gate(sum, 1))
        let fresh = try cell.gate(input, 2)
        let past: ValueID
        if node.flag("linear_before_reset") {
            past = try node.multiply(r, try cell.recurrent(hidden, 2..<3))
        } else {
            past = try cell.recurrent(try node.multiply(r, hidden), 2..<3)
        }
        let candidate = try cell.activate(1, try node.add(fresh, past))
        return [
            try node.add(
                try node.multiply(try node.subtract(1, z), candidate), try node.multiply(z, hidden))
        ]
    }
}

/// What LSTM, GRU and RNN have in common: directions, lengths, initial states, stacking.
struct Recurrence {
    let node: NodeContext
    let gates: Int
    let states: Int

    /// The weights and functions of one direction.
    struct Cell {
        let node: NodeContext
        let size: Int
        /// `[gates · size, size]`
        let weights: ValueID
        /// `[gates · size]`: the part of the bias that is added with the recurrent product.
        let bias: ValueID?
        let peepholes: ValueID?
        let functions: [Function]

        /// The product of a state with the recurrent weights of some gates, and its bias.
        func recurrent(_ state: ValueID, _ range: Range<Int>) throws(ImportError) -> ValueID {
            let rows = range.lowerBound * size..<range.upperBound * size
            let product = try node.project(
                state, try node.slice(weights, axis: 0, rows), contracting: 1)
            guard let bias else { return product }
            return try node.add(product, try node.slice(bias, axis: 0, rows))
        }

        /// The columns of one gate.
        func gate(_ sum: ValueID, _ index: Int) throws(ImportError) -> ValueID {
            try node.slice(sum, axis: 1, index * size..<(index + 1) * size)
        }

        func activate(
            _ index: Int, _ value: ValueID, clips: Bool = true
        ) throws(ImportError) -> ValueID {
            var x = value
            if clips, let clip = node.attributes["clip"]?.float, clip > 0 {
                x = try node.emit(
                    .clamp, x, try node.scalar(Double(-clip), like: x),
                    try node.scalar(Double(clip), like: x))
            }
            return try functions[index].apply(node, x)
        }
    }

    init(_ node: NodeContext, gates: Int, states: Int) {
        self.node = node
        self.gates = gates
        self.states = states
    }

    /// Unrolls `step` over the sequence in every direction.
    func trace(
        _ step: (Cell, ValueID, [ValueID]) throws(ImportError) -> [ValueID]
    ) throws(ImportError) -> [TraceValue] {
        let isBatchFirst = node.flag("layout")
        var x = try node.input(0)
        try node.require(node.rank(x) == 3, "rank", "\(node.rank(x))", "3")
        if isBatchFirst { x = try node.swapAxes(x, 0, 1) }
        let direction = node.string("direction", default: "forward")
        try node.require(
            ["forward", "reverse", "bidirectional"].contains(direction), "direction", direction,
            "forward, reverse or bidirectional")
        let count = direction == "bidirectional" ? 2 : 1
        var sequences: [ValueID] = []
        var finals = [[ValueID]](repeating: [], count: states)
        for index in 0..<count {
            let isReversed = direction == "reverse" || index == 1
            let (all, last) = try trace(x, index, isReversed, isBatchFirst, step)
            sequences.append(all)
            for state in 0..<states { finals[state].append(last[state]) }
        }
        // [steps, directions, batch, size], or batch first.
        var outputs = [try node.stack(sequences, axis: 1)]
        if isBatchFirst { outputs[0] = try node.transpose(outputs[0], [2, 0, 1, 3]) }
        for state in finals { outputs.append(try node.stack(state, axis: isBatchFirst ? 1 : 0)) }
        return outputs.map { .tensor($0) }
    }

    private func trace(
        _ x: ValueID, _ direction: Int, _ isReversed: Bool, _ isBatchFirst: Bool,
        _ step: (Cell, ValueID, [ValueID]) throws(ImportError) -> [ValueID]
    ) throws(ImportError) -> (all: ValueID, last: [ValueID]) {
        let (steps, batch) = (node.shape(x)[0], node.shape(x)[1])
        try node.require(steps >= 1, "sequence length", "\(steps)", "at least 1")
        let (cell, inputBias) = try cell(direction)
        var projected = try node.project(
            x, try node.item(try node.input(1), axis: 0, direction), contracting: 1)
        if let inputBias { projected = try node.add(projected, inputBias) }
        var state = try initialStates(direction, batch, cell.size, isBatchFirst, like: x)
        let lengths = try node.optionalInput(4).map { (value) throws(ImportError) in
            try node.reshape(value, [batch, 1])
        }
        var results: [ValueID] = []
        for place in isReversed ? Array((0..<steps).reversed()) : Array(0..<steps) {
            try node.trace.countIteration()
            var next = try step(cell, try node.item(projected, axis: 0, place), state)
            var result = next[0]
            if let lengths {
                // Past its end a sequence's state stays and its output is zero.
                let isInside = try node.compare(
                    .less, try node.scalar(Double(place), like: lengths), lengths)
                for index in next.indices {
                    next[index] = try node.select(isInside, next[index], state[index])
                }
                result = try node.select(isInside, result, try node.scalar(0, like: result))
            }
            state = next
            results.append(result)
        }
        return (try node.stack(isReversed ? results.reversed() : results, axis: 0), state)
    }

    private func initialStates(
        _ direction: Int, _ batch: Int, _ size: Int, _ isBatchFirst: Bool, like x: ValueID
    ) throws(ImportError) -> [ValueID] {
        var result: [ValueID] = []
        for index in 0..<states {
            if let given = try node.optionalInput(5 + index) {
                try node.require(
                    node.rank(given) == 3, "rank of a state", "\(node.rank(given))", "3")
                result.append(try node.item(given, axis: isBatchFirst ? 1 : 0, direction))
            } else {
                result.append(try node.broadcast(try node.scalar(0, like: x), [batch, size]))
            }
        }
        return result
    }

    private func cell(_ direction: Int) throws(ImportError) -> (cell: Cell, inputBias: ValueID?) {
        let (weights, recurrent) = (try node.input(1), try node.input(2))
        try node.require(
            node.rank(recurrent) == 3 && node.rank(weights) == 3
                && direction < node.shape(recurrent)[0] && direction < node.shape(weights)[0],
            "shape of the weights", "\(node.shape(recurrent))", "[directions, gates · size, size]")
        let size = node.shape(recurrent)[2]
        let width = gates * size
        try node.require(
            node.shape(recurrent)[1] == width, "shape of R", "\(node.shape(recurrent))",
            "[directions, \(width), \(size)]")
        var inputBias: ValueID?
        var stateBias: ValueID?
        if let bias = try node.optionalInput(3) {
            try node.require(
                node.rank(bias) == 2 && node.shape(bias)[1] == 2 * width
                    && direction < node.shape(bias)[0], "shape of B", "\(node.shape(bias))",
                "[directions, \(2 * width)]")
            let row = try node.item(bias, axis: 0, direction)
            inputBias = try node.slice(row, axis: 0, 0..<width)
            stateBias = try node.slice(row, axis: 0, width..<2 * width)
            // Only a GRU that resets after the product needs them apart.
            if !(gates == 3 && node.flag("linear_before_reset")), let a = inputBias,
                let b = stateBias
            {
                inputBias = try node.add(a, b)
                stateBias = nil
            }
        }
        var peepholes: ValueID?
        if gates == 4, let given = try node.optionalInput(7) {
            try node.require(
                node.rank(given) == 2 && node.shape(given)[1] == 3 * size
                    && direction < node.shape(given)[0], "shape of P", "\(node.shape(given))",
                "[directions, \(3 * size)]")
            peepholes = try node.item(given, axis: 0, direction)
        }
        let cell = Cell(
            node: node, size: size, weights: try node.item(recurrent, axis: 0, direction),
            bias: stateBias, peepholes: peepholes, functions: try functions(direction))
        return (cell, inputBias)
    }
}

extension Recurrence {
    /// An activation function by name, with its parameters.
    struct Function {
        var name: String
        var alpha: Double?
        var beta: Double?

        func apply(_ node: NodeContext, _ x: ValueID) throws(ImportError) -> ValueID {
            switch name {
            case "sigmoid": return try node.unary(.sigmoid, x)
            case "tanh": return try node.unary(.tanh, x)
            case "relu": return try node.maximum(x, 0)
            case "affine":
                return try node.add(try node.multiply(x, alpha ?? 1), beta ?? 0)
            case "leakyrelu":
                return try node.select(
                    try node.compare(.less, x, try node.scalar(0, like: x)),
                    try node.multiply(x, alpha ?? 0.01), x)
            case "thresholdedrelu":
                let isAbove = try node.compare(.greater, x, try node.scalar(alpha ?? 1, like: x))
                return try node.select(isAbove, x, try node.scalar(0, like: x))
            case "scaledtanh":
                return try node.multiply(
                    try node.unary(.tanh, try node.multiply(x, beta ?? 1)), alpha ?? 1)
            case "hardsigmoid":
                return try OperatorTable.hardSigmoid(
                    node, x, alpha: alpha ?? 0.2, beta: beta ?? 0.5)
            case "elu":
                let below = try node.multiply(try node.add(try node.unary(.exp, x), -1), alpha ?? 1)
                return try node.select(
                    try node.compare(.less, x, try node.scalar(0, like: x)), below, x)
            case "softsign":
                return try node.divide(x, try node.add(try node.unary(.absolute, x), 1))
            case "softplus": return try OperatorTable.softplus(node, x)
            default: throw node.illegal("activations", name, "a function that the operator names")
            }
        }
    }

    /// The activation functions of one direction.
    func functions(_ direction: Int) throws(ImportError) -> [Function] {
        let defaults =
            gates == 4 ? ["sigmoid", "tanh", "tanh"] : gates == 3 ? ["sigmoid", "tanh"] : ["tanh"]
        guard let names = node.strings(attribute: "activations"), !names.isEmpty else {
            return defaults.map { Function(name: $0) }
        }
        let first = direction * defaults.count
        try node.require(
            names.count >= first + defaults.count, "activations", "\(names.count)",
            "\(first + defaults.count) names")
        let (alphas, betas) = (
            node.floats("activation_alpha") ?? [], node.floats("activation_beta") ?? []
        )
        return (first..<first + defaults.count).map { index in
            Function(
                name: names[index].lowercased(),
                alpha: index < alphas.count ? Double(alphas[index]) : nil,
                beta: index < betas.count ? Double(betas[index]) : nil)
        }
    }
}
