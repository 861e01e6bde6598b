extension Interpreter {
    static func reduceWindow(
        _ reduction: WindowReduction, _ operand: Tensor, _ window: Window, _ type: TensorType
    ) -> Tensor {
        let isSum = reduction == .sum
        if operand.elementType.isFloat {
            return reduceWindow(operand, window, type, identity: isSum ? 0 : -Double.infinity) {
                isSum ? $0 + $1 : $0.isNaN || $1.isNaN ? .nan : Double.maximum($0, $1)
            }
        }
        let isWide = operand.elementType == .uint64
        let identity = isSum ? 0 : operand.elementType.integerBounds.least
        let maximum = Binary.maximum.onInteger(operand.elementType)
        return reduceWindow(operand, window, type, identity: isWide ? 0 : identity) {
            isSum ? $0 &+ $1 : maximum($0, $1)
        }
    }

    /// Folds axis after axis, which sums and maxima allow, and rounds at the end.
    private static func reduceWindow<Wide: Lane>(
        _ operand: Tensor, _ window: Window, _ type: TensorType, identity: Wide,
        _ function: (Wide, Wide) -> Wide
    ) -> Tensor {
        var extents = operand.shape.dimensions
        var values = LaneBuffer<Wide>(operand)
        for axis in 0..<operand.shape.rank {
            let isWhole =
                window.extents[axis] == 1 && window.strides[axis] == 1 && window.low[axis] == 0
                && window.high[axis] == 0
            if isWhole { continue }
            let outer = extents.prefix(axis).reduce(1, *)
            let inner = extents.dropFirst(axis + 1).reduce(1, *)
            let (from, to) = (extents[axis], type.shape[axis])
            let folded = LaneBuffer<Wide>(zeros: outer * to * inner)
            for block in 0..<outer {
                for place in 0..<to {
                    let line = folded.start + (block * to + place) * inner
                    line.update(repeating: identity, count: inner)
                    for tap in 0..<window.extents[axis] {
                        let source =
                            place * window.strides[axis] + tap * window.dilations[axis]
                            - window.low[axis]
                        guard 0 <= source, source < from else { continue }
                        let other = values.start + (block * from + source) * inner
                        for index in 0..<inner { line[index] = function(line[index], other[index]) }
                    }
                }
            }
            extents[axis] = to
            values = folded
        }
        return values.tensor(type)
    }
}
