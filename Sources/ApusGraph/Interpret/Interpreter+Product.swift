extension Interpreter {
    static func evaluate(_ dot: Dot, _ operands: [Tensor], _ type: TensorType) -> Tensor {
        if operands[0].elementType.isFloat { return evaluate(dot, operands, type, as: Double.self) }
        return evaluate(dot, operands, type, as: Int64.self)
    }

    private static func evaluate<Wide: Lane>(
        _ dot: Dot, _ operands: [Tensor], _ type: TensorType, as _: Wide.Type
    ) -> Tensor {
        let (left, right) = (operands[0], operands[1])
        let leftFree = dot.leftFree(rank: left.shape.rank)
        let rightFree = dot.rightFree(rank: right.shape.rank)
        let batches = dot.leftBatch.reduce(1) { $0 * left.shape[$1] }
        let rows = leftFree.reduce(1) { $0 * left.shape[$1] }
        let columns = rightFree.reduce(1) { $0 * right.shape[$1] }
        let inner = dot.leftContracting.reduce(1) { $0 * left.shape[$1] }
        let a = LaneBuffer<Wide>(
            ordered(left, dot.leftBatch + leftFree + dot.leftContracting))
        let b = LaneBuffer<Wide>(
            ordered(right, dot.rightBatch + dot.rightContracting + rightFree))
        let sums = LaneBuffer<Wide>(zeros: type.shape.elementCount)
        for batch in 0..<batches {
            multiplyMatrices(
                rows: rows, columns: columns, inner: inner,
                left: a.start + batch * rows * inner, leftStride: inner,
                right: b.start + batch * inner * columns, rightStride: columns,
                result: sums.start + batch * rows * columns, resultStride: columns)
        }
        return sums.tensor(type)
    }

    /// The operand with its axes in this order.
    private static func ordered(_ operand: Tensor, _ axes: [Int]) -> Tensor {
        axes == Array(0..<axes.count) ? operand : transpose(operand, axes)
    }

    static func evaluate(
        _ convolution: Convolution, _ operands: [Tensor], _ type: TensorType
    ) -> Tensor {
        if operands[0].elementType.isFloat {
            return evaluate(convolution, operands, type, as: Double.self)
        }
        return evaluate(convolution, operands, type, as: Int64.self)
    }

    private static func evaluate<Wide: Lane>(
        _ convolution: Convolution, _ operands: [Tensor], _ type: TensorType, as _: Wide.Type
    ) -> Tensor {
        let patches = ConvolutionPatches(
            convolution, operands[0].shape, operands[1].shape, type.shape)
        let x = LaneBuffer<Wide>(operands[0])
        let weight = LaneBuffer<Wide>(operands[1])
        let sums = LaneBuffer<Wide>(zeros: type.shape.elementCount)
        let groups = convolution.groups
        let outputs = type.shape[1] / groups
        let (inner, positions) = (patches.inner, patches.positions)
        let blockColumns = 256
        let block = LaneBuffer<Wide>(zeros: inner * blockColumns)
        for image in 0..<type.shape[0] {
            for group in 0..<groups {
                let channels = x.start + (image * groups + group) * patches.groupElements
                for start in stride(from: 0, to: positions, by: blockColumns) {
                    let count = min(blockColumns, positions - start)
                    patches.fill(
                        block.start, stride: blockColumns, from: channels, first: start,
                        count: count)
                    multiplyMatrices(
                        rows: outputs, columns: count, inner: inner,
                        left: weight.start + group * outputs * inner, leftStride: inner,
                        right: block.start, rightStride: blockColumns,
                        result: sums.start + (image * groups + group) * outputs * positions + start,
                        resultStride: positions)
                }
            }
        }
        return sums.tensor(type)
    }
}

/// The matrix whose column p holds the elements of x that the weight meets at output position p.
private struct ConvolutionPatches {
    /// Rows: channels of a group times kernel positions.
    let inner: Int
    /// Columns: output positions of an image.
    let positions: Int
    /// Elements of x in one group of one image.
    let groupElements: Int
    // Always three spatial axes; missing ones have extent 1.
    private let input: [Int]
    private let kernel: [Int]
    private let output: [Int]
    private let strides: [Int]
    private let low: [Int]
    private let inputDilations: [Int]
    private let weightDilations: [Int]

    init(_ convolution: Convolution, _ x: Shape, _ weight: Shape, _ result: Shape) {
        func spatial(_ list: some Sequence<Int>, _ fill: Int) -> [Int] {
            let entries = Array(list)
            return Array(repeating: fill, count: 3 - entries.count) + entries
        }
        input = spatial(x.dropFirst(2), 1)
        kernel = spatial(weight.dropFirst(2), 1)
        output = spatial(result.dropFirst(2), 1)
        strides = spatial(convolution.strides, 1)
        low = spatial(convolution.low, 0)
        inputDilations = spatial(convolution.inputDilations, 1)
        weightDilations = spatial(convolution.weightDilations, 1)
        inner = weight[1] * kernel.reduce(1, *)
        positions = output.reduce(1, *)
        groupElements = weight[1] * input.reduce(1, *)
    }

    /// Fills columns `first ..< first + count`, `stride` elements from row to row.
    func fill<Wide: Lane>(
        _ block: UnsafeMutablePointer<Wide>, stride: Int, from x: UnsafePointer<Wide>, first: Int,
        count: Int
    ) {
        let plane = input.reduce(1, *)
        let kernelCount = kernel.reduce(1, *)
        var sources = [Int](repeating: -1, count: count)
        for tap in 0..<kernelCount {
            for column in 0..<count { sources[column] = source(of: first + column, tap: tap) }
            for channel in 0..<inner / max(kernelCount, 1) {
                let row = block + (channel * kernelCount + tap) * stride
                let values = x + channel * plane
                for column in 0..<count {
                    row[column] = sources[column] < 0 ? .zero : values[sources[column]]
                }
            }
        }
    }

    /// The element of a channel that a kernel position meets at an output position; −1 is zero.
    private func source(of position: Int, tap: Int) -> Int {
        var (position, tap, result, scale) = (position, tap, 0, 1)
        for axis in [2, 1, 0] {
            let place =
                position % output[axis] * strides[axis]
                + tap % kernel[axis] * weightDilations[axis] - low[axis]
            position /= output[axis]
            tap /= kernel[axis]
            guard place >= 0, place % inputDilations[axis] == 0 else { return -1 }
            let index = place / inputDilations[axis]
            guard index < input[axis] else { return -1 }
            result += index * scale
            scale *= input[axis]
        }
        return result
    }
}
