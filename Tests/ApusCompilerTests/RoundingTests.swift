import ApusChip
import ApusCompiler
import ApusGraph
import Testing

/// Which operands are rounded at `bf16`, told by integers that BF16 cannot hold: all sums are
/// exact, so that a graph and its twin with the rounding written out differ, and one of them is
/// right.
@Suite("What bf16 rounds")
struct RoundingTests {
    /// Integers of up to 11 bits, some of them odd.
    private static func wide(_ shape: Shape) -> Tensor {
        let values = (0..<shape.elementCount).map { Float($0 * 613 % 4095 - 2047) }
        return Tensor(values, shape: shape)
    }

    /// Integers between -3 and 3.
    private static func narrow(_ shape: Shape) -> Tensor {
        Tensor((0..<shape.elementCount).map { Float($0 * 5 % 7 - 3) }, shape: shape)
    }

    /// A value that the model computes by a product; its elements are wide integers.
    private static func computed(
        _ builder: inout GraphBuilder, _ rows: Int, _ columns: Int
    ) throws -> ValueID {
        let x = builder.input("x", TensorType(.float32, [rows, columns]))
        var identity = [Float](repeating: 0, count: columns * columns)
        for index in 0..<columns { identity[index * (columns + 1)] = 1 }
        let one = builder.constant(Tensor(identity, shape: [columns, columns]))
        return try product(&builder, x, one)
    }

    private static func product(
        _ builder: inout GraphBuilder, _ a: ValueID, _ b: ValueID
    ) throws -> ValueID {
        try builder.add(.dot(.matmul(batchRank: 0, resultType: .float32)), [a, b])
    }

    private static func rounded(
        _ builder: inout GraphBuilder, _ value: ValueID
    ) throws -> ValueID {
        let narrow = try builder.add(.convert(Conversion(to: .bfloat16)), [value])
        return try builder.add(.convert(Conversion(to: .float32)), [narrow])
    }

    /// Compiles the graph of `build` at `bf16` and expects its output 0 to be the interpreter's of
    /// the graph in which `rounds` is told to round, or not.
    private func expect(
        _ input: Tensor, rounds: Bool, sourceLocation: SourceLocation = #_sourceLocation,
        _ build: (inout GraphBuilder, _ rounds: Bool) throws -> Void
    ) throws {
        let kept = try CompiledGraph { try build(&$0, false) }
        let cut = try CompiledGraph { try build(&$0, true) }
        let exact = try Interpreter.run(kept.graph, [input])[0]
        let coarse = try Interpreter.run(cut.graph, [input])[0]
        try #require(exact != coarse, "the test tells nothing", sourceLocation: sourceLocation)
        for chip in [Chip.nano, .edge14] {
            let found = try kept.run([input], on: chip, precision: .bf16).outputs[0]
            #expect(found == (rounds ? coarse : exact), sourceLocation: sourceLocation)
        }
    }

    @Test("sums of more than 32 products round what the model computed", arguments: [32, 33, 80])
    func lengths(_ length: Int) throws {
        try expect(Self.wide([5, length]), rounds: length > 32) { builder, rounds in
            let v = try Self.computed(&builder, 5, length)
            let w = builder.constant(Self.narrow([length, 6]))
            let a = rounds ? try Self.rounded(&builder, v) : v
            builder.output("y", try Self.product(&builder, a, w))
        }
    }

    @Test("products of a model's inputs keep FP32, also of moved and gathered ones")
    func inputs() throws {
        let places = (0..<80).map { Int64(79 - $0) }
        try expect(Self.wide([5, 80]), rounds: false) { builder, rounds in
            let x = builder.input("x", TensorType(.float32, [5, 80]))
            let table = builder.constant(Tensor(places, shape: [80]))
            let moved = try builder.add(.gather(axis: 1), [x, table])
            let w = builder.constant(Self.narrow([80, 6]))
            let a = rounds ? try Self.rounded(&builder, moved) : moved
            builder.output("y", try Self.product(&builder, a, w))
        }
    }

    @Test("depthwise convolutions keep FP32")
    func depthwise() throws {
        try expect(Self.wide([5, 80]), rounds: false) { builder, rounds in
            let v = try Self.computed(&builder, 5, 80)
            let a = rounds ? try Self.rounded(&builder, v) : v
            let image = try builder.add(.reshape([1, 4, 10, 10]), [a])
            let w = builder.constant(Self.narrow([4, 1, 7, 7]))
            let convolution = Convolution(
                strides: [1, 1], low: [3, 3], high: [3, 3], groups: 4, resultType: .float32)
            builder.output("y", try builder.add(.convolution(convolution), [image, w]))
        }
    }

    @Test("a value that a product rounds stays FP32 for its other readers")
    func otherReaders() throws {
        try expect(Self.wide([5, 80]), rounds: false) { builder, rounds in
            let v = try Self.computed(&builder, 5, 80)
            let w = builder.constant(Self.narrow([80, 6]))
            let a = rounds ? try Self.rounded(&builder, v) : v
            let sums = try builder.add(.reduce(.sum, axes: [0], keepDimensions: false), [a])
            builder.output("sums", sums)
            builder.output("y", try Self.product(&builder, v, w))
        }
    }
}
