import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics

/// A machine with the stream kernel and some global memory.
struct TestBench {
    let machine: Machine
    let memory: GlobalMemory

    static let address = RandomCommand.arenaAddress

    init(
        chip: Chip = .nano, threads: Int = 1, mode: EmulationMode = .fast,
        memoryBytes: Int = 1 << 20
    ) throws {
        machine = try Machine(chip: chip, threads: threads, mode: mode)
        try machine.load(StreamKernel.image)
        guard let memory = GlobalMemory(address: TestBench.address, count: memoryBytes) else {
            throw MachineError.hostResources
        }
        self.memory = memory
    }

    /// Runs the stream on all cores.
    func run(_ stream: Stream) throws {
        let arguments = stream.arguments
        let entry = try machine.entry(of: "stream")
        try arguments.withUnsafeBytes { bytes in
            try machine.launch(entry: entry, arguments: bytes, memory: memory)
        }
    }

    /// Copies values to global memory at a byte offset.
    func write<Value>(_ values: [Value], at offset: Int) {
        values.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: memory.bytes[offset...]).copyMemory(from: $0)
        }
    }

    /// Values in global memory at a byte offset.
    func read<Value: BitwiseCopyable>(_ type: Value.Type, count: Int, at offset: Int) -> [Value] {
        (0..<count).map {
            memory.bytes.loadUnaligned(
                fromByteOffset: offset + $0 * MemoryLayout<Value>.stride, as: type)
        }
    }
}

extension TransferDescriptor {
    /// Rows of a dense matrix in global memory at an offset of the bench's memory, packed in local
    /// memory.
    static func dense(
        offset: Int, format: ElementFormat, columns: Int, rows: Int
    ) -> TransferDescriptor {
        let size = format.bitWidth / 8
        return TransferDescriptor(
            base: TestBench.address + UInt64(offset), globalFormat: format, localFormat: format,
            gatherDimension: nil, reduction: .none, fill: 0,
            tensorExtents: Rank5([columns, rows], fill: 1),
            boxExtents: Rank5([columns, rows], fill: 1),
            globalStrides: Rank5([size, size * columns], fill: 0),
            localStrides: Rank5([size, size * columns], fill: 0), indexTable: 0)
    }
}
