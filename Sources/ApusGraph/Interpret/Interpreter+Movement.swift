extension Interpreter {
    static func transpose(_ operand: Tensor, _ permutation: [Int]) -> Tensor {
        let strides = operand.type.byteStrides
        let extents = permutation.map { operand.shape[$0] }
        return view(
            operand, TensorType(operand.elementType, Shape(extents)), offset: 0,
            strides: permutation.map { strides[$0] })
    }

    static func broadcast(_ operand: Tensor, _ type: TensorType) -> Tensor {
        view(operand, type, offset: 0, strides: operand.type.broadcastStrides(to: type.shape))
    }

    static func evaluate(_ slice: Slice, _ operand: Tensor, _ type: TensorType) -> Tensor {
        let strides = operand.type.byteStrides
        let offset = zip(slice.starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
        return view(
            operand, type, offset: type.shape.elementCount == 0 ? 0 : offset,
            strides: zip(strides, slice.strides).map { $0 * $1 })
    }

    /// A tensor of elements of another that lie at byte strides from a byte offset.
    private static func view(
        _ operand: Tensor, _ type: TensorType, offset: Int, strides: [Int]
    ) -> Tensor {
        Tensor(uninitialised: type) { result in
            operand.withBytes { bytes in
                guard let source = bytes.baseAddress, let destination = result.baseAddress,
                    type.shape.elementCount > 0
                else { return }
                copyElements(
                    extents: type.shape.dimensions, width: type.elementType.byteCount,
                    from: source + offset, strides: strides, to: destination,
                    strides: type.byteStrides)
            }
        }
    }

    static func evaluate(
        _ padding: Padding, _ operands: [Tensor], _ type: TensorType
    ) -> Tensor {
        var result = broadcast(operands[1], type)
        let operand = operands[0]
        let sourceStrides = operand.type.byteStrides
        let resultStrides = type.byteStrides
        var (sourceOffset, resultOffset) = (0, 0)
        var (counts, steps): ([Int], [Int]) = ([], [])
        for axis in 0..<type.rank {
            let step = padding.interior[axis] + 1
            let low = padding.low[axis]
            // Source i lands at low + i · step; the first and the last that land inside:
            let first = low >= 0 ? 0 : (-low + step - 1) / step
            let room = type.shape[axis] - 1 - low
            let last = min(operand.shape[axis] - 1, room < 0 ? -1 : room / step)
            guard first <= last else { return result }
            sourceOffset += first * sourceStrides[axis]
            resultOffset += (low + first * step) * resultStrides[axis]
            counts.append(last - first + 1)
            steps.append(step)
        }
        let width = type.elementType.byteCount
        result.withMutableBytes { destination in
            operand.withBytes { source in
                guard let from = source.baseAddress, let to = destination.baseAddress else {
                    return
                }
                copyElements(
                    extents: counts, width: width, from: from + sourceOffset,
                    strides: sourceStrides, to: to + resultOffset,
                    strides: zip(resultStrides, steps).map { $0 * $1 })
            }
        }
        return result
    }

    static func concatenate(_ operands: [Tensor], _ axis: Int, _ type: TensorType) -> Tensor {
        let outerCount = type.shape.prefix(axis).reduce(1, *)
        let innerBytes = type.shape.dropFirst(axis + 1).reduce(type.elementType.byteCount, *)
        let rowBytes = type.shape[axis] * innerBytes
        return Tensor(uninitialised: type) { result in
            guard let destination = result.baseAddress, type.shape.elementCount > 0 else { return }
            var column = 0
            for operand in operands {
                let bytes = operand.shape[axis] * innerBytes
                operand.withBytes { source in
                    guard let from = source.baseAddress, bytes > 0 else { return }
                    for row in 0..<outerCount {
                        (destination + row * rowBytes + column)
                            .copyMemory(from: from + row * bytes, byteCount: bytes)
                    }
                }
                column += bytes
            }
        }
    }

    static func iota(_ type: TensorType, _ axis: Int) -> Tensor {
        let count = type.shape[axis]
        let inner = type.shape.dropFirst(axis + 1).reduce(1, *)
        let positions = Tensor((0..<count).map { Int64($0) }, shape: [count, 1])
        let line = convert(positions, Conversion(to: type.elementType))
        let plane = broadcast(line, TensorType(type.elementType, [count, inner]))
        let outer = type.shape.prefix(axis).reduce(1, *)
        let whole = broadcast(plane, TensorType(type.elementType, [outer, count, inner]))
        return whole.reshaped(to: type.shape)
    }
}
