import ApusGraph

/// A model whose graph comes with the project, with shapes in place of weights.
public enum GraphPreset: String, CaseIterable, Sendable {
    /// Images of 224 × 224 in, 1,000 logits out.
    case resNet50 = "resnet-50"
    /// Embedded tokens in, hidden states out; 24 encoder layers.
    case bertLarge = "bert-large"
    /// A product of two BF16 matrices of 4096 × 4096.
    case matmul4096 = "matmul-4096"

    /// The graph for a batch.
    ///
    /// - Parameter context: tokens of a sequence; images have none.
    public func graph(batch: Int, context: Int) throws(GraphError) -> Graph {
        switch self {
        case .resNet50: try ResNet50.graph(batch: batch)
        case .bertLarge: try BERTLarge.graph(batch: batch, context: context)
        case .matmul4096: try product(of: 4096)
        }
    }

    /// What a run gives, and what it is counted in.
    public var item: String {
        switch self {
        case .resNet50: "images"
        case .bertLarge: "sequences"
        case .matmul4096: "products"
        }
    }

    private func product(of size: Int) throws(GraphError) -> Graph {
        var builder = GraphBuilder()
        let type = TensorType(.bfloat16, [size, size])
        let a = builder.input("a", type)
        let b = builder.input("b", type)
        let c = try builder.add(
            .dot(.matmul(batchRank: 0, resultType: .bfloat16)), [a, b], name: "product")
        builder.output("c", c)
        return builder.finish()
    }
}

/// Layers of a graph whose weights are shapes.
struct ShapeBuilder {
    private(set) var builder = GraphBuilder()

    var graph: Graph { builder.finish() }

    mutating func input(_ name: String, _ shape: Shape) -> ValueID {
        builder.input(name, TensorType(.float32, shape))
    }

    mutating func output(_ name: String, _ value: ValueID) { builder.output(name, value) }

    mutating func weight(_ shape: Shape) throws(GraphError) -> ValueID {
        builder.constant(try Tensor(shapeOnly: TensorType(.float32, shape)))
    }

    mutating func scalar(_ value: Float) -> ValueID { builder.constant(Tensor(scalar: value)) }

    mutating func add(
        _ operation: Operation, _ inputs: [ValueID], _ name: String
    ) throws(GraphError) -> ValueID {
        try builder.add(operation, inputs, name: name)
    }

    /// A convolution whose batch norm went into weights and bias.
    mutating func convolution(
        _ x: ValueID, channels: Int, size: Int, stride: Int, name: String
    ) throws(GraphError) -> ValueID {
        let inputs = builder.shape(of: x)[1]
        let weight = try self.weight([channels, inputs, size, size])
        let bias = try self.weight([1, channels, 1, 1])
        let pad = size / 2
        let sum = try add(
            .convolution(
                Convolution(
                    strides: [stride, stride], low: [pad, pad], high: [pad, pad],
                    resultType: .float32)), [x, weight], name)
        return try add(.binary(.add), [sum, bias], name)
    }

    mutating func relu(_ x: ValueID, _ name: String) throws(GraphError) -> ValueID {
        try add(.binary(.maximum), [x, scalar(0)], name)
    }

    /// `x · w + b` over the last axis.
    mutating func linear(
        _ x: ValueID, _ columns: Int, _ name: String
    ) throws(GraphError) -> ValueID {
        let shape = builder.shape(of: x)
        let last = shape.count - 1
        let weight = try self.weight([shape[last], columns])
        let dot = Dot(
            leftBatch: [], rightBatch: [], leftContracting: [last], rightContracting: [0],
            resultType: .float32)
        let sum = try add(.dot(dot), [x, weight], name)
        return try add(.binary(.add), [sum, try self.weight([columns])], name)
    }

    /// The mean over some axes, which stay with extent 1.
    mutating func mean(_ x: ValueID, axes: [Int], _ name: String) throws(GraphError) -> ValueID {
        let shape = builder.shape(of: x)
        let count = axes.reduce(1) { $0 * shape[$1] }
        let sum = try add(.reduce(.sum, axes: axes, keepDimensions: true), [x], name)
        return try add(.binary(.multiply), [sum, scalar(1 / Float(count))], name)
    }
}
