import ApusMachine
import Testing

@Suite("Control registers")
struct ControlRegisterTests {
    static func exists(_ number: UInt32) -> Bool {
        switch number {
        case 0x300, 0x301, 0x304, 0x305, 0x310, 0x320, 0x323...0x33F, 0x340...0x344, 0x3A0...0x3A3,
            0x3B0...0x3BF, 0x7A0...0x7A4, 0xB00, 0xB02...0xB1F, 0xB80, 0xB82...0xB9F, 0xC00...0xC1F,
            0xC80...0xC9F, 0xF11...0xF15:
            true
        default: false
        }
    }

    static func isWritable(_ number: UInt32) -> Bool {
        exists(number) && number >> 10 != 3
    }

    private static let stopping = ProcessorOptions(
        hart: 5, hasTimer: false, trapsMisaligned: false, stopsOnException: true)

    @Test(
        "of the 4096 numbers, exactly the documented ones can be read and written",
        arguments: TestHart.Implementation.allCases)
    func existence(_ implementation: TestHart.Implementation) {
        for number: UInt32 in 0..<4096 {
            // Read; set no bits; write.
            let read = RV32.csr(2, rd: 1, number, 0)
            let write = RV32.csr(1, rd: 0, number, 2)
            let clear = RV32.csr(7, rd: 3, number, 1)
            for (word, isLegal) in [
                (read, Self.exists(number)), (write, Self.isWritable(number)),
                (clear, Self.isWritable(number)),
            ] {
                let hart = TestHart(implementation, options: Self.stopping, words: [word])
                let exit = hart.core.run(steps: 1)
                #expect(
                    exit == (isLegal ? .budget : .exception(cause: 2, value: word)),
                    "\(number) \(word)")
            }
        }
    }

    @Test("writes keep the bits that mean something", arguments: TestHart.Implementation.allCases)
    func legalValues(_ implementation: TestHart.Implementation) {
        let kept: [UInt32: UInt32] = [
            0x300: 0x1888, 0x301: 0x4000_1100, 0x304: 0x888, 0x305: 0xFFFF_FFFD, 0x310: 0, 0x320: 5,
            0x340: .max, 0x341: 0xFFFF_FFFC, 0x342: .max, 0x343: .max, 0x344: 0, 0x3A0: 0x1F1F_1F1F,
            0x3B0: .max, 0x323: 0, 0xB03: 0, 0x7A0: 0, 0xB00: .max, 0xB82: .max,
        ]
        for (number, expected) in kept {
            let words = [RV32.csr(1, rd: 0, number, 1), RV32.csr(2, rd: 2, number, 0)]
            let hart = TestHart(implementation, options: Self.stopping, words: words)
            hart.core[register: 1] = .max
            _ = hart.core.run(steps: 2)
            #expect(hart.core[register: 2] == expected, "\(number)")
        }
    }

    @Test(
        "csrrw, csrrs, csrrc and their immediate forms read the old value",
        arguments: TestHart.Implementation.allCases)
    func operations(_ implementation: TestHart.Implementation) {
        let scratch: UInt32 = 0x340
        let words = [
            RV32.csr(1, rd: 2, scratch, 1), RV32.csr(2, rd: 3, scratch, 10),
            RV32.csr(3, rd: 4, scratch, 11),
            RV32.csr(5, rd: 5, scratch, 21), RV32.csr(6, rd: 6, scratch, 10),
            RV32.csr(7, rd: 7, scratch, 3),
            RV32.csr(1, rd: 1, scratch, 1),
        ]
        let hart = TestHart(implementation, options: Self.stopping, words: words)
        (hart.core[register: 1], hart.core[register: 10], hart.core[register: 11]) = (
            0x0F0F, 0xF000, 0x000F
        )
        _ = hart.core.run(steps: 7)
        #expect((2...7).map { hart.core[register: $0] } == [0, 0x0F0F, 0xFF0F, 0xFF00, 21, 31])
        // A register that is source and destination at once swaps.
        #expect(hart.core[register: 1] == 28 && hart.core.controlRegister(scratch) == 0x0F0F)
    }

    @Test(
        "a counter reads what was just written, then counts on",
        arguments: TestHart.Implementation.allCases)
    func counters(_ implementation: TestHart.Implementation) {
        let low: UInt32 = 0xB02
        let high: UInt32 = 0xB82
        let words = [
            RV32.csr(1, rd: 0, low, 1), RV32.csr(1, rd: 0, high, 1), RV32.fence,
            RV32.csr(2, rd: 2, low, 0),
            RV32.csr(2, rd: 3, high, 0), RV32.csr(5, rd: 0, 0x320, 5), RV32.csr(2, rd: 4, low, 0),
            RV32.fence,
            RV32.csr(2, rd: 5, low, 0), RV32.csr(5, rd: 0, 0x320, 0), RV32.csr(2, rd: 6, low, 0),
            RV32.csr(2, rd: 7, 0xC02, 0),
        ]
        let hart = TestHart(implementation, options: Self.stopping, words: words)
        hart.core[register: 1] = .max
        _ = hart.core.run(steps: 12)
        // 2⁶⁴ − 1 and one more instruction wrap to 0; then 1, 2, and 3 held while inhibited.
        #expect((2...7).map { hart.core[register: $0] } == [0, 0, 3, 3, 3, 4])
    }

    @Test("instructions that trap do not retire", arguments: TestHart.Implementation.allCases)
    func retirement(_ implementation: TestHart.Implementation) {
        let words =
            RV32.li(rd: 1, TestHart.codeBase + 24) + [
                RV32.csr(1, rd: 0, 0x305, 1), RV32.ecall, 0, 0,
            ]
        let hart = TestHart(implementation, options: .bare, words: words + [RV32.fence])
        _ = hart.core.run(steps: 5)
        #expect(hart.core.controlRegister(0xB00) == 5)
        #expect(hart.core.controlRegister(0xB02) == 4)
    }
}
