import ApusCompiler
import ApusGraph
import ApusISA
import ApusRuntime

/// A program loaded on a device, with what it was compiled for.
struct PreparedProgram {
    let loaded: LoadedProgram
    /// The nodes of the program's host steps.
    let hostNodes: [Node]
    /// Where each node of the graph runs.
    let placements: [CompileReport.Placement]
    /// The types of all inputs.
    let types: [String: TensorType]
    /// The values of the inputs that the program depends on.
    let values: [String: Tensor]

    /// Nodes of the model that were computed at import from these values.
    let evaluatedNodes: [String]

    /// Whether the program computes the right thing for these inputs.
    func accepts(_ inputs: [String: Tensor]) -> Bool {
        inputs.mapValues(\.type) == types && values.allSatisfy { inputs[$0.key] == $0.value }
    }

    /// Writes the inputs, runs all steps, reads the outputs.
    func run(
        _ inputs: [String: Tensor], on device: any Device
    ) throws(RuntimeError) -> (tensors: [NamedTensor], report: RunReport) {
        for port in loaded.program.inputs {
            guard let tensor = inputs[port.name] else { continue }
            try tensor.withBytes { bytes throws(RuntimeError) in
                try loaded.write(bytes, to: port)
            }
        }
        let report = try device.run(loaded) { step, memory throws(RuntimeError) in
            try perform(step, in: memory)
        }
        var outputs: [NamedTensor] = []
        for port in loaded.program.outputs {
            outputs.append(NamedTensor(name: port.name, tensor: try tensor(at: port, in: loaded)))
        }
        return (outputs, report)
    }

    /// Evaluates the node of a host step with the reference interpreter.
    private func perform(_ step: HostStep, in memory: LoadedProgram) throws(RuntimeError) {
        let node = hostNodes[step.index]
        var operands: [Tensor] = []
        for port in step.inputs { operands.append(try tensor(at: port, in: memory)) }
        let results: [Tensor]
        do throws(GraphError) {
            results = try Interpreter.evaluate(node.operation, operands)
        } catch {
            throw .hostStep(label: step.label, reason: "\(error)")
        }
        for (port, result) in zip(step.outputs, results) {
            try result.withBytes { bytes throws(RuntimeError) in
                try memory.write(bytes, to: port)
            }
        }
    }

    /// The tensor that a port holds; the arena keeps it in the host's layout.
    private func tensor(
        at port: Port, in memory: LoadedProgram
    ) throws(RuntimeError) -> Tensor {
        guard let elementType = ElementType(description: port.tensorType) else {
            preconditionFailure("the compiler named no element type: \(port.tensorType)")
        }
        let type = TensorType(elementType, Shape(port.shape))
        return try Tensor(uninitialised: type) { bytes throws(RuntimeError) in
            try memory.read(port, into: bytes)
        }
    }
}
