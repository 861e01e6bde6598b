import ApusChip
import ApusISA
import CApusMachine

/// The chip with time and without values.
///
/// Control processors run the kernel image with its argument block; what their stores enqueue takes
/// as long as word and descriptor say, where several want a bank, a channel or a link, one after
/// the other. No element is computed: what would depend on one (an index table's entries) comes
/// from a seeded, even distribution, so cycles depend on nothing but chip, kernels and arguments.
///
/// Time goes on from launch to launch. The class owns the chip's memories; one thread at a time
/// uses it.
///
/// - Source: docs/time.md.
public final class ClockedMachine {
    public let chip: Chip
    public let memory: ClockedMemory
    /// Hears of every command, if there is one; costs nothing if not.
    public var recorder: ((ClockedCommand) -> Void)? {
        didSet { attachRecorder() }
    }

    private let clock: OpaquePointer
    private var image: KernelImage?
    private var file: ELFFile?

    /// Makes a chip at cycle 0.
    ///
    /// - Parameters:
    ///   - chip: a valid chip (``Chip/validate()``).
    ///   - seed: of what stands in for values.
    /// - Throws: ``MachineError/hostResources``.
    public convenience init(
        chip: Chip, memory: ClockedMemory, seed: UInt64
    ) throws(MachineError) {
        try self.init(
            chip: chip, memory: memory, seed: seed,
            stepsEveryCycle: ClockedMachine.isStepped(chip, memory))
    }

    /// As the other, with the choice between the walk through every cycle of a small chip and the
    /// closed forms.
    ///
    /// - Precondition: only chips are walked that ``isStepped(_:_:)`` allows.
    package init(
        chip: Chip, memory: ClockedMemory, seed: UInt64, stepsEveryCycle: Bool
    ) throws(MachineError) {
        precondition(
            !stepsEveryCycle || ClockedMachine.isStepped(chip, memory), "the chip is the RTL's")
        var sizes = ClockedMachine.sizes(of: chip, memory: memory)
        sizes.seed = seed
        sizes.is_stepped = stepsEveryCycle
        guard let clock = apus_clock_make(&sizes) else { throw .hostResources }
        self.chip = chip
        self.memory = memory
        self.clock = clock
    }

    deinit { apus_clock_free(clock) }

    /// Copies a kernel image to the program memory of all cores, unless it is there already.
    public func load(_ kernels: KernelImage) throws(MachineError) {
        if image == kernels { return }
        let file: ELFFile
        do {
            file = try ELFFile(kernels.elf)
        } catch {
            throw .badImage(error)
        }
        image = nil
        try copy(file)
        self.file = file
        image = kernels
    }

    /// The entry point of a kernel of the loaded image.
    public func entry(of kernel: String) throws(MachineError) -> UInt32 {
        guard let entry = image?.entries[kernel] else { throw .unknownKernel(kernel) }
        return entry
    }

    /// Runs a kernel on all cores and tells what it took.
    ///
    /// - Parameters:
    ///   - entry: where the control processors begin.
    ///   - arguments: the argument block, with absolute global addresses.
    /// - Throws: what the emulator would throw of the control processors, and of words and
    ///   descriptors that name no shape; addresses are not checked.
    public func launch(
        entry: UInt32, arguments: UnsafeRawBufferPointer
    ) throws(MachineError) -> LaunchTiming {
        guard arguments.count <= chip.argumentBytes else {
            throw .argumentsTooLarge(bytes: arguments.count, capacity: chip.argumentBytes)
        }
        if let file, file.lowestWritableAddress != nil { try copy(file) }
        let none = UnsafeRawPointer(clock)
        let bytes = (arguments.baseAddress ?? none).assumingMemoryBound(to: UInt8.self)
        let result = apus_clock_launch(clock, entry, bytes, UInt32(arguments.count))
        if let failure = ClockedMachine.failure(result) { throw failure }
        return LaunchTiming(result, of: clock, cores: chip.coreCount)
    }

    private func copy(_ file: ELFFile) throws(MachineError) {
        var bytes = [UInt8](repeating: 0, count: chip.programBytes)
        let fits = bytes.withUnsafeMutableBytes {
            file.load(into: $0, base: AddressMap.programBase)
        }
        guard fits else { throw .imageTooLarge(programBytes: chip.programBytes) }
        apus_clock_load(clock, bytes)
    }

    private func attachRecorder() {
        guard recorder != nil else {
            apus_clock_record(clock, nil, nil)
            return
        }
        apus_clock_record(
            clock,
            { context, event in
                guard let context, let event else { return }
                let machine = Unmanaged<ClockedMachine>.fromOpaque(context).takeUnretainedValue()
                machine.recorder?(ClockedCommand(event.pointee))
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private static func failure(_ result: apus_clock_result) -> MachineError? {
        let core = Int(result.core)
        switch result.outcome {
        case APUS_CLOCK_DONE: return nil
        case APUS_CLOCK_TRAP:
            guard let engine = Engine(rawValue: UInt8(truncatingIfNeeded: result.engine)),
                let cause = TrapCause(rawValue: UInt8(truncatingIfNeeded: result.cause))
            else { preconditionFailure("the clock traps with a cause of the table") }
            let (w0, w1, w2, w3, w4, w5, w6, w7) = result.words
            return .commandTrap(
                core: core, engine: engine, cause: cause,
                command: CommandWord(words: SIMD8(w0, w1, w2, w3, w4, w5, w6, w7)))
        case APUS_CLOCK_EXCEPTION:
            return .processorTrap(
                core: core, cause: result.cause, value: result.value, pc: result.pc)
        case APUS_CLOCK_DEADLOCK: return .deadlock(core: core, waiters: [])
        case APUS_CLOCK_STATUS: return .kernelFailed(core: core, status: result.status)
        default: return .instructionLimit(core: core, pc: result.pc)
        }
    }
}
