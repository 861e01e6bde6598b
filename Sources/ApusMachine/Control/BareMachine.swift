#if canImport(Glibc)
    import Glibc
#endif

/// Why a program cannot be run by itself.
public enum BareMachineError: Error, Equatable, Sendable {
    /// A segment lies outside of the memory.
    case segmentOutsideMemory(base: UInt32, bytes: UInt32)
    /// The size is not a multiple of 4096 bytes, is zero, or reaches past the address space.
    case impossibleMemory(bytes: UInt64)
    /// The host has not so much memory.
    case memoryUnavailable(bytes: UInt32)
    /// A symbol is not a word of the memory.
    case symbolOutsideMemory(name: String, address: UInt32)
}

extension BareMachineError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .segmentOutsideMemory(let base, let bytes):
            "a segment is outside of the \(bytes) bytes at 0x\(String(base, radix: 16))"
        case .impossibleMemory(let bytes): "a memory of \(bytes) bytes is not possible"
        case .memoryUnavailable(let bytes): "the host has no \(bytes) bytes"
        case .symbolOutsideMemory(let name, let address):
            "symbol \(name) at 0x\(String(address, radix: 16)) is not a word of the memory"
        }
    }
}

/// How a program ended.
public enum BareResult: Equatable, Sendable {
    /// It wrote an odd number to `tohost`: twice the code, plus one; code 0 is success.
    case exited(code: UInt64)
    /// It made as many steps as it was allowed.
    case unfinished
    /// The trap handler cannot be fetched: `mcause`, `mtval` and the place.
    case locked(cause: UInt32, value: UInt32, pc: UInt32)
}

/// A control processor with one memory, a timer and a host that listens at `tohost`.
///
/// This is how a program runs that knows nothing of the chip: an architecture test, a benchmark.
public final class BareMachine {
    /// Where the memory begins.
    public static let memoryBase: UInt32 = 0x8000_0000

    public let processor: any Processor
    private let memory: UnsafeMutablePointer<UInt8>
    private let memoryBytes: UInt32
    private let host: UnsafeMutablePointer<HostInterface>

    /// Makes the machine, loads the program and sets the program counter to its entry.
    ///
    /// - Throws: ``BareMachineError`` if the program does not fit the memory.
    public init(
        program: ELFFile, memoryBytes: UInt64, usesOracle: Bool,
        console: @escaping ([UInt8]) -> Void
    ) throws(BareMachineError) {
        let base = BareMachine.memoryBase
        guard memoryBytes % 4096 == 0, (1...(1 << 31)).contains(memoryBytes) else {
            throw .impossibleMemory(bytes: memoryBytes)
        }
        self.memoryBytes = UInt32(memoryBytes)
        // Untouched pages of calloc cost nothing.
        guard let pages = calloc(Int(memoryBytes), 1) else {
            throw .memoryUnavailable(bytes: self.memoryBytes)
        }
        memory = pages.assumingMemoryBound(to: UInt8.self)
        host = .allocate(capacity: 1)
        host.initialize(
            to: HostInterface(memory: memory, base: base, bytes: self.memoryBytes, console: console)
        )
        let region = MemoryRegion(
            base: base, bytes: self.memoryBytes, host: memory,
            permissions: [.read, .write, .execute])
        let make: any Processor.Type = usesOracle ? ProcessorOracle.self : ControlProcessor.self
        processor = make.init(
            options: .bare, regions: [region], context: host, access: HostInterface.access)
        processor.reset(pc: program.entry)
        let raw = UnsafeMutableRawBufferPointer(start: memory, count: Int(memoryBytes))
        guard program.load(into: raw, base: base) else {
            throw .segmentOutsideMemory(base: base, bytes: self.memoryBytes)
        }
        try connect(program)
    }

    deinit {
        host.deinitialize(count: 1)
        host.deallocate()
        free(memory)
    }

    private func connect(_ program: ELFFile) throws(BareMachineError) {
        host.pointee.fromHost = program.symbols["fromhost"]
        guard let toHost = program.symbols["tohost"] else { return }
        for address in [toHost, toHost &+ 4] where !processor.watch(address) {
            throw .symbolOutsideMemory(name: "tohost", address: toHost)
        }
        host.pointee.toHost = toHost
    }

    /// Runs until the program ends or has made `steps` steps in all.
    ///
    /// `observe`, if given, is called before each step, which costs much time.
    public func run(steps: UInt64, observe: ((any Processor) -> Void)?) -> BareResult {
        while processor.steps < steps {
            let left = steps - processor.steps
            observe?(processor)
            switch processor.run(steps: observe == nil ? left : 1) {
            case .stopped:
                // A 64-bit number is written in two halves, in either order: wait for the other.
                if case .stopped = processor.run(steps: min(left - 1, 64)) {}
                if let code = host.pointee.answer() { return .exited(code: code) }
            case .locked(let cause, let value):
                return .locked(
                    cause: cause, value: value, pc: processor.controlRegister(0x341) ?? processor.pc
                )
            case .budget, .stalled, .exception: continue
            }
        }
        return .unfinished
    }

    /// The words from one symbol to another, for architecture tests; nil if they are not in memory.
    public func words(from start: UInt32, to end: UInt32) -> [UInt32]? {
        let base = BareMachine.memoryBase
        guard start >= base, start <= end, start % 4 == 0, end % 4 == 0, end - base <= memoryBytes
        else { return nil }
        return stride(from: start, to: end, by: 4).map { address in
            UnsafeRawPointer(memory + Int(address - base)).load(as: UInt32.self)
        }
    }
}
