import ApusGraph

// Resize and Upsample: each axis on its own, by gathers or products with constant weights.
extension OperatorTable {
    static let resizing: [OperatorRow] = [
        OperatorRow("Resize") { (node: NodeContext) throws(ImportError) in
            try Resizing(node, scales: 1, coordinates: "asymmetric", nearest: "floor").apply()
        },
        OperatorRow("Resize", since: 11) { (node: NodeContext) throws(ImportError) in
            try Resizing(
                node, scales: 2,
                coordinates: node.string(
                    "coordinate_transformation_mode", default: "half_pixel"),
                nearest: node.string("nearest_mode", default: "round_prefer_floor")
            ).apply()
        },
        OperatorRow("Upsample") { (node: NodeContext) throws(ImportError) in
            try Resizing(node, scales: 1, coordinates: "asymmetric", nearest: "floor").apply()
        },
    ]
}

/// One Resize node.
private struct Resizing {
    let node: NodeContext
    let scalesInput: Int
    let coordinates: String
    let nearest: String
    let mode: String

    /// What one axis becomes.
    struct Axis {
        var input: Int
        var output: Int
        var scale: Double
        var regionStart = 0.0
        var regionEnd = 1.0
    }

    /// The places that one result reads, with their weights; outside marks a place to be filled.
    struct Taps {
        var places: [Int] = []
        var weights: [Double] = []
        var isOutside = false
    }

    init(_ node: NodeContext, scales: Int, coordinates: String, nearest: String) {
        self.node = node
        scalesInput = scales
        self.coordinates = coordinates
        self.nearest = nearest
        mode = node.string("mode", default: "nearest")
    }

    func apply() throws(ImportError) -> ValueID {
        let x = try node.input(0)
        try node.require(
            ["nearest", "linear", "bilinear", "trilinear", "cubic"].contains(mode), "mode", mode,
            "nearest, linear or cubic")
        let plan = try plan(x)
        if mode == "nearest" { return try resized(x, plan) }
        return try node.throughFloat(x) { (x) throws(ImportError) in try resized(x, plan) }
    }

    private func resized(_ x: ValueID, _ plan: [Axis]) throws(ImportError) -> ValueID {
        var result = x
        for (index, axis) in plan.enumerated() {
            guard
                axis.input != axis.output || axis.scale != 1 || coordinates == "tf_crop_and_resize"
            else { continue }
            try node.require(axis.input > 0, "extent of axis \(index)", "0", "positive")
            guard axis.output <= 1 << 20 else {
                throw node.failure(
                    .limit(field: "resized extent", found: axis.output, bound: 1 << 20))
            }
            result = try resized(result, index, try taps(axis))
        }
        return result
    }

    /// The extents that sizes or scales ask for.
    private func plan(_ x: ValueID) throws(ImportError) -> [Axis] {
        let extents = node.shape(x).dimensions
        let axes = try node.axes(node.ints("axes") ?? Array(extents.indices), rank: extents.count)
        var plan = extents.map { Axis(input: $0, output: $0, scale: 1) }
        if let sizes = try sizes() {
            try node.require(
                sizes.count == axes.count, "length of sizes", "\(sizes.count)", "\(axes.count)")
            var ratios = zip(axes, sizes).map { Double($1) / Double(max(extents[$0], 1)) }
            let policy = node.string("keep_aspect_ratio_policy", default: "stretch")
            let isStretched = policy == "stretch"
            if !isStretched {
                let ratio = (policy == "not_larger" ? ratios.min() : ratios.max()) ?? 1
                ratios = ratios.map { _ in ratio }
            }
            for (index, axis) in axes.enumerated() {
                plan[axis].scale = ratios[index]
                plan[axis].output =
                    isStretched
                    ? sizes[index]
                    : Int((ratios[index] * Double(extents[axis])).rounded(.toNearestOrAwayFromZero))
            }
        } else {
            let scales = try scales()
            try node.require(
                scales.count == axes.count, "length of scales", "\(scales.count)", "\(axes.count)")
            for (axis, scale) in zip(axes, scales) {
                try node.require(scale > 0 && scale < 1e6, "scale", "\(scale)", "positive")
                plan[axis].scale = scale
                // Scales are FP32: 0.6 of 10 is meant to be 6.
                plan[axis].output = Int(Double(Float(extents[axis]) * Float(scale)).rounded(.down))
            }
        }
        for axis in plan {
            try node.require(axis.output >= 0, "size", "\(axis.output)", "not negative")
        }
        if coordinates == "tf_crop_and_resize" {
            let region = try node.doubles(try node.input(1))
            try node.require(
                region.count == 2 * axes.count, "length of roi", "\(region.count)",
                "\(2 * axes.count)")
            for (index, axis) in axes.enumerated() {
                plan[axis].regionStart = region[index]
                plan[axis].regionEnd = region[index + axes.count]
            }
        }
        return plan
    }

    private func sizes() throws(ImportError) -> [Int]? {
        guard scalesInput == 2, let input = try node.optionalInput(3),
            node.shape(input).elementCount > 0
        else { return nil }
        return try node.shortList(input)
    }

    private func scales() throws(ImportError) -> [Double] {
        if let scales = node.floats("scales") { return scales.map(Double.init) }
        return try node.doubles(try node.input(scalesInput))
    }

    /// Where result `place` lies in the input.
    private func position(_ place: Int, _ axis: Axis) throws(ImportError) -> Double {
        let x = Double(place)
        let (input, output) = (Double(axis.input), Double(axis.output))
        switch coordinates {
        case "asymmetric": return x / axis.scale
        case "half_pixel": return (x + 0.5) / axis.scale - 0.5
        case "pytorch_half_pixel": return axis.output > 1 ? (x + 0.5) / axis.scale - 0.5 : 0
        case "align_corners":
            // The resized extent counts before it is rounded to whole places.
            let resized = axis.scale * input
            return axis.output > 1 && resized != 1 ? x * (input - 1) / (resized - 1) : 0
        case "tf_half_pixel_for_nn": return (x + 0.5) / axis.scale
        case "half_pixel_symmetric":
            let adjustment = output / (axis.scale * input)
            return input / 2 * (1 - adjustment) + (x + 0.5) / axis.scale - 0.5
        case "tf_crop_and_resize":
            let (start, end) = (axis.regionStart, axis.regionEnd)
            if axis.output <= 1 { return 0.5 * (start + end) * (input - 1) }
            return start * (input - 1) + x * (end - start) * (input - 1) / (output - 1)
        default:
            throw node.illegal(
                "coordinate_transformation_mode", coordinates, "a mode of the operator")
        }
    }

    private func taps(_ axis: Axis) throws(ImportError) -> [Taps] {
        let excludes = node.flag("exclude_outside")
        let stretch = node.flag("antialias") ? min(axis.scale, 1) : 1
        let reach = mode == "cubic" ? 2 / stretch : 1 / stretch
        guard reach <= 4096 else {
            throw node.failure(
                .limit(
                    field: "width of the resampling kernel", found: Int(min(reach, 1e9)),
                    bound: 4096))
        }
        var result: [Taps] = []
        for place in 0..<axis.output {
            let x = try position(place, axis)
            var taps = Taps()
            taps.isOutside =
                coordinates == "tf_crop_and_resize" && (x < 0 || x > Double(axis.input - 1))
            try node.require(abs(x) < 1e9, "resized position", "\(x)", "near the image")
            if mode == "nearest" {
                taps.places = [min(max(try rounded(x), 0), axis.input - 1)]
                taps.weights = [1]
            } else {
                for at in Int((x - reach).rounded(.down))...Int((x + reach).rounded(.up)) {
                    var weight = weight((Double(at) - x) * stretch)
                    if excludes, at < 0 || at >= axis.input { weight = 0 }
                    guard weight != 0 else { continue }
                    taps.places.append(min(max(at, 0), axis.input - 1))
                    taps.weights.append(weight)
                }
                let sum = taps.weights.reduce(0, +)
                if sum != 0 { taps.weights = taps.weights.map { $0 / sum } }
            }
            result.append(taps)
        }
        return result
    }

    private func rounded(_ x: Double) throws(ImportError) -> Int {
        switch nearest {
        case "floor": return Int(x.rounded(.down))
        case "ceil": return Int(x.rounded(.up))
        case "round_prefer_floor": return Int((x - 0.5).rounded(.up))
        case "round_prefer_ceil": return Int((x + 0.5).rounded(.down))
        default: throw node.illegal("nearest_mode", nearest, "a mode of the operator")
        }
    }

    /// The kernel: a triangle, or the cubic convolution with its one parameter.
    private func weight(_ distance: Double) -> Double {
        let t = abs(distance)
        guard mode == "cubic" else { return max(1 - t, 0) }
        let a = node.float("cubic_coeff_a", default: -0.75)
        if t <= 1 { return ((a + 2) * t - (a + 3)) * t * t + 1 }
        return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0
    }

    /// Resizes one axis: a gather for each tap, or one product if there are many.
    private func resized(
        _ x: ValueID, _ axis: Int, _ taps: [Taps]
    ) throws(ImportError) -> ValueID {
        let width = taps.map(\.places.count).max() ?? 0
        var result: ValueID
        if width <= 1 {
            result = try node.gather(x, taps.map { $0.places.first ?? 0 }, axis: axis)
        } else if width <= 4 {
            result = try gathered(x, axis, taps, width)
        } else {
            result = try multiplied(x, axis, taps)
        }
        if taps.contains(where: \.isOutside) {
            let mask = node.constant(Tensor(taps.map(\.isOutside), shape: [taps.count]))
            let fill = try node.scalar(node.float("extrapolation_value", default: 0), like: x)
            result = try node.select(try node.along(axis, rank: node.rank(x), mask), fill, result)
        }
        return result
    }

    private func gathered(
        _ x: ValueID, _ axis: Int, _ taps: [Taps], _ width: Int
    ) throws(ImportError) -> ValueID {
        var sum: ValueID?
        for tap in 0..<width {
            let places = taps.map { tap < $0.places.count ? $0.places[tap] : 0 }
            let weights = taps.map { tap < $0.weights.count ? $0.weights[tap] : 0 }
            let table = try node.convert(
                node.constant(Tensor(weights, shape: [weights.count])), like: x)
            let term = try node.multiply(
                try node.gather(x, places, axis: axis),
                try node.along(axis, rank: node.rank(x), table))
            sum = try sum.map { (known) throws(ImportError) in try node.add(known, term) } ?? term
        }
        return sum ?? x
    }

    private func multiplied(_ x: ValueID, _ axis: Int, _ taps: [Taps]) throws(ImportError)
        -> ValueID
    {
        let extent = node.shape(x)[axis]
        var matrix = [Double](repeating: 0, count: extent * taps.count)
        for (column, tap) in taps.enumerated() {
            for (place, weight) in zip(tap.places, tap.weights) {
                matrix[place * taps.count + column] += weight
            }
        }
        let table = try node.convert(
            node.constant(Tensor(matrix, shape: [extent, taps.count])), like: x)
        let last = node.rank(x) - 1
        let product = try node.project(try node.swapAxes(x, axis, last), table)
        return try node.swapAxes(product, axis, last)
    }
}
