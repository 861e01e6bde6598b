extension HostFunctions {
    /// Operands boxes `[N, count, 4]` and scores `[N, classes, count]`; attributes `countMax` for
    /// each class, `overlapMax`, `scoreMin` (none: all) and `isCentred`. The `int64` triples
    /// `[n, class, box]` of the boxes that are kept, best first within a class.
    static func nonMaxSuppression(
        _ operation: HostOperation, _ operands: [Tensor]
    ) throws(GraphError) -> [Tensor] {
        let boxes = try operand(operation, operands, 0)
        let scores = try operand(operation, operands, 1)
        guard boxes.shape.rank == 3, scores.shape.rank == 3, boxes.shape[2] == 4,
            boxes.shape[0] == scores.shape[0], boxes.shape[1] == scores.shape[2],
            let corners = boxes.doubles, let points = scores.doubles
        else {
            throw .shapesDisagree(operation: operation.name, [boxes.shape, scores.shape])
        }
        let rule = SuppressionRule(operation)
        let count = boxes.shape[1]
        var kept: [Int64] = []
        for batch in 0..<boxes.shape[0] {
            let areas = (0..<count).map { box in
                let start = (batch * count + box) * 4
                return Box(Array(corners[start..<start + 4]), isCentred: rule.isCentred)
            }
            for category in 0..<scores.shape[1] {
                let start = (batch * scores.shape[1] + category) * count
                for box in rule.select(areas, scores: Array(points[start..<start + count])) {
                    kept += [Int64(batch), Int64(category), Int64(box)]
                }
            }
        }
        return [Tensor(kept, shape: [kept.count / 3, 3])]
    }
}

private struct SuppressionRule {
    var countMax = 0
    var overlapMax = 0.0
    var scoreMin: Double?
    var isCentred = false

    init(_ operation: HostOperation) {
        if case .integer(let count)? = operation.attributes["countMax"] { countMax = count }
        if case .float(let overlap)? = operation.attributes["overlapMax"] { overlapMax = overlap }
        if case .float(let score)? = operation.attributes["scoreMin"] { scoreMin = score }
        if case .integer(let flag)? = operation.attributes["isCentred"] { isCentred = flag != 0 }
    }

    /// The boxes of one class that are kept, best first; among equal scores the lower index.
    func select(_ boxes: [Box], scores: [Double]) -> [Int] {
        let candidates = boxes.indices
            .filter { index in scoreMin.map { scores[index] > $0 } ?? true }
            .sorted { scores[$0] > scores[$1] || (scores[$0] == scores[$1] && $0 < $1) }
        var kept: [Int] = []
        for candidate in candidates {
            guard kept.count < countMax else { break }
            if kept.allSatisfy({ boxes[$0].overlap(boxes[candidate]) <= overlapMax }) {
                kept.append(candidate)
            }
        }
        return kept
    }
}

/// An upright rectangle.
private struct Box {
    var x: ClosedRange<Double>
    var y: ClosedRange<Double>

    /// Of two corners (y, x, y, x) or of a centre, width and height (x, y, w, h).
    init(_ numbers: [Double], isCentred: Bool) {
        func range(_ a: Double, _ b: Double) -> ClosedRange<Double> {
            a.isNaN || b.isNaN ? 0...0 : Swift.min(a, b)...Swift.max(a, b)
        }
        if isCentred {
            x = range(numbers[0] - numbers[2] / 2, numbers[0] + numbers[2] / 2)
            y = range(numbers[1] - numbers[3] / 2, numbers[1] + numbers[3] / 2)
        } else {
            x = range(numbers[1], numbers[3])
            y = range(numbers[0], numbers[2])
        }
    }

    var area: Double { (x.upperBound - x.lowerBound) * (y.upperBound - y.lowerBound) }

    /// Intersection over union, 0 if there is none.
    func overlap(_ other: Box) -> Double {
        let width =
            Swift.min(x.upperBound, other.x.upperBound)
            - Swift.max(x.lowerBound, other.x.lowerBound)
        let height =
            Swift.min(y.upperBound, other.y.upperBound)
            - Swift.max(y.lowerBound, other.y.lowerBound)
        guard width > 0, height > 0 else { return 0 }
        let common = width * height
        return common / (area + other.area - common)
    }
}
