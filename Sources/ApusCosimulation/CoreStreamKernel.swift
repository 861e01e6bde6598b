import ApusISA
import ApusMachine

/// The stream kernel of several cores: what it stores may be for one core alone.
///
/// The block is that of ``StreamKernel``; the upper half of a register's word is the core's index
/// plus one, or zero, when all cores store it.
package enum CoreStreamKernel {
    /// The image; its kernel is called `stream`.
    package static let image = KernelImage(elf: StreamKernel.elf(code), entries: ["stream": 0])

    /// The register's word of a store that one core does.
    package static func register(_ offset: UInt32, ofCore core: Int) -> UInt32 {
        offset | UInt32(core + 1) << 16
    }

    /// Its instructions, from address 0 on.
    package static let code: [UInt32] = [
        0x0010_0537,  // lui  a0, 0x100         a0 = argument memory
        0x2000_05B7,  // lui  a1, 0x20000       a1 = registers
        0x0005_2603,  // lw   a2, 0(a0)         a2 = stores to do
        0x1005_A783,  // lw   a5, 0x100(a1)
        0x0017_8793,  // addi a5, a5, 1         a5 = this core's index plus one
        0x0105_0513,  // addi a0, a0, 16
        // loop:
        0x0206_0A63,  // beq  a2, zero, +52     to end
        0x0005_2683,  // lw   a3, 0(a0)
        0x0045_2703,  // lw   a4, 4(a0)
        0x0085_0513,  // addi a0, a0, 8
        0xFFF6_0613,  // addi a2, a2, -1
        0x0106_D813,  // srli a6, a3, 16
        0x0008_0463,  // beq  a6, zero, +8      for all
        0xFEF8_12E3,  // bne  a6, a5, -28       for another: to loop
        0x0106_9693,  // slli a3, a3, 16
        0x0106_D693,  // srli a3, a3, 16
        0x00B6_86B3,  // add  a3, a3, a1
        0x00E6_A023,  // sw   a4, 0(a3)
        0xFD1F_F06F,  // jal  zero, -48         to loop
        // end:
        0x1205_A423,  // sw   zero, 0x128(a1)
        0x0000_006F,  // jal  zero, 0
    ]
}

extension Stream {
    /// Stores a value to a register of one core.
    package mutating func store(_ value: UInt32, to register: UInt32, ofCore core: Int) {
        store(value, to: CoreStreamKernel.register(register, ofCore: core))
    }

    /// Enqueues a command on its engine of one core.
    package mutating func enqueue(
        _ operation: Command.Operation, sync: SyncFields, ofCore core: Int
    ) {
        let command = Command(sync: sync, operation: operation)
        let (word, engine) = (command.encode(), command.engine ?? .load)
        for index in 0..<CommandWord.wordCount {
            let offset =
                UInt32(engine.rawValue) * AddressMap.Register.queueStride + 4 * UInt32(index)
            store(word[index], to: offset, ofCore: core)
        }
    }
}

extension Machine {
    /// Runs a stream whose stores are for one core or for all.
    package func launch(
        _ kernel: CoreStreamKernel.Type, _ stream: Stream, _ memory: GlobalMemory
    ) throws(MachineError) {
        try load(kernel.image)
        let entry = try entry(of: "stream")
        let arguments = stream.arguments
        try arguments.withUnsafeBufferPointer { bytes throws(MachineError) in
            try launch(entry: entry, arguments: UnsafeRawBufferPointer(bytes), memory: memory)
        }
    }
}
