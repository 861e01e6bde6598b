import ApusGraph

// One step of an optimiser.
extension OperatorTable {
    private static let trainingDomain = "ai.onnx.preview.training"

    static let training: [OperatorRow] = [
        OperatorRow("Adagrad", domain: trainingDomain, outputs: adagrad),
        OperatorRow("Adam", domain: trainingDomain, outputs: adam),
        OperatorRow("Momentum", domain: trainingDomain, outputs: momentum),
    ]

    /// Applies a rule to each parameter and its states; the results are grouped by kind.
    private static func step(
        _ node: NodeContext, states: Int,
        _ rule: ([ValueID]) throws(ImportError) -> [ValueID]
    ) throws(ImportError) -> [TraceValue] {
        let kinds = states + 2
        let count = (node.inputs.count - 2) / kinds
        try node.require(
            count >= 1 && node.inputs.count == 2 + count * kinds, "number of inputs",
            "\(node.inputs.count)", "2 + \(kinds) · n")
        var results = Array(repeating: [TraceValue](), count: states + 1)
        for parameter in 0..<count {
            var values: [ValueID] = []
            for kind in 0..<kinds { values.append(try node.input(2 + kind * count + parameter)) }
            for (kind, value) in try rule(values).enumerated() {
                results[kind].append(.tensor(value))
            }
        }
        return results.flatMap { $0 }
    }

    /// The gradient with that of the squared norm.
    private static func regularised(
        _ node: NodeContext, _ x: ValueID, _ gradient: ValueID
    ) throws(ImportError) -> ValueID {
        let coefficient = node.float("norm_coefficient", default: 0)
        return coefficient == 0
            ? gradient : try node.add(try node.multiply(x, coefficient), gradient)
    }

    private static func adagrad(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let decay = node.float("decay_factor", default: 0)
        let epsilon = node.float("epsilon", default: 1e-6)
        let (rate, time) = (try node.input(0), try node.input(1))
        return try step(node, states: 1) { (values) throws(ImportError) in
            let (x, gradient, sum) = (values[0], values[1], values[2])
            let age = try node.add(try node.multiply(try node.convert(time, like: rate), decay), 1)
            let adjusted = try node.divide(rate, age)
            let total = try regularised(node, x, gradient)
            let squares = try node.add(sum, try node.square(total))
            let root = try node.add(try node.unary(.sqrt, squares), epsilon)
            let change = try node.divide(
                try node.multiply(try node.convert(adjusted, like: x), total), root)
            return [try node.subtract(x, change), squares]
        }
    }

    private static func adam(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let (alpha, beta) = (node.float("alpha", default: 0.9), node.float("beta", default: 0.999))
        let epsilon = node.float("epsilon", default: 1e-6)
        let after = node.float("norm_coefficient_post", default: 0)
        let (rate, time) = (try node.input(0), try node.input(1))
        let age = try node.convert(time, like: rate)
        let lost = try node.subtract(
            1, try node.binary(.power, try node.scalar(beta, like: rate), age))
        let kept = try node.subtract(
            1, try node.binary(.power, try node.scalar(alpha, like: rate), age))
        let corrected = try node.divide(
            try node.multiply(rate, try node.unary(.sqrt, lost)), kept)
        let isLater = try node.compare(.greater, time, try node.scalar(0, like: time))
        let adjusted = try node.select(isLater, corrected, rate)
        return try step(node, states: 2) { (values) throws(ImportError) in
            let x = values[0]
            let total = try regularised(node, x, values[1])
            let first = try node.add(
                try node.multiply(values[2], alpha), try node.multiply(total, 1 - alpha))
            let second = try node.add(
                try node.multiply(values[3], beta),
                try node.multiply(try node.square(total), 1 - beta))
            let root = try node.add(try node.unary(.sqrt, second), epsilon)
            let change = try node.multiply(
                try node.convert(adjusted, like: x), try node.divide(first, root))
            let moved = try node.subtract(x, change)
            return [after == 0 ? moved : try node.multiply(moved, 1 - after), first, second]
        }
    }

    private static func momentum(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let (alpha, beta) = (node.float("alpha", default: 0), node.float("beta", default: 0))
        let isNesterov = node.string("mode", default: "standard") == "nesterov"
        let (rate, time) = (try node.input(0), try node.input(1))
        let isLater = try node.compare(.greater, time, try node.scalar(0, like: time))
        let share = try node.select(
            isLater, try node.scalar(beta, like: rate), try node.scalar(1, like: rate))
        return try step(node, states: 1) { (values) throws(ImportError) in
            let x = values[0]
            let total = try regularised(node, x, values[1])
            let velocity = try node.add(
                try node.multiply(values[2], alpha),
                try node.multiply(try node.convert(share, like: x), total))
            let direction =
                isNesterov ? try node.add(total, try node.multiply(velocity, alpha)) : velocity
            let change = try node.multiply(try node.convert(rate, like: x), direction)
            return [try node.subtract(x, change), velocity]
        }
    }
}
