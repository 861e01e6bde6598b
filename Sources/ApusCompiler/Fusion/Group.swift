import ApusGraph

/// Nodes that become one launch: values between them live in local memory only.
struct Group: Sendable {
    /// What the first node is.
    enum Kind: Hashable, Sendable {
        /// Elementwise nodes and folds of lines.
        case stream
        /// Led by a node that is neither, such as a convolution.
        case anchored
        /// One node on the host.
        case host(String)
    }

    var kind: Kind
    /// Indices in ``Graph/nodes``, ascending; reshapes that only insert or remove ones are among
    /// them.
    var nodes: [Int]
    /// The shape over which the launch iterates.
    var domain: [Int]
    /// Domain axes that folds run over; each tile holds them whole.
    var folded: Set<Int> = []
    /// For each value computed here, the domain axis that each of its axes is; nil for extents of
    /// one.
    var maps: [ValueID: [Int?]] = [:]
    /// Values read from outside.
    var externals: Set<ValueID> = []
}

/// How a value's axes lie on a domain, when operands broadcast to one shape.
struct AxisAlignment {
    /// For each axis of the result, the domain axis.
    var map: [Int?]

    /// Lays the result of an elementwise node on the domain of operands computed in a group; nil if
    /// it has an axis that the domain lacks, or operands disagree.
    static func joining(
        shape: Shape, operands: [(map: [Int?], shape: Shape)], domain: [Int], folded: Set<Int>
    ) -> AxisAlignment? {
        var map = [Int?](repeating: nil, count: shape.rank)
        for (operandMap, operandShape) in operands {
            let shift = shape.rank - operandShape.rank
            for axis in 0..<operandShape.rank where operandShape[axis] != 1 {
                guard let domainAxis = operandMap[axis] else { return nil }
                if let known = map[axis + shift], known != domainAxis { return nil }
                map[axis + shift] = domainAxis
            }
        }
        // What no operand of the group varies along may run along lines that were folded before.
        for axis in 0..<shape.rank where shape[axis] != 1 && map[axis] == nil {
            guard
                let free = folded.sorted().first(where: {
                    domain[$0] == shape[axis] && !map.contains($0)
                })
            else { return nil }
            map[axis] = free
        }
        let used = map.compactMap { $0 }
        guard Set(used).count == used.count else { return nil }
        return AxisAlignment(map: map)
    }
}
