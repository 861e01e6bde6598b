import ApusCompiler
import ApusGraph
import Testing

/// Small integers make sums of products exact, so that compiled and interpreted must agree to the
/// bit in either precision.
@Suite("products and convolutions")
struct ProductTests {
    @Test(
        "matrix products of any shape agree",
        arguments: [
            ([5, 70], [70, 33]), ([1, 300], [300, 130]), ([130, 3], [3, 1]),
            ([64, 1000], [1000, 70]),
        ])
    func products(_ left: [Int], _ right: [Int]) throws {
        for precision in Precision.allCases {
            try expectCompiledIsInterpreted(precision: precision, launches: 1, integers: true) {
                let x = $0.input("x", TensorType(.float32, Shape(left)))
                let y = $0.input("y", TensorType(.float32, Shape(right)))
                $0.output(
                    "z", try $0.add(.dot(.matmul(batchRank: 0, resultType: .float32)), [x, y]))
            }
        }
    }

    @Test("batched products of transposed operands agree")
    func batches() throws {
        try expectCompiledIsInterpreted(launches: 1, integers: true) {
            let x = $0.input("x", TensorType(.float32, [2, 40, 3, 17]))
            let y = $0.input("y", TensorType(.float32, [2, 3, 25, 17]))
            let dot = Dot(
                leftBatch: [0, 2], rightBatch: [0, 1], leftContracting: [3], rightContracting: [3],
                resultType: .float32)
            $0.output("z", try $0.add(.dot(dot), [x, y]))
        }
    }

    @Test("8-bit products are exact")
    func bytes() throws {
        try expectCompiledIsInterpreted {
            let x = $0.input("x", TensorType(.int8, [9, 130]))
            let y = $0.input("y", TensorType(.uint8, [130, 21]))
            $0.output("z", try $0.add(.dot(.matmul(batchRank: 0, resultType: .int32)), [x, y]))
        }
    }

    @Test("bias, residual and activation ride on a convolution's launch")
    func epilogue() throws {
        try expectCompiledIsInterpreted(launches: 1, integers: true) {
            let x = $0.input("x", TensorType(.float32, [1, 16, 20, 20]))
            let residual = $0.input("r", TensorType(.float32, [1, 24, 20, 20]))
            let y = try $0.convolution(x, 24, [3, 3], low: [1, 1])
            let bias = $0.input("b", TensorType(.float32, [24, 1, 1]))
            let sum = try $0.add(.binary(.add), [try $0.add(.binary(.add), [y, bias]), residual])
            let zero = $0.constant(Tensor(scalar: Float(0)))
            $0.output("y", try $0.add(.binary(.maximum), [sum, zero]))
        }
    }

    /// Shape, output channels, kernel, strides, padding, dilations, groups.
    static let convolutions: [([Int], Int, [Int], [Int], [Int], [Int], Int)] = [
        ([1, 8, 14, 14], 20, [3, 3], [1, 1], [1, 1], [1, 1], 1),
        ([1, 3, 45, 45], 64, [7, 7], [2, 2], [3, 3], [1, 1], 1),
        ([2, 24, 15, 15], 36, [1, 1], [2, 2], [0, 0], [1, 1], 3),
        ([1, 24, 15, 15], 36, [3, 3], [1, 1], [2, 2], [2, 2], 3),
        ([1, 24, 15, 15], 24, [5, 3], [2, 1], [2, 1], [1, 1], 24),
        ([2, 24, 55], 30, [5], [2], [2], [1], 1),
        ([2, 24, 55], 24, [3], [1], [1], [1], 24),
        ([1, 4, 6, 7, 8], 5, [3, 3, 3], [1, 1, 1], [1, 1, 1], [1, 1, 1], 1),
        ([1, 300, 9, 9], 70, [3, 3], [1, 1], [1, 1], [1, 1], 1),
    ]

    @Test("convolutions of all kinds agree", arguments: convolutions.indices)
    func convolution(_ index: Int) throws {
        let (shape, outputs, kernel, strides, padding, dilations, groups) = Self.convolutions[index]
        for precision in Precision.allCases {
            try expectCompiledIsInterpreted(
                seed: UInt64(index + 1), precision: precision, launches: 1, integers: true
            ) {
                let x = $0.input("x", TensorType(.float32, Shape(shape)))
                $0.output(
                    "y",
                    try $0.convolution(
                        x, outputs, kernel, strides: strides, low: padding, dilations: dilations,
                        groups: groups))
            }
        }
    }

    @Test("transposed convolutions agree")
    func transposed() throws {
        try expectCompiledIsInterpreted(integers: true) {
            let x = $0.input("x", TensorType(.float32, [1, 6, 7, 7]))
            var random = RandomTensors(seed: 5, integers: true)
            let w = $0.constant(random.floats([4, 6, 3, 3]))
            let convolution = Convolution(
                strides: [1, 1], low: [1, 1], high: [2, 2], inputDilations: [2, 2], groups: 1,
                resultType: .float32)
            $0.output("y", try $0.add(.convolution(convolution), [x, w]))
        }
    }

    @Test("products in highest precision keep FP32")
    func highest() throws {
        // 70 products below 1 in magnitude, each sum rounded to 2⁻²⁴ of at most 70, six passes.
        try expectCompiledIsInterpreted(tolerance: 70 * 6 * 0x1p-22) {
            let x = $0.input("x", TensorType(.float32, [5, 70]))
            let y = $0.input("y", TensorType(.float32, [70, 33]))
            $0.output("z", try $0.add(.dot(.matmul(batchRank: 0, resultType: .float32)), [x, y]))
        }
    }
}

extension GraphBuilder {
    /// A convolution with constant weights of small integers.
    mutating func convolution(
        _ x: ValueID, _ outputs: Int, _ kernel: [Int], strides: [Int]? = nil, low: [Int]? = nil,
        dilations: [Int]? = nil, groups: Int = 1
    ) throws(GraphError) -> ValueID {
        var random = RandomTensors(seed: UInt64(outputs), integers: true)
        let inputs = shape(of: x)[1] / groups
        let weights = constant(random.floats(Shape([outputs, inputs] + kernel)))
        let ones = kernel.map { _ in 1 }
        let zeros = kernel.map { _ in 0 }
        return try add(
            .convolution(
                Convolution(
                    strides: strides ?? ones, low: low ?? zeros, high: low ?? zeros,
                    weightDilations: dilations, groups: groups, resultType: .float32)),
            [x, weights])
    }
}
