import ApusGraph

/// Cuts a graph into groups, each of which becomes a launch or a host step.
///
/// Nodes are taken in order. An elementwise node or a fold joins the group that computes one of its
/// operands if the group's domain can hold it and no other operand waits for that group; otherwise
/// it begins a group. Movement belongs to no group.
struct Partition {
    let graph: Graph
    let roles: [NodeRole]
    /// For each value the node that defines it.
    let definitions: [Int?]
    private(set) var groups: [Group] = []
    /// The group that computes each value.
    private(set) var groupOfValue: [ValueID: Int] = [:]
    /// Values that are another value of a group under a shape with other ones.
    private(set) var aliasInGroup: [ValueID: Int] = [:]
    /// For each group, all groups it waits for.
    private var ancestors: [Set<Int>] = []
    /// For each value, the groups that must run before it is known.
    private var sources: [Set<Int>]

    /// Argument memory bounds how much one launch can do.
    static let nodesMax = 40
    static let externalsMax = 10

    init(graph: Graph, roles: [NodeRole]) {
        self.graph = graph
        self.roles = roles
        sources = [Set<Int>](repeating: [], count: graph.values.count)
        definitions = graph.definingNodes()
        for (index, node) in graph.nodes.enumerated() { place(index, node) }
    }

    private mutating func place(_ index: Int, _ node: Node) {
        switch roles[index] {
        case .movement:
            let waits = node.inputs.reduce(into: Set<Int>()) { $0.formUnion(sources[$1.index]) }
            for output in node.outputs { sources[output.index] = waits }
            if case .reshape = node.operation { alias(index, node) }
        case .host(let reason): begin(index, node, kind: .host(reason))
        case .anchor: begin(index, node, kind: .anchored)
        case .elementwise, .fold:
            for candidate in candidates(node) where join(index, node, candidate) { return }
            begin(index, node, kind: .stream)
        }
    }

    /// Groups of the operands, the latest first.
    private func candidates(_ node: Node) -> [Int] {
        let found = Set(node.inputs.compactMap { groupOfValue[$0] ?? aliasInGroup[$0] })
        return found.sorted { groups[$0].nodes.last ?? 0 > groups[$1].nodes.last ?? 0 }
    }

    /// A group of one node.
    static func fresh(
        _ index: Int, _ node: Node, kind: Group.Kind, graph: Graph, roles: [NodeRole]
    ) -> Group {
        let output = graph.type(of: node.outputs[0]).shape
        var group = Group(kind: kind, nodes: [index], domain: output.dimensions)
        group.externals = Set(node.inputs)
        if case .fold = roles[index], case .reduce(_, let axes, let keeps) = node.operation {
            group.domain = graph.type(of: node.inputs[0]).shape.dimensions
            group.folded = Set(axes.filter { group.domain[$0] != 1 })
            group.maps[node.outputs[0]] = foldMap(
                (0..<group.domain.count).map { group.domain[$0] == 1 ? nil : $0 }, axes, keeps)
        } else if kind == .stream || kind == .anchored {
            for value in node.outputs {
                let shape = graph.type(of: value).shape
                group.maps[value] = (0..<shape.rank).map { shape[$0] == 1 ? nil : $0 }
            }
        }
        return group
    }

    private mutating func begin(_ index: Int, _ node: Node, kind: Group.Kind) {
        let number = groups.count
        groups.append(Self.fresh(index, node, kind: kind, graph: graph, roles: roles))
        ancestors.append(node.inputs.reduce(into: []) { $0.formUnion(sources[$1.index]) })
        for source in ancestors[number] { ancestors[number].formUnion(ancestors[source]) }
        define(node, in: number)
    }

    private mutating func define(_ node: Node, in number: Int) {
        for output in node.outputs {
            groupOfValue[output] = number
            sources[output.index] = [number]
        }
    }

    /// A reshape of a group's value that only inserts or removes extents of one.
    private mutating func alias(_ index: Int, _ node: Node) {
        guard let number = groupOfValue[node.inputs[0]] ?? aliasInGroup[node.inputs[0]],
            let map = groups[number].maps[node.inputs[0]]
        else { return }
        let from = graph.type(of: node.inputs[0]).shape
        let to = graph.type(of: node.outputs[0]).shape
        guard from.filter({ $0 != 1 }) == to.filter({ $0 != 1 }) else { return }
        var wide = zip(from, map).filter { $0.0 != 1 }.map(\.1).makeIterator()
        groups[number].maps[node.outputs[0]] = to.map { extent -> Int? in
            extent == 1 ? nil : wide.next() ?? nil
        }
        aliasInGroup[node.outputs[0]] = number
    }

    private static func foldMap(_ map: [Int?], _ axes: [Int], _ keeps: Bool) -> [Int?] {
        map.indices.compactMap { axis -> Int?? in
            if axes.contains(axis) { return keeps ? .some(nil) : nil }
            return .some(map[axis])
        }
    }

    /// Adds a node to a group if that is possible.
    private mutating func join(_ index: Int, _ node: Node, _ number: Int) -> Bool {
        var group = groups[number]
        if case .host = group.kind { return false }
        guard group.nodes.count < Self.nodesMax, isOpen(number, to: node) else { return false }
        let inside = node.inputs.filter { group.maps[$0] != nil }
        let outside = node.inputs.filter { group.maps[$0] == nil }
        // Another operand that waits for this group would make a cycle.
        for value in outside {
            for source in sources[value.index]
            where source == number || ancestors[source].contains(number) { return false }
        }
        switch node.operation {
        case .reduce(_, let axes, let keeps):
            guard group.kind == .stream, let map = group.maps[inside[0]] else { return false }
            let folded = Set(axes.compactMap { map[$0] })
            guard group.folded.isEmpty || group.folded == folded, !folded.isEmpty else {
                return false
            }
            group.folded = folded
            group.maps[node.outputs[0]] = Self.foldMap(map, axes, keeps)
        default:
            let operands = inside.compactMap { value in
                group.maps[value].map { (map: $0, shape: graph.type(of: value).shape) }
            }
            guard
                let alignment = AxisAlignment.joining(
                    shape: graph.type(of: node.outputs[0]).shape, operands: operands,
                    domain: group.domain, folded: group.folded)
            else { return false }
            group.maps[node.outputs[0]] = alignment.map
        }
        group.externals.formUnion(outside.filter { graph.constant($0)?.splatImmediate == nil })
        guard group.externals.count <= Self.externalsMax else { return false }
        group.nodes.append(index)
        groups[number] = group
        let before = ancestors[number]
        for value in outside {
            for source in sources[value.index] {
                ancestors[number].insert(source)
                ancestors[number].formUnion(ancestors[source])
            }
        }
        if ancestors[number] != before {
            for other in groups.indices where ancestors[other].contains(number) {
                ancestors[other].formUnion(ancestors[number])
            }
        }
        define(node, in: number)
        return true
    }

    /// Whether the group's launch can go on with this node.
    private func isOpen(_ number: Int, to node: Node) -> Bool {
        let group = groups[number]
        guard group.kind == .anchored else { return true }
        let anchor = graph.nodes[group.nodes[0]].operation
        switch anchor {
        case .dot, .convolution, .reduceWindow: return true
        // 64-bit elements are gathered whole, and the Vector engine reads none of them.
        case .gather:
            let result = graph.nodes[group.nodes[0]].outputs[0]
            return graph.type(of: result).elementType.byteCount < 8
        default: return false
        }
    }

    /// The groups in an order in which each follows all it waits for.
    func schedule() -> [Int] {
        var order: [Int] = []
        var done = Set<Int>()
        let pending = groups.indices.sorted {
            (groups[$0].nodes.last ?? 0) < (groups[$1].nodes.last ?? 0)
        }
        for number in pending where !done.contains(number) {
            let missing = ancestors[number].subtracting(done)
            // Ancestors are closed under waiting, so sorting by how many they wait for is an order.
            for group in missing.sorted(by: {
                (ancestors[$0].count, $0) < (ancestors[$1].count, $1)
            }) + [number] {
                order.append(group)
                done.insert(group)
            }
        }
        return order
    }
}
