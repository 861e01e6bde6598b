import ApusGraph

// Random numbers from the counter-based generator of the graph's `random`.
extension OperatorTable {
    static let random: [OperatorRow] = [
        OperatorRow("RandomUniform", randomUniform),
        OperatorRow("RandomUniformLike", randomUniform),
        OperatorRow("RandomNormal", randomNormal), OperatorRow("RandomNormalLike", randomNormal),
        OperatorRow("Bernoulli", bernoulli),
    ]

    private static func target(
        _ node: NodeContext
    ) throws(ImportError) -> (shape: Shape, type: ElementType) {
        let declared = DataType.elementType(node.int("dtype", default: 0))
        if node.node.operation.hasSuffix("Like") || node.node.operation == "Bernoulli" {
            let x = try node.input(0)
            return (node.shape(x), declared ?? node.elementType(x))
        }
        return (try node.checkedShape(node.ints("shape") ?? []), declared ?? .float32)
    }

    private static func randomUniform(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (shape, type) = try target(node)
        let (low, high) = (node.float("low", default: 0), node.float("high", default: 1))
        let unit = try node.uniform(shape, seed: node.seed)
        return try node.convert(try node.add(try node.multiply(unit, high - low), low), type)
    }

    /// Normal numbers of two uniform ones: sqrt(−2 ln u) cos 2πv.
    private static func randomNormal(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (shape, type) = try target(node)
        let u = try node.subtract(1, try node.uniform(shape, seed: node.seed))
        let v = try node.uniform(shape, seed: node.seed ^ 0x9E37_79B9_7F4A_7C15)
        let radius = try node.unary(.sqrt, try node.multiply(try node.unary(.log, u), -2))
        let unit = try node.multiply(radius, try node.unary(.cos, try node.multiply(v, 2 * .pi)))
        let scaled = try node.add(
            try node.multiply(unit, node.float("scale", default: 1)), node.float("mean", default: 0)
        )
        return try node.convert(scaled, type)
    }

    private static func bernoulli(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (shape, type) = try target(node)
        let chance = try node.convert(try node.input(0), .float32)
        let uniform = try node.uniform(shape, seed: node.seed)
        return try node.convert(try node.compare(.less, uniform, chance), type)
    }
}

extension NodeContext {
    /// The node's seed attribute, or one made of its name: the same at every import.
    var seed: UInt64 {
        if let seed = attributes["seed"] {
            return seed.kind == .int
                ? UInt64(bitPattern: Int64(seed.int)) : UInt64(seed.float.bitPattern)
        }
        // FNV-1a.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in (node.name + "/" + (node.outputs.first ?? "")).utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return hash
    }

    /// Uniform FP32 numbers in [0, 1).
    func uniform(_ shape: Shape, seed: UInt64) throws(ImportError) -> ValueID {
        try emit(.random(Random(shape: shape, seed: seed)))
    }
}
