import ApusChip

/// Answers questions about parts. Keeps the baselines it has decoded.
public struct Answerer: Sendable {
    private var baselines: [MeasuredGPU: GPUBaseline] = [:]
    /// Answers of bought parts: they do not change from one comparison to the next.
    private var known: [Question: [String: Answer?]] = [:]

    public init() {}

    /// A part's best answer: of all group sizes and batches that meet the service level, the one
    /// with the most tokens for each part; nil when none does.
    public mutating func answer(_ question: Question, _ part: Part) -> Answer? {
        if part.chip != nil { return solve(question, part) }
        if let found = known[question]?[part.name] { return found }
        let answer = solve(question, part)
        known[question, default: [:]].updateValue(answer, forKey: part.name)
        return answer
    }

    private mutating func solve(_ question: Question, _ part: Part) -> Answer? {
        guard let expected = best(question, part, .expected) else { return nil }
        let slow = best(question, part, .low)
        let fast = best(question, part, .high) ?? expected
        let slowest = slow ?? nearest(question, part, .low)
        let tokens = [slowest.tokensPerSecond, expected.tokensPerSecond, fast.tokensPerSecond]
        var answer = settle(question, part, expected)
        let range = Estimate(
            low: min(tokens[0], tokens[1]) * answer.throttle,
            expected: tokens[1] * answer.throttle, high: max(tokens[2], tokens[1]) * answer.throttle
        )
        let time = expected.milliseconds / answer.throttle
        let bounds = [slowest.milliseconds, time, fast.milliseconds].sorted()
        answer.answer.tokensPerSecond = range
        answer.answer.milliseconds = Estimate(
            low: bounds[0], expected: time, high: bounds[2])
        answer.answer.isSure = slow != nil
        answer.answer.joulesPerToken = answer.answer.power.wall / range
        let owner = Ownership(price: part.price.value, wall: answer.answer.power.wall)
        answer.answer.dollarsPerMillion = owner.perMillionTokens(range)
        return answer.answer
    }

    /// A group and batch with its time.
    struct Candidate: Sendable {
        var count: Int
        var batch: Double
        var step: StepTime
        var isFull: Bool
        /// Tokens a step makes.
        var tokens: Double
        var milliseconds: Double { step.total / 1000 }
        var tokensPerSecond: Double { tokens / step.total * 1e6 / Double(count) }
    }

    /// Group sizes tried: powers of two up to 32 parts.
    private static let counts = [1, 2, 4, 8, 16, 32]
    /// Share of memory that weights and cache may take, as servers leave the rest to activations.
    private static let memoryShare = 0.9
    /// Bound of the search; no server of a comparison runs more requests at once.
    private static let batchMax = 4096.0

    private mutating func best(
        _ question: Question, _ part: Part, _ scenario: Scenario
    ) -> Candidate? {
        let timer = timer(part, scenario)
        var best: Candidate?
        for count in Answerer.counts {
            guard let room = room(question, part, count) else { continue }
            let step = ModelStep(model: question.model, count: count, timer: timer)
            let found =
                question.phase == .decode
                ? largest(question, step, count, room: room) : prompt(question, step, count)
            if let found, found.milliseconds <= question.serviceLevel,
                found.tokensPerSecond > best?.tokensPerSecond ?? 0
            {
                best = found
            }
        }
        return best
    }

    /// The fastest step there is, whether it meets the level or not.
    mutating func nearest(_ question: Question, _ part: Part, _ scenario: Scenario) -> Candidate {
        let timer = timer(part, scenario)
        let options = Answerer.counts.compactMap { count -> Candidate? in
            guard room(question, part, count) != nil else { return nil }
            let step = ModelStep(model: question.model, count: count, timer: timer)
            return question.phase == .decode
                ? candidate(question, step, count, 1, isFull: false)
                : prompt(question, step, count)
        }
        guard let best = options.min(by: { $0.milliseconds < $1.milliseconds }) else {
            preconditionFailure("the largest group holds every model of the list")
        }
        return best
    }

    /// The fastest ms of a part at all, for messages.
    public mutating func fastestMilliseconds(_ question: Question, _ part: Part) -> Double {
        nearest(question, part, .expected).milliseconds
    }

    /// Requests that fit beside the weights; nil when the weights alone do not.
    private func room(_ question: Question, _ part: Part, _ count: Int) -> Double? {
        let bytes = is16Bit(part) ? 2.0 : 1.0
        let all = part.memoryBytes * Double(count) * Answerer.memoryShare
        let left = all - question.model.parameters * bytes
        let one = question.model.cachedValues * question.context * bytes
        // Parts beyond the cache's heads hold copies of it.
        let heads = question.model.latent > 0 ? 1 : question.model.cacheHeads
        let copies = max(Double(count) / Double(heads), 1)
        let room = left / (one * copies)
        return room >= 1 ? min(room.rounded(.down), Answerer.batchMax) : nil
    }

    private func is16Bit(_ part: Part) -> Bool {
        if case .gpu(.a100, _, _, _) = part.engine { return true }
        return false
    }

    /// The largest batch that meets the level, by bisection over quarter powers of two.
    private func largest(
        _ question: Question, _ step: ModelStep, _ count: Int, room: Double
    ) -> Candidate? {
        var low = candidate(question, step, count, 1, isFull: false)
        if low.milliseconds > question.serviceLevel { return nil }
        let full = candidate(question, step, count, room, isFull: true)
        if full.milliseconds <= question.serviceLevel { return full }
        var (below, above) = (1.0, room)
        while above - below > max(1, below * 0.05) {
            let middle = ((below * above).squareRoot()).rounded()
            if middle <= below || middle >= above { break }
            let found = candidate(question, step, count, middle, isFull: false)
            if found.milliseconds <= question.serviceLevel {
                (below, low) = (middle, found)
            } else {
                above = middle
            }
        }
        return low
    }

    private func candidate(
        _ question: Question, _ step: ModelStep, _ count: Int, _ batch: Double, isFull: Bool
    ) -> Candidate {
        Candidate(
            count: count, batch: batch, step: step.decode(batch: batch, context: question.context),
            isFull: isFull, tokens: batch)
    }

    private func prompt(_ question: Question, _ step: ModelStep, _ count: Int) -> Candidate? {
        Candidate(
            count: count, batch: 1, step: step.prefill(length: question.context), isFull: false,
            tokens: question.context)
    }

    /// A step timer of a part. Low is the slow end.
    private mutating func timer(_ part: Part, _ scenario: Scenario) -> any StepTimer {
        switch part.engine {
        case .gpu(let base, let eight, let sixteen, let error):
            let factor: Double
            switch scenario {
            case .low: factor = 1 + error
            case .expected: factor = 1
            case .high: factor = 1 - error
            }
            let baseline = baselines[base] ?? GPUBaseline(base)
            baselines[base] = baseline
            return GPUTimer(baseline: baseline, speed8: eight, speed16: sixteen, factor: factor)
        case .apus(let chip, _, let today):
            return ApusTimer(chip: chip, today: today, scenario: scenario)
        }
    }
}
