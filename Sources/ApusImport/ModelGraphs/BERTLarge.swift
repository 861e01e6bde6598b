import ApusGraph

/// The encoder of BERT-large: 24 layers, 1,024 wide, 16 heads, feed-forward blocks of 4,096.
///
/// - Source: Devlin et al., BERT (arXiv 1810.04805), section 3.
enum BERTLarge {
    private static let (layers, hidden, heads, inner) = (24, 1024, 16, 4096)
    private static var headSize: Int { hidden / heads }

    static func graph(batch: Int, context: Int) throws(GraphError) -> Graph {
        var builder = ShapeBuilder()
        var x = builder.input("embedded", [batch, context, hidden])
        for layer in 0..<layers {
            let name = "layer \(layer)"
            let attended = try attention(&builder, x, batch, context, name)
            var sum = try builder.add(.binary(.add), [x, attended], "\(name): norm")
            x = try norm(&builder, sum, "\(name): norm")
            var y = try builder.linear(x, inner, "\(name): inner")
            y = try gelu(&builder, y, "\(name): inner")
            y = try builder.linear(y, hidden, "\(name): outer")
            sum = try builder.add(.binary(.add), [x, y], "\(name): norm")
            x = try norm(&builder, sum, "\(name): norm")
        }
        builder.output("hidden", x)
        return builder.graph
    }

    private static func attention(
        _ builder: inout ShapeBuilder, _ x: ValueID, _ batch: Int, _ context: Int, _ name: String
    ) throws(GraphError) -> ValueID {
        func split(_ builder: inout ShapeBuilder) throws(GraphError) -> ValueID {
            let y = try builder.linear(x, hidden, "\(name): projections")
            let cut = try builder.add(.reshape([batch, context, heads, headSize]), [y], "")
            return try builder.add(.transpose([0, 2, 1, 3]), [cut], "")
        }
        let query = try split(&builder)
        let key = try split(&builder)
        let value = try split(&builder)
        let scores = Dot(
            leftBatch: [0, 1], rightBatch: [0, 1], leftContracting: [3], rightContracting: [3],
            resultType: .float32)
        var s = try builder.add(.dot(scores), [query, key], "\(name): scores")
        s = try builder.add(
            .binary(.multiply), [s, builder.scalar(1 / Float(headSize).squareRoot())],
            "\(name): softmax")
        let most = try builder.add(
            .reduce(.maximum, axes: [3], keepDimensions: true), [s], "\(name): softmax")
        s = try builder.add(.binary(.subtract), [s, most], "\(name): softmax")
        s = try builder.add(.unary(.exp), [s], "\(name): softmax")
        let sum = try builder.add(
            .reduce(.sum, axes: [3], keepDimensions: true), [s], "\(name): softmax")
        s = try builder.add(.binary(.divide), [s, sum], "\(name): softmax")
        var y = try builder.add(
            .dot(.matmul(batchRank: 2, resultType: .float32)), [s, value], "\(name): attention")
        y = try builder.add(.transpose([0, 2, 1, 3]), [y], "\(name): softmax")
        y = try builder.add(.reshape([batch, context, hidden]), [y], "\(name): softmax")
        return try builder.linear(y, hidden, "\(name): attention output")
    }

    private static func norm(
        _ builder: inout ShapeBuilder, _ x: ValueID, _ name: String
    ) throws(GraphError) -> ValueID {
        let mean = try builder.mean(x, axes: [2], name)
        let centred = try builder.add(.binary(.subtract), [x, mean], name)
        let squares = try builder.add(.binary(.multiply), [centred, centred], name)
        let variance = try builder.mean(squares, axes: [2], name)
        let shifted = try builder.add(.binary(.add), [variance, builder.scalar(1e-12)], name)
        let scale = try builder.add(.unary(.rsqrt), [shifted], name)
        var y = try builder.add(.binary(.multiply), [centred, scale], name)
        y = try builder.add(.binary(.multiply), [y, try builder.weight([hidden])], name)
        return try builder.add(.binary(.add), [y, try builder.weight([hidden])], name)
    }

    /// `x/2 · (1 + erf(x / √2))`.
    private static func gelu(
        _ builder: inout ShapeBuilder, _ x: ValueID, _ name: String
    ) throws(GraphError) -> ValueID {
        let scaled = try builder.add(
            .binary(.multiply), [x, builder.scalar(Float(0.5).squareRoot())], name)
        let error = try builder.add(.unary(.erf), [scaled], name)
        let one = try builder.add(.binary(.add), [error, builder.scalar(1)], name)
        let half = try builder.add(.binary(.multiply), [x, builder.scalar(0.5)], name)
        return try builder.add(.binary(.multiply), [half, one], name)
    }
}
