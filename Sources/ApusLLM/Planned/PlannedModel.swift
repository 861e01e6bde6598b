import ApusChip
import ApusISA
import ApusImport

/// A language model planned for a chip: places in the arena and launches, without weights and
/// without memory.
///
///     var model = try PlannedModel(shapes, on: .cloud7, limits: limits)
///     let parts = try model.parts(of: .decode(batch: 16, context: 2048))
///
/// The launches are those that ``LanguageModel`` runs; addresses are 64-bit numbers that nothing
/// stands behind. So a model of any size can be timed.
public struct PlannedModel: Sendable {
    public let shapes: ModelShapes
    public let limits: LanguageModelLimits
    private let plan: TransformerPlan
    private var steps: StepLaunches
    private var sampler: Sampler

    /// - Parameter expertRows: rows whose experts are computed here, if others than those of a
    ///   step.
    /// - Throws: ``LanguageModelError/doesNotFit(_:needed:available:)`` if weights, cache and the
    ///   step's rows need more memory than the chip has.
    public init(
        _ shapes: ModelShapes, on chip: Chip, limits: LanguageModelLimits, expertRows: Int? = nil
    ) throws(LanguageModelError) {
        self.shapes = shapes
        self.limits = limits
        plan = try TransformerPlan(shapes, limits: limits, chip: chip)
        guard plan.arena.bytes <= chip.memoryBytes else {
            throw .doesNotFit(.memory, needed: plan.arena.bytes, available: chip.memoryBytes)
        }
        steps = StepLaunches(plan, expertRows: expertRows)
        sampler = plan.sampler
    }

    /// Bytes of the whole arena.
    public var arenaBytes: Int { plan.arena.bytes }
    /// Bytes of keys and values.
    public var cacheBytes: Int {
        plan.layers.reduce(0) { $0 + $1.cache.pages * $1.cache.pageBytes }
    }
    /// Bytes of matrices, with their scales and minimums.
    public var weightBytes: Int { plan.weightBytes }

    /// The launches of a step by parts of the model; the greedy choice of the selected rows comes
    /// last.
    ///
    /// - Throws: ``LanguageModelError``, for instance what does not fit a core.
    public mutating func parts(of step: PlannedStep) throws(LanguageModelError) -> [StepPart] {
        precondition(step.rows <= limits.rowsMax, "the step has more rows than the plan")
        let (single, several) = step.chunks(plan)
        var parts = try steps.parts(
            rows: step.rows, single: single, several: several, selected: step.selected)
        if step.selected > 0 {
            let choice = try sampler.greedyLaunches(count: step.selected)
            parts.append(StepPart(place: .output, launches: choice))
        }
        return parts
    }
}

/// What a step of a planned model computes.
public struct PlannedStep: Sendable, Equatable {
    /// Rows of one sequence, and the tokens before them.
    public struct Sequence: Sendable, Equatable {
        public var rows: Int
        public var context: Int
    }

    public var sequences: [Sequence]
    /// Rows whose logits are computed and whose next token is chosen.
    public var selected: Int

    public var rows: Int { sequences.reduce(0) { $0 + $1.rows } }

    /// One token of each of `batch` sequences, which attend to `context` tokens with their own.
    public static func decode(batch: Int, context: Int) -> PlannedStep {
        PlannedStep(
            sequences: Array(repeating: Sequence(rows: 1, context: context - 1), count: batch),
            selected: batch)
    }

    /// `rows` tokens of each of `batch` prompts, behind `context` that are in the cache.
    public static func prefill(
        batch: Int, rows: Int, context: Int, selected: Int
    ) -> PlannedStep {
        PlannedStep(
            sequences: Array(repeating: Sequence(rows: rows, context: context), count: batch),
            selected: selected)
    }
}

extension PlannedStep {
    /// The chunks of each attention tile of one row, and of several.
    func chunks(_ plan: TransformerPlan) -> (single: [Int], several: [Int]) {
        let chunk = AttentionLaunch.chunkTokens(keySize: plan.configuration.attention.keySize)
        var single: [Int] = []
        var several: [Int] = []
        for sequence in sequences {
            let first = sequence.context
            if sequence.rows == 1 {
                single.append(first + 1)
                continue
            }
            for row in stride(from: 0, to: sequence.rows, by: plan.several.height) {
                several.append(first + min(row + plan.several.height, sequence.rows))
            }
        }
        let chunks = [single, several].map { tokens in
            AttentionTables.order(of: tokens).map { (tokens[$0] + chunk - 1) / chunk }
        }
        return (chunks[0], chunks[1])
    }
}
