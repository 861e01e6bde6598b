import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics
import Testing

@Suite("The checker")
struct LaunchCheckerTests {
    typealias Item = PipelineStream.Item
    private static let seeds: [UInt64] = Array(0..<8)

    /// Runs a stream with one fault for several interleavings: every one must be caught.
    private func findings(_ adjust: (inout Item, inout Stream) -> Void) throws -> [[Finding]] {
        let stream = PipelineStream.stream(adjust)
        return try Self.seeds.map { try CheckedRun(stream, seed: $0).findings }
    }

    private func isBetween(
        _ finding: Finding, _ first: Engine, _ second: Engine, in range: Range<UInt64>
    ) -> Bool {
        guard case .race(let earlier, let later, let place) = finding else { return false }
        let agents: Set<Waiter.Agent> = [earlier.agent, later.agent]
        return agents == [.engine(first), .engine(second)]
            && range.contains(place.addresses.lowerBound)
            && place.addresses.upperBound <= range.upperBound && earlier.command != nil
            && later.command != nil
    }

    @Test("a pipeline that waits for everything is clean and right in any order")
    func clean() throws {
        let stream = PipelineStream.stream()
        for seed: UInt64 in 0..<20 {
            let run = try CheckedRun(stream, seed: seed)
            #expect(run.findings == [] && run.error == nil, "seed \(seed)")
            #expect(
                run.output == (0..<64 * PipelineStream.tiles).map { Float(2 * $0) }, "seed \(seed)")
        }
    }

    @Test("a dropped post is a deadlock that names the waiting command and the missing post")
    func droppedPost() throws {
        for findings in try findings({ item, _ in
            if item.engine == .load && item.tile == 5 {
                item.sync.post = 0; item.sync.postCount = 0
            }
        }) {
            guard case .deadlock(let graph) = findings.first, findings.count == 1 else {
                Issue.record("\(findings)")
                continue
            }
            let vector = graph.waits.first { $0.agent == .engine(.vector) }
            #expect(vector?.reason == .semaphore(index: 1, awaited: 6, present: 5))
            #expect(vector?.missing == 1 && vector?.candidates == [])
            #expect(vector?.command?.opcode == VectorOpcode.add.rawValue)
            #expect(vector?.formerPoster?.agent == .engine(.load))
            // The store waits for that vector command, which is still in its queue.
            let store = graph.waits.first { $0.agent == .engine(.store) }
            #expect(store?.missing == 0 && store?.candidates.map(\.engine) == [.vector])
            #expect(store?.candidates.map(\.commandsAhead) == [0])
            #expect(findings[0].description.contains("1 of it missing"))
        }
    }

    @Test("a dropped wait for the data is a race, or a read of nothing")
    func droppedWaitForData() throws {
        for findings in try findings({ item, _ in
            if item.engine == .vector && item.tile == 2 {
                item.sync.waitA = 0; item.sync.waitAValue = 0
            }
        }) {
            let buffer = UInt64(PipelineStream.input(2))
            let isCaught = findings.contains {
                isBetween($0, .load, .vector, in: buffer..<buffer + 256)
            }
            #expect(isCaught, "\(findings)")
        }
        for findings in try findings({ item, _ in
            if item.engine == .vector && item.tile == 0 {
                item.sync.waitA = 0; item.sync.waitAValue = 0
            }
        }) {
            // Whichever comes first: the vector reads nothing, or races with the load.
            let isCaught = findings.contains {
                if case .uninitialisedRead(let access, let place) = $0 {
                    return access.agent == .engine(.vector) && place.addresses == 0..<256
                        && place.count == 256
                }
                return isBetween($0, .load, .vector, in: 0..<256)
            }
            #expect(isCaught, "\(findings)")
        }
    }

    @Test("a dropped wait for a free buffer is a race")
    func droppedWaitForSpace() throws {
        for findings in try findings({ item, _ in
            if item.engine == .load && item.tile == 4 {
                item.sync.waitA = 0; item.sync.waitAValue = 0
            }
        }) {
            #expect(findings.contains { isBetween($0, .load, .vector, in: 0..<256) }, "\(findings)")
        }
        for findings in try findings({ item, _ in
            if item.engine == .vector && item.tile == 3 {
                item.sync.waitB = 0; item.sync.waitBValue = 0
            }
        }) {
            #expect(
                findings.contains { isBetween($0, .vector, .store, in: 0x500..<0x600) },
                "\(findings)")
        }
    }

    @Test("buffers that overlap in sixteen bytes race on these sixteen")
    func overlappingBuffers() throws {
        for findings in try findings({ item, stream in
            guard item.engine == .load && item.tile == 3 else { return }
            item.operation = .load(PipelineStream.transfer(offset: 0, local: 0xF0, &stream))
        }) {
            let isCaught = findings.contains {
                guard case .race(_, _, let place) = $0 else { return false }
                return place
                    == CheckedPlace(
                        memory: .scratchpad(core: 0), addresses: 0xF0..<0x100, count: 16)
            }
            #expect(isCaught, "\(findings)")
        }
    }

    @Test("bytes that nothing wrote are named when they are read, once")
    func readBeforeWrite() throws {
        for findings in try findings({ item, stream in
            guard item.engine == .vector && item.tile == 1 else { return }
            item.operation = .vector(PipelineStream.double(from: 0x800, to: 0x500, &stream))
        }) {
            guard findings.count == 1, case .uninitialisedRead(let access, let place) = findings[0]
            else {
                Issue.record("\(findings)")
                continue
            }
            #expect(access.agent == .engine(.vector) && !access.isWrite && access.core == 0)
            #expect(
                place
                    == CheckedPlace(
                        memory: .scratchpad(core: 0), addresses: 0x800..<0x900, count: 256))
        }
    }

    @Test("a transfer past the end of a memory is named before it traps")
    func outOfBounds() throws {
        let end = UInt64(Chip.nano.scratchpadBytes)
        for findings in try findings({ item, stream in
            guard item.engine == .load && item.tile == 5 else { return }
            item.operation = .load(
                PipelineStream.transfer(offset: 0, local: UInt32(end) - 252, &stream))
        }) {
            guard case .outOfBounds(let access, let place, let limit)? = findings.first else {
                Issue.record("\(findings)")
                continue
            }
            #expect(
                access.agent == .engine(.load) && access.isWrite && access.command?.opcode == 0x10)
            #expect(place.addresses == end - 252..<end + 4 && limit == 0..<end)
        }
        for findings in try findings({ item, stream in
            guard item.engine == .store && item.tile == 5 else { return }
            item.operation = .store(PipelineStream.transfer(offset: 0xFF04, local: 0x500, &stream))
        }) {
            guard case .outOfBounds(let access, let place, let limit)? = findings.first else {
                Issue.record("\(findings)")
                continue
            }
            let base = TestBench.address
            #expect(access.agent == .engine(.store) && access.isWrite && place.memory == .global)
            #expect(
                place.addresses == base + 0xFF04..<base + 0x1_0004
                    && limit == base..<base + 0x1_0000)
        }
    }

    @Test("a semaphore with two posters is reported with both")
    func secondPoster() throws {
        for findings in try findings({ item, _ in
            if item.engine == .store && item.tile == 5 { item.sync.post = 1 }
        }) {
            guard findings.count == 1,
                case .secondPoster(let core, let semaphore, let first, let second) = findings[0]
            else {
                Issue.record("\(findings)")
                continue
            }
            #expect(core == 0 && semaphore == 1)
            #expect(first.agent == .engine(.load) && second.agent == .engine(.store))
            #expect(second.command?.opcode == 0x20)
        }
    }

    @Test("agents that wait for each other are a deadlock without a missing post")
    func cycle() throws {
        for findings in try findings({ item, _ in
            if item.engine == .load && item.tile == 4 {
                item.sync.waitA = 3; item.sync.waitAValue = 5
            }
        }) {
            guard case .deadlock(let graph)? = findings.last else {
                Issue.record("\(findings)")
                continue
            }
            let load = graph.waits.first { $0.agent == .engine(.load) }
            #expect(load?.reason == .semaphore(index: 3, awaited: 5, present: 4))
            #expect(load?.missing == 0 && load?.candidates.map(\.engine) == [.store])
            #expect(graph.waits.count >= 3)
        }
    }

    @Test("the processor's own accesses to the scratchpad are ordered by its waits")
    func processor() throws {
        // The register base plus this is the scratchpad's base.
        let scratchpad: UInt32 = 0xF000_0000
        for isWaiting in [true, false] {
            var stream = Stream()
            stream.enqueue(
                .load(PipelineStream.transfer(offset: 0, local: 0, &stream)),
                sync: PipelineStream.sync(post: 1))
            if isWaiting { stream.store(1 << 16 | 1, to: AddressMap.Register.wait) }
            stream.store(7, to: scratchpad &+ 0x10)
            stream.store(1 << 16 | 1, to: AddressMap.Register.wait)
            for seed in Self.seeds {
                let findings = try CheckedRun(stream, seed: seed).findings
                if isWaiting {
                    #expect(findings == [])
                    continue
                }
                guard case .race(let earlier, let later, let place)? = findings.first else {
                    Issue.record("\(findings)")
                    continue
                }
                #expect(Set([earlier.agent, later.agent]) == [.processor, .engine(.load)])
                #expect(place.addresses == 0x10..<0x14)
            }
        }
    }

    @Test(
        "a command enqueued after the processor waited needs no wait of its own"
    )
    func orderByProcessor() throws {
        var stream = Stream()
        stream.enqueue(
            .load(PipelineStream.transfer(offset: 0, local: 0, &stream)),
            sync: PipelineStream.sync(post: 1))
        stream.store(1 << 16 | 1, to: AddressMap.Register.wait)
        stream.enqueue(.vector(PipelineStream.double(from: 0, to: 0x400, &stream)))
        for seed in Self.seeds { #expect(try CheckedRun(stream, seed: seed).findings == []) }
    }

    @Test("cores that store to the same global bytes race; a core's own bytes are its own")
    func cores() throws {
        let stream = PipelineStream.stream()
        let findings = try CheckedRun(stream, seed: 1, chip: .edge14).findings
        let isCaught = findings.contains {
            guard case .race(let earlier, let later, let place) = $0 else { return false }
            return earlier.core != later.core && place.memory == .global && later.isWrite
                && place.addresses.lowerBound >= TestBench.address + 0x8000
        }
        #expect(isCaught)
        // All of them are stores: nothing local races, and reading the same input does not.
        for finding in findings {
            guard case .race(let earlier, let later, _) = finding else {
                Issue.record("\(finding)")
                continue
            }
            #expect(earlier.agent == .engine(.store) && later.agent == .engine(.store))
        }
    }
}
