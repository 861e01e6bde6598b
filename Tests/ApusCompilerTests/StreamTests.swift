import ApusCompiler
import ApusGraph
import Testing

@Suite("elementwise chains, folds and movement")
struct StreamTests {
    /// Four operations of at most 2 ULP each on values of about 1.
    static let fewUlps = 8 * 0x1p-23

    @Test("operands broadcast")
    func broadcasting() throws {
        try expectCompiledIsInterpreted(launches: 1) {
            let x = $0.input("x", TensorType(.float32, [4, 3, 50]))
            let y = $0.input("y", TensorType(.float32, [3, 1]))
            let z = $0.input("z", TensorType(.float32, [4, 1, 50]))
            let product = try $0.add(.binary(.multiply), [x, y])
            $0.output("o", try $0.add(.binary(.subtract), [product, z]))
        }
    }

    @Test("softmax over any axis is one launch", arguments: [0, 1, 2, 3])
    func softmax(_ axis: Int) throws {
        try expectCompiledIsInterpreted(tolerance: Self.fewUlps, launches: 1) {
            let x = $0.input("x", TensorType(.float32, [2, 30, 7, 5]))
            let top = try $0.add(.reduce(.maximum, axes: [axis], keepDimensions: true), [x])
            let shifted = try $0.add(.binary(.subtract), [x, top])
            let e = try $0.add(.unary(.exp), [shifted])
            let sum = try $0.add(.reduce(.sum, axes: [axis], keepDimensions: true), [e])
            $0.output("y", try $0.add(.binary(.divide), [e, sum]))
        }
    }

    @Test("layer normalisation is one launch")
    func layerNormalisation() throws {
        try expectCompiledIsInterpreted(tolerance: 16 * Self.fewUlps, launches: 1) {
            let x = $0.input("x", TensorType(.float32, [7, 96]))
            let count = $0.constant(Tensor(scalar: Float(96)))
            let sum = try $0.add(.reduce(.sum, axes: [1], keepDimensions: true), [x])
            let mean = try $0.add(.binary(.divide), [sum, count])
            let centred = try $0.add(.binary(.subtract), [x, mean])
            let squares = try $0.add(
                .reduce(.sumOfSquares, axes: [1], keepDimensions: true), [centred])
            let variance = try $0.add(.binary(.divide), [squares, count])
            let epsilon = $0.constant(Tensor(scalar: Float(1e-5)))
            let deviation = try $0.add(
                .unary(.rsqrt), [try $0.add(.binary(.add), [variance, epsilon])])
            let scale = $0.input("scale", TensorType(.float32, [96]))
            let normal = try $0.add(.binary(.multiply), [centred, deviation])
            $0.output("y", try $0.add(.binary(.multiply), [normal, scale]))
        }
    }

    @Test("folds over any axes agree", arguments: [[0], [1], [2], [0, 2], [0, 1, 2], [1, 2]])
    func folds(_ axes: [Int]) throws {
        for reduction in [Reduction.sum, .maximum, .minimum, .sumOfSquares] {
            // Integers: no order matters.
            try expectCompiledIsInterpreted(integers: true) {
                let x = $0.input("x", TensorType(.float32, [3, 5, 37]))
                $0.output(
                    "y", try $0.add(.reduce(reduction, axes: axes, keepDimensions: false), [x]))
            }
        }
    }

    @Test("movement agrees to the bit", arguments: UInt64(1)...12)
    func movement(_ seed: UInt64) throws {
        try expectCompiledIsInterpreted(seed: seed) {
            var numbers = SplitMix(seed: seed)
            var value = $0.input("x", TensorType(.float32, [3, 4, 10]))
            for _ in 0..<4 { value = try $0.addMovement(value, &numbers) }
            $0.output("y", value)
            let doubled = try $0.add(.binary(.add), [value, value])
            $0.output("z", doubled)
        }
    }

    @Test("concatenated results are computed in place")
    func concatenation() throws {
        // One launch for each operand of the inner concatenation and one for the sum of all.
        try expectCompiledIsInterpreted(launches: 3, integers: true) {
            let x = $0.input("x", TensorType(.float32, [1, 6, 8, 8]))
            let a = try $0.convolution(x, 5, [1, 1])
            let b = try $0.convolution(x, 7, [3, 3], low: [1, 1])
            let whole = try $0.add(.concatenate(axis: 1), [a, b])
            $0.output("y", try $0.add(.binary(.add), [whole, whole]))
        }
    }

    @Test("selection, comparison and conversion agree to the bit")
    func selection() throws {
        try expectCompiledIsInterpreted(launches: 1) {
            let x = $0.input("x", TensorType(.float32, [4, 50]))
            let y = $0.input("y", TensorType(.float32, [50]))
            let less = try $0.add(.compare(.less), [x, y])
            $0.output("m", less)
            let chosen = try $0.add(.select, [less, x, y])
            $0.output("s", chosen)
            let thousand = $0.constant(Tensor(scalar: Float(1000)))
            let scaled = try $0.add(.binary(.multiply), [chosen, thousand])
            let whole = try $0.add(.convert(Conversion(to: .int32)), [scaled])
            $0.output("i", whole)
            $0.output("w", try $0.add(.convert(Conversion(to: .int8)), [whole]))
            $0.output("l", try $0.add(.convert(Conversion(to: .int64)), [whole]))
            $0.output("h", try $0.add(.convert(Conversion(to: .float16)), [scaled]))
        }
    }
}

extension GraphBuilder {
    /// A random transposition, slice, reversal, padding, reshape or broadcast.
    mutating func addMovement(
        _ value: ValueID, _ numbers: inout SplitMix
    ) throws(GraphError) -> ValueID {
        let shape = shape(of: value)
        let rank = shape.rank
        switch numbers.next() % 5 {
        case 0: return try add(.transpose(Array((0..<rank).reversed())), [value])
        case 1:
            let starts = (0..<rank).map { Int(numbers.next() % UInt64(max(shape[$0] / 2, 1))) }
            let counts = (0..<rank).map { (shape[$0] - starts[$0] + 1) / 2 }
            let slice = Slice(starts: starts, counts: counts, strides: starts.map { _ in 2 })
            return try add(.slice(slice), [value])
        case 2:
            let starts = shape.map { $0 - 1 }
            return try add(
                .slice(
                    Slice(starts: starts, counts: shape.dimensions, strides: starts.map { _ in -1 })
                ),
                [value])
        case 3:
            let fill = constant(Tensor(scalar: Float(1.5)))
            let low = (0..<rank).map { _ in Int(numbers.next() % 3) }
            return try add(.pad(Padding(low: low, high: low.reversed())), [value, fill])
        default:
            return try add(
                .reshape([shape.elementCount / shape[rank - 1], shape[rank - 1]]), [value])
        }
    }
}

/// A small generator of numbers for tests that print their seed.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
