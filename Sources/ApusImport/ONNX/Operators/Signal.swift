import ApusGraph

#if canImport(Glibc)
    import Glibc
#endif

// Fourier transforms as products with constant matrices; windows and mel weights as constants.
extension OperatorTable {
    static let signal: [OperatorRow] = [
        OperatorRow("DFT") { (node: NodeContext) throws(ImportError) in
            try transform(node, axis: node.int("axis", default: 1))
        },
        OperatorRow("DFT", since: 20) { (node: NodeContext) throws(ImportError) in
            let axis = try node.optionalInput(2)
            return try transform(
                node, axis: try axis.map { (v) throws(ImportError) in try node.integer(v) } ?? -2)
        },
        OperatorRow("STFT", shortTimeTransform),
        OperatorRow("HannWindow") { (node: NodeContext) throws(ImportError) in
            try window(node) { 0.5 - 0.5 * cos($0) }
        },
        OperatorRow("HammingWindow") { (node: NodeContext) throws(ImportError) in
            try window(node) { 25.0 / 46 - 21.0 / 46 * cos($0) }
        },
        OperatorRow("BlackmanWindow") { (node: NodeContext) throws(ImportError) in
            try window(node) { 0.42 - 0.5 * cos($0) + 0.08 * cos(2 * $0) }
        },
        OperatorRow("MelWeightMatrix", melWeights),
    ]

    /// A constant window, as a function of the angle.
    private static func window(
        _ node: NodeContext, _ function: (Double) -> Double
    ) throws(ImportError) -> ValueID {
        let size = try node.integer(try node.input(0))
        try node.require((0...1 << 24).contains(size), "size", "\(size)", "from 0 to 2^24")
        let period = Double(node.flag("periodic", default: true) ? size : size - 1)
        let values = (0..<size).map { period > 0 ? function(2 * .pi * Double($0) / period) : 1 }
        return try typed(node, Tensor(values, shape: [size]))
    }

    /// A constant in the type that `output_datatype` names.
    private static func typed(_ node: NodeContext, _ tensor: Tensor) throws(ImportError) -> ValueID
    {
        let number = node.int("output_datatype", default: 1)
        guard let type = DataType.elementType(number) else {
            throw node.illegal("output_datatype", "\(number)", "a number type")
        }
        return try node.convert(node.constant(tensor), type)
    }

    private static func transform(_ node: NodeContext, axis: Int) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let rank = node.rank(x)
        try node.require(
            rank >= 2 && (1...2).contains(node.shape(x)[rank - 1]), "shape", "\(node.shape(x))",
            "[…, 1] or […, 2]")
        let axis = try node.axis(axis, rank: rank)
        try node.require(axis < rank - 1, "axis", "\(axis)", "not the last")
        var plan = FourierPlan(
            isInverse: node.flag("inverse"), isOneSided: node.flag("onesided"),
            length: node.shape(x)[axis], components: node.shape(x)[rank - 1])
        if plan.isReal { plan.length = 2 * (node.shape(x)[axis] - 1) }
        if let given = try node.optionalInput(1) { plan.length = try node.integer(given) }
        let count = min(node.shape(x)[axis], plan.inputCountMax)
        let cut = try node.slice(x, axis: axis, 0..<count)
        return try transformed(node, cut, axis: axis, plan)
    }

    /// The product along `axis` and the last axis with the transform's matrix.
    private static func transformed(
        _ node: NodeContext, _ x: ValueID, axis: Int, _ plan: FourierPlan
    ) throws(ImportError) -> ValueID {
        let rank = node.rank(x)
        let count = node.shape(x)[axis]
        try node.require(
            plan.length > 0 && count * plan.length <= 1 << 24, "length of the transform",
            "\(plan.length)", "positive, and at most 2^24 with the input's")
        let matrix = try node.convert(node.constant(plan.matrix(inputCount: count)), like: x)
        let dot = Dot(
            leftBatch: [], rightBatch: [], leftContracting: [axis, rank - 1],
            rightContracting: [0, 1], resultType: node.elementType(x))
        // The result has the other axes first, then frequencies and components.
        let product = try node.emit(.dot(dot), x, matrix)
        var permutation = Array(0..<rank - 2)
        permutation.insert(rank - 2, at: axis)
        return try node.transpose(product, permutation + [rank - 1])
    }

    private static func shortTimeTransform(_ node: NodeContext) throws(ImportError) -> ValueID {
        var x = try node.input(0)
        if node.rank(x) == 2 { x = try node.unsqueeze(x, 2) }
        try node.require(
            node.rank(x) == 3 && (1...2).contains(node.shape(x)[2]), "shape", "\(node.shape(x))",
            "[N, length, 1 or 2]")
        let step = try node.integer(try node.input(1))
        let window = try node.optionalInput(2)
        var length = window.map { node.shape($0).elementCount } ?? 0
        if let given = try node.optionalInput(3) { length = try node.integer(given) }
        let total = node.shape(x)[1]
        try node.require(
            step > 0 && length > 0 && length <= total, "frame step and length",
            "\(step), \(length)", "positive, and at most \(total)")
        let frames = (total - length) / step + 1
        guard frames * length <= 1 << 26 else {
            throw node.failure(.limit(field: "frames", found: frames * length, bound: 1 << 26))
        }
        let places = (0..<frames * length).map { Int64($0 / length * step + $0 % length) }
        var cut = try node.gather(
            x, node.constant(Tensor(places, shape: [frames, length])), axis: 1)
        if let window {
            try node.require(
                node.shape(window).elementCount == length, "length of the window",
                "\(node.shape(window))", "\(length)")
            cut = try node.multiply(cut, try node.along(2, rank: 4, window))
        }
        let plan = FourierPlan(
            isInverse: false, isOneSided: node.flag("onesided", default: true), length: length,
            components: node.shape(x)[2])
        return try transformed(node, cut, axis: 2, plan)
    }

    /// Triangles between equal steps of the mel scale, sampled at the bins of a transform.
    private static func melWeights(_ node: NodeContext) throws(ImportError) -> ValueID {
        let bands = try node.integer(try node.input(0))
        let length = try node.integer(try node.input(1))
        let rate = try node.integer(try node.input(2))
        let low = try node.doubles(try node.input(3)).first ?? 0
        let high = try node.doubles(try node.input(4)).first ?? 0
        try node.require(
            (0...4096).contains(bands) && (1...1 << 20).contains(length) && rate > 0,
            "bands, length and rate", "\([bands, length, rate])", "small and positive")
        let bins = length / 2 + 1
        let lowMel = 2595 * log1p(low / 700) / log(10)
        let step = (2595 * log1p(high / 700) / log(10) - lowMel) / Double(bands + 2)
        var edges: [Int] = []
        for band in 0..<bands + 2 {
            let hertz = 700 * expm1((Double(band) * step + lowMel) / 2595 * log(10))
            let edge = (Double(length + 1) * hertz / Double(rate)).rounded(.down)
            try node.require(edge >= 0 && edge <= Double(bins), "edge", "\(edge)", "0...\(bins)")
            edges.append(Int(edge))
        }
        var weights = [Double](repeating: 0, count: bins * bands)
        func set(_ bin: Int, _ band: Int, _ weight: Double) {
            if bin < bins { weights[bin * bands + band] = weight }
        }
        for band in 0..<bands {
            let (left, centre, right) = (edges[band], edges[band + 1], edges[band + 2])
            if left == centre { set(centre, band, 1) }
            for bin in left..<max(centre + 1, left) where centre > left {
                set(bin, band, Double(bin - left) / Double(centre - left))
            }
            for bin in centre..<max(right, centre) {
                set(bin, band, Double(right - bin) / Double(right - centre))
            }
        }
        return try typed(node, Tensor(weights, shape: [bins, bands]))
    }
}

/// A discrete Fourier transform as a matrix.
private struct FourierPlan {
    var isInverse: Bool
    var isOneSided: Bool
    var length: Int
    /// 1 for real input, 2 for complex input.
    var components: Int

    /// Whether half a spectrum becomes real numbers.
    var isReal: Bool { isInverse && isOneSided }

    /// The input elements that have a part in the result.
    var inputCountMax: Int { isReal ? length / 2 + 1 : length }

    /// `[inputs, components, outputs, result components]`.
    func matrix(inputCount: Int) -> Tensor {
        let outputs = isOneSided && !isInverse ? length / 2 + 1 : length
        let results = isReal ? 1 : 2
        let scale = isInverse ? 1 / Double(length) : 1
        var entries: [Double] = []
        entries.reserveCapacity(inputCount * components * outputs * results)
        let turns = (0..<length).map { unit(turn: $0) }
        for input in 0..<inputCount {
            // Half a spectrum stands for its mirror image too.
            let isAlone = input == 0 || 2 * input == length
            let weight = isReal && !isAlone ? 2 * scale : scale
            for component in 0..<components {
                for output in 0..<outputs {
                    let (cosine, sine) = turns[input * output % length]
                    let imaginary = isInverse ? sine : -sine
                    entries.append(weight * (component == 0 ? cosine : -imaginary))
                    if results == 2 {
                        entries.append(weight * (component == 0 ? imaginary : cosine))
                    }
                }
            }
        }
        return Tensor(entries, shape: [inputCount, components, outputs, results])
    }

    /// Cosine and sine of a fraction of a turn, with the symmetries of the circle kept exactly.
    private func unit(turn: Int) -> (cosine: Double, sine: Double) {
        if 2 * turn > length {
            let mirrored = unit(turn: length - turn)
            return (mirrored.cosine, -mirrored.sine)
        }
        if 4 * turn == length { return (0, 1) }
        if 4 * turn > length {
            let rest = Double.pi * Double(length - 2 * turn) / Double(length)
            return (-cos(rest), sin(rest))
        }
        let angle = 2 * .pi * Double(turn) / Double(length)
        return (cos(angle), sin(angle))
    }
}
