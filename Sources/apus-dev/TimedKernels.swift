import ApusCompiler
import ApusGraph

/// Graphs whose programs are the shipped kernel's work: products, convolutions, functions,
/// reductions, movements, each in several shapes.
struct TimedKernel {
    let name: String
    let shape: String
    let precision: Precision
    let graph: Graph

    /// All of them; small, for the RTL makes some ten thousand cycles a second.
    static func all() throws -> [TimedKernel] {
        try products() + convolutions() + elementwise() + rows() + movements()
    }

    private init(
        _ name: String, _ shape: [Int], _ precision: Precision = .bf16,
        _ build: (inout GraphBuilder) throws -> ValueID
    ) throws {
        var builder = GraphBuilder()
        builder.output("result", try build(&builder))
        self.name = name
        self.shape = shape.map(String.init).joined(separator: "×")
        self.precision = precision
        graph = builder.finish()
    }

    private static func products() throws -> [TimedKernel] {
        let shapes = [[8, 16, 16], [16, 64, 32], [5, 70, 33], [1, 128, 64], [24, 40, 48]]
        return try shapes.flatMap { shape in
            let (m, k, n) = (shape[0], shape[1], shape[2])
            return try Precision.allCases.map { precision in
                try TimedKernel("matmul \(precision)", shape, precision) {
                    let x = $0.input("x", TensorType(.float32, [m, k]))
                    let y = $0.input("y", TensorType(.float32, [k, n]))
                    let dot = Dot.matmul(batchRank: 0, resultType: .float32)
                    return try $0.add(.dot(dot), [x, y])
                }
            }
                + [
                    try TimedKernel("matmul int8", shape) {
                        let x = $0.input("x", TensorType(.int8, [m, k]))
                        let y = $0.input("y", TensorType(.int8, [k, n]))
                        let dot = Dot.matmul(batchRank: 0, resultType: .int32)
                        return try $0.add(.dot(dot), [x, y])
                    }
                ]
        }
    }

    /// Channels in and out, size, window, stride, groups.
    private static func convolutions() throws -> [TimedKernel] {
        let cases = [
            [3, 8, 10, 3, 1, 1], [8, 16, 6, 1, 1, 1], [8, 8, 9, 3, 2, 1], [8, 8, 8, 3, 1, 8],
        ]
        return try cases.map { shape in
            let (channels, outputs, size, window) = (shape[0], shape[1], shape[2], shape[3])
            let (stride, groups) = (shape[4], shape[5])
            return try TimedKernel(groups == 1 ? "convolution" : "depthwise", shape) {
                let x = $0.input("x", TensorType(.float32, [1, channels, size, size]))
                let weights = TensorType(.float32, [outputs, channels / groups, window, window])
                let w = $0.input("w", weights)
                let padding = [window / 2, window / 2]
                let convolution = Convolution(
                    strides: [stride, stride], low: padding, high: padding, groups: groups,
                    resultType: .float32)
                let y = try $0.add(.convolution(convolution), [x, w])
                return try $0.add(.binary(.maximum), [y, $0.constant(Tensor(scalar: Float(0)))])
            }
        }
    }

    private static func elementwise() throws -> [TimedKernel] {
        let shapes = [[7], [64], [3, 50], [16, 40]]
        let functions: [(String, Unary)] = [("exp", .exp), ("tanh", .tanh), ("sigmoid", .sigmoid)]
        return try shapes.flatMap { shape in
            let type = TensorType(.float32, Shape(shape))
            var kernels = [
                try TimedKernel("add, multiply", shape) {
                    let (x, y) = ($0.input("x", type), $0.input("y", type))
                    let sum = try $0.add(.binary(.add), [x, y])
                    return try $0.add(.binary(.multiply), [sum, y])
                }
            ]
            for (name, function) in functions {
                kernels.append(
                    try TimedKernel(name, shape) {
                        try $0.add(.unary(function), [$0.input("x", type)])
                    })
            }
            return kernels
        }
    }

    private static func rows() throws -> [TimedKernel] {
        let shapes = [[1, 100], [6, 33], [20, 64]]
        return try shapes.flatMap { shape in
            let type = TensorType(.float32, Shape(shape))
            return [
                try TimedKernel("softmax", shape) {
                    let x = $0.input("x", type)
                    let fold = { Operation.reduce($0, axes: [1], keepDimensions: true) }
                    let largest = try $0.add(fold(.maximum), [x])
                    let distance = try $0.add(.binary(.subtract), [x, largest])
                    let weights = try $0.add(.unary(.exp), [distance])
                    let sum = try $0.add(fold(.sum), [weights])
                    return try $0.add(.binary(.divide), [weights, sum])
                },
                try TimedKernel("root mean square", shape) {
                    let x = $0.input("x", type)
                    let fold = Operation.reduce(.sumOfSquares, axes: [1], keepDimensions: true)
                    let root = try $0.add(.unary(.rsqrt), [try $0.add(fold, [x])])
                    return try $0.add(.binary(.multiply), [x, root])
                },
                try TimedKernel("running sum", shape) {
                    try $0.add(.scan(Scan(.sum, axis: 1)), [$0.input("x", type)])
                },
            ]
        }
    }

    private static func movements() throws -> [TimedKernel] {
        let shapes = [[12, 20], [33, 17], [40, 64]]
        return try shapes.flatMap { shape in
            let type = TensorType(.float32, Shape(shape))
            return [
                try TimedKernel("transpose", shape) {
                    try $0.add(.transpose([1, 0]), [$0.input("x", type)])
                },
                try TimedKernel("pad", shape) {
                    let zero = $0.constant(Tensor(scalar: Float(0)))
                    let padding = Padding(low: [1, 2], high: [2, 1])
                    return try $0.add(.pad(padding), [$0.input("x", type), zero])
                },
                try TimedKernel("concatenate", shape) {
                    let (x, y) = ($0.input("x", type), $0.input("y", type))
                    return try $0.add(.concatenate(axis: 1), [x, y])
                },
            ]
        }
    }
}
