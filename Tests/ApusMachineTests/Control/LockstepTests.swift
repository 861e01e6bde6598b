import Testing

import ApusMachine

@Suite("The fast control processor and the oracle in lockstep")
struct LockstepTests {
    @Test("random programs leave equal registers, control registers, counters and memory")
    func randomPrograms() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("lockstep seed \(seed)")
        var random = SplitMix(state: seed)
        for round in 0..<400 {
            var program = RandomProgram(random: SplitMix(state: random.next()))
            let options = ProcessorOptions(
                hart: 3, hasTimer: random.next() & 1 == 0, trapsMisaligned: random.next() & 1 == 0,
                stopsOnException: random.next() & 3 == 0)
            let words = program.words(count: 200)
            let deviceSeed = random.next()
            let fast = TestHart(.fast, options: options, words: words, seed: deviceSeed)
            let oracle = TestHart(.oracle, options: options, words: words, seed: deviceSeed)
            guard runTogether(fast, oracle, &random, round: round, seed: seed) else { return }
        }
    }

    /// Runs both in pieces; false, with the difference recorded, at the first disagreement.
    private func runTogether(
        _ fast: TestHart, _ oracle: TestHart, _ random: inout SplitMix,
        round: Int, seed: UInt64
    ) -> Bool {
        for piece in 0..<30 {
            let pc = oracle.core.pc
            let steps = piece < 10 ? 1 : random.next() % 60
            let exits = (fast.core.run(steps: steps), oracle.core.run(steps: steps))
            let isEqual =
                exits.0 == exits.1 && fast.snapshot == oracle.snapshot
                && fast.code.elementsEqual(oracle.code) && fast.data.elementsEqual(oracle.data)
                && fast.device.pointee.log == oracle.device.pointee.log
            let difference = zip(fast.snapshot, oracle.snapshot).enumerated().first { $1.0 != $1.1 }
            #expect(
                isEqual,
                "seed \(seed) round \(round) piece \(piece) at \(pc): \(exits) \(difference as Any)"
            )
            guard isEqual else { return false }
            if case .exception = exits.0 {
                fast.core.pc = TestHart.codeBase
                oracle.core.pc = TestHart.codeBase
            } else if case .locked = exits.0 {
                return true
            }
        }
        return true
    }
}
