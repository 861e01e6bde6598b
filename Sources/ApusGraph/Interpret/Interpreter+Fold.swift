extension Interpreter {
    static func reduce(
        _ reduction: Reduction, _ operand: Tensor, _ axes: [Int], _ type: TensorType
    ) -> Tensor {
        if operand.elementType.isFloat {
            return reduce(reduction, operand, axes, type, identity: reduction.identity()) {
                reduction.onDouble($0, $1)
            }
        }
        let function = reduction.onInteger(operand.elementType)
        let identity = reduction.identity(of: operand.elementType)
        return reduce(reduction, operand, axes, type, identity: identity, function)
    }

    private static func reduce<Wide: Lane>(
        _ reduction: Reduction, _ operand: Tensor, _ axes: [Int], _ type: TensorType,
        identity: Wide, _ function: (Wide, Wide) -> Wide
    ) -> Tensor {
        let kept = (0..<operand.shape.rank).filter { !axes.contains($0) }
        let rows = LaneBuffer<Wide>(transpose(operand, kept + axes.sorted()))
        let count = axes.reduce(1) { $0 * operand.shape[$1] }
        let results = LaneBuffer<Wide>(zeros: type.shape.elementCount)
        for row in 0..<type.shape.elementCount {
            var result = identity
            let line = rows.start + row * count
            for index in 0..<count { result = function(result, line[index]) }
            results.start[row] = result
        }
        return results.tensor(type)
    }

    static func evaluate(
        _ argument: ArgumentReduction, _ operand: Tensor, _ type: TensorType
    ) -> Tensor {
        let precedes = order(operand.elementType, descending: argument.largest)
        let count = operand.shape[argument.axis]
        let lines = linesLast(operand, argument.axis)
        let places = LaneBuffer<Int64>(zeros: type.shape.elementCount)
        lines.withOrderKeys { keys in
            for row in 0..<type.shape.elementCount {
                let line = keys + row * count
                var best = 0
                for index in 1..<max(count, 1) {
                    let isBetter = precedes(line[index], line[best])
                    let isEqual = argument.selectsLast && !precedes(line[best], line[index])
                    if isBetter || isEqual { best = index }
                }
                places.start[row] = Int64(best)
            }
        }
        return places.tensor(type)
    }

    static func evaluate(_ sort: Sort, _ operand: Tensor, _ types: [TensorType]) -> [Tensor] {
        let precedes = order(operand.elementType, descending: sort.descending)
        let count = operand.shape[sort.axis]
        let lines = linesLast(operand, sort.axis)
        var lineShape = lines.shape.dimensions
        lineShape[lineShape.count - 1] = sort.count
        let rowCount = count == 0 ? 0 : lines.elementCount / count
        let places = LaneBuffer<Int64>(zeros: rowCount * sort.count)
        lines.withOrderKeys { keys in
            for row in 0..<rowCount {
                let line = keys + row * count
                // The position breaks ties, so the order does not depend on the sort's stability.
                let sorted = (0..<count).sorted { left, right in
                    precedes(line[left], line[right])
                        || (!precedes(line[right], line[left]) && left < right)
                }
                for place in 0..<sort.count {
                    places.start[row * sort.count + place] = Int64(sorted[place])
                }
            }
        }
        let indices = lastAxis(places.tensor(TensorType(.int64, Shape(lineShape))), to: sort.axis)
        guard let values = try? gatherElements([operand, indices], sort.axis, types[0]) else {
            preconditionFailure("sorted positions are inside their axis")
        }
        return [values, indices]
    }

    static func evaluate(_ scan: Scan, _ operand: Tensor) -> Tensor {
        if operand.elementType.isFloat { return evaluate(scan, operand, as: Double.self) }
        return evaluate(scan, operand, as: Int64.self)
    }

    private static func evaluate<Wide: Lane>(
        _ scan: Scan, _ operand: Tensor, as _: Wide.Type
    ) -> Tensor {
        let lines = linesLast(operand, scan.axis)
        let values = LaneBuffer<Wide>(lines)
        let count = operand.shape[scan.axis]
        for row in 0..<(count == 0 ? 0 : lines.elementCount / count) {
            let line = values.start + row * count
            var running = scan.fold == .sum ? Wide.zero : Wide.one
            for step in 0..<count {
                let index = scan.isReversed ? count - 1 - step : step
                let next =
                    scan.fold == .sum
                    ? Wide.add(running, line[index]) : Wide.multiply(running, line[index])
                line[index] = scan.isExclusive ? running : next
                running = next
            }
        }
        return lastAxis(values.tensor(lines.type), to: scan.axis)
    }
}

// MARK: - Lines along an axis

extension Interpreter {
    /// The operand with `axis` moved to the end.
    static func linesLast(_ operand: Tensor, _ axis: Int) -> Tensor {
        guard axis != operand.shape.rank - 1 else { return operand }
        return transpose(operand, (0..<operand.shape.rank).filter { $0 != axis } + [axis])
    }

    /// The operand with its last axis moved to `axis`.
    static func lastAxis(_ operand: Tensor, to axis: Int) -> Tensor {
        let last = operand.shape.rank - 1
        guard axis != last else { return operand }
        var permutation = Array(0..<last)
        permutation.insert(last, at: axis)
        return transpose(operand, permutation)
    }

    /// Whether one order key comes before another.
    private static func order(
        _ type: ElementType, descending: Bool
    ) -> (Int64, Int64) -> Bool {
        descending ? { $0 > $1 } : { $0 < $1 }
    }
}

extension Tensor {
    /// Lends integers that compare as the elements do; NaN is the greatest, zeros are equal.
    func withOrderKeys(_ body: (UnsafePointer<Int64>) -> Void) {
        let keys = LaneBuffer<Int64>(zeros: elementCount)
        if elementType.isFloat {
            let values = LaneBuffer<Double>(self)
            for index in 0..<elementCount {
                let value = values.start[index]
                let bits = Int64(bitPattern: value.magnitude.bitPattern)
                keys.start[index] = value.isNaN ? .max : value < 0 ? -bits : bits
            }
        } else {
            let values = LaneBuffer<Int64>(self)
            let flip: Int64 = elementType == .uint64 ? .min : 0
            for index in 0..<elementCount { keys.start[index] = values.start[index] ^ flip }
        }
        body(UnsafePointer(keys.start))
    }
}

extension Reduction {
    /// The result of folding nothing.
    fileprivate func identity() -> Double {
        switch self {
        case .sum, .sumOfSquares: return 0
        case .product: return 1
        case .maximum: return -.infinity
        case .minimum: return .infinity
        case .and, .or: preconditionFailure("\(self) folds bool only")
        }
    }

    fileprivate func identity(of type: ElementType) -> Int64 {
        switch self {
        case .sum, .sumOfSquares, .or: return 0
        case .product, .and: return 1
        case .maximum: return type == .bool ? 0 : type.integerBounds.least
        case .minimum:
            return type == .bool ? 1 : type == .uint64 ? -1 : type.integerBounds.greatest
        }
    }

    @inline(__always)
    fileprivate func onDouble(_ result: Double, _ element: Double) -> Double {
        switch self {
        case .sum: return result + element
        case .product: return result * element
        case .sumOfSquares: return result + element * element
        case .maximum:
            return result.isNaN || element.isNaN ? .nan : Double.maximum(result, element)
        case .minimum:
            return result.isNaN || element.isNaN ? .nan : Double.minimum(result, element)
        case .and, .or: preconditionFailure("\(self) folds bool only")
        }
    }

    fileprivate func onInteger(_ type: ElementType) -> (Int64, Int64) -> Int64 {
        switch self {
        case .sum: return { $0 &+ $1 }
        case .product: return { $0 &* $1 }
        case .sumOfSquares: return { $0 &+ $1 &* $1 }
        case .maximum: return Binary.maximum.onInteger(type)
        case .minimum: return Binary.minimum.onInteger(type)
        case .and: return { $0 & $1 }
        case .or: return { $0 | $1 }
        }
    }
}
