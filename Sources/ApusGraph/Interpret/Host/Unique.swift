extension HostFunctions {
    /// Operand x; attributes `axis` (none: of all elements) and `sorted` (1 or 0). Results: the
    /// different slices, ascending or in order of appearance; the `int64` positions of their first
    /// appearance; for each slice of x the place of its equal among them; how often each appears.
    static func unique(
        _ operation: HostOperation, _ operands: [Tensor]
    ) throws(GraphError) -> [Tensor] {
        let x = try operand(operation, operands, 0)
        guard x.elementType.isNumber || x.elementType == .bool else {
            throw .elementType(operation: operation.name, x.elementType)
        }
        var isSorted = true
        if case .integer(let flag)? = operation.attributes["sorted"] { isSorted = flag != 0 }
        var source = x.reshaped(to: [x.elementCount])
        var axis = 0
        if case .integer(let given)? = operation.attributes["axis"] {
            guard given >= 0, given < x.shape.rank else {
                throw .axis(operation: operation.name, axis: given, rank: x.shape.rank)
            }
            (source, axis) = (x, given)
        }
        let order = [axis] + (0..<source.shape.rank).filter { $0 != axis }
        let rows = Interpreter.transpose(source, order)
        let count = rows.shape[0]
        let width = count == 0 ? 0 : rows.elementCount / count
        let groups = group(rows, count: count, width: width, isSorted: isSorted)
        let places = Tensor(groups.firsts.map { Int64($0) }, shape: [groups.firsts.count])
        let values = try Interpreter.evaluate(.gather(axis: axis), [source, places])[0]
        return [
            values, places, Tensor(groups.places, shape: [count]),
            Tensor(groups.counts, shape: [groups.counts.count]),
        ]
    }

    private struct Groups {
        var firsts: [Int] = []
        var counts: [Int64] = []
        // For each row, its group.
        var places: [Int64]
    }

    private static func group(_ rows: Tensor, count: Int, width: Int, isSorted: Bool) -> Groups {
        var groups = Groups(places: [Int64](repeating: 0, count: count))
        rows.withOrderKeys { keys in
            func precedes(_ left: Int, _ right: Int) -> Bool? {
                for column in 0..<width {
                    let (a, b) = (keys[left * width + column], keys[right * width + column])
                    if a != b { return a < b }
                }
                return nil
            }
            let sorted = (0..<count).sorted { precedes($0, $1) ?? ($0 < $1) }
            var runs: [[Int]] = []
            for row in sorted {
                if let last = runs.last?.first, precedes(last, row) == nil {
                    runs[runs.count - 1].append(row)
                } else {
                    runs.append([row])
                }
            }
            if !isSorted { runs.sort { $0[0] < $1[0] } }
            for (place, run) in runs.enumerated() {
                groups.firsts.append(run[0])
                groups.counts.append(Int64(run.count))
                for row in run { groups.places[row] = Int64(place) }
            }
        }
        return groups
    }
}
