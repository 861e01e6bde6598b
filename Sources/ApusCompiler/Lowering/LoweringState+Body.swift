import ApusGraph
import ApusNumerics

extension LoweringState {
    /// The elementwise part of a group with the views it reads and writes, laid on the group's
    /// domain.
    mutating func body(of group: Group) throws(TilingError) -> GroupBody {
        let hasAnchor = group.kind == .anchored
        let nodes = hasAnchor ? Array(group.nodes.dropFirst()) : group.nodes
        var uses: [GroupBody.Use: View] = [:]
        for index in nodes {
            let node = graph.nodes[index]
            for value in node.inputs where group.maps[value] == nil {
                let map = GroupBody.operandMap(node, operand: value, group: group, graph: graph)
                let use = GroupBody.Use(value: value, map: map)
                guard uses[use] == nil else { continue }
                let type = graph.type(of: value).elementType
                var view = try readView(value)
                if type.byteCount == 8 { view = view.lowWords }
                if view.isPadded, type.byteCount == 8 {
                    view = try contiguous(view, format: view.format, label: "", node: index)
                }
                uses[use] = view.aligned(map: map, domainRank: group.domain.count)
            }
        }
        var outputs: [GroupBody.Output] = []
        for index in group.nodes {
            for value in graph.nodes[index].outputs {
                guard isNeededOutside(value, group), let map = group.maps[value] else { continue }
                let view = storageView(value).aligned(map: map, domainRank: group.domain.count)
                outputs.append(GroupBody.Output(value: value, view: view))
            }
        }
        return GroupBody(
            graph: graph, group: group, definitions: partition.definitions, nodes: nodes,
            uses: uses, outputs: outputs)
    }

    /// Whether anything but the group's own nodes reads a value.
    func isNeededOutside(_ value: ValueID, _ group: Group) -> Bool {
        if outputValues.contains(value) { return true }
        for user in users[value.index] where !group.nodes.contains(user) {
            // A reshape that the group sees through is outside only if its result is.
            let result = graph.nodes[user].outputs[0]
            if group.maps[result] == nil || isNeededOutside(result, group) { return true }
        }
        return false
    }

    /// Says that all results of a group can be read from now on.
    mutating func markComputed(_ body: GroupBody) {
        for output in body.outputs { markComputed(output.value) }
    }
}
