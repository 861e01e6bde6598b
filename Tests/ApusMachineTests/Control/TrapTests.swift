import ApusMachine
import Testing

@Suite("Traps, interrupts and memory of the control processor")
struct TrapTests {
    private static let handler = TestHart.codeBase + 0x200

    /// A bare hart whose traps go to `handler` and whose x12, x13 point to data and the device.
    private func hart(
        _ implementation: TestHart.Implementation, _ words: [UInt32], trapsMisaligned: Bool = false
    ) -> TestHart {
        let options = ProcessorOptions(
            hart: 0, hasTimer: true, trapsMisaligned: trapsMisaligned, stopsOnException: false)
        let set =
            RV32.li(rd: 1, Self.handler) + [
                RV32.csr(1, rd: 0, 0x305, 1), RV32.csr(6, rd: 0, 0x300, 8),
            ]
        let hart = TestHart(implementation, options: options, words: set + words)
        _ = hart.core.run(steps: 4)
        hart.core[register: 12] = TestHart.dataBase
        hart.core[register: 13] = TestHart.deviceBase
        return hart
    }

    private func trap(_ hart: TestHart) -> [UInt32] {
        [0x342, 0x343, 0x341].map { hart.core.controlRegister($0) ?? 0 }
    }

    @Test(
        "every exception saves its cause, value and place",
        arguments: TestHart.Implementation.allCases)
    func exceptions(_ implementation: TestHart.Implementation) {
        let place = TestHart.codeBase + 16
        let cases: [(word: UInt32, cause: UInt32, value: UInt32)] = [
            (RV32.jal(rd: 5, to: 6), 0, place + 6),
            (RV32.jalr(rd: 5, 12, 2), 0, TestHart.dataBase + 2),
            (RV32.b(0, 0, 0, to: 10), 0, place + 10),
            (0, 2, 0), (0xFFFF_FFFF, 2, 0xFFFF_FFFF), (0x0205_1513, 2, 0x0205_1513),
            (RV32.csr(1, rd: 5, 0xF14, 0), 2, RV32.csr(1, rd: 5, 0xF14, 0)),
            (RV32.csr(1, rd: 5, 0x180, 0), 2, RV32.csr(1, rd: 5, 0x180, 0)),
            (RV32.ebreak, 3, place), (RV32.ecall, 11, 0),
            (RV32.lw(rd: 5, 13, 2), 4, TestHart.deviceBase + 2),
            (RV32.i(3, 5, rd: 5, 13, 1), 4, TestHart.deviceBase + 1),
            (RV32.lw(rd: 5, 13, 0x200), 5, TestHart.deviceBase + 0x200),
            (RV32.lw(rd: 5, 12, 253), 5, TestHart.dataBase + 253),
            (RV32.sw(5, at: 13, 3), 6, TestHart.deviceBase + 3),
            (RV32.sw(5, at: 13, 0x200), 7, TestHart.deviceBase + 0x200),
            (RV32.sw(5, at: 12, 254), 7, TestHart.dataBase + 254),
            (RV32.lw(rd: 5, 0, 0), 5, 0), (RV32.sw(5, at: 0, -4), 7, 0xFFFF_FFFC),
        ]
        for (word, cause, value) in cases {
            let hart = hart(implementation, [word])
            hart.core[register: 5] = 77
            #expect(hart.core.run(steps: 1) == .budget)
            #expect(trap(hart) == [cause, value, place], "\(implementation) \(word)")
            #expect(hart.core.pc == Self.handler && hart.core[register: 5] == 77)
            // Interrupts are off in the handler, and the old setting is remembered.
            #expect(hart.core.controlRegister(0x300) == 0x1880)
        }
    }

    @Test(
        "a jump outside of memory fails at its target", arguments: TestHart.Implementation.allCases)
    func fetchFault(_ implementation: TestHart.Implementation) {
        let hart = hart(implementation, [RV32.jalr(rd: 5, 0, 0x40)])
        _ = hart.core.run(steps: 2)
        #expect(trap(hart) == [1, 0x40, 0x40])
        #expect(hart.core[register: 5] == TestHart.codeBase + 20)
    }

    @Test("memory that only reads cannot be written", arguments: TestHart.Implementation.allCases)
    func readOnly(_ implementation: TestHart.Implementation) {
        let words =
            RV32.li(rd: 6, TestHart.constantBase) + [RV32.lw(rd: 5, 6, 0), RV32.sw(5, at: 6, 4)]
        let hart = hart(implementation, words)
        _ = hart.core.run(steps: 4)
        #expect(hart.core[register: 5] == 0xC3C3_C3C3)
        #expect(trap(hart)[0] == 7 && hart.constants.allSatisfy { $0 == 0xC3 })
    }

    @Test(
        "loads and stores of every size work at every address",
        arguments: TestHart.Implementation.allCases)
    func misaligned(_ implementation: TestHart.Implementation) {
        for offset: Int32 in 0..<8 {
            for size: UInt32 in 0...2 {
                let words = [RV32.s(size, 7, at: 12, offset), RV32.i(3, size, rd: 8, 12, offset)]
                let hart = hart(implementation, words)
                hart.core[register: 7] = 0x8F9E_ADBC
                _ = hart.core.run(steps: 2)
                let bits = 8 << size
                let extended = Int32(bitPattern: 0x8F9E_ADBC << (32 - bits)) >> (32 - bits)
                #expect(hart.core[register: 8] == UInt32(bitPattern: extended))
                let count = Int(1 << size)
                let bytes = hart.data[Int(offset)..<Int(offset) + count]
                #expect(Array(bytes) == Array([0xBC, 0xAD, 0x9E, 0x8F].prefix(count)))
                #expect(hart.data.filter { $0 == 0x5A }.count == 256 - count)
            }
        }
    }

    @Test("a core traps misaligned loads and stores", arguments: TestHart.Implementation.allCases)
    func trappingMisaligned(_ implementation: TestHart.Implementation) {
        for (word, cause) in [
            (RV32.lw(rd: 5, 12, 2), 4), (RV32.sw(5, at: 12, 1), 6), (RV32.s(1, 5, at: 12, 3), 6),
        ] {
            let hart = hart(implementation, [word], trapsMisaligned: true)
            _ = hart.core.run(steps: 1)
            #expect(trap(hart)[0] == UInt32(cause))
        }
    }

    @Test(
        "the timer interrupts at its step, and mret goes back",
        arguments: TestHart.Implementation.allCases)
    func timer(_ implementation: TestHart.Implementation) {
        for delay: UInt32 in [0, 1, 7, 50] {
            let loop = [RV32.addi(rd: 2, 2, 1), RV32.jal(rd: 0, to: -4)]
            let hart = hart(implementation, loop)
            hart.setCode([RV32.csr(1, rd: 9, 0x304, 0), RV32.mret], at: 0x200)
            hart.setTimer(compare: hart.core.steps + UInt64(delay))
            hart.enableTimer()
            let before = hart.core[register: 2]
            _ = hart.core.run(steps: UInt64(delay))
            #expect(hart.core.controlRegister(0x342) == 0)
            #expect(hart.core.run(steps: 2) == .budget)
            #expect(trap(hart)[0] == 0x8000_0007)
            #expect(hart.core[register: 9] == 0x80 && hart.core.controlRegister(0x300) == 0x1888)
            #expect(hart.core.pc == trap(hart)[2])
            _ = hart.core.run(steps: 10)
            #expect(hart.core[register: 2] - before == (delay + 1) / 2 + 5)
        }
    }

    @Test(
        "vectored interrupts enter at their own word; exceptions at the base",
        arguments: TestHart.Implementation.allCases)
    func vectored(_ implementation: TestHart.Implementation) {
        let words = RV32.li(rd: 1, Self.handler + 1) + [RV32.csr(1, rd: 0, 0x305, 1), RV32.ecall]
        let hart = hart(implementation, words)
        _ = hart.core.run(steps: 4)
        #expect(hart.core.pc == Self.handler)
        hart.setCode([RV32.mret], at: 0x200)
        hart.setCode([RV32.fence], at: 0x200 + 44)
        hart.core[register: 3] = 1 << 11
        hart.setCode([RV32.csr(1, rd: 0, 0x304, 3)], at: 0x1C)
        hart.core.setExternalInterrupt(true)
        _ = hart.core.run(steps: 3)
        #expect(hart.core.pc == Self.handler + 48 && trap(hart)[0] == 0x8000_000B)
    }

    @Test("wfi sleeps until the timer", arguments: TestHart.Implementation.allCases)
    func sleep(_ implementation: TestHart.Implementation) {
        let hart = hart(implementation, [RV32.wfi, RV32.fence])
        hart.setCode([RV32.fence], at: 0x200)
        hart.setTimer(compare: 1 << 40)
        hart.enableTimer()
        _ = hart.core.run(steps: 2)
        #expect(trap(hart)[0] == 0x8000_0007 && trap(hart)[2] == TestHart.codeBase + 20)
        #expect(hart.core.controlRegister(0xC81) == 1 << 8)
    }

    @Test(
        "a stalled access is tried again and counts once",
        arguments: TestHart.Implementation.allCases)
    func stall(_ implementation: TestHart.Implementation) {
        let hart = hart(
            implementation, [RV32.sw(12, at: 13, 8), RV32.lw(rd: 5, 13, 4), RV32.fence])
        hart.device.pointee.answers = [.stall, .stall, .done, .stall, .stop]
        let steps = hart.core.steps
        #expect(hart.core.run(steps: 9) == .stalled)
        #expect(hart.core.run(steps: 9) == .stalled && hart.core.pc == TestHart.codeBase + 16)
        #expect(hart.core.steps == steps)
        #expect(hart.core.run(steps: 9) == .stalled && hart.core.pc == TestHart.codeBase + 20)
        #expect(hart.core.run(steps: 9) == .stopped && hart.core.pc == TestHart.codeBase + 24)
        #expect(hart.core.steps == steps + 2 && hart.core[register: 5] == 0x1234_5678)
    }

    @Test(
        "code that was stored is executed, and a watched word is not",
        arguments: TestHart.Implementation.allCases)
    func selfModification(_ implementation: TestHart.Implementation) {
        let target: Int32 = 16 + 12
        let words = [
            RV32.auipc(rd: 6, 0), RV32.jal(rd: 0, to: 8), 0, RV32.addi(rd: 5, 5, 1),
            RV32.sw(7, at: 6, target - 16),
        ]
        let hart = hart(implementation, words + [RV32.jal(rd: 0, to: -8)])
        hart.core[register: 7] = RV32.addi(rd: 5, 5, 100)
        _ = hart.core.run(steps: 6)
        #expect(hart.core[register: 5] == 101)
        #expect(hart.core.watch(TestHart.codeBase + 40) && !hart.core.watch(TestHart.dataBase))
        hart.core.pc = TestHart.codeBase + 40
        _ = hart.core.run(steps: 1)
        #expect(trap(hart)[0] == 1)
    }

    @Test(
        "a handler that cannot be fetched ends the run", arguments: TestHart.Implementation.allCases
    )
    func locked(_ implementation: TestHart.Implementation) {
        let hart = TestHart(implementation, options: .bare, words: [RV32.fence, RV32.ecall])
        #expect(hart.core.run(steps: 100) == .locked(cause: 11, value: 0))
        #expect(hart.core.controlRegister(0x341) == TestHart.codeBase + 4)
    }
}

extension TestHart {
    func setCode(_ words: [UInt32], at offset: Int) {
        for (i, word) in words.enumerated() {
            for byte in 0..<4 {
                code[offset + 4 * i + byte] = UInt8(truncatingIfNeeded: word >> (8 * byte))
            }
        }
        core.codeChanged(at: TestHart.codeBase + UInt32(offset), bytes: UInt32(4 * words.count))
    }

    /// Performs instructions kept at the end of the code, then goes back.
    private func perform(_ words: [UInt32], restoring registers: [Int]) {
        let (pc, saved) = (core.pc, registers.map { core[register: $0] })
        setCode(words, at: 0xF00)
        core.pc = TestHart.codeBase + 0xF00
        _ = core.run(steps: UInt64(words.count))
        core.pc = pc
        for (register, value) in zip(registers, saved) { core[register: register] = value }
    }

    /// Sets `mtimecmp` so that the interrupt comes `compare − steps` steps after `enableTimer`.
    func setTimer(compare: UInt64) {
        let compare = compare + (compare > 1 << 30 ? 0 : 11)
        let words =
            RV32.li(rd: 30, 0x0200_4000) + RV32.li(rd: 31, UInt32(truncatingIfNeeded: compare))
            + [RV32.sw(31, at: 30, 0)] + RV32.li(rd: 31, UInt32(compare >> 32)) + [
                RV32.sw(31, at: 30, 4)
            ]
        perform(words, restoring: [30, 31])
    }

    func enableTimer() {
        perform(RV32.li(rd: 31, 0x80) + [RV32.csr(1, rd: 0, 0x304, 31)], restoring: [31])
    }
}
