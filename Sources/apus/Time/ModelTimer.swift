import ApusChip
import ApusCompiler
import ApusGraph
import ApusImport
import ApusISA
import ApusKernels
import ApusLLM
import ApusMachine
import ApusReport
import ApusRuntime

/// Times a model on simulated chips.
struct ModelTimer {
    let chip: Chip
    /// Hears of every command, and when the launch's time begins in the whole; nil for nobody.
    var recorder: ((ClockedCommand, UInt64) -> Void)?
    /// Hears of every launch and exchange, in order: its part, its beginning and its end.
    var listener: ((ModelTime.Part, UInt64, UInt64) -> Void)?

    /// Seed of what stands in for index tables.
    static let seed: UInt64 = 1

    /// Times a language model.
    func time(
        _ shapes: ModelShapes, _ workload: Workload, _ placement: Placement
    ) throws(PlacementError) -> ModelTime {
        var model = try PlacedModel(shapes, on: chip, workload, placement)
        var result = ModelTime(
            title: title(shapes, workload, placement), chip: chip, chips: placement.chips)
        let steps = workload.steps(placement)
        let tokens = workload.phase == .decode ? workload.batch : workload.batch * workload.context
        result.items = .init(
            count: tokens, name: workload.phase == .decode ? "tokens" : "prompt tokens",
            pipelineStages: placement.pipeline)
        for (step, count) in steps {
            let need = try PlacedModel.need(shapes, workload, placement, step)
            result.need.multiplyAdds += count * need.multiplyAdds
            result.need.bytes += count * need.bytes
            for (stage, work) in try model.work(of: step).enumerated() {
                try time(work, stage: stage, count: count, into: &result)
            }
        }
        var offset = 0
        result.memory = model.memoryPieces.map { piece in
            defer { offset += piece.bytes }
            return .init(
                name: piece.name, offset: offset, bytes: piece.bytes, firstPart: 0,
                lastPart: max(result.parts.count - 1, 0))
        }
        return result
    }

    private func title(
        _ shapes: ModelShapes, _ workload: Workload, _ placement: Placement
    ) -> String {
        let name = shapes.path.split(separator: "/").last.map(String.init) ?? shapes.path
        var title = "\(name): \(workload.phase.rawValue), batch \(workload.batch), "
        title += "context \(workload.context)"
        for (kind, count) in [
            ("tensor", placement.tensor), ("pipeline", placement.pipeline),
            ("expert", placement.expert),
        ] where count > 1 {
            title += ", \(kind) parallel \(count)"
        }
        return title
    }

    private func time(
        _ work: [PlacedPart], stage: Int, count: Int, into result: inout ModelTime
    ) throws(PlacementError) {
        let device = try device()
        var group = ""
        // Cycles of the device itself, which knows nothing of exchanges.
        var own = 0
        for part in work {
            switch part {
            case .launches(let part):
                group = part.place.name
                attach(to: device, begin: result.cycles - own)
                own += try time(
                    part.launches, of: group, on: device, stage: stage, count: count, into: &result)
            case .exchange(let exchange, let label):
                guard let cycles = exchange.cycles(on: chip) else {
                    throw .noLinks(chip: chip.name)
                }
                add(
                    .init(
                        label: "\(exchange.kind.rawValue) after \(label)", group: group,
                        stage: stage, cycles: cycles, count: count, timing: nil), to: &result)
            }
        }
    }

    /// Times launches of one part; the device's cycles.
    private func time(
        _ launches: [Launch], of group: String, on device: SimulatedDevice, stage: Int, count: Int,
        into result: inout ModelTime
    ) throws(PlacementError) -> Int {
        let report: TimeReport
        do throws(RuntimeError) {
            report = try device.run(launches, of: .apus)
        } catch {
            throw .model(.device(error))
        }
        for timed in report.launches {
            add(
                .init(
                    label: timed.label, group: group, stage: stage,
                    cycles: Int(timed.timing.cycles), count: count, timing: timed.timing),
                to: &result)
        }
        return Int(report.cycles)
    }

    func device() throws(PlacementError) -> SimulatedDevice {
        do throws(RuntimeError) {
            return try SimulatedDevice(chip: chip, memory: .channels, seed: Self.seed)
        } catch {
            throw .model(.device(error))
        }
    }

    /// Commands come with what is to be added to the device's cycles.
    func attach(to device: SimulatedDevice, begin: Int) {
        guard let recorder else { return }
        device.setRecorder { recorder($0, UInt64(max(begin, 0))) }
    }

    func add(_ part: ModelTime.Part, to result: inout ModelTime) {
        let begin = UInt64(result.cycles)
        result.parts.append(part)
        listener?(part, begin, UInt64(result.cycles))
    }
}

extension StepPart.Place {
    /// As reports call it.
    fileprivate var name: String {
        switch self {
        case .embedding: "embedding"
        case .layer(let index): "layer \(index)"
        case .output: "output"
        }
    }
}
