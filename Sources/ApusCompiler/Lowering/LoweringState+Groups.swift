import ApusGraph
import ApusKernels
import ApusNumerics

extension LoweringState {
    /// Lowers all groups in order; what fits no launch runs on the host.
    mutating func lowerAll() {
        for number in partition.schedule() { lower(partition.groups[number]) }
        for output in graph.outputs { finish(output) }
    }

    private mutating func lower(_ group: Group) {
        if case .host(let reason) = group.kind { return runOnHost(group.nodes[0], reason) }
        do throws(TilingError) {
            let program = try launch(group)
            append(
                .launch(program, label: label(group), nodes: group.nodes))
            return
        } catch {
            if group.nodes.count == 1 {
                return runOnHost(group.nodes[0], "no tile fits the chip: \(error)")
            }
        }
        // Too much for one launch: each node gets its own, and what passes between them the arena.
        for index in group.nodes { lower(single(index, in: group)) }
    }

    private func single(_ index: Int, in group: Group) -> Group {
        let node = graph.nodes[index]
        var result = Partition.fresh(
            index, node, kind: roles[index] == .anchor ? .anchored : .stream, graph: graph,
            roles: roles)
        result.externals = Set(node.inputs)
        return result
    }

    private func label(_ group: Group) -> String {
        let first = graph.nodes[group.nodes[0]]
        let name = first.name.isEmpty ? first.operation.name : first.name
        return group.nodes.count == 1 ? name : "\(name) +\(group.nodes.count - 1)"
    }

    private mutating func launch(_ group: Group) throws(TilingError) -> TileProgram {
        guard group.kind == .anchored else { return try StreamLowering.lower(group, state: &self) }
        switch graph.nodes[group.nodes[0]].operation {
        case .dot(let dot): return try ContractionLowering.lower(dot, group, state: &self)
        case .convolution(let convolution):
            return try ConvolutionLowering.lower(convolution, group, state: &self)
        case .reduceWindow(let fold, let window):
            return try PoolingLowering.lower(fold, window, group, state: &self)
        case .gather(let axis):
            return try GatherLowering.lower(axis: axis, group, state: &self)
        case .scan(let scan):
            return try LineLowering(node(of: group), axis: scan.axis, group, state: &self)
                .scan(scan, state: &self)
        case .argument(let argument):
            return try LineLowering(node(of: group), axis: argument.axis, group, state: &self)
                .argument(argument, state: &self)
        case .sort(let sort):
            return try LineLowering(node(of: group), axis: sort.axis, group, state: &self)
                .sort(sort, state: &self)
        default: throw .unsupported(graph.nodes[group.nodes[0]].operation.name)
        }
    }

    private func node(of group: Group) -> Node { graph.nodes[group.nodes[0]] }

    /// Has the reference interpreter compute a node between launches.
    mutating func runOnHost(_ index: Int, _ reason: String) {
        let node = graph.nodes[index]
        refuse(index, reason)
        var inputs: [View] = []
        for value in node.inputs {
            guard let view = try? hostView(value, node: index) else {
                preconditionFailure("no launch copies \(value) for the host")
            }
            inputs.append(view)
        }
        let outputs = node.outputs.map { hostStorage($0) }
        append(.host(node: index, inputs: inputs, outputs: outputs))
        for output in node.outputs { markComputed(output) }
    }

    private mutating func hostView(_ value: ValueID, node: Int) throws(TilingError) -> View {
        let format = graph.type(of: value).elementType.arenaFormat
        return try contiguous(
            try readView(value), format: format, label: graph.nodes[node].name, node: node)
    }

    private mutating func finish(_ output: NamedValue) {
        let format = graph.type(of: output.value).elementType.arenaFormat
        guard let source = try? readView(output.value),
            let view = try? contiguous(source, format: format, label: output.name, node: -1)
        else { preconditionFailure("no launch copies output \(output.name)") }
        markOutput(view)
    }
}
