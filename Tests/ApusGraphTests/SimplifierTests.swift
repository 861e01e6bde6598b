import ApusGraph
import Testing

@Suite("Simplifier")
struct SimplifierTests {
    @Test("every pass but mergeAffine keeps the bits of random graphs", arguments: 0..<60)
    func exactPasses(seed: Int) throws {
        var random = RandomGraph(seed: UInt64(seed))
        let (graph, inputs) = try random.make(nodeCount: 25)
        let expected = try Interpreter.run(graph, inputs)
        for pass in Simplifier.passes where pass.name != "mergeAffine" {
            let results = try Interpreter.run(try pass.run(graph), inputs)
            for (result, reference) in zip(results, expected) {
                let difference = firstDifference(result, reference)
                #expect(difference == nil, "seed \(seed), \(pass.name): \(difference ?? "")")
            }
        }
    }

    @Test("all passes together change random graphs by rounding only", arguments: 0..<60)
    func allPasses(seed: Int) throws {
        var random = RandomGraph(seed: UInt64(seed))
        let (graph, inputs) = try random.make(nodeCount: 40)
        let expected = try Interpreter.run(graph, inputs)
        let simplified = try Simplifier.simplify(graph)
        #expect(try Simplifier.simplify(simplified).nodes.count == simplified.nodes.count)
        let results = try Interpreter.run(simplified, inputs)
        for (result, reference) in zip(results, expected) {
            #expect(result.type == reference.type)
            let pairs = zip(result.array(of: Float.self), reference.array(of: Float.self))
            for (a, b) in pairs where !(a.isNaN && b.isNaN) && a != b {
                // Each of 40 nodes may move a few roundings of values up to the largest partial
                // one.
                #expect(abs(a - b) <= 1e-3 * max(abs(b), 1), "seed \(seed): \(a), \(b)")
            }
        }
    }

    @Test("a batch normalisation disappears into the convolution before it")
    func batchNormalisation() throws {
        var builder = GraphBuilder()
        let x = builder.input("x", TensorType(.float32, [1, 2, 4, 4]))
        let weight = builder.constant(
            Tensor((0..<54).map { Float($0 % 7) - 3 }, shape: [3, 2, 3, 3]))
        let convolution = Convolution(
            strides: [1, 1], low: [1, 1], high: [1, 1], resultType: .float32)
        var value = try builder.add(.convolution(convolution), [x, weight])
        for (function, numbers) in [
            (Binary.add, [1, 2, 3]), (.subtract, [0.5, 1, 2]), (.multiply, [2, 4, 0.5]),
            (.add, [7, 8, 9]),
        ] as [(Binary, [Float])] {
            let constant = builder.constant(Tensor(numbers, shape: [3, 1, 1]))
            value = try builder.add(.binary(function), [value, constant])
        }
        builder.output("y", value)
        let simplified = try Simplifier.simplify(builder.finish())
        #expect(simplified.nodes.map(\.operation.name) == ["convolution", "add"])
        let input = Tensor((0..<32).map { Float($0) / 8 }, shape: [1, 2, 4, 4])
        #expect(
            try Interpreter.run(simplified, [input]) == Interpreter.run(builder.finish(), [input]))
    }

    @Test("padding goes into the convolution that reads it")
    func padding() throws {
        var builder = GraphBuilder()
        let x = builder.input("x", TensorType(.float32, [1, 1, 4, 4]))
        let zero = builder.constant(Tensor(scalar: Float(0)))
        let weight = builder.constant(Tensor([1, 2, 3, 4] as [Float], shape: [1, 1, 2, 2]))
        let padded = try builder.add(
            .pad(Padding(low: [0, 0, 1, 0], high: [0, 0, 2, 1])), [x, zero])
        let convolution = Convolution(
            strides: [1, 1], low: [0, 1], high: [0, 0], resultType: .float32)
        builder.output("y", try builder.add(.convolution(convolution), [padded, weight]))
        let simplified = try Simplifier.simplify(builder.finish())
        #expect(simplified.nodes.count == 1)
        let input = Tensor((0..<16).map { Float($0) }, shape: [1, 1, 4, 4])
        #expect(
            try Interpreter.run(simplified, [input]) == Interpreter.run(builder.finish(), [input]))
    }

    @Test("long folds are cut and keep exact sums", arguments: [4097, 8192, 10_000, 50_176])
    func longFolds(length: Int) throws {
        for reduction in [Reduction.sum, .maximum, .sumOfSquares, .minimum] {
            var builder = GraphBuilder()
            let x = builder.input("x", TensorType(.float32, [2, length]))
            builder.output(
                "y", try builder.add(.reduce(reduction, axes: [1], keepDimensions: true), [x]))
            let simplified = try Simplifier.simplify(builder.finish())
            for node in simplified.nodes {
                guard case .reduce(_, let axes, _) = node.operation else { continue }
                let shape = simplified.type(of: node.inputs[0]).shape
                #expect(axes.reduce(1) { $0 * shape[$1] } <= SimplificationPass.foldLengthMax)
            }
            let input = Tensor((0..<2 * length).map { Float($0 % 9) - 4 }, shape: [2, length])
            #expect(
                try Interpreter.run(simplified, [input])
                    == Interpreter.run(builder.finish(), [input]))
        }
    }

    @Test("integers that go through a floating-point type keep saturating")
    func detours() throws {
        var builder = GraphBuilder()
        let x = builder.input("x", TensorType(.int32, [3]))
        let wide = try builder.add(.convert(Conversion(to: .float64)), [x])
        builder.output("y", try builder.add(.convert(Conversion(to: .uint8)), [wide]))
        let simplified = try Simplifier.simplify(builder.finish())
        let input = Tensor([-1, 300, 7] as [Int32], shape: [3])
        #expect(
            try Interpreter.run(simplified, [input])
                == [Tensor([0, 255, 7] as [UInt8], shape: [3])])
    }

    @Test("a square is a product with the same bits")
    func squares() throws {
        var builder = GraphBuilder()
        let x = builder.input("x", TensorType(.float32, [5]))
        let two = builder.constant(Tensor(scalar: Float(2)))
        builder.output("y", try builder.add(.binary(.power), [x, two]))
        let simplified = try Simplifier.simplify(builder.finish())
        #expect(simplified.nodes.map(\.operation) == [.binary(.multiply)])
        let input = Tensor([-3, 0.1, 1e-30, 1e30, -.infinity] as [Float], shape: [5])
        #expect(
            try Interpreter.run(simplified, [input]) == Interpreter.run(builder.finish(), [input]))
    }
}
