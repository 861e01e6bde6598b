import ApusMachine
import Testing

/// The answers are computed here in wide arithmetic, not by either processor.
@Suite("Instructions of RV32IM")
struct InstructionTests {
    static let corners: [UInt32] = [
        0, 1, 2, 3, 5, 31, 32, 33, 0x7F, 0x80, 0xFF, 0x7FF, 0x800, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000,
        0x5555_5555, 0xAAAA_AAAA, 0x7FFF_FFFE, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFFE,
        0xFFFF_FFFF, 0xDEAD_BEEF, 46_341, 0xB504_F334,
    ]

    struct Binary: Sendable {
        let name: String
        let funct7: UInt32
        let funct3: UInt32
        let answer: @Sendable (Int64, Int64) -> Int64
    }

    /// Operands come sign-extended; `unsigned` takes the sign away.
    static func unsigned(_ value: Int64) -> Int64 { value & 0xFFFF_FFFF }

    static let binaries: [Binary] = [
        .init(name: "add", funct7: 0, funct3: 0) { $0 + $1 },
        .init(name: "sub", funct7: 0x20, funct3: 0) { $0 - $1 },
        .init(name: "sll", funct7: 0, funct3: 1) { $0 << ($1 & 31) },
        .init(name: "slt", funct7: 0, funct3: 2) { $0 < $1 ? 1 : 0 },
        .init(name: "sltu", funct7: 0, funct3: 3) { unsigned($0) < unsigned($1) ? 1 : 0 },
        .init(name: "xor", funct7: 0, funct3: 4) { $0 ^ $1 },
        .init(name: "srl", funct7: 0, funct3: 5) { unsigned($0) >> ($1 & 31) },
        .init(name: "sra", funct7: 0x20, funct3: 5) { $0 >> ($1 & 31) },
        .init(name: "or", funct7: 0, funct3: 6) { $0 | $1 },
        .init(name: "and", funct7: 0, funct3: 7) { $0 & $1 },
        .init(name: "mul", funct7: 1, funct3: 0) { $0 &* $1 },
        .init(name: "mulh", funct7: 1, funct3: 1) { ($0 &* $1) >> 32 },
        .init(name: "mulhsu", funct7: 1, funct3: 2) { ($0 &* unsigned($1)) >> 32 },
        .init(name: "mulhu", funct7: 1, funct3: 3) {
            Int64((UInt64(unsigned($0)) * UInt64(unsigned($1))) >> 32)
        },
        .init(name: "div", funct7: 1, funct3: 4) { $1 == 0 ? -1 : $0 / $1 },
        .init(name: "divu", funct7: 1, funct3: 5) { $1 == 0 ? -1 : unsigned($0) / unsigned($1) },
        .init(name: "rem", funct7: 1, funct3: 6) { $1 == 0 ? $0 : $0 % $1 },
        .init(name: "remu", funct7: 1, funct3: 7) { $1 == 0 ? $0 : unsigned($0) % unsigned($1) },
    ]

    @Test(
        "register instructions give the defined value for all pairs of corner values",
        arguments: binaries)
    func registerInstructions(_ binary: Binary) {
        for implementation in TestHart.Implementation.allCases {
            let words = [RV32.r(binary.funct7, binary.funct3, rd: 3, 1, 2)]
            let hart = TestHart(implementation, options: .bare, words: words)
            for a in Self.corners {
                for b in Self.corners {
                    let expected = binary.answer(
                        Int64(Int32(bitPattern: a)), Int64(Int32(bitPattern: b)))
                    let actual = hart.perform(a, b)
                    #expect(
                        actual == UInt32(truncatingIfNeeded: expected),
                        "\(implementation) \(binary.name) \(a) \(b): \(actual)")
                }
            }
        }
    }

    @Test(
        "immediate instructions equal their register forms",
        arguments: TestHart.Implementation.allCases)
    func immediateInstructions(_ implementation: TestHart.Implementation) {
        for binary in Self.binaries where binary.funct7 != 1 && binary.name != "sub" {
            let isShift = binary.funct3 == 1 || binary.funct3 == 5
            let immediates: [Int32] = isShift ? [0, 1, 5, 31] : [-2048, -1, 0, 1, 2, 1365, 2047]
            for immediate in immediates {
                let field = isShift ? immediate | Int32(binary.funct7 << 5) : immediate
                let words = [RV32.i(0x13, binary.funct3, rd: 3, 1, field)]
                let hart = TestHart(implementation, options: .bare, words: words)
                for a in Self.corners {
                    let expected = binary.answer(Int64(Int32(bitPattern: a)), Int64(immediate))
                    #expect(
                        hart.perform(a, 0) == UInt32(truncatingIfNeeded: expected),
                        "\(binary.name)i \(a) \(immediate)")
                }
            }
        }
    }

    @Test(
        "branches go where they say, or to the next instruction",
        arguments: TestHart.Implementation.allCases)
    func branches(_ implementation: TestHart.Implementation) {
        let conditions: [(UInt32, (UInt32, UInt32) -> Bool)] = [
            (0, { $0 == $1 }), (1, { $0 != $1 }),
            (4, { Int32(bitPattern: $0) < Int32(bitPattern: $1) }),
            (5, { Int32(bitPattern: $0) >= Int32(bitPattern: $1) }), (6, { $0 < $1 }),
            (7, { $0 >= $1 }),
        ]
        for (funct3, condition) in conditions {
            for offset: Int32 in [-8, 8, 4092, -4096, 64] {
                let middle =
                    [UInt32](repeating: RV32.fence, count: 4) + [RV32.b(funct3, 1, 2, to: offset)]
                let hart = TestHart(implementation, options: .bare, words: middle)
                for a in Self.corners {
                    for b in [a] + Self.corners.prefix(6) + [0x8000_0000, 0xFFFF_FFFF] {
                        hart.core.pc = TestHart.codeBase + 16
                        (hart.core[register: 1], hart.core[register: 2]) = (a, b)
                        _ = hart.core.run(steps: 1)
                        let distance = condition(a, b) ? UInt32(bitPattern: offset) : 4
                        #expect(
                            hart.core.pc == TestHart.codeBase &+ 16 &+ distance,
                            "\(funct3) \(a) \(b)")
                    }
                }
            }
        }
    }

    @Test(
        "jumps link, jalr drops the lowest bit, x0 stays zero",
        arguments: TestHart.Implementation.allCases)
    func jumps(_ implementation: TestHart.Implementation) {
        let base = TestHart.codeBase
        let words = [RV32.jal(rd: 1, to: 12), 0, 0, RV32.jalr(rd: 2, 1, 9), RV32.jalr(rd: 3, 3, 0)]
        let hart = TestHart(implementation, options: .bare, words: words + [RV32.addi(rd: 0, 0, 5)])
        _ = hart.core.run(steps: 1)
        #expect(hart.core.pc == base + 12 && hart.core[register: 1] == base + 4)
        _ = hart.core.run(steps: 1)
        // 4 + 9 without its lowest bit is 12: the same instruction again.
        #expect(hart.core.pc == base + 12 && hart.core[register: 2] == base + 16)
        hart.core.pc = base + 16
        hart.core[register: 3] = base + 20
        _ = hart.core.run(steps: 1)
        #expect(hart.core.pc == base + 20 && hart.core[register: 3] == base + 20)
        _ = hart.core.run(steps: 1)
        #expect(hart.core[register: 0] == 0)
    }

    @Test("lui and auipc fill the upper twenty bits", arguments: TestHart.Implementation.allCases)
    func upperImmediates(_ implementation: TestHart.Implementation) {
        let words = [
            RV32.lui(rd: 1, 0xFFFF_F000), RV32.auipc(rd: 2, 0x8000_0000), RV32.auipc(rd: 4, 0),
        ]
        let hart = TestHart(implementation, options: .bare, words: words)
        _ = hart.core.run(steps: 3)
        #expect(hart.core[register: 1] == 0xFFFF_F000)
        #expect(hart.core[register: 2] == 4)
        #expect(hart.core[register: 4] == TestHart.codeBase + 8)
    }

    @Test("an opcode is legal exactly where the specification has an instruction")
    func legality() {
        for opcode: UInt32 in 0..<128 {
            for funct in 0..<1024 {
                let funct3 = UInt32(funct) & 7
                let funct7 = UInt32(funct) >> 3
                let word = funct7 << 25 | 2 << 20 | 1 << 15 | funct3 << 12 | opcode
                let expected = Self.isLegal(opcode, funct3, funct7, word)
                for implementation in TestHart.Implementation.allCases {
                    let options = ProcessorOptions(
                        hart: 0, hasTimer: false, trapsMisaligned: true, stopsOnException: true)
                    let hart = TestHart(implementation, options: options, words: [word])
                    hart.core[register: 1] = TestHart.dataBase
                    let exit = hart.core.run(steps: 1)
                    let isIllegal = exit == .exception(cause: 2, value: word)
                    if isIllegal == expected {
                        Issue.record("\(implementation) \(opcode) \(funct3) \(funct7): \(exit)")
                    }
                }
            }
        }
    }

    static func isLegal(_ opcode: UInt32, _ funct3: UInt32, _ funct7: UInt32, _ word: UInt32)
        -> Bool
    {
        switch opcode {
        case 0x37, 0x17, 0x6F: true
        case 0x67: funct3 == 0
        case 0x63: funct3 != 2 && funct3 != 3
        case 0x03: funct3 != 3 && funct3 < 6
        case 0x23: funct3 < 3
        case 0x13:
            funct3 != 1 && funct3 != 5 || funct7 == 0 || (funct3 == 5 && funct7 == 0x20)
        case 0x33: funct7 < 2 || (funct7 == 0x20 && (funct3 == 0 || funct3 == 5))
        case 0x0F: funct3 < 2
        case 0x73: funct3 != 0 && funct3 != 4 && ControlRegisterTests.isWritable(word >> 20)
        default: false
        }
    }
}

extension TestHart {
    /// The value of x3 after the first instruction with x1 and x2 given.
    func perform(_ a: UInt32, _ b: UInt32) -> UInt32 {
        core.pc = TestHart.codeBase
        (core[register: 1], core[register: 2]) = (a, b)
        _ = core.run(steps: 1)
        return core[register: 3]
    }
}
