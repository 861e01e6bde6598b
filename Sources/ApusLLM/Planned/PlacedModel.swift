import ApusChip
import ApusImport

/// A language model spread over chips, planned without weights and without memory.
///
///     let model = try PlacedModel(shapes, on: .cloud7, workload, placement)
///     let step = try model.step()
///
/// Chips that share matrices or experts do the same work at the same time, so each stage of the
/// pipeline is planned as one chip: the one with the most rows for its experts.
public struct PlacedModel: Sendable {
    public let placement: Placement
    public let workload: Workload
    public let chip: Chip
    /// One planned chip for each stage.
    public private(set) var stages: [PlannedModel] = []
    /// Rows whose experts the busiest chip computes; nil without experts shared by chips.
    public let expertRows: Int?

    /// - Throws: ``PlacementError``; what does not fit comes with what would.
    public init(
        _ shapes: ModelShapes, on chip: Chip, _ workload: Workload, _ placement: Placement
    ) throws(PlacementError) {
        try placement.check(shapes, batch: workload.batch)
        if placement.chips > 1, chip.linkCount == 0 { throw .noLinks(chip: chip.name) }
        self.placement = placement
        self.workload = workload
        self.chip = chip
        expertRows =
            placement.expert > 1
            ? ExpertLoad.rowsMax(shapes, workload, placement) : nil
        do throws(LanguageModelError) {
            stages = try Self.plan(shapes, on: chip, workload, placement, expertRows)
        } catch .doesNotFit(.memory, let needed, let available) {
            throw .doesNotFit(
                MemorySearch(shapes: shapes, chip: chip, workload: workload, placement: placement)
                    .shortage(needed: needed, available: available))
        } catch {
            throw .model(error)
        }
    }

    /// Plans each stage.
    static func plan(
        _ shapes: ModelShapes, on chip: Chip, _ workload: Workload, _ placement: Placement,
        _ expertRows: Int?
    ) throws(LanguageModelError) -> [PlannedModel] {
        let limits = workload.limits(placement, expertRows: expertRows)
        var stages: [PlannedModel] = []
        for range in placement.stages(of: shapes.configuration.layerCount) {
            let part: ModelShapes
            do throws(ImportError) {
                part = try shapes.layers(range).sharedBy(placement.tensor)
                    .expertsSharedBy(placement.expert)
            } catch {
                throw .files(error)
            }
            stages.append(
                try PlannedModel(part, on: chip, limits: limits, expertRows: expertRows))
        }
        return stages
    }

    /// What each stage does in one of the workload's steps.
    public mutating func work(of step: PlannedStep) throws(PlacementError) -> [[PlacedPart]] {
        var work: [[PlacedPart]] = []
        for index in stages.indices {
            let isLast = index == stages.count - 1
            var own = step
            if !isLast { own.selected = 0 }
            var parts: [StepPart]
            do throws(LanguageModelError) {
                parts = try stages[index].parts(of: own)
            } catch {
                throw .model(error)
            }
            if index > 0 { parts.removeFirst() }
            let configuration = stages[index].shapes.configuration
            var placed = parts.flatMap { exchanges(in: $0, of: own, configuration) }
            if !isLast {
                let bytes = step.rows * configuration.hiddenSize * 4
                placed.append(.exchange(Collective(.send, bytes: bytes, chips: 2), "the stage"))
            }
            work.append(placed)
        }
        return work
    }

    /// The launches of a part with the exchanges between them.
    private func exchanges(
        in part: StepPart, of step: PlannedStep, _ configuration: LanguageModelConfiguration
    ) -> [PlacedPart] {
        if placement.tensor == 1, placement.expert == 1 { return [.launches(part)] }
        var parts: [PlacedPart] = []
        var run = StepPart(place: part.place, launches: [])
        for (index, launch) in part.launches.enumerated() {
            let rest = part.launches[(index + 1)...]
            run.launches.append(launch)
            let found = exchange(
                after: launch.label, before: rest.first?.label ?? "", step, configuration)
            guard !found.isEmpty else { continue }
            parts.append(.launches(run))
            parts += found
            run.launches = []
        }
        if !run.launches.isEmpty { parts.append(.launches(run)) }
        return parts
    }

    private func exchange(
        after label: String, before next: String, _ step: PlannedStep,
        _ configuration: LanguageModelConfiguration
    ) -> [PlacedPart] {
        let hidden = configuration.hiddenSize
        var parts: [PlacedPart] = []
        func add(_ kind: Collective.Kind, _ bytes: Int, _ chips: Int) {
            if chips > 1 {
                parts.append(.exchange(Collective(kind, bytes: bytes, chips: chips), label))
            }
        }
        switch label {
        case "embedding", "attention output", "down":
            add(.allReduce, step.rows * hidden * 4, placement.tensor)
        case "experts combined" where next != "gate and up":
            add(.allReduce, step.rows * hidden * 4, placement.tensor)
        case "routing":
            // BF16 rows to the experts' chips.
            add(.allToAll, step.rows * usedCount(configuration) * hidden * 2, placement.expert)
        case "expert results":
            add(.allToAll, step.rows * usedCount(configuration) * hidden * 4, placement.expert)
        case "greedy":
            // Each chip's best token and its score.
            add(.allGather, step.selected * 8 * placement.tensor, placement.tensor)
        default: break
        }
        return parts
    }

    private func usedCount(_ configuration: LanguageModelConfiguration) -> Int {
        for layer in configuration.layers {
            if case .experts(let mixture) = layer.feedForward { return mixture.usedCount }
        }
        return 0
    }
}

/// Launches of one chip, or an exchange with others.
public enum PlacedPart: Sendable {
    case launches(StepPart)
    /// After the launch of that label.
    case exchange(Collective, String)
}

/// What a model is to compute.
public struct Workload: Sendable, Hashable {
    public enum Phase: String, CaseIterable, Sendable {
        /// One more token of each sequence.
        case decode
        /// All tokens of the prompts.
        case prefill
    }

    public var phase: Phase
    /// Sequences, of all expert groups together.
    public var batch: Int
    /// Tokens of each sequence: with the decoded one, or of the prompt.
    public var context: Int
    /// Tokens that a prefill step computes at most.
    public var stepTokens: Int
    public var cacheFormat: CacheFormat

    public init(
        phase: Phase, batch: Int, context: Int, stepTokens: Int, cacheFormat: CacheFormat
    ) {
        self.phase = phase
        self.batch = batch
        self.context = context
        self.stepTokens = stepTokens
        self.cacheFormat = cacheFormat
    }

    /// The steps of one group of chips, and how often each takes place. Prompts are alike, so a
    /// step stands for those of all prompts.
    public func steps(_ placement: Placement) -> [(step: PlannedStep, count: Int)] {
        let sequences = batch / placement.expert
        switch phase {
        case .decode: return [(.decode(batch: sequences, context: context), 1)]
        case .prefill:
            guard context < stepTokens else {
                return stride(from: 0, to: context, by: stepTokens).map { first in
                    let rows = min(stepTokens, context - first)
                    let isLast = first + rows == context
                    let step = PlannedStep.prefill(
                        batch: 1, rows: rows, context: first, selected: isLast ? 1 : 0)
                    return (step, sequences)
                }
            }
            let together = min(stepTokens / context, sequences)
            let whole = PlannedStep.prefill(
                batch: together, rows: context, context: 0, selected: together)
            let rest = sequences % together
            let last = PlannedStep.prefill(
                batch: max(rest, 1), rows: context, context: 0, selected: max(rest, 1))
            return [(whole, sequences / together)] + (rest > 0 ? [(last, 1)] : [])
        }
    }

    /// What a chip of such a placement must hold.
    func limits(_ placement: Placement, expertRows: Int?) -> LanguageModelLimits {
        let steps = steps(placement).map(\.step)
        let rows = steps.map(\.rows).max() ?? 1
        let page = CacheRegion.pageTokens
        let tokens = (context + page - 1) / page * page
        return LanguageModelLimits(
            rowsMax: max(StepLaunches.size(rows, atMost: .max), expertRows ?? 1),
            contextMax: tokens, cacheTokens: tokens * (batch / placement.expert),
            selectedMax: steps.map(\.selected).max().map { max($0, 1) } ?? 1,
            sequencesMax: max(batch / placement.expert, 1), cacheFormat: cacheFormat)
    }
}

extension PlacedModel {
    /// What the fullest stage's memory holds; all of it stays for the whole step.
    public var memoryPieces: [(name: String, bytes: Int)] {
        guard let fullest = stages.max(by: { $0.arenaBytes < $1.arenaBytes }) else { return [] }
        let rest = fullest.arenaBytes - fullest.weightBytes - fullest.cacheBytes
        return [
            ("weights", fullest.weightBytes), ("keys and values", fullest.cacheBytes),
            ("rows, tables and norms", rest),
        ]
    }
}
