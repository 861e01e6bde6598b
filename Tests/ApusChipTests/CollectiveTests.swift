import ApusChip
import Testing

@Suite("exchanges between chips")
struct CollectiveTests {
    private let chip = Chip.cloud7

    /// Bytes a second of a link, and of memory.
    private var link: Double {
        Double(chip.linkMegabytesPerSecond) * 1e6 / Double(chip.linkCount)
    }
    private var memory: Double { Double(chip.memoryMegabytesPerSecond) * 1e6 }
    private var latency: Double { Double(chip.linkLatencyNanoseconds) * 1e-9 }

    @Test("a chip alone exchanges nothing, and a chip without links cannot")
    func alone() {
        #expect(Collective(.allReduce, bytes: 1 << 20, chips: 1).cycles(on: chip) == 0)
        #expect(Collective(.allReduce, bytes: 1 << 20, chips: 2).cycles(on: .edge14) == nil)
    }

    @Test("eight chips, joined each with each: few bytes in one shot, many in two")
    func joined() throws {
        let small = try #require(Collective(.allReduce, bytes: 4096, chips: 8).time(on: chip))
        #expect(small.way == .oneShot)
        #expect(abs(small.seconds - (latency + 4096 / link + 8192 / memory)) < 1e-15)
        let size = 64.0 * 1048576
        let large = try #require(
            Collective(.allReduce, bytes: Int(size), chips: 8).time(on: chip))
        #expect(large.way == .twoShots)
        let expected = 2 * (latency + size / 8 / link) + 2 * size / memory
        #expect(abs(large.seconds - expected) < 1e-12)
    }

    @Test("sixteen chips form a ring")
    func ring() throws {
        let size = 16.0 * 1048576
        let found = try #require(
            Collective(.allReduce, bytes: Int(size), chips: 16).time(on: chip))
        let all = link * Double(chip.linkCount)
        #expect(found.way == .ring)
        let expected = 30 * (latency + size / 16 / all) + 2 * size / memory
        #expect(abs(found.seconds - expected) < 1e-12)
    }

    @Test("more bytes never take less, of any kind and any number of chips")
    func monotone() {
        for kind in Collective.Kind.allCases {
            for chips in 1...40 {
                var before = 0
                for power in 0..<34 {
                    let now = Collective(kind, bytes: 1 << power, chips: chips).cycles(on: chip)
                    #expect((now ?? -1) >= before, "\(kind) \(chips) \(power)")
                    before = now ?? 0
                }
            }
        }
    }
}
