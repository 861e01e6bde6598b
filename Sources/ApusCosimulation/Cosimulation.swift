import ApusISA
import ApusMachine

/// Random programs on the emulator and the RTL, one after the other, compared after each.
package struct Cosimulation {
    /// A program on which the two differ, as small as it could be made.
    package struct Failure {
        package var program: Int
        package var seed: UInt64
        package var draft: ProgramDraft
        package var difference: String
    }

    package let bench: CosimulationBench
    package let seed: UInt64
    private(set) package var coverage: Coverage
    private(set) package var equalPrograms = 0
    private var seeds: SeededGenerator
    private var memorySeeds: SeededGenerator

    /// Memories are filled anew after so many programs.
    private static let programsPerFill = 16

    package init(bench: CosimulationBench, seed: UInt64) {
        self.bench = bench
        self.seed = seed
        seeds = SeededGenerator(seed: seed)
        memorySeeds = SeededGenerator(seed: seed ^ 0x5EED)
        coverage = Coverage(
            wanted: bench.coverageItems(), queueDepth: bench.model.chip.queueDepth)
    }

    /// Runs the next program; what differs, if anything does.
    package mutating func runNext(number: Int) -> Failure? {
        if number % Cosimulation.programsPerFill == 0 { fill() }
        let programSeed = seeds.next()
        var generator = ProgramGenerator(seed: programSeed)
        let before = bench.memories
        var draft = generator.draft(missing: coverage.missing)
        var schedule = bench.schedule(draft)
        for _ in 0..<4 where !draft.mayTrap && !schedule.trappingSteps.isEmpty {
            // Without a step, those after it may find other memory and trap: so again.
            draft.steps = draft.steps.indices.filter { !schedule.trappingSteps.contains($0) }
                .map { draft.steps[$0] }
            schedule = bench.schedule(draft)
        }
        if let trapping = schedule.firstTrappingStep {
            // What runs beside a command that traps may or may not have run: so all goes in order,
            // and what comes after the trap must not be done.
            draft.order = .chain
            draft.steps = Array(draft.steps.prefix(trapping + 2)).filter(\.isOrdered)
            schedule = bench.schedule(draft)
        }
        let (ending, difference) = bench.run(schedule.stream)
        guard let difference else {
            equalPrograms += 1
            coverage.add(schedule, draft, ending)
            return nil
        }
        let failure = Failure(
            program: number, seed: programSeed, draft: draft, difference: difference)
        return shrink(failure, from: before)
    }

    private mutating func fill() {
        var scratchpad = memorySeeds.bytes(RandomCommand.scratchpadBytes)
        // Small indices where index tables begin.
        for index in stride(from: 0, to: 1024, by: 4) {
            scratchpad.replaceSubrange(index..<index + 4, with: [UInt8(index / 4 % 7), 0, 0, 0])
        }
        bench.memories = CosimulationBench.Memories(
            scratchpad: scratchpad,
            accumulators: memorySeeds.bytes(RandomCommand.accumulatorBytes),
            global: memorySeeds.bytes(RandomCommand.globalBytes))
    }

    /// Leaves out steps as long as the two still differ.
    private func shrink(
        _ failure: Failure, from memories: CosimulationBench.Memories
    ) -> Failure {
        var best = failure
        var index = best.draft.steps.count - 1
        while index >= 0 {
            var smaller = best.draft
            smaller.steps.remove(at: index)
            index -= 1
            bench.memories = memories
            let schedule = bench.schedule(smaller)
            if smaller.order == .concurrent, schedule.firstTrappingStep != nil { continue }
            let (_, difference) = bench.run(schedule.stream)
            guard let difference else { continue }
            best.draft = smaller
            best.difference = difference
        }
        bench.memories = memories
        return best
    }
}

extension ProgramDraft.Step {
    /// Whether it may stand in a program that traps: the processor must not do what depends on how
    /// far it has run when it is held.
    fileprivate var isOrdered: Bool {
        switch self {
        case .command, .neverReady: true
        case .store, .console, .fault: false
        }
    }
}

extension Cosimulation.Failure: CustomStringConvertible {
    package var description: String {
        let steps = draft.steps.map { step in
            switch step {
            case .command(let word, let engine, let descriptor):
                let text = (try? Command(decoding: word)).map { "\($0.operation)" } ?? "illegal"
                let words = (0..<CommandWord.wordCount).map {
                    Hexadecimal.text(word[$0], digits: 8)
                }
                let fields = descriptor.map { Hexadecimal.text($0, digits: 8) }
                return "  \(engine): \(words.joined(separator: " "))\n    \(text)\n"
                    + "    descriptor \(fields.joined(separator: " "))"
            case .store(let value, let address): return "  processor: \(value) at \(address)"
            case .console, .fault, .neverReady: return "  \(step)"
            }
        }
        return "program \(program) (seed \(seed)), \(draft.order), first value "
            + "\(draft.firstValue):\n\(steps.joined(separator: "\n"))\n\(difference)"
    }
}
