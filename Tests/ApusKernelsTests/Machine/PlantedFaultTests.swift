import ApusChip
import ApusISA
import ApusKernels
import ApusMachine
import Testing

/// The shipped kernel with one fault in what it was given: the checker must name it for every seed.
@Suite("Planted faults in tile programs")
struct PlantedFaultTests {
    private static let seeds: [UInt64] = Array(0..<6)

    /// Doubles twelve tiles of `box` floats in slots of two buffers of `bytes` bytes.
    private func program(
        _ arena: inout TestArena, at address: Int = 0, bytes: Int = 256, box: Int = 64,
        columns: Int = 64
    ) -> TileProgram {
        let from = arena.add(randomValues(768, seed: 5))
        let to = arena.reserve(768 * 4)
        func move(_ slot: Int, _ base: Int, _ box: Int) -> Move {
            Move(
                Place(slot), transfer: transfer(base, tensor: [768], box: [box]),
                coordinates: [.tile(0, 64)])
        }
        return TileProgram(
            grid: [12],
            slots: [
                Slot(address: address, bytes: bytes, buffers: 2),
                Slot(address: 4096, bytes: 256, buffers: 2),
            ],
            beforeChunks: [.load(move(0, from, box))],
            afterChunks: [
                .vector(
                    VectorStep(
                        .add, d: Place(1), a: .slot(0), b: .slot(0),
                        descriptor: shape(columns, d: strides(1), a: strides(1), b: strides(1)))),
                .store(move(1, to, 64)),
            ])
    }

    /// What the checker finds for each seed, the block being changed before the launch.
    private func findings(
        _ make: (inout TestArena) -> TileProgram,
        change: (inout EncodedTileProgram) -> Void = { _ in }
    ) throws -> [[Finding]] {
        var arena = TestArena()
        var encoded = make(&arena).encode()
        change(&encoded)
        return try Self.seeds.map { seed in
            let machine = TestMachine(chip: .nano, threads: 1, mode: .checked(seed: seed))
            return try launch(encoded, arena, on: machine).findings
        }
    }

    /// Whether one finding is a race of these two engines in these bytes.
    private func hasRace(
        _ findings: [Finding], _ first: Engine, _ second: Engine, in addresses: Range<UInt64>
    ) -> Bool {
        findings.contains {
            guard case .race(let earlier, let later, let place) = $0 else { return false }
            return Set([earlier.agent, later.agent]) == [.engine(first), .engine(second)]
                && earlier.command != nil && later.command != nil
                && addresses.contains(place.addresses.lowerBound)
                && place.addresses.upperBound <= addresses.upperBound
        }
    }

    @Test("the program without a fault is clean")
    func clean() throws {
        for findings in try findings({ program(&$0) }) { #expect(findings == []) }
    }

    @Test("a Load that does not post: a deadlock that names the Vector command and semaphore 1")
    func droppedPost() throws {
        for findings in try findings({ program(&$0) }, change: { $0[template: 0] &= ~0x07FC_0000 })
        {
            guard case .deadlock(let graph)? = findings.last else {
                Issue.record("\(findings)")
                continue
            }
            let wait = graph.waits.first { $0.agent == .engine(.vector) }
            #expect(wait?.command?.opcode == VectorOpcode.add.rawValue)
            #expect(wait?.reason == .semaphore(index: 1, awaited: 1, present: 0))
            #expect(wait?.missing == 1)
        }
    }

    @Test("a Vector that does not wait for its Load")
    func droppedWaitForData() throws {
        for findings in try findings({ program(&$0) }, change: { $0.dropNeeds(of: 1, from: .load) })
        {
            let isUnset = findings.contains {
                guard case .uninitialisedRead(let access, let place) = $0 else { return false }
                return access.agent == .engine(.vector) && place.addresses.upperBound <= 512
            }
            #expect(isUnset || hasRace(findings, .load, .vector, in: 0..<512), "\(findings)")
        }
    }

    @Test("a Load that does not wait until its buffer was read")
    func droppedWaitForSpace() throws {
        for findings in try findings(
            { program(&$0) }, change: { $0.dropNeeds(of: 0, from: .vector) })
        {
            #expect(hasRace(findings, .load, .vector, in: 0..<512), "\(findings)")
        }
    }

    @Test("a Store that does not wait for its Vector")
    func droppedWaitForResult() throws {
        for findings in try findings(
            { program(&$0) }, change: { $0.dropNeeds(of: 2, from: .vector) })
        {
            let isUnset = findings.contains {
                guard case .uninitialisedRead(let access, _) = $0 else { return false }
                return access.agent == .engine(.store)
            }
            #expect(
                isUnset || hasRace(findings, .vector, .store, in: 4096..<4608), "\(findings)")
        }
    }

    @Test("buffers that overlap in sixteen bytes")
    func overlap() throws {
        for findings in try findings({ program(&$0, bytes: 240) }) {
            #expect(hasRace(findings, .load, .vector, in: 240..<256), "\(findings)")
        }
    }

    @Test("more elements computed than were loaded")
    func readBeforeWrite() throws {
        for findings in try findings({ program(&$0, box: 48) }) {
            guard case .uninitialisedRead(let access, let place)? = findings.first else {
                Issue.record("\(findings)")
                continue
            }
            #expect(access.agent == .engine(.vector))
            #expect([192..<256, 448..<512].contains(place.addresses))
        }
    }

    @Test("a slot that reaches past the end of the scratchpad")
    func pastTheEnd() throws {
        let end = UInt64(Chip.nano.scratchpadBytes)
        for findings in try findings({ program(&$0, at: Int(end) - 384) }) {
            guard case .outOfBounds(let access, let place, let limit)? = findings.first else {
                Issue.record("\(findings)")
                continue
            }
            #expect(access.agent == .engine(.load) && access.command?.opcode == Opcode.load)
            #expect(place.addresses == end - 128..<end + 128 && limit == 0..<end)
        }
    }

    @Test("a Store that posts the Loads' semaphore")
    func secondPoster() throws {
        // Semaphore 2, w0[22:18], becomes 1.
        let findings = try findings({ program(&$0) }, change: { $0[template: 2] ^= 3 << 18 })
        for findings in findings {
            let isCaught = findings.contains {
                guard case .secondPoster(_, 1, let first, let second) = $0 else { return false }
                return Set([first.agent, second.agent]) == [.engine(.load), .engine(.store)]
            }
            #expect(isCaught, "\(findings)")
        }
    }
}

/// Changes of the block, whose layout is that of Sources/ApusKernels/ArgumentLayout.swift.
extension EncodedTileProgram {
    private subscript(word address: UInt32) -> UInt32 {
        get {
            let offset = Int(address - AddressMap.argumentBase)
            return (0..<4).reduce(0) { $0 | UInt32(arguments[offset + $1]) << (8 * $1) }
        }
        set {
            let offset = Int(address - AddressMap.argumentBase)
            for byte in 0..<4 {
                arguments[offset + byte] = UInt8(truncatingIfNeeded: newValue >> (8 * byte))
            }
        }
    }

    /// The address of a command's record; header word 8 points to the first, a record's word 17 to
    /// the next.
    private func record(_ index: Int) -> UInt32 {
        let first = self[word: AddressMap.argumentBase + 4 * 8]
        return (0..<index).reduce(first) { record, _ in self[word: record + 4 * 17] }
    }

    /// Word 0 of a command's template.
    subscript(template index: Int) -> UInt32 {
        get { self[word: record(index) + 4 * 5] }
        set { self[word: record(index) + 4 * 5] = newValue }
    }

    /// Makes a command wait for no command of an engine: the groups of needs lie between the ends
    /// of words 14 and 15, each with its semaphore in word 2 and its own end in word 3; a wait for
    /// semaphore 0 passes.
    mutating func dropNeeds(of index: Int, from engine: Engine) {
        let record = record(index)
        var group = self[word: record + 4 * 14]
        while group < self[word: record + 4 * 15] {
            if self[word: group + 4 * 2] == UInt32(engine.rawValue) + 1 {
                self[word: group + 4 * 2] = 0
            }
            group = self[word: group + 4 * 3]
        }
    }
}
