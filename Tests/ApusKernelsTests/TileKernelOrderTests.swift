import ApusISA
import ApusKernels
import Testing

@Suite("The tile kernel issues what the program says, and no engine can overtake another")
struct TileKernelOrderTests {
    @Test("random tile programs are issued in order and every conflict is waited for")
    func randomPrograms() throws {
        var tested = 0
        for seed in 0..<3000 as Range<UInt64> {
            var random = SplitMix(seed: seed)
            var program = randomTileProgram(&random)
            if seed % 3 == 0 {
                program.chunkDimension = Int.random(in: program.grid.indices, using: &random)
            }
            do {
                try program.validate(
                    scratchpadBytes: 65536, accumulatorBytes: 16384, argumentBytes: 65536)
            } catch { continue }
            tested += 1
            let cores = Int.random(in: 1...3, using: &random)
            let chunksOfTile =
                program.chunkDimension.map { dimension in
                    (0..<program.grid[dimension]).map { _ in
                        Int.random(in: 0...program.chunks, using: &random)
                    }
                }
            for core in 0..<cores {
                let expected = ReferenceExpansion(
                    program, core: core, cores: cores, chunksOfTile: chunksOfTile
                ).issued
                try check(program, expected, core, cores, "seed \(seed)", chunksOfTile)
            }
        }
        #expect(tested > 500)
    }

    /// Compares the kernel's commands with the expected, and checks that conflicts are ordered.
    private func check(
        _ program: TileProgram, _ expected: [ReferenceExpansion.Issued], _ core: Int, _ cores: Int,
        _ label: String, _ chunksOfTile: [Int]?
    ) throws {
        var encoded = program.encode()
        if let table = encoded.chunkTable, let chunksOfTile {
            for (index, chunks) in chunksOfTile.enumerated() {
                encoded.arguments[table + 4 * index] = UInt8(chunks)
            }
        }
        let trace = KernelTrace(
            kernel: "apus_tile", arguments: encoded.arguments, core: core, cores: cores)
        try #require(trace.status == 0, "\(label): the kernel did not end well")
        var order = HappensBefore()
        var position = 0
        for event in trace.events {
            guard case .command(let engine, let words) = event else {
                if case .wait(let semaphore, let value) = event { order.wait(semaphore, value) }
                continue
            }
            if words[0] & 0xFF == 0 {
                order.nop(engine, words)
                continue
            }
            try #require(position < expected.count, "\(label): too many commands")
            let wanted = expected[position]
            position += 1
            try #require(engine == wanted.engine, "\(label): command \(position)")
            for (word, address) in wanted.addresses {
                try #require(words[word] == address, "\(label): command \(position), word \(word)")
            }
            if !wanted.coordinates.isEmpty {
                try #require(
                    coordinates(words) == wanted.coordinates, "\(label): command \(position)")
            }
            if engine == 2 {
                try #require(
                    (words[0] >> 27 & 1 == 1) == wanted.accumulates, "\(label): \(position)")
            }
            let missing = order.command(engine, words, reads: wanted.reads, writes: wanted.writes)
            try #require(
                missing.isEmpty, "\(label): command \(position) does not wait for \(missing)")
        }
        try #require(
            position == expected.count, "\(label): \(position) of \(expected.count) commands")
    }

    private func coordinates(_ words: [UInt32]) -> [Int32] {
        (4..<7).map { Int32(bitPattern: words[$0]) } + [
            Int32(Int16(truncatingIfNeeded: words[7])),
            Int32(Int16(truncatingIfNeeded: words[7] >> 16)),
        ]
    }

    @Test("semaphores wrap and very old commands stay waited for over many tiles")
    func longRuns() throws {
        // Slot 0 is loaded once and read for ever; slot 2 is loaded only every 256 tiles.
        let program = TileProgram(
            grid: [100, 256],
            slots: [
                Slot(address: 0, bytes: 64), Slot(address: 64, bytes: 64, buffers: 2),
                Slot(address: 256, bytes: 64), Slot(address: 512, bytes: 64, buffers: 2),
            ],
            beforeChunks: [
                .load(
                    Move(Place(0), transfer: lineTransfer(base: 0, elements: 16), coordinates: [])),
                .load(
                    Move(
                        Place(1), transfer: lineTransfer(base: 0, elements: 16),
                        coordinates: [Affine(perGrid: [0, 16])])),
                .load(
                    Move(
                        Place(2), transfer: lineTransfer(base: 0, elements: 16),
                        coordinates: [Affine(perGrid: [16, 0])])),
            ],
            afterChunks: [
                .vector(
                    VectorStep(
                        .fma, d: Place(3), a: .slot(0), b: .slot(1), c: .slot(2),
                        descriptor: rowDescriptor(16))),
                .store(
                    Move(
                        Place(3), transfer: lineTransfer(base: 0, elements: 16),
                        coordinates: [Affine(perGrid: [4096, 16])])),
            ])
        try program.validate(scratchpadBytes: 65536, accumulatorBytes: 16384, argumentBytes: 16384)
        let trace = KernelTrace(
            kernel: "apus_tile", arguments: program.encode().arguments, core: 0, cores: 1)
        #expect(trace.status == 0)
        var order = HappensBefore()
        var lag = 0
        for event in trace.events {
            switch event {
            case .wait(let semaphore, let value): order.wait(semaphore, value)
            case .command(let engine, let words):
                _ = order.command(engine, words, reads: [], writes: [])
                lag = max(lag, order.largestLag)
            }
        }
        #expect(lag < 16384)
        #expect(trace.events.count > 25600 * 3)
    }
}
