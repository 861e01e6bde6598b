import ApusGraph
import Testing

@Suite("Graph.verify")
struct VerifierTests {
    private let type = TensorType(.float32, [2])

    /// y = exp(x).
    private func small() throws -> Graph {
        var builder = GraphBuilder()
        let x = builder.input("x", type)
        builder.output("y", try builder.add(.unary(.exp), [x], name: "Exp_0"))
        return builder.finish()
    }

    @Test("accepts what the builder makes")
    func accepts() throws { try small().verify() }

    @Test("refuses a use before the definition")
    func dominance() throws {
        var graph = try small()
        let late = graph.makeValue(type)
        graph.nodes.insert(
            Node(
                operation: .unary(.sin), inputs: [graph.outputs[0].value], outputs: [late],
                name: "Early"), at: 0)
        #expect(throws: GraphError.undefinedValue(graph.outputs[0].value, node: "Early")) {
            try graph.verify()
        }
    }

    @Test("refuses a second definition")
    func redefinition() throws {
        var graph = try small()
        graph.nodes.append(graph.nodes[0])
        #expect(throws: GraphError.redefinedValue(graph.outputs[0].value, node: "Exp_0")) {
            try graph.verify()
        }
        graph = try small()
        graph.constants[graph.inputs[0].value] = Tensor(zeros: type)
        #expect(throws: GraphError.redefinedValue(graph.inputs[0].value, node: "constant")) {
            try graph.verify()
        }
    }

    @Test("refuses a recorded type that the operation does not give")
    func wrongType() throws {
        var graph = try small()
        let wide = TensorType(.float32, [3])
        graph.values[1] = wide
        #expect(
            throws: GraphError.resultType(node: "Exp_0", recorded: wide, inferred: type)
        ) { try graph.verify() }
        graph = try small()
        graph.nodes[0].outputs.append(graph.makeValue(type))
        #expect(
            throws: GraphError.resultType(node: "Exp_0", recorded: type, inferred: nil)
        ) { try graph.verify() }
    }

    @Test("refuses values outside the list and undefined outputs")
    func unknownValues() throws {
        var graph = try small()
        graph.nodes[0].inputs = [ValueID(99)]
        #expect(throws: GraphError.undefinedValue(ValueID(99), node: "Exp_0")) {
            try graph.verify()
        }
        graph = try small()
        graph.outputs[0].value = graph.makeValue(type)
        #expect(throws: GraphError.undefinedValue(ValueID(2), node: "y")) { try graph.verify() }
    }

    @Test("a constant must have its value's type")
    func constantType() throws {
        var graph = try small()
        let value = graph.makeValue(type)
        let other = Tensor(zeros: TensorType(.int8, [2]))
        graph.constants[value] = other
        #expect(
            throws: GraphError.resultType(
                node: "constant %2", recorded: type, inferred: other.type)
        ) { try graph.verify() }
    }

    @Test(
        "attributes that do not fit are refused",
        arguments: [
            .slice(Slice(starts: [2], counts: [1], strides: [1])),
            .slice(Slice(starts: [0], counts: [3], strides: [1])),
            .slice(Slice(starts: [0], counts: [2], strides: [.max])),
            .slice(Slice(starts: [0], counts: [-1], strides: [1])),
            .slice(Slice(starts: [0, 0], counts: [1, 1], strides: [1, 1])),
            .transpose([1]), .transpose([0, 0]), .reshape([3]), .broadcast([3]),
            .reduce(.and, axes: [0], keepDimensions: false),
            .scan(Scan(.sum, axis: 1)), .sort(Sort(axis: 0, count: 3, descending: true)),
            .bitcast(.float64), .unary(.not),
            .reduceWindow(
                .sum, Window(extents: [0], strides: [1], low: [0], high: [0])),
            .argument(ArgumentReduction(axis: -1, largest: true, keepDimension: false)),
        ] as [Operation])
    func illegalAttributes(operation: Operation) {
        #expect(throws: GraphError.self) { try operation.resultTypes(of: [type]) }
    }

    @Test("convolutions and products of operands that do not fit are refused")
    func products() {
        let image = TensorType(.float32, [1, 4, 5, 5])
        let weight = TensorType(.float32, [2, 3, 3, 3])
        let plain = Convolution(strides: [1, 1], low: [0, 0], high: [0, 0], resultType: .float32)
        #expect(throws: GraphError.self) {
            try Operation.convolution(plain).resultTypes(of: [image, weight])
        }
        var grouped = plain
        grouped.groups = 0
        #expect(throws: GraphError.self) {
            try Operation.convolution(grouped).resultTypes(of: [image, weight])
        }
        let left = TensorType(.float32, [2, 3])
        #expect(throws: GraphError.self) {
            try Operation.dot(.matmul(batchRank: 0, resultType: .float32))
                .resultTypes(of: [left, left])
        }
        #expect(throws: GraphError.self) {
            try Operation.dot(.matmul(batchRank: 0, resultType: .int32))
                .resultTypes(of: [left, TensorType(.float32, [3, 2])])
        }
    }
}
