import ApusChip

/// A search of chip descriptions under limits: samples first, then neighbours of the best.
///
/// Round 0 samples the space; every later round moves members of the front of the rounds before it.
/// What a round tries depends on its number and on finished rounds alone: so any number of
/// processes share a round by its indices, and a search that was killed goes on where it stood.
public struct Exploration: Sendable {
    public var question: Question
    public var space: DesignSpace
    /// mm² that the expected die may have.
    public var area: Double
    /// Only designs outside 3A090 under the rule in force.
    public var mustBeUncontrolled: Bool
    /// Designs of a round, and rounds.
    public var designs: Int
    public var rounds: Int

    /// - Throws: ``CostError`` for a limit that is not positive.
    public init(
        question: Question, node: ProcessNode, area: Double, power: Double,
        mustBeUncontrolled: Bool, designs: Int, rounds: Int
    ) throws(CostError) {
        guard area > 0 else { throw .notPositive(quantity: "--area", value: area, unit: "mm²") }
        guard power > 0 else { throw .notPositive(quantity: "--power", value: power, unit: "W") }
        guard designs > 0 else {
            throw .notPositive(quantity: "--designs", value: Double(designs), unit: "designs")
        }
        self.question = question
        space = DesignSpace(node: node, power: power)
        self.area = area
        self.mustBeUncontrolled = mustBeUncontrolled
        self.rounds = max(rounds, 1)
        self.designs = max(designs / self.rounds, 1)
    }

    /// What one design came to; nil figures when it breaks a limit or misses the level.
    public struct Outcome: Sendable, Hashable {
        public var round: Int
        public var index: Int
        var choices: DesignSpace.Choices
        public var figures: Figures?
    }

    /// Expected figures of one part.
    public struct Figures: Sendable, Hashable {
        public var tokensPerSecond: Double
        public var joulesPerToken: Double
        public var dollarsPerMillion: Double
        /// mm² of the die.
        public var area: Double

        /// At least as good in all four, better in one. A smaller die counts as better: wafers of
        /// a scarce process are the supply.
        func beats(_ other: Figures) -> Bool {
            self != other && tokensPerSecond >= other.tokensPerSecond
                && joulesPerToken <= other.joulesPerToken
                && dollarsPerMillion <= other.dollarsPerMillion && area <= other.area
        }
    }

    /// The designs of a round, given the front of the rounds before.
    func choices(round: Int, index: Int, front: [Outcome]) -> DesignSpace.Choices {
        let number = round * designs + index
        guard round > 0, !front.isEmpty else { return space.sample(number) }
        return space.neighbour(of: front[index % front.count].choices, number)
    }

    /// Tries one design.
    public func attempt(
        round: Int, index: Int, front: [Outcome], using answerer: inout Answerer
    ) -> Outcome {
        let choices = choices(round: round, index: index, front: front)
        let chip = space.chip(choices)
        var outcome = Outcome(round: round, index: index, choices: choices, figures: nil)
        do { try chip.validate() } catch { return outcome }
        let die = ChipArea(unchecked: chip, node: space.node).total.expected
        guard die <= min(area, Area.reticle.value.expected) else { return outcome }
        let part = Part.apus(chip, node: space.node)
        if mustBeUncontrolled, let export = part.export, export.classOct2023 != .none {
            return outcome
        }
        guard let answer = answerer.answer(question, part) else { return outcome }
        outcome.figures = Figures(
            tokensPerSecond: answer.tokensPerSecond.expected,
            joulesPerToken: answer.joulesPerToken.expected,
            dollarsPerMillion: answer.dollarsPerMillion.expected, area: die)
        return outcome
    }

    /// The chip of an outcome.
    public func chip(_ outcome: Outcome) -> Chip { space.chip(outcome.choices) }

    /// Outcomes that none beats, of equal figures one, most tokens first.
    public static func front(_ outcomes: [Outcome]) -> [Outcome] {
        let sorted = outcomes.filter { $0.figures != nil }.sorted { a, b in
            guard let x = a.figures, let y = b.figures else { return false }
            if x.tokensPerSecond != y.tokensPerSecond {
                return x.tokensPerSecond > y.tokensPerSecond
            }
            if x.dollarsPerMillion != y.dollarsPerMillion {
                return x.dollarsPerMillion < y.dollarsPerMillion
            }
            return (a.round, a.index) < (b.round, b.index)
        }
        var front: [Outcome] = []
        for outcome in sorted {
            guard let figures = outcome.figures else { continue }
            let isBeaten = front.contains { other in
                // Of mirrored meshes with equal figures the first stands for all.
                other.figures?.beats(figures) ?? false || other.figures == figures
            }
            if isBeaten { continue }
            front.append(outcome)
        }
        return front
    }
}
