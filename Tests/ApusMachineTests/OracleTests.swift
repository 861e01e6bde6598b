import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics
import Testing

@Suite("The fast engines")
struct OracleTests {
    @Test("give the oracle's bits for random Loads", arguments: [1, 2] as [UInt64])
    func loads(seed: UInt64) throws {
        try compare(seed: seed, count: 1500) { RandomCommand.transfer(isStore: false, &$0) }
    }

    @Test("give the oracle's bits for random Stores", arguments: [3, 4] as [UInt64])
    func stores(seed: UInt64) throws {
        try compare(seed: seed, count: 1500) { RandomCommand.transfer(isStore: true, &$0) }
    }

    @Test(
        "leave what the last element wrote where elements share bytes", arguments: [true, false])
    func sharedBytes(isStore: Bool) throws {
        // Where the descriptor's strides of what is written begin.
        let first = isStore ? 14 : 19
        try compare(seed: isStore ? 9 : 10, count: 1500) { generator in
            var command = RandomCommand.transfer(isStore: isStore, &generator)
            for word in first..<first + 5 where generator.happens(oneIn: 2) {
                let stride = Int32.random(in: -3...3, using: &generator)
                command.descriptor[word] = UInt32(bitPattern: stride)
            }
            return command
        }
    }

    @Test("give the oracle's bits for rows of 4-bit elements", arguments: [true, false])
    func nibbleRows(isStore: Bool) throws {
        try compare(seed: isStore ? 7 : 8, count: 1000) {
            RandomCommand.nibbleRows(isStore: isStore, &$0)
        }
    }

    @Test("give the oracle's bits for random products", arguments: [5, 6] as [UInt64])
    func products(seed: UInt64) throws {
        try compare(seed: seed, count: 500) { RandomCommand.matmul(&$0) }
    }

    @Test("give the oracle's bits for every Vector opcode", arguments: VectorOpcode.allCases)
    func vectors(opcode: VectorOpcode) throws {
        try compare(seed: UInt64(opcode.rawValue), count: 60) {
            RandomCommand.vector(opcode, &$0)
        }
    }

    /// Runs each command on both kinds of engines, from the same memories, and compares all memory
    /// and the error.
    private func compare(
        seed: UInt64, count: Int, _ draw: (inout SeededGenerator) -> RandomCommand
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let fast = try TestBench(mode: .fast, memoryBytes: RandomCommand.globalBytes)
        let oracle = try TestBench(mode: .oracle, memoryBytes: RandomCommand.globalBytes)
        var legal = 0
        for number in 0..<count {
            if number % 40 == 0 { fill(fast, oracle, &generator) }
            let command = draw(&generator)
            let errors = (fast.run(command), oracle.run(command))
            legal += errors.0 == nil ? 1 : 0
            let difference = firstDifference(fast, oracle)
            if errors.0 != errors.1 || difference != nil {
                Issue.record(
                    """
                    seed \(seed), command \(number): \(command.operation), \(command.descriptor): \
                    fast \(errors.0.map { "\($0)" } ?? "ends"), \
                    oracle \(errors.1.map { "\($0)" } ?? "ends"), \(difference ?? "same memory")
                    """)
                return
            }
        }
        // The drawing is worth little if most of it traps.
        #expect(legal * 6 > count, "seed \(seed): \(legal) of \(count) commands are legal")
    }

    private func fill(_ fast: TestBench, _ oracle: TestBench, _ generator: inout SeededGenerator) {
        var local = generator.bytes(RandomCommand.scratchpadBytes)
        // Small indices where index tables begin.
        for index in stride(from: 0, to: 1024, by: 4) {
            local.replaceSubrange(index..<index + 4, with: [UInt8(index / 4 % 7), 0, 0, 0])
        }
        let accumulators = generator.bytes(RandomCommand.accumulatorBytes)
        let global = generator.bytes(RandomCommand.globalBytes)
        for bench in [fast, oracle] {
            bench.machine.setLocalBytes(core: 0, address: 0, local)
            bench.machine.setLocalBytes(
                core: 0, address: AddressMap.localAccumulators, accumulators)
            bench.memory.bytes.copyBytes(from: global)
        }
    }

    private func firstDifference(_ fast: TestBench, _ oracle: TestBench) -> String? {
        let parts: [(String, (TestBench) -> [UInt8])] = [
            ("scratchpad", { $0.local(0, RandomCommand.scratchpadBytes) }),
            (
                "accumulators",
                { $0.local(AddressMap.localAccumulators, RandomCommand.accumulatorBytes) }
            ),
            ("global", { [UInt8]($0.memory.bytes) }),
        ]
        for (name, bytes) in parts {
            let (mine, theirs) = (bytes(fast), bytes(oracle))
            if mine == theirs { continue }
            guard let index = mine.indices.first(where: { mine[$0] != theirs[$0] }) else {
                continue
            }
            let first = index & ~3
            return "\(name) byte \(index): fast \(mine[first..<first + 4]), "
                + "oracle \(theirs[first..<first + 4])"
        }
        return nil
    }
}

extension TestBench {
    /// Runs one command; what it failed with.
    fileprivate func run(_ command: RandomCommand) -> MachineError? {
        var stream = Stream(storesMax: (Int(RandomCommand.offset) - 16) / 8)
        let offset = stream.append(command.descriptor)
        precondition(offset == RandomCommand.offset, "the descriptor is where the command says")
        stream.enqueue(command.operation)
        do {
            try run(stream)
            return nil
        } catch {
            return error as? MachineError
        }
    }

    fileprivate func local(_ address: UInt32, _ count: Int) -> [UInt8] {
        machine.localBytes(core: 0, address: address, count: count)
    }
}
