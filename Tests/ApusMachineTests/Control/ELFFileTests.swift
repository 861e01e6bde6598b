import ApusMachine
import Testing

@Suite("ELF files")
struct ELFFileTests {
    private let good = ELFBuilder(words: [RV32.fence, RV32.ecall]).bytes

    @Test("an executable gives its entry, segments and symbols")
    func executable() throws {
        let file = try ELFFile(good)
        #expect(file.entry == ELFBuilder.base)
        #expect(file.symbols == ["tohost": ELFBuilder.toHost, "data": ELFBuilder.data])
        #expect(file.segments.count == 1 && file.lowestWritableAddress == ELFBuilder.base)
        #expect(file.segments.first?.file == 84..<92 && file.segments.first?.memoryBytes == 0x3000)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 0x3001, alignment: 8)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0xEE)
        #expect(file.load(into: memory, base: ELFBuilder.base))
        #expect(Array(memory.prefix(8)) == Array(good[84..<92]))
        #expect(memory[8..<0x3000].allSatisfy { $0 == 0 } && memory[0x3000] == 0xEE)
        #expect(!file.load(into: memory, base: ELFBuilder.base + 4))
    }

    @Test("what is not such a file is refused with the place")
    func refusals() {
        func error(_ change: (inout [UInt8]) -> Void) -> ELFError? {
            var bytes = good
            change(&bytes)
            do throws(ELFError) {
                _ = try ELFFile(bytes)
                return nil
            } catch {
                return error
            }
        }
        #expect(error { $0 = [] } == .notELF)
        #expect(error { $0[0] = 0 } == .notELF)
        #expect(error { $0[4] = 2 } == .unsupported(field: 4, value: 2))
        #expect(error { $0[5] = 2 } == .unsupported(field: 5, value: 2))
        #expect(error { $0[16] = 3 } == .unsupported(field: 16, value: 3))
        #expect(error { $0[18] = 62 } == .unsupported(field: 18, value: 62))
        #expect(
            error { $0[31] = 0xFF }
                == .truncated(
                    structure: .programHeaders, offset: 0xFF00_0034, bytes: 32,
                    fileBytes: good.count))
        #expect(
            error { $0.removeLast() }
                == .truncated(
                    structure: .sectionHeaders, offset: UInt64(good.count - 120), bytes: 120,
                    fileBytes: good.count - 1))
        #expect(
            error { $0[52 + 16 + 3] = 0x7F }
                == .truncated(
                    structure: .segment, offset: 84, bytes: 0x7F00_0008, fileBytes: good.count))
        #expect(
            error {
                $0[52 + 20] = 4; $0[52 + 21] = 0
            } == .impossibleSegment(index: 0))
        #expect(
            error {
                $0[52 + 15] = 0xFF; $0[52 + 14] = 0xFF; $0[52 + 13] = 0xFF
            } == .impossibleSegment(index: 0))
        #expect(error { $0[good.count - 80 + 24] = 9 } == .impossibleSymbolTable(section: 1))
    }

    @Test("truncated and mutated files are read or refused, and never trap")
    func mutations() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("ELF seed \(seed)")
        var random = SplitMix(state: seed)
        for length in 0..<good.count { _ = try? ELFFile(Array(good[..<length])) }
        for _ in 0..<4000 {
            var bytes = good
            for _ in 0...(random.next() % 4) {
                let index = Int(random.next() % UInt64(bytes.count))
                bytes[index] =
                    [0, 0xFF, 0x80, UInt8(truncatingIfNeeded: random.next())][
                        Int(random.next() % 4)]
            }
            guard let file = try? ELFFile(bytes) else { continue }
            let machine = try? BareMachine(
                program: file, memoryBytes: 1 << 16, usesOracle: false, console: { _ in })
            _ = machine?.run(steps: 200, observe: nil)
        }
    }
}
