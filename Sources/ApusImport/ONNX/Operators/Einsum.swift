import ApusGraph

// Einsum: each operand is brought to one axis per label, then operands are contracted in order.
extension OperatorTable {
    static func einsum(_ node: NodeContext) throws(ImportError) -> ValueID {
        let equation = node.string("equation", default: "").filter { $0 != " " }
        let values = try node.allInputs()
        let sides = equation.split(separator: ">", omittingEmptySubsequences: false)
        let left = sides[0].hasSuffix("-") ? sides[0].dropLast() : sides[0]
        let terms = left.split(separator: ",", omittingEmptySubsequences: false)
        try node.require(
            terms.count == values.count && sides.count <= 2, "equation", equation,
            "with one term for each input")
        var operands: [(value: ValueID, labels: [Label])] = []
        for (term, value) in zip(terms, values) {
            let labels = try Label.parse(node, String(term), rank: node.rank(value))
            operands.append(try diagonal(node, value, labels))
        }
        let ellipsisRank = operands.map { $0.labels.filter(\.isEllipsis).count }.max() ?? 0
        let output =
            sides.count == 2
            ? try Label.parse(node, String(sides[1]), ellipsisRank: ellipsisRank)
            : Label.implicitOutput(operands.map(\.labels), ellipsisRank)
        var result = operands[0]
        for index in 1..<max(operands.count, 1) where index < operands.count {
            let later = Set(operands[(index + 1)...].flatMap(\.labels) + output)
            result = try product(node, result, operands[index], keeping: later)
        }
        let kept = Set(output)
        let folded = result.labels.indices.filter { !kept.contains(result.labels[$0]) }
        let sum =
            folded.isEmpty
            ? result.value : try node.reduce(.sum, result.value, axes: folded, keep: false)
        let remaining = result.labels.filter { kept.contains($0) }
        var order: [Int] = []
        for label in output {
            guard let place = remaining.firstIndex(of: label) else {
                throw node.illegal("equation", equation, "an output of labels that the inputs have")
            }
            order.append(place)
        }
        return try node.transpose(sum, order)
    }

    /// An axis of an operand: a letter, or one of the axes that an ellipsis stands for, counted
    /// from the last.
    private enum Label: Hashable {
        case letter(Character)
        case ellipsis(Int)

        var isEllipsis: Bool { if case .ellipsis = self { true } else { false } }

        static func parse(
            _ node: NodeContext, _ term: String, rank: Int
        ) throws(ImportError) -> [Label] {
            let letters = term.filter { $0 != "." }.count
            let labels = try parse(
                node, term, ellipsisRank: term.contains(".") ? rank - letters : 0)
            try node.require(labels.count == rank, "equation term", term, "of \(rank) labels")
            return labels
        }

        static func parse(
            _ node: NodeContext, _ term: String, ellipsisRank: Int
        ) throws(ImportError) -> [Label] {
            var labels: [Label] = []
            var rest = Substring(term)
            while let first = rest.first {
                if rest.hasPrefix("...") {
                    labels += (0..<max(ellipsisRank, 0)).reversed().map { .ellipsis($0) }
                    rest = rest.dropFirst(3)
                } else {
                    try node.require(
                        first.isLetter, "equation term", term, "letters and one ellipsis")
                    labels.append(.letter(first))
                    rest = rest.dropFirst()
                }
            }
            return labels
        }

        /// Labels that occur once, in the alphabet's order, after the ellipsis.
        static func implicitOutput(_ terms: [[Label]], _ ellipsisRank: Int) -> [Label] {
            let all = terms.flatMap { $0 }
            let letters = all.compactMap {
                if case .letter(let letter) = $0 { letter } else { nil }
            }
            let once = Set(letters).filter { letter in letters.filter { $0 == letter }.count == 1 }
            return (0..<ellipsisRank).reversed().map { .ellipsis($0) }
                + once.sorted().map { .letter($0) }
        }
    }

    /// Takes the diagonal of axes that share a label.
    private static func diagonal(
        _ node: NodeContext, _ value: ValueID, _ labels: [Label]
    ) throws(ImportError) -> (value: ValueID, labels: [Label]) {
        var (value, labels) = (value, labels)
        while let second = labels.indices.first(where: { labels[..<$0].contains(labels[$0]) }),
            let first = labels.firstIndex(of: labels[second])
        {
            let extents = node.shape(value).dimensions
            try node.require(
                extents[first] == extents[second], "extents of one label",
                "\([extents[first], extents[second]])", "equal")
            let rows = try node.along(
                first, rank: extents.count, try node.iota(.int64, [extents[first]], axis: 0))
            let columns = try node.along(
                second, rank: extents.count, try node.iota(.int64, [extents[second]], axis: 0))
            let masked = try node.select(
                try node.compare(.equal, rows, columns), value, try node.scalar(0, like: value))
            value = try node.reduce(.sum, masked, axes: [second], keep: false)
            labels.remove(at: second)
        }
        return (value, labels)
    }

    private static func product(
        _ node: NodeContext, _ left: (value: ValueID, labels: [Label]),
        _ right: (value: ValueID, labels: [Label]), keeping: Set<Label>
    ) throws(ImportError) -> (value: ValueID, labels: [Label]) {
        func extent(_ side: (value: ValueID, labels: [Label]), _ label: Label) -> Int {
            node.shape(side.value)[side.labels.firstIndex(of: label) ?? 0]
        }
        let shared = left.labels.filter { right.labels.contains($0) }
        let isPlain = shared.allSatisfy { extent(left, $0) == extent(right, $0) }
        guard isPlain else { return try broadcastProduct(node, left, right) }
        let batch = shared.filter { keeping.contains($0) }
        let contracted = shared.filter { !keeping.contains($0) }
        let dot = Dot(
            leftBatch: batch.compactMap { left.labels.firstIndex(of: $0) },
            rightBatch: batch.compactMap { right.labels.firstIndex(of: $0) },
            leftContracting: contracted.compactMap { left.labels.firstIndex(of: $0) },
            rightContracting: contracted.compactMap { right.labels.firstIndex(of: $0) },
            resultType: node.elementType(left.value))
        let value = try node.emit(.dot(dot), left.value, right.value)
        let labels =
            batch + left.labels.filter { !shared.contains($0) }
            + right.labels.filter { !shared.contains($0) }
        return (value, labels)
    }

    /// A product of operands of which one has extent 1 where the other is wider.
    private static func broadcastProduct(
        _ node: NodeContext, _ left: (value: ValueID, labels: [Label]),
        _ right: (value: ValueID, labels: [Label])
    ) throws(ImportError) -> (value: ValueID, labels: [Label]) {
        let labels = left.labels + right.labels.filter { !left.labels.contains($0) }
        func spread(_ side: (value: ValueID, labels: [Label])) throws(ImportError) -> ValueID {
            let present = labels.filter { side.labels.contains($0) }
            let ordered = try node.transpose(
                side.value, present.compactMap { side.labels.firstIndex(of: $0) })
            var extents = node.shape(ordered).dimensions.makeIterator()
            return try node.reshape(
                ordered, labels.map { side.labels.contains($0) ? extents.next() ?? 1 : 1 })
        }
        return (try node.multiply(try spread(left), try spread(right)), labels)
    }
}
