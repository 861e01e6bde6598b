import ApusISA
import ApusKernels
import ApusMachine

/// What one core's control processor does when it runs a kernel and every engine is instantaneous:
/// its commands and waits in the order of issue.
final class KernelTrace {
    /// One thing that the control processor did.
    enum Event {
        case command(engine: Int, words: [UInt32])
        case wait(semaphore: Int, value: UInt16)
    }

    private(set) var events: [Event] = []
    private(set) var status: UInt32?
    private(set) var instructions: UInt64 = 0
    private var ports = [[UInt32]](repeating: [UInt32](repeating: 0, count: 8), count: 4)
    private let core: UInt32
    private let cores: UInt32

    /// Runs the kernel to its end, or for as many instructions as a test has patience for.
    init(kernel: String, arguments: [UInt8], core: Int, cores: Int) {
        self.core = UInt32(core)
        self.cores = UInt32(cores)
        let program = UnsafeMutablePointer<UInt8>.allocate(capacity: 65536)
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: arguments.count)
        defer {
            program.deallocate()
            block.deallocate()
        }
        program.initialize(repeating: 0, count: 65536)
        block.initialize(from: arguments, count: arguments.count)
        KernelTrace.load(KernelImage.apus.elf, into: program)
        let processor = ControlProcessor(
            options: .core(UInt32(core)),
            regions: [
                MemoryRegion(
                    base: 0, bytes: 65536, host: program, permissions: [.read, .write, .execute]),
                MemoryRegion(
                    base: AddressMap.argumentBase, bytes: UInt32(arguments.count), host: block,
                    permissions: [.read, .write]),
            ],
            context: Unmanaged.passUnretained(self).toOpaque(),
            access: { context, address, _, isStore, value in
                guard let context, let value else { return AccessAnswer.fault.rawValue }
                let trace = Unmanaged<KernelTrace>.fromOpaque(context).takeUnretainedValue()
                return trace.access(address, isStore, value).rawValue
            })
        guard let entry = KernelImage.apus.entries[kernel] else { return }
        processor.reset(pc: entry)
        let exit = processor.run(steps: 100_000_000)
        instructions = processor.steps
        if exit != .stopped { status = nil }
    }

    private func access(
        _ address: UInt32, _ isStore: Bool, _ value: UnsafeMutablePointer<UInt32>
    ) -> AccessAnswer {
        typealias Register = AddressMap.Register
        guard address >= AddressMap.registerBase else { return .fault }
        let offset = address - AddressMap.registerBase
        switch (offset, isStore) {
        case (0..<0x80, true):
            let engine = Int(offset / Register.queueStride)
            ports[engine][Int(offset % Register.queueStride) / 4] = value.pointee
            if offset % Register.queueStride == 28 {
                events.append(.command(engine: engine, words: ports[engine]))
            }
            return .done
        case (Register.coreIndex, false): value.pointee = core
        case (Register.coreCount, false): value.pointee = cores
        case (Register.wait, true):
            events.append(
                .wait(
                    semaphore: Int(value.pointee >> 16),
                    value: UInt16(truncatingIfNeeded: value.pointee)))
        case (Register.done, true):
            status = value.pointee
            return .stop
        default: return .fault
        }
        return .done
    }

    /// Copies the loadable segments.
    private static func load(_ elf: [UInt8], into memory: UnsafeMutablePointer<UInt8>) {
        func read(_ offset: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(elf[offset + $1]) << ($1 * 8) }
        }
        let headers = read(28)
        let count = Int(elf[44])
        for header in (0..<count).map({ headers + $0 * 32 }) where read(header) == 1 {
            let offset = read(header + 4)
            for byte in 0..<read(header + 16) {
                memory[read(header + 8) + byte] = elf[offset + byte]
            }
        }
    }
}

/// Pseudo-random numbers of Sebastiano Vigna's SplitMix64.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
