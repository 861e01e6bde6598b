/// The control and status registers that hold something.
struct ControlRegisters {
    /// `mstatus.MIE` and `mstatus.MPIE`; `MPP` is always machine mode.
    var isEnabled = false
    var wasEnabled = false
    var mie: UInt32 = 0
    var mtvec: UInt32 = 0
    var mscratch: UInt32 = 0
    var mepc: UInt32 = 0
    var mcause: UInt32 = 0
    var mtval: UInt32 = 0
    var isSoftwarePending = false
    var isExternalPending = false
    var mtimecmp = UInt64.max
    var timeOffset: UInt64 = 0
    var cycles = Counter()
    var instructions = Counter()
    var protection = [UInt32](repeating: 0, count: 4)
    var protectedAddresses = [UInt32](repeating: 0, count: 16)

    /// A counter of events: its value is `offset` plus the events, or `offset` when inhibited.
    struct Counter {
        var isInhibited = false
        var offset: UInt64 = 0

        func value(events: UInt64) -> UInt64 {
            isInhibited ? offset : offset &+ events
        }

        mutating func set(_ value: UInt64, events: UInt64) {
            offset = isInhibited ? value : value &- events
        }
    }
}

extension ProcessorOracle {
    /// The time: a tick for each step.
    var time: UInt64 { steps &+ control.timeOffset }

    private var retired: UInt64 { steps &- exceptions }

    /// The value of `mip`.
    var pendingInterrupts: UInt32 {
        (control.isSoftwarePending ? 1 << 3 : 0) | (time >= control.mtimecmp ? 1 << 7 : 0)
            | (control.isExternalPending ? 1 << 11 : 0)
    }

    public func controlRegister(_ number: UInt32) -> UInt32? {
        switch number {
        case 0x300: 0x1800 | (control.isEnabled ? 0x08 : 0) | (control.wasEnabled ? 0x80 : 0)
        case 0x301: 0x4000_1100
        case 0x304: control.mie
        case 0x305: control.mtvec
        case 0x320:
            (control.cycles.isInhibited ? 1 : 0) | (control.instructions.isInhibited ? 4 : 0)
        case 0x340: control.mscratch
        case 0x341: control.mepc
        case 0x342: control.mcause
        case 0x343: control.mtval
        case 0x344: pendingInterrupts
        case 0x3A0...0x3A3: control.protection[Int(number - 0x3A0)]
        case 0x3B0...0x3BF: control.protectedAddresses[Int(number - 0x3B0)]
        case 0xB00, 0xC00: control.cycles.value(events: steps).half(isHigh: false)
        case 0xB80, 0xC80: control.cycles.value(events: steps).half(isHigh: true)
        case 0xB02, 0xC02: control.instructions.value(events: retired).half(isHigh: false)
        case 0xB82, 0xC82: control.instructions.value(events: retired).half(isHigh: true)
        case 0xC01: time.half(isHigh: false)
        case 0xC81: time.half(isHigh: true)
        case 0xF14: options.hart
        // mstatush, event selectors, further counters, triggers, and who made this.
        case 0x310, 0x323...0x33F, 0x7A0...0x7A4, 0xB03...0xB1F, 0xB83...0xB9F, 0xC03...0xC1F,
            0xC83...0xC9F, 0xF11...0xF13, 0xF15:
            0
        default: nil
        }
    }

    /// Writes a register that exists and is not read-only by its number.
    func setControlRegister(_ number: UInt32, to value: UInt32) {
        switch number {
        case 0x300:
            control.isEnabled = value & 0x08 != 0
            control.wasEnabled = value & 0x80 != 0
        case 0x304: control.mie = value & 0x888
        case 0x305: control.mtvec = value & ~2
        case 0x320:
            let cycles = control.cycles.value(events: steps &+ 1)
            let instructions = control.instructions.value(events: retired &+ 1)
            control.cycles.isInhibited = value & 1 != 0
            control.instructions.isInhibited = value & 4 != 0
            control.cycles.set(cycles, events: steps &+ 1)
            control.instructions.set(instructions, events: retired &+ 1)
        case 0x340: control.mscratch = value
        case 0x341: control.mepc = value & ~3
        case 0x342: control.mcause = value
        case 0x343: control.mtval = value
        // No entry can be locked, so none has an effect on machine mode.
        case 0x3A0...0x3A3: control.protection[Int(number - 0x3A0)] = value & 0x1F1F_1F1F
        case 0x3B0...0x3BF: control.protectedAddresses[Int(number - 0x3B0)] = value
        case 0xB00, 0xB80:
            var cycles = control.cycles.value(events: steps)
            cycles.replaceHalf(isHigh: number == 0xB80, with: value)
            control.cycles.set(cycles, events: steps &+ 1)
        case 0xB02, 0xB82:
            var instructions = control.instructions.value(events: retired)
            instructions.replaceHalf(isHigh: number == 0xB82, with: value)
            control.instructions.set(instructions, events: retired &+ 1)
        default: break
        }
    }

    /// Performs a CSR instruction: reads the register into rd, then writes, sets or clears.
    func executeControlRegister(_ word: UInt32, operation: UInt32, source: UInt32) throws(Event) {
        let number = word >> 20
        let sourceIndex = word >> 15 & 31
        let isWrite = operation == 1 || sourceIndex != 0
        let isReadOnly = number >> 10 == 3
        guard let old = controlRegister(number), !(isWrite && isReadOnly) else {
            throw .exception(.illegalInstruction, value: word)
        }
        if isWrite {
            let new =
                switch operation {
                case 1: source
                case 2: old | source
                default: old & ~source
                }
            setControlRegister(number, to: new)
        }
        self[register: Int(word >> 7 & 31)] = old
    }
}
