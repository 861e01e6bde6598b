import ApusChip

extension Answerer {
    struct Settled {
        var answer: Answer
        /// Share of the speed that the power limit leaves.
        var throttle: Double
    }

    /// Power and limit of the expected candidate; speed is cut when it exceeds the board's limit.
    func settle(_ question: Question, _ part: Part, _ found: Candidate) -> Settled {
        let load = Load(question: question, found: found, part: part)
        let power: Power
        var throttle = 1.0
        switch part.engine {
        case .gpu: power = load.gpuPower()
        case .apus(let chip, let node, let today):
            let area = ChipArea(unchecked: chip, node: node)
            let model = EnergyModel(chip: chip, area: area)
            let full = model.power(load.activity(chip, is8Bit: today == nil))
            let target = Double(chip.powerTargetWatts)
            if target > 0 && full.chip.expected > target {
                // The clock falls until the expected power is the limit's; static power stays.
                let still = model.staticWatts.map(\.watts).total().expected
                throttle = max((target - still) / (full.chip.expected - still), 0.05)
                power = Power(chip: full.chip * (target / full.chip.expected))
            } else {
                power = full
            }
        }
        let answer = Answer(
            part: part, count: found.count, batch: found.batch, milliseconds: .zero,
            tokensPerSecond: .zero, power: power, joulesPerToken: .zero, dollarsPerMillion: .zero,
            limit: throttle < 1 ? .power : load.limit(), isSure: true)
        return Settled(answer: answer, throttle: throttle)
    }
}

/// What one part of a group does in one step: bytes and operations.
struct Load {
    let question: Question
    let found: Answerer.Candidate
    let part: Part
    /// Rows of the products.
    let rows: Double
    /// Bytes of weights that the step reads, and of cache.
    let weightBytes: Double
    let cacheBytes: Double
    /// Multiply-adds with weights, and of attention.
    let macs: Double
    let attentionMacs: Double

    init(question: Question, found: Answerer.Candidate, part: Part) {
        self.question = question
        self.found = found
        self.part = part
        let (model, share) = (question.model, Double(found.count))
        rows = question.phase == .decode ? found.batch : question.context
        let expertWeights = 3 * Double(model.hidden) * Double(model.expertInner)
        let all = Double(model.expertLayers * model.experts) * expertWeights
        let fixed = model.parameters - all - Double(model.vocabulary * model.hidden)
        let taken = Double(model.expertLayers * model.taken) * expertWeights
        let untouched =
            model.experts > 0
            ? power(1 - Double(model.taken) / Double(model.experts), rows) : 0
        weightBytes = (fixed + all * (1 - untouched)) / share
        macs = rows * (fixed + taken) / share
        let keys = question.phase == .decode ? question.context : question.context / 2
        let width = model.latent > 0 ? Double(model.latent + 512) : 2 * Double(model.dimension)
        attentionMacs =
            Double(model.layers * model.heads) * rows * keys * width / share
        cacheBytes =
            question.phase == .decode
            ? found.batch * question.context * model.cachedValues / share : 0
    }

    /// Share of peak memory bandwidth and of peak 8-bit operations.
    private var memoryUse: Double {
        (weightBytes + cacheBytes) / (found.step.total * 1e-6) / (part.memoryBandwidth * 1e9)
    }
    private var computeUse: Double {
        let seconds = found.step.total * 1e-6
        return (2 * macs / (part.peak8 * 1e12) + 2 * attentionMacs / (part.peak16 * 1e12)) / seconds
    }

    /// A GPU's board: idle, memory's and compute's shares of its limit.
    func gpuPower() -> Power {
        let limit = part.boardLimit.value
        let used =
            Energy.gpuIdle.value
            + Energy.gpuMemory.value * min(memoryUse, 1) + Energy.gpuCompute.value
            * min(computeUse, 1)
        let share = used.rising { min($0, 1) }
        let board = limit * share
        // A package's share of its board is not published; regulators and the rest are modelled.
        let chip = (board - Energy.boardRest.value) * Energy.regulator.value
        return Power(chip: chip, board: board)
    }

    func limit() -> Limit {
        let step = found.step
        if found.isFull && question.phase == .decode { return .capacity }
        if step.overhead > step.total / 3 { return .overhead }
        if step.reduction > step.total / 3 { return .links }
        return memoryUse > computeUse ? .memoryBandwidth : .compute
    }

    /// Counts of an Apus chip for one step; `is8Bit` where products with weights are.
    func activity(_ chip: Chip, is8Bit: Bool) -> Activity {
        var counts = Activity()
        let model = question.model
        let layers = Double(model.layers)
        counts.macs8 = is8Bit ? macs : 0
        counts.macs16 = attentionMacs + (is8Bit ? 0 : macs)
        counts.memoryBytes = weightBytes + cacheBytes + 2 * rows * Double(model.hidden) * layers
        // A tile of rows × columns products reads one operand row and one column each step.
        let (high, wide) = (min(rows, Double(chip.matrixRows)), Double(chip.matrixColumns))
        let operands = (macs + 2 * attentionMacs) * (1 / wide + 1 / max(high, 1))
        counts.scratchpadBytes = operands + 2 * counts.memoryBytes
        counts.accumulatorBytes = 8 * (macs + attentionMacs) / Double(model.hidden)
        let hops = Double(chip.meshColumns + chip.meshRows) / 4
        counts.meshByteHops = counts.memoryBytes * hops
        // Eight steps a score of attention (two macs a score and value), forty a hidden value.
        let scores = attentionMacs / (2 * Double(max(model.dimension, 1)))
        counts.vectorLaneSteps = 8 * scores + 40 * rows * Double(model.hidden) * layers
        // Some 500 instructions a core and launch, twelve launches a layer.
        counts.instructions = 500 * 12 * layers * Double(chip.coreCount)
        let share = Double(found.count - 1) / Double(found.count)
        counts.linkBytes = 2 * layers * 2 * rows * Double(model.hidden) * 2 * share
        counts.seconds = found.step.total * 1e-6
        return counts
    }
}
