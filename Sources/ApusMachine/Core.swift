import ApusChip
import ApusISA
import CApusMachine

/// One core: its memories, queues and semaphores (`state`), and its control processor.
///
/// It is a class because it owns them. One thread at a time uses a core.
final class Core {
    let index: Int
    let state: UnsafeMutablePointer<apus_core>
    private(set) var processor: any Processor
    /// Why the core's part of the present launch failed, if it did.
    var failure: MachineError?
    /// How the control processor's last run ended.
    private(set) var exit = ProcessorExit.stopped
    /// Something came from other cores since the last run.
    var hasNews = false
    /// Hears of what the control processor does, in checked launches.
    var observer: (any LaunchObserver)?

    /// A control processor may run for about a minute before the launch is given up.
    static let instructionLimit: UInt64 = 1 << 34

    /// Makes a core of the chip.
    init(index: Int, chip: Chip, mode: EmulationMode) throws(MachineError) {
        let sizes = apus_core_sizes(
            scratchpad_bytes: UInt32(chip.scratchpadBytes),
            accumulator_bytes: UInt32(chip.accumulatorBytes),
            argument_bytes: UInt32(chip.argumentBytes), program_bytes: UInt32(chip.programBytes),
            queue_depth: UInt32(chip.queueDepth))
        guard let made = apus_core_make(sizes) else { throw .hostResources }
        self.index = index
        state = made
        state.pointee.index = UInt32(index)
        state.pointee.core_count = UInt32(chip.coreCount)
        state.pointee.matrix_formats = chip.matrixFormats.reduce(0) {
            $0 | 1 << UInt32($1.rawValue)
        }
        state.pointee.is_eager = true
        state.pointee.execute = apus_execute
        let options = ProcessorOptions.core(UInt32(index))
        processor = ControlProcessor(
            options: options, regions: Core.regions(of: made, withScratchpad: true),
            context: UnsafeMutableRawPointer(made), access: apus_core_access)
        switch mode {
        case .fast: break
        case .oracle:
            state.pointee.execute = OracleEngines.execute
            processor = ProcessorOracle(
                options: options, regions: Core.regions(of: made, withScratchpad: true),
                context: UnsafeMutableRawPointer(made), access: apus_core_access)
        case .checked:
            state.pointee.is_eager = false
            processor = ControlProcessor(
                options: options, regions: Core.regions(of: made, withScratchpad: false),
                context: Unmanaged.passUnretained(self).toOpaque(), access: Core.observedAccess)
        }
    }

    deinit { apus_core_free(state) }

    private static func regions(
        of core: UnsafeMutablePointer<apus_core>, withScratchpad: Bool
    ) -> [MemoryRegion] {
        let program = MemoryRegion(
            base: AddressMap.programBase, bytes: core.pointee.program_bytes,
            host: core.pointee.program, permissions: [.read, .write, .execute])
        let arguments = MemoryRegion(
            base: AddressMap.argumentBase, bytes: core.pointee.argument_capacity,
            host: core.pointee.arguments, permissions: [.read, .write])
        let scratchpad = MemoryRegion(
            base: AddressMap.scratchpadBase, bytes: core.pointee.scratchpad_bytes,
            host: core.pointee.scratchpad, permissions: [.read, .write])
        return [program, arguments] + (withScratchpad ? [scratchpad] : [])
    }

    /// Lets transfers reach `memory`.
    func attach(_ memory: GlobalMemory) {
        state.pointee.global_base = memory.address
        state.pointee.global_bytes = UInt64(memory.bytes.count)
        state.pointee.global = memory.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }

    /// Bytes of the scratchpad or the accumulators.
    func localMemory(_ address: UInt32, _ count: Int) -> UnsafeMutableRawBufferPointer {
        let memory = CoreMemory(state)
        let region = memory.localRegion(holding: Int(address))
        let bytes = Int(address)..<Int(address) + count
        precondition(
            bytes.lowerBound >= region.addresses.lowerBound
                && bytes.upperBound <= region.addresses.upperBound, "the bytes are local memory")
        return UnsafeMutableRawBufferPointer(
            start: region.start + (bytes.lowerBound - region.addresses.lowerBound), count: count)
    }

    /// Copies a kernel image to program memory.
    func load(_ image: ELFFile) throws(MachineError) {
        let bytes = Int(state.pointee.program_bytes)
        let memory = UnsafeMutableRawBufferPointer(start: state.pointee.program, count: bytes)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        guard image.load(into: memory, base: AddressMap.programBase) else {
            throw .imageTooLarge(programBytes: bytes)
        }
        processor.codeChanged(at: AddressMap.programBase, bytes: UInt32(bytes))
    }

    /// Puts the core in the state in which a launch begins.
    func begin(entry: UInt32, arguments: UnsafeRawBufferPointer) {
        apus_core_reset(state)
        let previous = Int(state.pointee.argument_bytes)
        let memory = UnsafeMutableRawBufferPointer(
            start: state.pointee.arguments, count: Int(state.pointee.argument_capacity))
        memory.copyMemory(from: arguments)
        if previous > arguments.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: memory[arguments.count..<previous])
            rest.initializeMemory(as: UInt8.self, repeating: 0)
        }
        state.pointee.argument_bytes = UInt32(arguments.count)
        processor.reset(pc: entry)
        failure = nil
        hasNews = false
    }

    /// Runs the core's part of a launch to its end, or to where it waits for others; commands
    /// execute inside the stores that enqueue them, so a control processor that stalls will not
    /// move again but by another core.
    func runEagerly() {
        let before = processor.steps
        exit = processor.run(steps: Core.instructionLimit)
        state.pointee.counters.instructions += processor.steps - before
        failure = finish(exit)
    }

    /// What became of the core once its control processor can do no more; drains the queues.
    func finish(_ exit: ProcessorExit) -> MachineError? {
        switch exit {
        case .stopped:
            if let trap { return trap }
            if state.pointee.is_eager, apus_core_progress(state) != APUS_TRAP_NONE { return trap }
            if state.pointee.pending_queues != 0 { return deadlock(exit) }
            let status = state.pointee.status
            return status == 0 ? nil : .kernelFailed(core: index, status: status)
        case .stalled: return deadlock(exit)
        case .budget: return .instructionLimit(core: index, pc: processor.pc)
        case .exception(let cause, let value), .locked(let cause, let value):
            return .processorTrap(core: index, cause: cause, value: value, pc: processor.pc)
        }
    }

    /// The command that trapped, if one did.
    var trap: MachineError? {
        let trap = state.pointee.trap
        guard let cause = TrapCause(rawValue: UInt8(trap.cause)),
            let engine = Engine(rawValue: UInt8(trap.queue))
        else { return nil }
        let (w0, w1, w2, w3, w4, w5, w6, w7) = trap.words
        return .commandTrap(
            core: index, engine: engine, cause: cause,
            command: CommandWord(words: SIMD8(w0, w1, w2, w3, w4, w5, w6, w7)))
    }
}
