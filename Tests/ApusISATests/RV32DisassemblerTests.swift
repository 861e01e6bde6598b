import ApusISA
import Testing

/// Words and text as LLVM's assembler and disassembler relate them, with this disassembler's
/// aliases (`j`, `li`, `mv`, `nop`) and hexadecimal upper immediates.
@Suite("the RV32 disassembler")
struct RV32DisassemblerTests {
    private static let instructions: [(word: UInt32, address: UInt32, text: String)] = [
        (0x12345537, 0x00, "lui a0, 0x12345"),
        (0xFFFFF117, 0x04, "auipc sp, 0xFFFFF"),
        (0x001000EF, 0x08, "jal ra, 0x808"),
        (0xFF1FF06F, 0x0C, "j 0xFFFFFFFC"),
        (0xFFC280E7, 0x10, "jalr ra, -4(t0)"),
        (0x00B50463, 0x14, "beq a0, a1, 0x1C"),
        (0x80041063, 0x18, "bne s0, zero, 0xFFFFF018"),
        (0x7FBFCFE3, 0x1C, "blt t6, s11, 0x101A"),
        (0xFEB55FE3, 0x20, "bge a0, a1, 0x1E"),
        (0x00B56863, 0x24, "bltu a0, a1, 0x34"),
        (0x00B57863, 0x28, "bgeu a0, a1, 0x38"),
        (0x80010503, 0x2C, "lb a0, -2048(sp)"),
        (0x7FF19583, 0x30, "lh a1, 2047(gp)"),
        (0x00022603, 0x34, "lw a2, 0(tp)"),
        (0x0014C683, 0x38, "lbu a3, 1(s1)"),
        (0x0028D703, 0x3C, "lhu a4, 2(a7)"),
        (0xFEA10FA3, 0x40, "sb a0, -1(sp)"),
        (0x00B11FA3, 0x44, "sh a1, 31(sp)"),
        (0x7EC92FA3, 0x48, "sw a2, 2047(s2)"),
        (0xFFB58513, 0x4C, "addi a0, a1, -5"),
        (0x0075A513, 0x50, "slti a0, a1, 7"),
        (0x7FF5B513, 0x54, "sltiu a0, a1, 2047"),
        (0xFFF5C513, 0x58, "xori a0, a1, -1"),
        (0x0015E513, 0x5C, "ori a0, a1, 1"),
        (0x0FF5F513, 0x60, "andi a0, a1, 255"),
        (0x01F59513, 0x64, "slli a0, a1, 31"),
        (0x0015D513, 0x68, "srli a0, a1, 1"),
        (0x4105D513, 0x6C, "srai a0, a1, 16"),
        (0x015A09B3, 0x70, "add s3, s4, s5"),
        (0x418B8B33, 0x74, "sub s6, s7, s8"),
        (0x01BD1CB3, 0x78, "sll s9, s10, s11"),
        (0x01EEAE33, 0x7C, "slt t3, t4, t5"),
        (0x00C5B533, 0x80, "sltu a0, a1, a2"),
        (0x00C5C533, 0x84, "xor a0, a1, a2"),
        (0x00C5D533, 0x88, "srl a0, a1, a2"),
        (0x40C5D533, 0x8C, "sra a0, a1, a2"),
        (0x00C5E533, 0x90, "or a0, a1, a2"),
        (0x00C5F533, 0x94, "and a0, a1, a2"),
        (0x02C58533, 0x98, "mul a0, a1, a2"),
        (0x02C59533, 0x9C, "mulh a0, a1, a2"),
        (0x02C5A533, 0xA0, "mulhsu a0, a1, a2"),
        (0x02C5B533, 0xA4, "mulhu a0, a1, a2"),
        (0x02C5C533, 0xA8, "div a0, a1, a2"),
        (0x02C5D533, 0xAC, "divu a0, a1, a2"),
        (0x02C5E533, 0xB0, "rem a0, a1, a2"),
        (0x02C5F533, 0xB4, "remu a0, a1, a2"),
        (0x00000013, 0xB8, "nop"),
        (0x80000513, 0xBC, "li a0, -2048"),
        (0x00058513, 0xC0, "mv a0, a1"),
        (0x0FF0000F, 0xC4, "fence"),
        (0x00000073, 0xC8, "ecall"),
        (0x00100073, 0xCC, "ebreak"),
        (0x30200073, 0xD0, "mret"),
        (0x10500073, 0xD4, "wfi"),
        (0x30059573, 0xD8, "csrrw a0, mstatus, a1"),
        (0x34102573, 0xDC, "csrrs a0, mepc, zero"),
        (0x3042B073, 0xE0, "csrrc zero, mie, t0"),
        (0x340FD573, 0xE4, "csrrwi a0, mscratch, 31"),
        (0x3420E073, 0xE8, "csrrsi zero, mcause, 1"),
        (0x7C01F573, 0xEC, "csrrci a0, 0x7C0, 3"),
        (0x0000100F, 0xF0, "fence.i"),
    ]

    @Test("every instruction of RV32IM, Zicsr and machine mode reads as LLVM writes it")
    func golden() {
        for (word, address, text) in Self.instructions {
            #expect(RV32Disassembler.text(word, address: address) == text)
        }
    }

    @Test("other words are data")
    func data() {
        for word: UInt32 in [0, 0xFFFF_FFFF, 0x4000_1013, 0x0000_3003, 0x0600_0033, 0x0200_4073] {
            #expect(
                RV32Disassembler.text(word, address: 0)
                    == ".word 0x" + Hexadecimal.text(word, digits: 8))
        }
    }
}
