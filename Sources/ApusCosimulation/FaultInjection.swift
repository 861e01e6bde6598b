import ApusISA
import ApusMachine
import ApusRTL

/// Random programs during which one word of the RTL's scratchpad shows wrong bits.
package struct FaultInjection {
    /// What came of it.
    package struct Tally {
        /// Programs in which an error was met and corrected, and all else was as ever.
        package var corrected = 0
        /// Programs that two wrong bits stopped, with the word's address.
        package var stopped = 0
        /// Programs that never read the word.
        package var unmet = 0
    }

    private let bench: CosimulationBench
    private var generator: SeededGenerator
    private(set) package var tally = Tally()

    package init(bench: CosimulationBench, seed: UInt64) {
        self.bench = bench
        generator = SeededGenerator(seed: seed)
        bench.memories = CosimulationBench.Memories(
            scratchpad: generator.bytes(RandomCommand.scratchpadBytes),
            accumulators: generator.bytes(RandomCommand.accumulatorBytes),
            global: generator.bytes(RandomCommand.globalBytes))
    }

    /// Runs one program with one wrong bit and once more with two; what was not as it should be.
    package mutating func runNext() -> String? {
        var programs = ProgramGenerator(seed: generator.next())
        var draft = programs.draft(missing: [])
        draft.steps = draft.steps.filter(\.isCommand)
        var schedule = bench.schedule(draft)
        for _ in 0..<4 where !schedule.trappingSteps.isEmpty {
            draft.steps = draft.steps.indices.filter { !schedule.trappingSteps.contains($0) }
                .map { draft.steps[$0] }
            schedule = bench.schedule(draft)
        }
        guard schedule.trappingSteps.isEmpty,
            let span = schedule.scratchpadReads.randomElement(
                using: &generator)
        else { return nil }
        let address = UInt32(Int.random(in: span, using: &generator)) & ~7
        let bits = Array(0..<72).shuffled(using: &generator)
        let before = bench.memories
        if let fault = runSingle(schedule.stream, address, bit: bits[0]) { return fault }
        bench.memories = before
        return runDouble(schedule.stream, address, bits: (bits[0], bits[1]), before)
    }

    private mutating func runSingle(_ stream: Stream, _ address: UInt32, bit: Int) -> String? {
        bench.inject(address: address, bits: [bit])
        let (_, difference, corrected) = bench.runCounting(stream)
        bench.stopInjecting()
        if let difference { return "one wrong bit, \(bit), at \(address): \(difference)" }
        if corrected > 0 { tally.corrected += 1 } else { tally.unmet += 1 }
        return nil
    }

    private mutating func runDouble(
        _ stream: Stream, _ address: UInt32, bits: (Int, Int),
        _ before: CosimulationBench.Memories
    ) -> String? {
        bench.inject(address: address, bits: [bits.0, bits.1])
        let (ending, difference, _) = bench.runCounting(stream)
        bench.stopInjecting()
        defer { bench.memories = before }
        switch ending {
        case .memory(let named) where named == address:
            tally.stopped += 1
            return nil
        case .done where difference == nil:
            tally.unmet += 1
            return nil
        default:
            return "two wrong bits, \(bits), at \(address): \(ending), \(difference ?? "no change")"
        }
    }
}

extension ProgramDraft.Step {
    fileprivate var isCommand: Bool {
        if case .command = self { true } else { false }
    }
}
