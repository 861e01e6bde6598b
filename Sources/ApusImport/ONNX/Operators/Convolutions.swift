import ApusGraph

/// Where a window slides over spatial axes.
struct SpatialWindow {
    var kernel: [Int]
    var strides: [Int]
    var dilations: [Int]
    var low: [Int]
    var high: [Int]

    /// The extent that a dilated kernel covers.
    func reach(_ axis: Int) -> Int { (kernel[axis] - 1) * dilations[axis] + 1 }
}

extension NodeContext {
    /// The window that kernel_shape, strides, dilations, pads and auto_pad describe.
    func window(kernel: [Int], over extents: [Int]) throws(ImportError) -> SpatialWindow {
        let count = extents.count
        var window = SpatialWindow(
            kernel: kernel, strides: try spatial("strides", count, default: 1),
            dilations: try spatial("dilations", count, default: 1),
            low: Array(repeating: 0, count: count), high: Array(repeating: 0, count: count))
        try require(
            kernel.count == count && kernel.allSatisfy { (1...1 << 20).contains($0) },
            "kernel_shape", "\(kernel)", "\(count) extents from 1 to 2^20")
        let mode = string("auto_pad", default: "NOTSET")
        switch mode {
        case "NOTSET", "":
            if let pads = ints("pads"), !pads.isEmpty {
                try require(
                    pads.count == 2 * count, "length of pads", "\(pads.count)", "\(2 * count)")
                try require(pads.allSatisfy { abs(Double($0)) < 1e9 }, "pads", "\(pads)", "small")
                window.low = Array(pads[..<count])
                window.high = Array(pads[count...])
            }
        case "VALID": break
        case "SAME_UPPER", "SAME_LOWER":
            for axis in 0..<count {
                let positions = (extents[axis] + window.strides[axis] - 1) / window.strides[axis]
                let covered = (positions - 1) * window.strides[axis] + window.reach(axis)
                let total = max(covered - extents[axis], 0)
                window.low[axis] = mode == "SAME_UPPER" ? total / 2 : (total + 1) / 2
                window.high[axis] = total - window.low[axis]
            }
        default:
            throw illegal("auto_pad", mode, "NOTSET, VALID, SAME_UPPER or SAME_LOWER")
        }
        return window
    }

    /// The spatial extents of `[N, C, spatial…]`.
    func spatialExtents(_ x: ValueID) throws(ImportError) -> [Int] {
        try require(rank(x) >= 3, "rank", "\(rank(x))", "at least 3")
        return Array(shape(x).dimensions.dropFirst(2))
    }

    /// A convolution as the node's attributes describe it.
    func convolve(
        _ x: ValueID, _ weight: ValueID, _ resultType: ElementType
    ) throws(ImportError) -> ValueID {
        let extents = try spatialExtents(x)
        try require(rank(weight) == rank(x), "rank of the weight", "\(rank(weight))", "\(rank(x))")
        let kernel = Array(shape(weight).dimensions.dropFirst(2))
        if let declared = ints("kernel_shape"), !declared.isEmpty {
            try require(
                declared == kernel, "kernel_shape", "\(declared)", "\(kernel) as the weight has")
        }
        let window = try window(kernel: kernel, over: extents)
        let groups = int("group", default: 1)
        try require(groups >= 1, "group", "\(groups)", "at least 1")
        return try emit(
            .convolution(
                Convolution(
                    strides: window.strides, low: window.low, high: window.high,
                    weightDilations: window.dilations, groups: groups, resultType: resultType)),
            x, weight)
    }

    /// Adds a value for each channel.
    func addPerChannel(_ x: ValueID, _ bias: ValueID) throws(ImportError) -> ValueID {
        try add(x, try along(1, rank: rank(x), bias))
    }
}

extension OperatorTable {
    static let convolutions: [OperatorRow] = [
        OperatorRow("Conv", note: "one to three spatial axes", convolution),
        OperatorRow("ConvTranspose", note: "one to three spatial axes", transposedConvolution),
    ]

    private static func convolution(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let product = try node.convolve(x, try node.input(1), node.elementType(x))
        guard let bias = try node.optionalInput(2) else { return product }
        return try node.addPerChannel(product, bias)
    }

    /// Convolution of the input with zeros between its elements, and the kernel turned round.
    private static func transposedConvolution(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (x, weight) = (try node.input(0), try node.input(1))
        let extents = try node.spatialExtents(x)
        let count = extents.count
        try node.require(
            node.rank(weight) == count + 2, "rank of the weight", "\(node.rank(weight))",
            "\(count + 2)")
        let groups = node.int("group", default: 1)
        let shape = node.shape(weight).dimensions
        try node.require(
            groups >= 1 && shape[0] % max(groups, 1) == 0, "group", "\(groups)",
            "a divisor of \(shape[0]) channels")
        let kernel = Array(shape.dropFirst(2))
        let window = try transposedWindow(node, kernel, extents)
        let spatial = Array(0..<count)
        var turned = try node.reshape(weight, [groups, shape[0] / groups, shape[1]] + kernel)
        turned = try node.transpose(turned, [0, 2, 1] + spatial.map { $0 + 3 })
        turned = try node.reshape(turned, [groups * shape[1], shape[0] / groups] + kernel)
        for axis in spatial where kernel[axis] > 1 {
            turned = try node.reverse(turned, axis: axis + 2)
        }
        let convolution = Convolution(
            strides: spatial.map { _ in 1 },
            low: spatial.map { window.reach($0) - 1 - window.low[$0] },
            high: spatial.map { window.reach($0) - 1 - window.high[$0] },
            inputDilations: window.strides, weightDilations: window.dilations, groups: groups,
            resultType: node.elementType(x))
        let product = try node.emit(.convolution(convolution), x, turned)
        guard let bias = try node.optionalInput(2) else { return product }
        return try node.addPerChannel(product, bias)
    }

    /// The window of a transposed convolution, with output padding taken off the high end.
    private static func transposedWindow(
        _ node: NodeContext, _ kernel: [Int], _ extents: [Int]
    ) throws(ImportError) -> SpatialWindow {
        let count = extents.count
        var window = SpatialWindow(
            kernel: kernel, strides: try node.spatial("strides", count, default: 1),
            dilations: try node.spatial("dilations", count, default: 1),
            low: Array(repeating: 0, count: count), high: Array(repeating: 0, count: count))
        let extra = node.ints("output_padding") ?? Array(repeating: 0, count: count)
        try node.require(
            extra.count == count && extra.allSatisfy { (0...1 << 24).contains($0) },
            "output_padding", "\(extra)", "\(count) extents that are not negative")
        let mode = node.string("auto_pad", default: "NOTSET")
        let shape = node.ints("output_shape").map { Array($0.suffix(count)) }
        if let pads = node.ints("pads"), shape == nil, mode == "NOTSET" {
            try node.require(
                pads.count == 2 * count, "length of pads", "\(pads.count)", "\(2 * count)")
            try node.require(pads.allSatisfy { abs(Double($0)) < 1e9 }, "pads", "\(pads)", "small")
            window.low = Array(pads[..<count])
            window.high = (0..<count).map { pads[count + $0] - extra[$0] }
            return window
        }
        for axis in 0..<count {
            let full = window.strides[axis] * (extents[axis] - 1) + extra[axis] + window.reach(axis)
            let isSame = mode.hasPrefix("SAME")
            let target =
                shape.map { $0.count == count ? $0[axis] : 0 }
                ?? (isSame ? extents[axis] * window.strides[axis] : full)
            try node.require(
                target > 0 && target < 1 << 40, "output_shape", "\(target)", "positive")
            let total = full - target
            let half = (total - (total & 1)) / 2
            window.low[axis] = mode == "SAME_UPPER" ? half : total - half
            window.high[axis] = total - window.low[axis] - extra[axis]
        }
        return window
    }
}
