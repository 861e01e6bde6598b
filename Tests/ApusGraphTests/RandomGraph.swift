import ApusGraph

/// A generator of pseudo-random numbers that a seed repeats (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Builds well-formed graphs of small tensors at random.
struct RandomGraph {
    private var generator: SeededGenerator
    private var builder = GraphBuilder()
    private var floats: [ValueID] = []
    private(set) var inputs: [Tensor] = []

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// A graph of about `nodeCount` nodes and inputs for it.
    mutating func make(nodeCount: Int) throws -> (graph: Graph, inputs: [Tensor]) {
        for name in ["x", "y"] {
            let tensor = randomTensor(shape())
            floats.append(builder.input(name, tensor.type))
            inputs.append(tensor)
        }
        for _ in 0..<nodeCount { try addNode() }
        for (index, value) in floats.suffix(4).enumerated() { builder.output("out\(index)", value) }
        return (builder.finish(), inputs)
    }

    private mutating func shape() -> Shape {
        let rank = Int.random(in: 1...4, using: &generator)
        return Shape((0..<rank).map { _ in [1, 2, 3, 4].randomElement(using: &generator) ?? 1 })
    }

    private mutating func randomTensor(_ shape: Shape) -> Tensor {
        let numbers = (0..<shape.elementCount).map { _ in
            Float(Int.random(in: -8...8, using: &generator)) / 4
        }
        return Tensor(numbers, shape: shape)
    }

    private mutating func addNode() throws {
        guard let x = floats.randomElement(using: &generator) else { return }
        let shape = builder.shape(of: x)
        let rank = shape.rank
        let result: ValueID
        switch Int.random(in: 0..<14, using: &generator) {
        case 0:
            var extents = shape.dimensions
            extents.insert(1, at: Int.random(in: 0...rank, using: &generator))
            result = try builder.add(.reshape(Shape(extents)), [x])
        case 1:
            result = try builder.add(
                .transpose(Array(0..<rank).shuffled(using: &generator)), [x])
        case 2:
            let starts = shape.map { Int.random(in: 0..<$0, using: &generator) }
            let counts = zip(shape, starts).map { $0 - $1 }
            result = try builder.add(
                .slice(Slice(starts: starts, counts: counts, strides: counts.map { _ in 1 })), [x])
        case 3:
            let flipped = Slice(
                starts: shape.map { $0 - 1 }, counts: shape.dimensions,
                strides: shape.map { _ in -1 })
            result = try builder.add(.slice(flipped), [x])
        case 4:
            let wide = Shape([2] + shape.dimensions)
            result = try builder.add(.broadcast(wide), [x])
        case 5:
            let fill = builder.constant(Tensor(scalar: Float(0)))
            let padding = Padding(
                low: shape.map { _ in Int.random(in: 0...1, using: &generator) },
                high: shape.map { _ in Int.random(in: 0...1, using: &generator) },
                interior: shape.map { _ in Int.random(in: 0...1, using: &generator) })
            result = try builder.add(.pad(padding), [x, fill])
        case 6, 7:
            let function: Binary =
                [.add, .subtract, .multiply, .divide].randomElement(
                    using: &generator) ?? .add
            var channel = [Int](repeating: 1, count: rank)
            let axis = Int.random(in: 0..<rank, using: &generator)
            channel[axis] = shape[axis]
            let numbers = (0..<shape[axis]).map { _ in
                Float([-2, -1, -0.5, 0.5, 1, 2, 4].randomElement(using: &generator) ?? 1)
            }
            let constant = builder.constant(Tensor(numbers, shape: Shape(channel)))
            result = try builder.add(.binary(function), [x, constant])
        default:
            result = try addPair(x, shape)
        }
        if builder.shape(of: result).elementCount < 4096, builder.shape(of: result).rank < 6 {
            floats.append(result)
        }
    }

    private mutating func addPair(_ x: ValueID, _ shape: Shape) throws -> ValueID {
        let partners = floats.filter { builder.shape(of: $0).broadcast(with: shape) != nil }
        let y = partners.randomElement(using: &generator) ?? x
        let axis = Int.random(in: 0..<shape.rank, using: &generator)
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: return try builder.add(.binary(.maximum), [x, y])
        case 1: return try builder.add(.unary(.absolute), [x])
        case 2: return try builder.add(.reduce(.sum, axes: [axis], keepDimensions: true), [x])
        case 3: return try builder.add(.concatenate(axis: axis), [x, x])
        case 4:
            let wide = try builder.add(.convert(Conversion(to: .float64)), [x])
            return try builder.add(.convert(Conversion(to: .float32)), [wide])
        case 5:
            let places = (0..<shape.elementCount).map { _ in
                Int64.random(in: -Int64(shape[axis])..<Int64(shape[axis]), using: &generator)
            }
            let indices = builder.constant(Tensor(places, shape: shape))
            return try builder.add(.gatherElements(axis: axis), [x, indices])
        default:
            let bounded = try builder.add(.unary(.sin), [x])
            return try builder.add(.binary(.add), [bounded, y])
        }
    }
}
