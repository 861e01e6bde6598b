import ApusGraph

// The operators of ai.onnx.ml that are tensor arithmetic.
extension OperatorTable {
    static let machineLearning: [OperatorRow] = [
        OperatorRow("Binarizer", domain: "ai.onnx.ml", binarizer),
        OperatorRow("ArrayFeatureExtractor", domain: "ai.onnx.ml", arrayFeature),
        OperatorRow("Scaler", domain: "ai.onnx.ml", scaler),
        OperatorRow("Normalizer", domain: "ai.onnx.ml", normalizer),
    ]

    private static func binarizer(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let threshold = try node.scalar(node.float("threshold", default: 0), like: x)
        return try node.convert(try node.compare(.greater, x, threshold), like: x)
    }

    private static func arrayFeature(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (x, places) = (try node.input(0), try node.input(1))
        try node.require(node.rank(x) >= 1, "rank", "0", "at least 1")
        let flat = try node.reshape(places, [node.shape(places).elementCount])
        let chosen = try node.gather(x, flat, axis: node.rank(x) - 1)
        return node.rank(x) == 1 ? try node.unsqueeze(chosen, 0) : chosen
    }

    private static func scaler(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.convert(try node.input(0), .float32)
        let offset = node.floats("offset") ?? [0]
        let scale = node.floats("scale") ?? [1]
        let shifted = try node.subtract(x, node.constant(Tensor(offset, shape: [offset.count])))
        return try node.multiply(shifted, node.constant(Tensor(scale, shape: [scale.count])))
    }

    private static func normalizer(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.convert(try node.input(0), .float32)
        let norm = node.string("norm", default: "MAX")
        let axes = [max(node.rank(x) - 1, 0)]
        let magnitude = try node.unary(.absolute, x)
        switch norm {
        case "MAX": return try node.divide(x, try node.reduce(.maximum, magnitude, axes: axes))
        case "L1": return try node.divide(x, try node.reduce(.sum, magnitude, axes: axes))
        case "L2":
            let squares = try node.reduce(.sumOfSquares, x, axes: axes)
            return try node.divide(x, try node.unary(.sqrt, squares))
        default: throw node.illegal("norm", norm, "MAX, L1 or L2")
        }
    }
}
