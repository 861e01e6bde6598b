/// Writes RV32IM, Zicsr and machine-mode instructions in the assembler's notation.
///
/// - Source: The RISC-V Instruction Set Manual, volumes I (20240411) and II (20240411).
public enum RV32Disassembler {
    /// The instruction at `address`; `.word 0x…` if it is none of RV32IM, Zicsr and machine mode.
    ///
    /// Branches and jumps name the address they go to.
    public static func text(_ word: UInt32, address: UInt32) -> String {
        let instruction = RV32Fields(word: word)
        let text =
            switch instruction.opcode {
            case 0x37: "lui \(instruction.rd), 0x\(Hexadecimal.text(word >> 12, digits: 1))"
            case 0x17: "auipc \(instruction.rd), 0x\(Hexadecimal.text(word >> 12, digits: 1))"
            case 0x6F: jump(instruction, address)
            case 0x67:
                instruction.function3 == 0
                    ? "jalr \(instruction.rd), \(instruction.immediateI)(\(instruction.rs1))" : nil
            case 0x63: branch(instruction, address)
            case 0x03: load(instruction)
            case 0x23: store(instruction)
            case 0x13: immediate(instruction)
            case 0x33: register(instruction)
            case 0x0F: fence(instruction)
            case 0x73: system(instruction)
            default: nil as String?
            }
        return text ?? ".word 0x" + Hexadecimal.text(word, digits: 8)
    }

    private static func target(_ address: UInt32, _ offset: Int32) -> String {
        "0x" + Hexadecimal.text(address &+ UInt32(bitPattern: offset), digits: 1)
    }

    private static func jump(_ instruction: RV32Fields, _ address: UInt32) -> String {
        let place = target(address, instruction.immediateJ)
        return instruction.rdIndex == 0 ? "j \(place)" : "jal \(instruction.rd), \(place)"
    }

    private static func branch(_ instruction: RV32Fields, _ address: UInt32) -> String? {
        let names: [Int: String] = [0: "beq", 1: "bne", 4: "blt", 5: "bge", 6: "bltu", 7: "bgeu"]
        return names[instruction.function3].map { name in
            "\(name) \(instruction.rs1), \(instruction.rs2), "
                + target(address, instruction.immediateB)
        }
    }

    private static func load(_ instruction: RV32Fields) -> String? {
        let names: [Int: String] = [0: "lb", 1: "lh", 2: "lw", 4: "lbu", 5: "lhu"]
        return names[instruction.function3].map { name in
            "\(name) \(instruction.rd), \(instruction.immediateI)(\(instruction.rs1))"
        }
    }

    private static func store(_ instruction: RV32Fields) -> String? {
        let names: [Int: String] = [0: "sb", 1: "sh", 2: "sw"]
        return names[instruction.function3].map { name in
            "\(name) \(instruction.rs2), \(instruction.immediateS)(\(instruction.rs1))"
        }
    }

    private static func immediate(_ instruction: RV32Fields) -> String? {
        let operands = "\(instruction.rd), \(instruction.rs1), "
        let shift = "\(operands)\(instruction.rs2Index)"
        switch (instruction.function3, instruction.function7) {
        case (0, _):
            if instruction.word == 0x13 { return "nop" }
            if instruction.rs1Index == 0 {
                return "li \(instruction.rd), \(instruction.immediateI)"
            }
            if instruction.immediateI == 0 { return "mv \(instruction.rd), \(instruction.rs1)" }
            return "addi \(operands)\(instruction.immediateI)"
        case (1, 0): return "slli " + shift
        case (5, 0): return "srli " + shift
        case (5, 0x20): return "srai " + shift
        case (1, _), (5, _): return nil
        default:
            let names = [2: "slti", 3: "sltiu", 4: "xori", 6: "ori", 7: "andi"]
            return names[instruction.function3].map { "\($0) \(operands)\(instruction.immediateI)" }
        }
    }

    private static func register(_ instruction: RV32Fields) -> String? {
        let base = ["add", "sll", "slt", "sltu", "xor", "srl", "or", "and"]
        let multiply = ["mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"]
        let name: String? =
            switch (instruction.function7, instruction.function3) {
            case (0, let index): base[index]
            case (1, let index): multiply[index]
            case (0x20, 0): "sub"
            case (0x20, 5): "sra"
            default: nil
            }
        return name.map { "\($0) \(instruction.rd), \(instruction.rs1), \(instruction.rs2)" }
    }

    private static func fence(_ instruction: RV32Fields) -> String? {
        switch instruction.function3 {
        case 0: "fence"
        case 1: "fence.i"
        default: nil
        }
    }

    private static func system(_ instruction: RV32Fields) -> String? {
        let names = [1: "csrrw", 2: "csrrs", 3: "csrrc", 5: "csrrwi", 6: "csrrsi", 7: "csrrci"]
        if let name = names[instruction.function3] {
            let source =
                instruction.function3 < 4 ? instruction.rs1 : String(instruction.rs1Index)
            return "\(name) \(instruction.rd), \(csr(instruction.word >> 20)), \(source)"
        }
        switch instruction.word {
        case 0x0000_0073: return "ecall"
        case 0x0010_0073: return "ebreak"
        case 0x3020_0073: return "mret"
        case 0x1050_0073: return "wfi"
        default: return nil
        }
    }

    private static func csr(_ number: UInt32) -> String {
        let names: [UInt32: String] = [
            0x300: "mstatus", 0x301: "misa", 0x304: "mie", 0x305: "mtvec", 0x306: "mcounteren",
            0x310: "mstatush", 0x320: "mcountinhibit", 0x340: "mscratch", 0x341: "mepc",
            0x342: "mcause", 0x343: "mtval", 0x344: "mip", 0xB00: "mcycle", 0xB02: "minstret",
            0xB80: "mcycleh", 0xB82: "minstreth", 0xC00: "cycle", 0xC01: "time", 0xC02: "instret",
            0xC80: "cycleh", 0xC81: "timeh", 0xC82: "instreth", 0xF11: "mvendorid",
            0xF12: "marchid", 0xF13: "mimpid", 0xF14: "mhartid", 0xF15: "mconfigptr",
        ]
        return names[number] ?? "0x" + Hexadecimal.text(number, digits: 3)
    }
}

/// The fields of a 32-bit RISC-V instruction.
struct RV32Fields {
    let word: UInt32

    private static let names = [
        "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4",
        "a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4",
        "t5", "t6",
    ]

    var opcode: Int { Int(word & 0x7F) }
    var rdIndex: Int { Int(word >> 7 & 31) }
    var rs1Index: Int { Int(word >> 15 & 31) }
    var rs2Index: Int { Int(word >> 20 & 31) }
    var rd: String { Self.names[rdIndex] }
    var rs1: String { Self.names[rs1Index] }
    var rs2: String { Self.names[rs2Index] }
    var function3: Int { Int(word >> 12 & 7) }
    var function7: Int { Int(word >> 25) }

    var immediateI: Int32 { Int32(bitPattern: word) >> 20 }
    var immediateS: Int32 { (Int32(bitPattern: word) >> 25) << 5 | Int32(rdIndex) }
    var immediateB: Int32 {
        let sign = (Int32(bitPattern: word) >> 31) << 12
        let bits = (word >> 7 & 1) << 11 | (word >> 25 & 0x3F) << 5 | (word >> 8 & 0xF) << 1
        return sign | Int32(bits)
    }
    var immediateJ: Int32 {
        let sign = (Int32(bitPattern: word) >> 31) << 20
        let bits = (word >> 12 & 0xFF) << 12 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3FF) << 1
        return sign | Int32(bits)
    }
}
