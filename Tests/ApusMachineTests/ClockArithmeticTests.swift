import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics
import Testing

/// Launches whose cycles can be written down: what the clock says must be that, to the cycle.
@Suite("the clock and arithmetic")
struct ClockArithmeticTests {
    /// Cycles of the stream kernel (``StreamKernel``): from the launch to its n-th store, and to
    /// the store of DONE, each in its own cycle.
    enum StreamTime {
        /// Launch and reset, the first fetch, then lui, lui, lw, addi; a load takes two.
        static let prologue: UInt64 = 2 + 5
        /// beq, lw, lw, add, sw, addi, addi, jal.
        static let loop: UInt64 = 10
        /// What of the loop comes before its store: beq, lw, lw, add.
        static let beforeStore: UInt64 = 6

        static func store(_ index: Int) -> UInt64 {
            prologue + loop * UInt64(index) + beforeStore
        }
        /// The last beq, then the store of DONE.
        static func done(after stores: Int) -> UInt64 { prologue + loop * UInt64(stores) + 1 }
    }

    /// Cycles of a command besides the engine's: seen and checked, descriptor fetched, posted.
    enum CommandTime {
        static let queue: UInt64 = 1
        static let check: UInt64 = 2
        /// A turn, eight or four beats of four words, the last answer.
        static func fetch(words: Int) -> UInt64 { 2 + UInt64(words / 4) }
        static let post: UInt64 = 1
    }

    private static let seed: UInt64 = 20_261_124

    /// One core as the wide presets have it, behind the simple memory.
    private static let chip: Chip = {
        var chip = Chip.cloud7
        chip.name = "one"
        (chip.meshColumns, chip.meshRows) = (1, 1)
        return chip
    }()

    private func cycles(
        _ stream: Stream, on chip: Chip, memory: ClockedMemory = .simple
    ) throws -> UInt64 {
        let machine = try ClockedMachine(chip: chip, memory: memory, seed: Self.seed)
        try machine.load(StreamKernel.image)
        let entry = try machine.entry(of: "stream")
        let arguments = stream.arguments
        return try arguments.withUnsafeBytes {
            try machine.launch(entry: entry, arguments: $0).cycles
        }
    }

    @Test("a chain of commands takes three cycles a link, in a thousand sizes")
    func chain() throws {
        var generator = SeededGenerator(seed: Self.seed)
        print("seed \(Self.seed)")
        for _ in 0..<1000 {
            // At most a queue's depth on each engine, all there before the first may begin.
            let links = Int.random(in: 1...60, using: &generator)
            var stream = Stream(storesMax: 600)
            var room = [Int](repeating: Self.chip.queueDepth, count: 4)
            for link in 0..<links {
                let engines = Engine.allCases.filter { room[Int($0.rawValue)] > 0 }
                let engine = generator.pick(engines)
                room[Int(engine.rawValue)] -= 1
                var sync = SyncFields.none
                (sync.waitA, sync.waitAValue) = (1, UInt16(link + 1))
                (sync.post, sync.postCount) = (1, 1)
                stream.enqueue(.nop, sync: sync, on: engine)
            }
            stream.store(1 << 16 | 1, to: AddressMap.Register.post)
            let post = StreamTime.store(stream.storeCount - 1)
            // Seen in the next cycle; then waits, check, post for each link.
            let end = post + 1 + 3 * UInt64(links)
            let expected = max(end, StreamTime.done(after: stream.storeCount) + 1)
            let actual = try cycles(stream, on: Self.chip)
            #expect(actual == expected, "seed \(Self.seed), \(links) links")
            if actual != expected { return }
        }
    }

    @Test("a long product takes a step for each k, in a thousand sizes")
    func product() throws {
        var generator = SeededGenerator(seed: Self.seed)
        print("seed \(Self.seed)")
        let (rows, columns) = (Self.chip.matrixRows, 2 * Self.chip.matrixColumns)
        for _ in 0..<1000 {
            let depth = Int.random(in: 600...3000, using: &generator)
            var stream = Stream(storesMax: 40)
            let descriptor = MatrixDescriptor(
                m0: Int32(rows), m1: 1, n0: Int32(columns), n1: 1, k0: Int32(depth), k1: 1, k2: 1,
                aStrides: .init(m0: Int32(2 * depth), m1: 0, k0: 2, k1: 0, k2: 0),
                bStrides: .init(n0: 2, n1: 0, k0: Int32(2 * columns), k1: 0, k2: 0),
                accumulatorRowStride: Int32(4 * columns), scales: .none)
            let offset = stream.append(descriptor.encode())
            stream.enqueue(
                .matmul(
                    MatmulCommand(
                        descriptor: offset, a: 0, b: 1 << 20,
                        accumulator: AddressMap.localAccumulators, aFormat: .bf16, bFormat: .bf16,
                        accumulate: false, passes: .native, scaling: .none)))
            // A step is two cycles for each k; before it the check and a tile's bookkeeping, behind
            // it 2 · rows rows of sums, which follow each other: the writes of each port.
            let row = UInt64(Self.chip.matrixColumns / Self.chip.widths.matrixPorts)
            let engine = 48 + 12 + 2 * UInt64(depth) + 2 * UInt64(rows) * row
            let began =
                StreamTime.store(7) + CommandTime.queue + CommandTime.check
                + CommandTime.fetch(words: 32)
            let expected = began + engine + CommandTime.post
            let actual = try cycles(stream, on: Self.chip)
            #expect(actual == expected, "seed \(Self.seed), depth \(depth)")
            if actual != expected { return }
        }
    }

    /// The first product's check is seen; those of the others lie behind the product before. Sums
    /// of a product's last tile leave while the next is multiplied, if it has several tiles.
    @Test("products that are under way follow one another, in a thousand sizes")
    func productsUnderWay() throws {
        var generator = SeededGenerator(seed: Self.seed)
        print("seed \(Self.seed)")
        #expect(Self.chip.widths.commandsUnderWay == 2)
        let rows = Self.chip.matrixRows
        for _ in 0..<1000 {
            let depth = Int.random(in: 600...3000, using: &generator)
            let tiles = Int.random(in: 1...3, using: &generator)
            let count = Int.random(in: 1...5, using: &generator)
            let columns = 2 * Self.chip.matrixColumns * tiles
            var stream = Stream(storesMax: 60)
            let descriptor = MatrixDescriptor(
                m0: Int32(rows), m1: 1, n0: Int32(columns), n1: 1, k0: Int32(depth), k1: 1, k2: 1,
                aStrides: .init(m0: Int32(2 * depth), m1: 0, k0: 2, k1: 0, k2: 0),
                bStrides: .init(n0: 2, n1: 0, k0: 0, k1: 0, k2: 0),
                accumulatorRowStride: Int32(4 * columns), scales: .none)
            let offset = stream.append(descriptor.encode())
            for _ in 0..<count {
                stream.enqueue(
                    .matmul(
                        MatmulCommand(
                            descriptor: offset, a: 0, b: 1 << 20,
                            accumulator: AddressMap.localAccumulators, aFormat: .bf16,
                            bFormat: .bf16, accumulate: false, passes: .native, scaling: .none)))
            }
            let row = UInt64(Self.chip.matrixColumns / Self.chip.widths.matrixPorts)
            let moves = 2 * UInt64(rows) * row * (tiles == 1 ? UInt64(count) : 1)
            let engine = 48 + UInt64(count * tiles) * (12 + 2 * UInt64(depth)) + moves
            let began =
                StreamTime.store(7) + CommandTime.queue + CommandTime.check
                + CommandTime.fetch(words: 32)
            let expected = began + engine + CommandTime.post
            let actual = try cycles(stream, on: Self.chip)
            #expect(actual == expected, "seed \(Self.seed), \(count) of \(depth) × \(columns)")
            if actual != expected { return }
        }
    }

    @Test("a stream through the simple port takes a word a cycle, in a thousand sizes")
    func streaming() throws {
        var generator = SeededGenerator(seed: Self.seed)
        print("seed \(Self.seed)")
        let latency = UInt64(Self.chip.memoryLatencyNanoseconds)
        for _ in 0..<1000 {
            let words = Int.random(in: 1...100_000, using: &generator)
            var stream = Stream(storesMax: 40)
            let descriptor = TransferDescriptor(
                base: 1 << 32, globalFormat: .bits64, localFormat: .bits64, gatherDimension: nil,
                reduction: .none, fill: 0, tensorExtents: Rank5([words], fill: 1),
                boxExtents: Rank5([words], fill: 1), globalStrides: Rank5([8], fill: 0),
                localStrides: Rank5([8], fill: 0), indexTable: 0)
            let offset = stream.append(descriptor.encode())
            stream.enqueue(
                .load(TransferCommand(descriptor: offset, local: 0, coordinates: .zero)))
            // Checks of five extents, one of them not 1; begin and leave; the pipeline's end.
            let checks: UInt64 = 33 + (words == 1 ? 0 : 2) + 2
            let began =
                StreamTime.store(7) + CommandTime.queue + CommandTime.check
                + CommandTime.fetch(words: 32)
            let expected =
                began + checks + latency + UInt64(words) + 8 + CommandTime.post
            let actual = try cycles(stream, on: Self.chip)
            #expect(actual == expected, "seed \(Self.seed), \(words) words")
            if actual != expected { return }
        }
    }

    @Test("channels are as fast as their bus but for refresh")
    func channels() throws {
        for chip in [Chip.edge14, .cloud7] {
            guard let timing = MemoryTiming(chip.memoryKind) else { continue }
            var stream = Stream(storesMax: 200)
            // Every core reads a part of its own: the rows of one tensor, by its coordinate.
            let columns = 1 << 16
            let descriptor = TransferDescriptor(
                base: 1 << 32, globalFormat: .bf16, localFormat: .bf16, gatherDimension: nil,
                reduction: .none, fill: 0,
                tensorExtents: Rank5([columns, 1 << 20], fill: 1),
                boxExtents: Rank5([columns, 4], fill: 1),
                globalStrides: Rank5([2, 2 * columns], fill: 0),
                localStrides: Rank5([2, 2 * columns], fill: 0), indexTable: 0)
            let offset = stream.append(descriptor.encode())
            for part in 0..<20 {
                stream.enqueue(
                    .load(
                        TransferCommand(
                            descriptor: offset, local: 0,
                            coordinates: Rank5([0, 4 * part], fill: 0))))
            }
            let bytes = UInt64(20 * 4 * 2 * columns * chip.coreCount)
            let took = try cycles(stream, on: chip, memory: .channels)
            let rate = Double(chip.memoryMegabytesPerSecond) / Double(chip.clockMegahertz)
            let refresh =
                Double(timing.refreshPicoseconds) / Double(timing.refreshIntervalPicoseconds)
            let share = Double(bytes) / Double(took) / rate
            // Beginning and end take some per cent of the stream.
            #expect(share <= 1 - refresh + 0.005, "\(chip.name): \(share)")
            #expect(share >= (1 - refresh) * 0.97, "\(chip.name): \(share)")
        }
    }
}
