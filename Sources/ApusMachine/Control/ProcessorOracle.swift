/// A control processor that is plain: it fetches, decodes and performs one instruction at a time.
///
/// It says what ``ControlProcessor`` must do. Nothing is cached, so stores into code need no care.
public final class ProcessorOracle: Processor {
    let options: ProcessorOptions
    let regions: [MemoryRegion]
    let context: UnsafeMutableRawPointer?
    let access: AccessFunction?
    var watched: Set<UInt32> = []

    public internal(set) var steps: UInt64 = 0
    public var pc: UInt32 = 0
    var registers = [UInt32](repeating: 0, count: 32)
    var control = ControlRegisters()
    /// Steps that did not retire an instruction.
    var exceptions: UInt64 = 0

    /// What performing one instruction came to, when it did not retire or the run is over.
    enum Event: Error {
        case exception(Cause, value: UInt32)
        case stall
    }

    /// Set when a store or load answered `stop`: the run ends after the instruction.
    var isStopped = false

    public required init(
        options: ProcessorOptions, regions: [MemoryRegion], context: UnsafeMutableRawPointer?,
        access: AccessFunction?
    ) {
        self.options = options
        self.regions = regions
        self.context = context
        self.access = access
    }

    public func reset(pc: UInt32) {
        self.pc = pc
        steps = 0
        exceptions = 0
        registers = [UInt32](repeating: 0, count: 32)
        control = ControlRegisters()
        isStopped = false
    }

    public func codeChanged(at address: UInt32, bytes: UInt32) {}

    public func watch(_ address: UInt32) -> Bool {
        guard address % 4 == 0, let region = region(at: address),
            region.permissions.contains(.execute)
        else { return false }
        watched.insert(address)
        return true
    }

    public subscript(register index: Int) -> UInt32 {
        get { registers[index] }
        set { if index != 0 { registers[index] = newValue } }
    }

    public func setExternalInterrupt(_ isPending: Bool) {
        control.isExternalPending = isPending
    }

    public func run(steps count: UInt64) -> ProcessorExit {
        let end = steps &+ count
        while steps != end {
            if let exit = step() { return exit }
        }
        return .budget
    }

    /// Takes an interrupt if one is due, then performs one instruction.
    private func step() -> ProcessorExit? {
        if let number = interruptDue {
            let cause = 0x8000_0000 | number
            if !enterHandler(cause: cause, value: 0) { return .locked(cause: cause, value: 0) }
        }
        do throws(Event) {
            let word = try fetch()
            let next = try execute(word)
            pc = next
            steps &+= 1
            defer { isStopped = false }
            return isStopped ? .stopped : nil
        } catch {
            guard case .exception(let cause, let value) = error else { return .stalled }
            if options.stopsOnException { return .exception(cause: cause.rawValue, value: value) }
            steps &+= 1
            exceptions &+= 1
            let isEntered = enterHandler(cause: cause.rawValue, value: value)
            return isEntered ? nil : .locked(cause: cause.rawValue, value: value)
        }
    }

    /// Enters the trap handler; false if its first instruction cannot be fetched.
    private func enterHandler(cause: UInt32, value: UInt32) -> Bool {
        let isInterrupt = cause >> 31 == 1
        control.mepc = pc
        control.mcause = cause
        control.mtval = value
        control.wasEnabled = control.isEnabled
        control.isEnabled = false
        pc = control.mtvec & ~3
        if isInterrupt && control.mtvec & 1 == 1 {
            pc &+= 4 &* (cause & 0x7FFF_FFFF)
        }
        return region(at: pc)?.permissions.contains(.execute) ?? false
    }

    private var interruptDue: UInt32? {
        guard control.isEnabled else { return nil }
        let due = pendingInterrupts & control.mie
        return [11, 3, 7].first { due >> $0 & 1 == 1 }
    }
}

extension ProcessorOracle {
    /// Why an instruction failed: the values of `mcause`.
    enum Cause: UInt32 {
        case fetchMisaligned = 0
        case fetchFault = 1
        case illegalInstruction = 2
        case breakpoint = 3
        case loadMisaligned = 4
        case loadFault = 5
        case storeMisaligned = 6
        case storeFault = 7
        case environmentCall = 11
    }
}
