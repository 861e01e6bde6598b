import ApusChip
import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

/// Gives buffers their addresses and writes the program.
struct Assembly {
    let state: LoweringState

    /// The program, its arena planned and checked.
    func program(for chip: Chip) throws(CompileError) -> CompiledProgram {
        let (lifetimes, constants) = self.lifetimes()
        let plan = ArenaPlan(lifetimes)
        try plan.verify(lifetimes)
        let available = chip.memoryBytes
        guard plan.arenaBytes <= available else {
            throw .memory(needed: plan.arenaBytes, available: available)
        }
        var hostNodes: [Node] = []
        var steps: [Program.Step] = []
        for step in state.steps {
            switch step {
            case .launch(let program, let label, _):
                let encoded = program.relocated(plan).encode()
                steps.append(
                    .launch(
                        Launch(
                            kernel: "apus_tile", arguments: encoded.arguments,
                            relocations: encoded.relocations, label: label)))
            case .host(let index, let inputs, let outputs):
                let node = state.graph.nodes[index]
                steps.append(
                    .host(
                        HostStep(
                            index: hostNodes.count,
                            inputs: zip(node.inputs, inputs).map { port("", $0, $1, plan) },
                            outputs: zip(node.outputs, outputs).map { port("", $0, $1, plan) },
                            label: node.name.isEmpty ? node.operation.name : node.name)))
                hostNodes.append(node)
            }
        }
        let program = Program(
            image: .apus, arenaBytes: plan.arenaBytes,
            initialised: constants.map { Region(offset: plan.offsets[$0.index], bytes: $0.bytes) },
            inputs: state.graph.inputs.map {
                port($0.name, $0.value, state.view(of: $0.value), plan)
            },
            outputs: state.graph.outputs.enumerated().map { position, output in
                port(output.name, output.value, state.outputViews[position], plan)
            },
            steps: steps)
        return CompiledProgram(
            program: program, hostNodes: hostNodes,
            report: CompileReport(
                placements: placements(), memory: memory(lifetimes, plan, constants.map(\.index))))
    }

    private func port(_ name: String, _ value: ValueID, _ view: View, _ plan: ArenaPlan) -> Port {
        let type = state.graph.type(of: value)
        return Port(
            name: name, elementType: type.elementType.arenaFormat,
            tensorType: type.elementType.description, shape: type.shape.dimensions,
            offset: plan.offsets[view.buffer.index] + view.offset, bytes: type.byteCount)
    }

    /// When each buffer must keep its bytes, and the bytes of those that hold constants.
    private func lifetimes() -> (
        lifetimes: [ArenaPlan.Lifetime], constants: [(index: Int, bytes: [UInt8])]
    ) {
        let last = state.steps.count
        var lifetimes: [ArenaPlan.Lifetime] = []
        var constants: [(index: Int, bytes: [UInt8])] = []
        var used = [Bool](repeating: false, count: state.buffers.count)
        var range = [(first: Int, last: Int)](repeating: (last, 0), count: state.buffers.count)
        for (index, step) in state.steps.enumerated() {
            for buffer in step.buffers {
                used[buffer.index] = true
                range[buffer.index].first = min(range[buffer.index].first, index)
                range[buffer.index].last = max(range[buffer.index].last, index)
            }
        }
        for (index, buffer) in state.buffers.enumerated() {
            var bytes = buffer.bytes
            switch buffer.kind {
            case .input: range[index] = (0, buffer.isOutput ? last : range[index].last)
            case .constant(let tensor):
                range[index] = (0, last)
                if used[index] || buffer.isOutput {
                    constants.append((index, tensor.bytes))
                } else {
                    bytes = 0
                }
            case .packed(let packed):
                range[index] = (0, last)
                constants.append((index, packed))
            case .temporary:
                if buffer.isOutput { range[index].last = last }
                if !used[index] && !buffer.isOutput {
                    bytes = 0
                    range[index] = (0, 0)
                }
            }
            lifetimes.append(
                ArenaPlan.Lifetime(
                    bytes: bytes, first: range[index].first, last: range[index].last))
        }
        return (lifetimes, constants)
    }

    private func placements() -> [CompileReport.Placement] {
        var places = [CompileReport.Place](
            repeating: .folded, count: state.graph.nodes.count)
        for (number, step) in state.steps.enumerated() {
            guard case .launch(_, _, let nodes) = step else { continue }
            for node in nodes where node >= 0 { places[node] = .chip(step: number) }
        }
        for (node, reason) in state.refusals { places[node] = .host(reason: reason) }
        return state.graph.nodes.enumerated().map { index, node in
            CompileReport.Placement(
                name: node.name, operation: node.operation.name, place: places[index])
        }
    }

    private func memory(
        _ lifetimes: [ArenaPlan.Lifetime], _ plan: ArenaPlan, _ constants: [Int]
    ) -> [CompileReport.MemoryRange] {
        let isConstant = Set(constants)
        return lifetimes.indices.filter { lifetimes[$0].bytes > 0 }.map {
            CompileReport.MemoryRange(
                offset: plan.offsets[$0], bytes: lifetimes[$0].bytes,
                firstStep: lifetimes[$0].first, lastStep: lifetimes[$0].last,
                isConstant: isConstant.contains($0))
        }
    }
}

extension PlannedStep {
    /// The buffers that the step reads or writes.
    var buffers: Set<BufferID> {
        switch self {
        case .launch(let program, _, _):
            var result: Set<BufferID> = []
            for command in program.commands {
                switch command {
                case .load(let move), .store(let move):
                    result.insert(VirtualAddress(bits: move.transfer.base).buffer)
                default: break
                }
            }
            return result
        case .host(_, let inputs, let outputs): return Set((inputs + outputs).map(\.buffer))
        }
    }
}

extension TileProgram {
    /// The program with the arena's offsets in place of virtual addresses.
    func relocated(_ plan: ArenaPlan) -> TileProgram {
        func relocated(_ command: TileCommand) -> TileCommand {
            func moved(_ move: Move) -> Move {
                var move = move
                let address = VirtualAddress(bits: move.transfer.base)
                move.transfer.base = UInt64(plan.offsets[address.buffer.index] + address.offset)
                return move
            }
            switch command {
            case .load(let move): return .load(moved(move))
            case .store(let move): return .store(moved(move))
            default: return command
            }
        }
        var result = self
        result.beforeChunks = beforeChunks.map(relocated)
        result.eachChunk = eachChunk.map(relocated)
        result.afterChunks = afterChunks.map(relocated)
        return result
    }
}
