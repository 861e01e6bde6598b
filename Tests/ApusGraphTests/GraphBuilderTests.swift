import ApusGraph
import Testing

@Suite("GraphBuilder")
struct GraphBuilderTests {
    @Test("a graph that is built runs and prints")
    func buildsAndRuns() throws {
        var builder = GraphBuilder()
        let x = builder.input("x", TensorType(.float32, [2, 3]))
        let bias = builder.constant(Tensor([10, 20, 30] as [Float], shape: [3]))
        let sum = try builder.add(.binary(.add), [x, bias], name: "Add_0")
        let total = try builder.add(.reduce(.sum, axes: [1], keepDimensions: false), [sum])
        builder.output("y", total)
        let graph = builder.finish()
        try graph.verify()
        let input = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
        let outputs = try Interpreter.run(graph, [input])
        #expect(outputs == [Tensor([66, 75] as [Float], shape: [2])])
        #expect(
            graph.description == """
                input %0 x: f32[2, 3]
                constant %1: f32[3] = [10.0, 20.0, 30.0]
                %2 = add %0 %1: f32[2, 3]    // Add_0
                %3 = reduce.sum(axes: [1]) %2: f32[2]
                output %3 y

                """)
    }

    @Test("the value of a chain of nodes over constants is known while building")
    func constantValues() throws {
        var builder = GraphBuilder()
        let x = builder.input("x", TensorType(.int64, [2]))
        var value = builder.constant(Tensor([1, 2] as [Int64], shape: [2]))
        for _ in 0..<20_000 { value = try builder.add(.binary(.add), [value, value]) }
        #expect(try builder.constantValue(value)?.integers == [0, 0])
        let mixed = try builder.add(.binary(.multiply), [value, x])
        #expect(try builder.constantValue(mixed) == nil)
        #expect(!builder.isConstant(mixed))
    }

    @Test("a node that is not defined on its operands is refused")
    func refusals() {
        var builder = GraphBuilder()
        let x = builder.input("x", TensorType(.float32, [2, 3]))
        let y = builder.input("y", TensorType(.float32, [4]))
        let z = builder.input("z", TensorType(.int32, [2, 3]))
        #expect(throws: GraphError.shapesDisagree(operation: "add", [[2, 3], [4]])) {
            try builder.add(.binary(.add), [x, y])
        }
        #expect(throws: GraphError.elementTypesDiffer(operation: "add", .float32, .int32)) {
            try builder.add(.binary(.add), [x, z])
        }
        #expect(throws: GraphError.elementType(operation: "exp", .int32)) {
            try builder.add(.unary(.exp), [z])
        }
        #expect(throws: GraphError.axis(operation: "reduce.sum", axis: 2, rank: 2)) {
            try builder.add(.reduce(.sum, axes: [2], keepDimensions: true), [x])
        }
        #expect(throws: GraphError.operandCount(operation: "select", expected: 3, found: 1)) {
            try builder.add(.select, [x])
        }
        #expect(throws: GraphError.illegalShape([1 << 40, 1 << 40])) {
            try Shape(checked: [1 << 40, 1 << 40])
        }
        #expect(builder.finish().nodes.isEmpty)
    }
}
