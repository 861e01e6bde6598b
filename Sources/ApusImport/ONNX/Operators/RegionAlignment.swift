import ApusGraph

/// One RoiAlign node: regions are known at import, so places and weights are constants.
struct RegionAlignment {
    private let node: NodeContext
    private let isMaximum: Bool
    private let offset: Double
    private let outputHeight: Int
    private let outputWidth: Int
    private let samples: Int
    private let scale: Double

    /// What one region reads: four places and weights for each sample of each bin.
    private struct Region {
        var sampleCount = 0
        var places: [Int64] = []
        var weights: [Float] = []
    }

    init(_ node: NodeContext) throws(ImportError) {
        self.node = node
        let mode = node.string("mode", default: "avg")
        try node.require(["avg", "max"].contains(mode), "mode", mode, "avg or max")
        isMaximum = mode == "max"
        // Before version 16 coordinates were not moved by half an element.
        let usual = node.version >= 16 ? "half_pixel" : "output_half_pixel"
        let isHalf =
            node.string("coordinate_transformation_mode", default: usual) == "half_pixel"
        offset = isHalf ? 0.5 : 0
        outputHeight = node.int("output_height", default: 1)
        outputWidth = node.int("output_width", default: 1)
        samples = node.int("sampling_ratio", default: 0)
        scale = node.float("spatial_scale", default: 1)
        let sizes = [outputHeight, outputWidth]
        try node.require(
            sizes.allSatisfy { (1...4096).contains($0) } && (0...256).contains(samples),
            "output size and sampling ratio", "\(sizes + [samples])", "small and positive")
    }

    func apply() throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let shape = node.shape(x)
        let corners = try node.doubles(try node.input(1))
        let images = try node.integers(try node.input(2))
        try node.require(
            shape.rank == 4 && corners.count == images.count * 4 && shape.elementCount > 0,
            "shape of x and regions", "\(shape), \(corners.count)", "[N, C, H, W], 4 · count")
        guard !images.isEmpty else {
            let extents = try node.checkedShape([0, shape[1], outputHeight, outputWidth])
            return node.constant(Tensor(zeros: TensorType(node.elementType(x), extents)))
        }
        let rows = try node.reshape(
            try node.transpose(x, [0, 2, 3, 1]), [shape[0] * shape[2] * shape[3], shape[1]])
        // Neighbours with the same number of samples share one gather.
        var runs: [[Region]] = []
        for (number, image) in images.enumerated() {
            try node.require(
                (0..<shape[0]).contains(image), "batch index", "\(image)", "in 0..<\(shape[0])")
            let region = try region(
                Array(corners[number * 4..<number * 4 + 4]), image: image, shape)
            if let last = runs.last?.first, last.sampleCount == region.sampleCount {
                runs[runs.count - 1].append(region)
            } else {
                runs.append([region])
            }
        }
        var parts: [ValueID] = []
        for run in runs { parts.append(try pooled(rows, run, like: x)) }
        return try node.transpose(
            try node.reshape(
                try node.concatenate(parts, axis: 0),
                [images.count, outputHeight, outputWidth, shape[1]]), [0, 3, 1, 2])
    }

    /// One row of channels for each bin of each region.
    private func pooled(
        _ rows: ValueID, _ regions: [Region], like x: ValueID
    ) throws(ImportError) -> ValueID {
        let bins = regions.count * outputHeight * outputWidth
        let channels = node.shape(rows)[1]
        let taps = regions[0].sampleCount * 4
        guard taps > 0 else {
            return try node.broadcast(try node.scalar(0, like: x), [bins, channels])
        }
        let places = node.constant(Tensor(regions.flatMap(\.places), shape: [bins, taps]))
        let weights = node.constant(Tensor(regions.flatMap(\.weights), shape: [bins, taps, 1]))
        let weighted = try node.multiply(
            try node.gather(rows, places, axis: 0), try node.convert(weights, like: x))
        if isMaximum { return try node.reduce(.maximum, weighted, axes: [1], keep: false) }
        let sum = try node.reduce(.sum, weighted, axes: [1], keep: false)
        return try node.divide(sum, Double(taps / 4))
    }

    private func region(
        _ corners: [Double], image: Int, _ shape: Shape
    ) throws(ImportError) -> Region {
        let (height, width) = (shape[2], shape[3])
        let (left, top) = (corners[0] * scale - offset, corners[1] * scale - offset)
        var extentX = corners[2] * scale - offset - left
        var extentY = corners[3] * scale - offset - top
        // Without the half-pixel rule regions are at least one element wide.
        if offset == 0 { (extentX, extentY) = (max(extentX, 1), max(extentY, 1)) }
        let binX = extentX / Double(outputWidth)
        let binY = extentY / Double(outputHeight)
        try node.require(
            abs(binX) < 1e4 && abs(binY) < 1e4, "region", "\(corners)", "of a small extent")
        let countX = samples > 0 ? samples : max(Int(binX.rounded(.up)), 0)
        let countY = samples > 0 ? samples : max(Int(binY.rounded(.up)), 0)
        var region = Region(sampleCount: countX * countY)
        let work = region.sampleCount * 4 * outputHeight * outputWidth
        guard work <= 1 << 22 else {
            throw node.failure(.limit(field: "samples of a region", found: work, bound: 1 << 22))
        }
        for bin in 0..<outputHeight * outputWidth {
            for sample in 0..<region.sampleCount {
                let stepY = (Double(sample / countX) + 0.5) / Double(countY)
                let stepX = (Double(sample % countX) + 0.5) / Double(countX)
                let y = top + (Double(bin / outputWidth) + stepY) * binY
                let x = left + (Double(bin % outputWidth) + stepX) * binX
                append(&region, y: y, x: x, height: height, width: width, image: image)
            }
        }
        return region
    }

    /// Adds the four places around a sample.
    private func append(
        _ region: inout Region, y: Double, x: Double, height: Int, width: Int, image: Int
    ) {
        guard y >= -1, y <= Double(height), x >= -1, x <= Double(width) else {
            region.places += [0, 0, 0, 0]
            region.weights += [0, 0, 0, 0]
            return
        }
        let (lowY, highY, partY) = neighbours(y, height)
        let (lowX, highX, partX) = neighbours(x, width)
        let start = image * height * width
        for (row, rowWeight) in [(lowY, 1 - partY), (highY, partY)] {
            for (column, columnWeight) in [(lowX, 1 - partX), (highX, partX)] {
                region.places.append(Int64(start + row * width + column))
                region.weights.append(Float(rowWeight * columnWeight))
            }
        }
    }

    private func neighbours(
        _ place: Double, _ extent: Int
    ) -> (low: Int, high: Int, fraction: Double) {
        let inside = max(place, 0)
        let low = Int(inside)
        if low >= extent - 1 { return (extent - 1, extent - 1, 0) }
        return (low, low + 1, inside - Double(low))
    }
}
