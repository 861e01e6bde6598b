import ApusChip
import ApusCompiler
import ApusGraph
import ApusISA
import ApusImport
import ApusLLM
import ApusReport
import ApusRuntime
import ApusSession

extension ModelTimer {
    /// Times a graph, compiled for the chip.
    ///
    /// - Parameter items: what a run gives.
    func time(_ graph: Graph, title: String, items: ModelTime.Items) throws -> ModelTime {
        let compiled: CompiledProgram
        do throws(CompileError) {
            compiled = try Compiler.compile(
                graph, for: chip, options: CompileOptions(precision: .bf16))
        } catch {
            throw Refusal("\(title): \(error)")
        }
        var result = try time(compiled, title: title)
        result.items = items
        result.need = .init(
            multiplyAdds: graph.multiplyAdds, byteMultiplyAdds: 0, bytes: graph.weightBytes)
        return result
    }

    /// Times a compiled program.
    func time(_ compiled: CompiledProgram, title: String) throws -> ModelTime {
        var result = ModelTime(title: title, chip: chip, chips: 1)
        do throws(RuntimeError) {
            let device = try SimulatedDevice(chip: chip, memory: .channels, seed: Self.seed)
            attach(to: device, begin: 0)
            let report = try device.run(compiled.program)
            for timed in report.launches {
                let (group, label) = Self.split(timed.label)
                add(
                    .init(
                        label: label, group: group, stage: 0, cycles: Int(timed.timing.cycles),
                        count: 1, timing: timed.timing), to: &result)
            }
        } catch {
            throw Refusal("\(title): \(error)")
        }
        result.hostSteps = compiled.program.steps.compactMap { step in
            if case .host(let host) = step { host.label } else { nil }
        }
        result.memory = compiled.report.memory.map { range in
            .init(
                name: range.isConstant ? "weights" : "values", offset: range.offset,
                bytes: range.bytes, firstPart: range.firstStep, lastPart: range.lastStep)
        }
        return result
    }

    /// `copy layer 3: softmax` as layer 3, copy softmax: what stands before a colon is the part of
    /// the model. Without one, a launch is a part by itself.
    private static func split(_ label: String) -> (group: String, label: String) {
        guard let colon = label.firstIndex(of: ":") else { return (label, label) }
        let isCopy = label.hasPrefix("copy ")
        let group = label[..<colon].dropFirst(isCopy ? 5 : 0)
        let rest = label[label.index(after: colon)...].drop { $0 == " " }
        return (String(group), isCopy ? "copy \(rest)" : String(rest))
    }
}

extension TimeOptions {
    /// Times what the options name.
    ///
    /// - Parameter timer: with whom it tells what happens.
    func time(_ timer: ModelTimer) throws -> ModelTime {
        let workload = try workload()
        let placement = try placement()
        if let shapes = try languageModel() {
            do throws(PlacementError) {
                return try timer.time(shapes, workload, placement)
            } catch {
                throw Refusal("\(model): \(error)")
            }
        }
        guard placement.chips == 1 else {
            throw Refusal("\(model): a graph is timed on one chip; leave out --chips and the like")
        }
        guard weights == nil || weights == "bf16" else {
            throw Refusal("\(model): the weights of a graph are bf16; leave out --weights")
        }
        if let preset = GraphPreset(rawValue: model) {
            let graph: Graph
            do throws(GraphError) {
                graph = try preset.graph(batch: batch, context: context)
            } catch {
                throw Refusal("\(model): \(error)")
            }
            return try timer.time(
                graph, title: "\(model): batch \(batch)",
                items: .init(
                    count: preset == .matmul4096 ? 1 : batch, name: preset.item, pipelineStages: 1))
        }
        return try timeONNX(timer)
    }

    private func timeONNX(_ timer: ModelTimer) throws -> ModelTime {
        var options = SessionOptions(chip: timer.chip)
        options.chip = timer.chip
        let session = try refusing { () throws(SessionError) in
            try Session(path: model, options: options)
        }
        var inputs: [NamedTensor] = []
        for text in random {
            let (name, extents) = try ModelOptions.pair(text, option: "random")
            let tensor = try ModelOptions.randomTensor(name, extents, of: session)
            inputs.append(NamedTensor(name: name, tensor: tensor))
        }
        for port in session.model.inputs where !inputs.contains(where: { $0.name == port.name }) {
            guard let shape = port.shape(batch: batch) else {
                throw Refusal(
                    "\(model): give the extents of input \(port.name) with --random \(port.name)=…")
            }
            inputs.append(
                NamedTensor(
                    name: port.name,
                    tensor: RandomInput.tensor(TensorType(port.elementType, shape))))
        }
        let compiled = try refusing { () throws(SessionError) in try session.compile(inputs) }
        let graph = try refusing { () throws(SessionError) in try session.graph(inputs) }
        let name = model.split(separator: "/").last.map(String.init) ?? model
        var result = try timer.time(compiled, title: name)
        result.need = .init(
            multiplyAdds: graph.multiplyAdds, byteMultiplyAdds: 0, bytes: graph.weightBytes)
        return result
    }
}

extension ModelPort {
    /// The declared shape, with `batch` where the first extent is the caller's choice; nil if
    /// others are too.
    fileprivate func shape(batch: Int) -> Shape? {
        if let fixedShape { return fixedShape }
        guard let extents, !extents.isEmpty else { return nil }
        var known = dimensions
        if known[0] == nil { known[0] = batch }
        let found = known.compactMap { $0 }
        return found.count == known.count ? try? Shape(checked: found) : nil
    }
}
