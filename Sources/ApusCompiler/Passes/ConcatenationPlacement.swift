import ApusGraph

/// Where in a concatenation's buffer a value is computed at once, so that nothing is copied.
struct ConcatenationPlacement: Hashable, Sendable {
    /// The concatenation's result.
    var whole: ValueID
    var axis: Int
    var start: Int

    /// Chooses for each operand of each concatenation; outer concatenations before inner ones.
    static func choose(
        graph: Graph, partition: Partition, rounded: Set<ValueID>
    ) -> [ValueID: ConcatenationPlacement] {
        var placements: [ValueID: ConcatenationPlacement] = [:]
        let outputs = Set(graph.outputs.map(\.value))
        for node in graph.nodes.reversed() {
            guard case .concatenate(let axis) = node.operation else { continue }
            var start = 0
            for (position, input) in node.inputs.enumerated() {
                let count = graph.type(of: input).shape[axis]
                defer { start += count }
                guard count > 0, placements[input] == nil, !outputs.contains(input),
                    rounded.contains(input) == rounded.contains(node.outputs[0]),
                    !node.inputs[..<position].contains(input),
                    isWrittenOnChip(input, graph, partition)
                else { continue }
                placements[input] = ConcatenationPlacement(
                    whole: node.outputs[0], axis: axis, start: start)
            }
        }
        return placements
    }

    private static func isWrittenOnChip(
        _ value: ValueID, _ graph: Graph, _ partition: Partition
    ) -> Bool {
        if let number = partition.groupOfValue[value] {
            if case .host = partition.groups[number].kind { return false }
            return true
        }
        guard let index = partition.definitions[value.index] else { return false }
        if case .concatenate = graph.nodes[index].operation { return true }
        return false
    }
}
