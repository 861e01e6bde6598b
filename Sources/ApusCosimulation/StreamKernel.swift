import ApusISA

/// A kernel that stores words to registers as its argument block says, then ends.
///
/// The block begins with the count of stores; from byte 16 on it has a register offset and a value
/// for each, then whatever the test appends (descriptors).
package enum StreamKernel {
    /// The image; its kernel is called `stream`.
    package static let image = KernelImage(elf: elf(code), entries: ["stream": 0])

    /// Its instructions, from address 0 on.
    package static let code: [UInt32] = [
        0x0010_0537,  // lui  a0, 0x100         a0 = argument memory
        0x2000_05B7,  // lui  a1, 0x20000       a1 = registers
        0x0005_2603,  // lw   a2, 0(a0)         a2 = stores to do
        0x0105_0513,  // addi a0, a0, 16
        // loop:
        0x0206_0063,  // beq  a2, zero, +32     to end
        0x0005_2683,  // lw   a3, 0(a0)
        0x0045_2703,  // lw   a4, 4(a0)
        0x00B6_86B3,  // add  a3, a3, a1
        0x00E6_A023,  // sw   a4, 0(a3)
        0x0085_0513,  // addi a0, a0, 8
        0xFFF6_0613,  // addi a2, a2, -1
        0xFE5F_F06F,  // jal  zero, -28         to loop
        // end:
        0x1205_A423,  // sw   zero, 0x128(a1)
        0x0000_006F,  // jal  zero, 0
    ]

    /// An executable of one segment at address 0.
    static func elf(_ code: [UInt32]) -> [UInt8] {
        var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 9)
        func half(_ value: UInt16) { bytes += [UInt8(value & 255), UInt8(value >> 8)] }
        func word(_ value: UInt32) {
            half(UInt16(value & 0xFFFF))
            half(UInt16(value >> 16))
        }
        half(2)
        half(243)
        word(1)
        word(0)  // entry
        word(52)  // program headers
        word(0)
        word(0)
        half(52)
        half(32)
        half(1)
        half(0)
        half(0)
        half(0)
        let size = UInt32(4 * code.count)
        for value in [1, 84, 0, 0, size, size, 5, 4] as [UInt32] { word(value) }
        code.forEach(word)
        return bytes
    }
}
