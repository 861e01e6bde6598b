/// RV32 instruction words, by format, for programs that tests write by hand.
enum RV32 {
    static func r(_ funct7: UInt32, _ funct3: UInt32, rd: UInt32, _ a: UInt32, _ b: UInt32)
        -> UInt32
    {
        funct7 << 25 | b << 20 | a << 15 | funct3 << 12 | rd << 7 | 0x33
    }

    static func i(_ opcode: UInt32, _ funct3: UInt32, rd: UInt32, _ a: UInt32, _ immediate: Int32)
        -> UInt32
    {
        UInt32(bitPattern: immediate) << 20 | a << 15 | funct3 << 12 | rd << 7 | opcode
    }

    static func s(_ funct3: UInt32, _ value: UInt32, at base: UInt32, _ offset: Int32) -> UInt32 {
        let bits = UInt32(bitPattern: offset)
        return (bits >> 5 & 0x7F) << 25 | value << 20 | base << 15 | funct3 << 12 | (bits & 31) << 7
            | 0x23
    }

    static func b(_ funct3: UInt32, _ a: UInt32, _ b: UInt32, to offset: Int32) -> UInt32 {
        let bits = UInt32(bitPattern: offset)
        let high = (bits >> 12 & 1) << 31 | (bits >> 5 & 0x3F) << 25
        let low = (bits >> 1 & 0xF) << 8 | (bits >> 11 & 1) << 7
        return high | b << 20 | a << 15 | funct3 << 12 | low | 0x63
    }

    static func jal(rd: UInt32, to offset: Int32) -> UInt32 {
        let bits = UInt32(bitPattern: offset)
        let high = (bits >> 20 & 1) << 31 | (bits >> 1 & 0x3FF) << 21
        return high | (bits >> 11 & 1) << 20 | (bits >> 12 & 0xFF) << 12 | rd << 7 | 0x6F
    }

    static func jalr(rd: UInt32, _ a: UInt32, _ offset: Int32) -> UInt32 {
        i(0x67, 0, rd: rd, a, offset)
    }
    static func lui(rd: UInt32, _ value: UInt32) -> UInt32 { value & 0xFFFF_F000 | rd << 7 | 0x37 }
    static func auipc(rd: UInt32, _ value: UInt32) -> UInt32 {
        value & 0xFFFF_F000 | rd << 7 | 0x17
    }
    static func addi(rd: UInt32, _ a: UInt32, _ value: Int32) -> UInt32 {
        i(0x13, 0, rd: rd, a, value)
    }
    static func lw(rd: UInt32, _ base: UInt32, _ offset: Int32) -> UInt32 {
        i(0x03, 2, rd: rd, base, offset)
    }
    static func sw(_ value: UInt32, at base: UInt32, _ offset: Int32) -> UInt32 {
        s(2, value, at: base, offset)
    }

    /// funct3 1 csrrw, 2 csrrs, 3 csrrc; 5 to 7 with `source` as the immediate.
    static func csr(_ funct3: UInt32, rd: UInt32, _ number: UInt32, _ source: UInt32) -> UInt32 {
        number << 20 | source << 15 | funct3 << 12 | rd << 7 | 0x73
    }

    static let ecall: UInt32 = 0x0000_0073
    static let ebreak: UInt32 = 0x0010_0073
    static let mret: UInt32 = 0x3020_0073
    static let wfi: UInt32 = 0x1050_0073
    static let fence: UInt32 = 0x0FF0_000F
    static let fenceI: UInt32 = 0x0000_100F

    /// Loads a 32-bit constant: lui and addi.
    static func li(rd: UInt32, _ value: UInt32) -> [UInt32] {
        let low = Int32(bitPattern: value << 20) >> 20
        return [lui(rd: rd, value &- UInt32(bitPattern: low)), addi(rd: rd, rd, low)]
    }
}
