import CApusMachine

/// A control processor that decodes each instruction once.
///
/// It is a class because it *is* the hart: it owns decoded instructions and has an identity for
/// the callback. ``ProcessorOracle`` is its plain twin, and a test runs both in lockstep.
///
/// Not thread-safe: one thread at a time.
public final class ControlProcessor {
    private let processor: UnsafeMutablePointer<apus_rv32>

    /// Makes a processor in the state of reset with pc 0.
    ///
    /// The first executable region and the first other one are reached quickest.
    /// `access` is called with `context` for every address outside of the regions.
    public required init(
        options: ProcessorOptions, regions: [MemoryRegion], context: UnsafeMutableRawPointer?,
        access: AccessFunction?
    ) {
        guard let made = apus_rv32_make() else {
            preconditionFailure("no memory for a control processor")
        }
        processor = made
        processor.pointee.hart = options.hart
        processor.pointee.has_timer = options.hasTimer
        processor.pointee.trap_misaligned = options.trapsMisaligned
        processor.pointee.stop_on_exception = options.stopsOnException
        processor.pointee.context = context
        processor.pointee.access = access
        for region in regions {
            let isAdded = apus_rv32_add_region(
                processor, region.base, region.bytes, region.host, region.permissions.rawValue)
            precondition(isAdded, "a region wraps around, overlaps or is not of whole words")
        }
    }

    deinit {
        apus_rv32_free(processor)
    }

    /// Sets all registers and counters to zero and the program counter to `pc`.
    ///
    /// If the host wrote instructions, call ``codeChanged(at:bytes:)`` too.
    public func reset(pc: UInt32) {
        apus_rv32_reset(processor, pc)
    }

    /// Forgets the decoded form of instructions that the host wrote.
    public func codeChanged(at address: UInt32, bytes: UInt32) {
        apus_rv32_code_changed(processor, address, bytes)
    }

    /// Makes stores to the aligned word at `address`, in executable memory, go to the callback
    /// after they are performed, and the word not executable. False if it is not such a word.
    public func watch(_ address: UInt32) -> Bool {
        apus_rv32_watch(processor, address)
    }

    /// Makes at most `steps` steps: instructions that retired or ended in an exception.
    public func run(steps: UInt64) -> ProcessorExit {
        switch apus_rv32_run(processor, steps) {
        case APUS_RV32_EXIT_BUDGET: .budget
        case APUS_RV32_EXIT_STALLED: .stalled
        case APUS_RV32_EXIT_STOPPED: .stopped
        case APUS_RV32_EXIT_EXCEPTION:
            .exception(cause: processor.pointee.exit_cause, value: processor.pointee.exit_value)
        default: .locked(cause: processor.pointee.exit_cause, value: processor.pointee.exit_value)
        }
    }

    /// The address of the next instruction, or of the one that stalled or failed.
    public var pc: UInt32 {
        get { processor.pointee.state.pc }
        set { processor.pointee.state.pc = newValue }
    }

    /// Instructions attempted since reset; a stalled one counts once, when it completes.
    public var steps: UInt64 { processor.pointee.state.steps }

    /// Register `index`, 0 to 31; writes to register 0 vanish.
    public subscript(register index: Int) -> UInt32 {
        get {
            precondition((0..<32).contains(index), "there are 32 registers")
            return withUnsafeBytes(of: &processor.pointee.state.x) {
                $0.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
            }
        }
        set {
            precondition((0..<32).contains(index), "there are 32 registers")
            guard index != 0 else { return }
            withUnsafeMutableBytes(of: &processor.pointee.state.x) {
                $0.storeBytes(of: newValue, toByteOffset: index * 4, as: UInt32.self)
            }
        }
    }

    /// A control register as the next instruction would read it; nil if there is none.
    public func controlRegister(_ number: UInt32) -> UInt32? {
        var value: UInt32 = 0
        return apus_rv32_read_csr(processor, number, &value) ? value : nil
    }

    /// Raises or lowers the external interrupt.
    public func setExternalInterrupt(_ isPending: Bool) {
        processor.pointee.state.external_pending = isPending ? 1 : 0
    }
}
