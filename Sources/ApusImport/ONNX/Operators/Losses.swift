import ApusGraph

// Losses.
extension OperatorTable {
    static let losses: [OperatorRow] = [
        OperatorRow("NegativeLogLikelihoodLoss") { (node: NodeContext) throws(ImportError) in
            try likelihood(node, try node.input(0))
        },
        OperatorRow(
            "SoftmaxCrossEntropyLoss",
            outputs: { (node: NodeContext) throws(ImportError) in
                let scores = try node.input(0)
                let logarithms = try logSoftmax(node, try node.widened(scores), axes: [1])
                let loss = try likelihood(node, logarithms)
                return [
                    .tensor(try node.convert(loss, like: scores)),
                    .tensor(try node.convert(logarithms, like: scores)),
                ]
            }),
    ]

    /// −x[target] · weight[target], folded as the node says; ignored targets weigh nothing.
    private static func likelihood(
        _ node: NodeContext, _ x: ValueID
    ) throws(ImportError) -> ValueID {
        let target = try node.convert(try node.input(1), .int64)
        try node.require(
            node.rank(x) >= 2 && node.rank(target) == node.rank(x) - 1, "rank of the target",
            "\(node.rank(target))", "\(node.rank(x) - 1)")
        var place = target
        var isIgnored: ValueID?
        if let ignored = node.int("ignore_index") {
            let flag = try node.compare(.equal, target, try node.scalar(Double(ignored), .int64))
            place = try node.select(flag, try node.scalar(0, .int64), target)
            isIgnored = flag
        }
        let chosen = try node.squeeze(
            try node.emit(.gatherElements(axis: 1), x, try node.unsqueeze(place, 1)), 1)
        var loss = try node.unary(.negate, chosen)
        var weight: ValueID?
        if let weights = try node.optionalInput(2) {
            weight = try node.convert(try node.gather(weights, place, axis: 0), like: x)
        } else if isIgnored != nil {
            weight = try node.broadcast(try node.scalar(1, like: x), node.shape(target).dimensions)
        }
        if let isIgnored, let known = weight {
            weight = try node.select(isIgnored, try node.scalar(0, like: x), known)
        }
        if let weight { loss = try node.multiply(loss, weight) }
        let axes = Array(0..<node.rank(loss))
        let reduction = node.string("reduction", default: "mean")
        switch reduction {
        case "none": return loss
        case "sum": return try node.reduce(.sum, loss, axes: axes, keep: false)
        case "mean":
            guard let weight else { return try node.mean(loss, axes: axes, keep: false) }
            return try node.divide(
                try node.reduce(.sum, loss, axes: axes, keep: false),
                try node.reduce(.sum, weight, axes: axes, keep: false))
        default:
            throw node.illegal("reduction", reduction, "none, sum or mean")
        }
    }
}
