import ApusMachine

/// Makes programs in which most instructions are legal and most addresses mean something.
struct RandomProgram {
    var random: SplitMix

    private mutating func pick<T>(_ values: [T]) -> T {
        values[Int(random.next() % UInt64(values.count))]
    }
    private mutating func below(_ bound: UInt32) -> UInt32 { UInt32(random.next() % UInt64(bound)) }
    private mutating func register() -> UInt32 { below(12) }
    private mutating func immediate() -> Int32 { Int32(below(4096)) - 2048 }

    mutating func words(count: Int) -> [UInt32] {
        // x12…x15 point to memory, device and timer; the handler is somewhere in the program.
        let hart = TestHart.self
        var words = RV32.li(rd: 12, hart.dataBase + 0x20) + RV32.li(rd: 13, hart.deviceBase + 0x20)
        words += RV32.li(rd: 14, hart.codeBase + 0x100)
        words += RV32.li(
            rd: 15, pick([hart.constantBase + 8, 0x0200_4000, 0x0200_BFF8, 0x0200_0000]))
        words += RV32.li(rd: 1, hart.codeBase + 4 * below(UInt32(count)) + below(2))
        words += [RV32.csr(1, rd: 0, 0x305, 1)]
        while words.count < count { words.append(instruction()) }
        return words
    }

    private mutating func instruction() -> UInt32 {
        switch below(20) {
        case 0...4: return registerInstruction()
        case 5...8: return immediateInstruction()
        case 9...11:
            return RV32.i(
                3, pick([0, 1, 2, 4, 5]), rd: register(), 12 + below(4), Int32(below(64)) - 32)
        case 12...14: return RV32.s(below(3), register(), at: 12 + below(4), Int32(below(64)) - 32)
        case 15:
            return RV32.b(
                pick([0, 1, 4, 5, 6, 7]), register(), register(), to: 2 * Int32(below(40)) - 20)
        case 16: return jump()
        case 17, 18: return system()
        default: return UInt32(truncatingIfNeeded: random.next())
        }
    }

    private mutating func registerInstruction() -> UInt32 {
        let funct3 = below(8)
        let funct7 = pick([0, 1, funct3 == 0 || funct3 == 5 ? 0x20 : 0] as [UInt32])
        return RV32.r(funct7, funct3, rd: register(), register(), register())
    }

    private mutating func immediateInstruction() -> UInt32 {
        let funct3 = pick([0, 1, 2, 3, 4, 5, 6, 7] as [UInt32])
        if funct3 == 1 || funct3 == 5 {
            let arithmetic: Int32 = funct3 == 5 ? pick([0, 0x400]) : 0
            return RV32.i(0x13, funct3, rd: register(), register(), arithmetic | Int32(below(32)))
        }
        if below(8) == 0 {
            return RV32.lui(rd: register(), UInt32(truncatingIfNeeded: random.next()))
        }
        return RV32.i(0x13, funct3, rd: register(), register(), immediate())
    }

    private mutating func jump() -> UInt32 {
        switch below(3) {
        case 0: return RV32.jal(rd: register(), to: 2 * Int32(below(60)) - 40)
        case 1: return RV32.jalr(rd: register(), 14, immediate() / 4)
        default:
            return RV32.auipc(rd: register(), UInt32(truncatingIfNeeded: random.next()) & 0x3000)
        }
    }

    private mutating func system() -> UInt32 {
        let numbers: [UInt32] = TestHart.controlRegisters + [0x300, 0x304, 0x304, 0x341, 0x302]
        switch below(10) {
        case 0: return pick([RV32.ecall, RV32.ebreak, RV32.fence, RV32.fenceI])
        case 1, 2: return RV32.mret
        case 3: return RV32.wfi
        default:
            return RV32.csr(pick([1, 2, 3, 5, 6, 7]), rd: register(), pick(numbers), below(32))
        }
    }
}
