import ApusChip
import ApusISA
import ApusMachine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A chip that the host emulates, to the bit.
public final class EmulatedDevice: Device, @unchecked Sendable {
    public let chip: Chip
    public let mode: EmulationMode
    /// Used under ``lock`` alone, which makes the class `Sendable`.
    private let machine: Machine
    private let lock = Lock()
    private let ledger: MemoryLedger
    /// Follows the launches in checked mode.
    private let checker: LaunchChecker?
    private var findings: [LaunchFinding] = []

    /// - Parameters:
    ///   - chip: a valid chip (``Chip/validate()``).
    ///   - threads: host threads that share the chip's cores; 0 for as many as the host has
    ///     processors.
    ///   - mode: the results do not depend on it.
    /// - Throws: ``RuntimeError/machine(_:launch:)`` if the host lacks memory or threads.
    public init(chip: Chip, threads: Int, mode: EmulationMode) throws(RuntimeError) {
        let processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        do {
            machine = try Machine(
                chip: chip, threads: threads > 0 ? threads : processors, mode: mode)
        } catch {
            throw .machine(error, launch: "")
        }
        self.chip = chip
        self.mode = mode
        ledger = MemoryLedger(capacity: chip.memoryBytes)
        if case .checked = mode { checker = LaunchChecker(chip: chip) } else { checker = nil }
        machine.observer = checker
    }

    /// Whom checked launches tell what happens, instead of the checker; nil for nobody.
    public func setObserver(_ observer: (any LaunchObserver)?) {
        lock.locked { machine.observer = observer }
    }

    /// What the checker found since the last call, failed launches included; empty in other modes.
    public func takeFindings() -> [LaunchFinding] {
        lock.locked {
            defer { findings = [] }
            return findings
        }
    }

    public func load(_ program: consuming Program) throws(RuntimeError) -> LoadedProgram {
        try program.check(for: chip)
        let reservation = try ledger.reserve(program.arenaBytes)
        return try LoadedProgram(program, reservation: reservation)
    }

    public func run(
        _ program: LoadedProgram, hostStep: HostStepBody
    ) throws(RuntimeError) -> RunReport {
        try lock.locked { () throws(RuntimeError) in
            try prepare(program)
            var hostSteps = 0
            for (index, step) in program.program.steps.enumerated() {
                switch step {
                case .launch(let launch):
                    try perform(launch, program.arguments[index], in: program)
                case .host(let step):
                    try hostStep(step, program)
                    hostSteps += 1
                }
            }
            return RunReport(machine.takeCounters(), hostSteps: hostSteps)
        }
    }

    public func run(
        _ launches: [Launch], in program: LoadedProgram
    ) throws(RuntimeError) -> RunReport {
        try lock.locked { () throws(RuntimeError) in
            try prepare(program)
            for launch in launches {
                precondition(launch.relocations.isEmpty, "arguments hold absolute addresses")
                try perform(launch, launch.arguments, in: program)
            }
            return RunReport(machine.takeCounters(), hostSteps: 0)
        }
    }

    /// Puts the program's kernels into program memory, and counters to zero.
    private func prepare(_ program: LoadedProgram) throws(RuntimeError) {
        do throws(MachineError) {
            try machine.load(program.program.image)
        } catch {
            throw .machine(error, launch: "")
        }
        _ = machine.takeCounters()
    }

    private func perform(
        _ launch: Launch, _ arguments: [UInt8], in program: LoadedProgram
    ) throws(RuntimeError) {
        defer {
            let found = checker?.takeFindings() ?? []
            findings += found.map { LaunchFinding(launch: launch.label, finding: $0) }
        }
        do throws(MachineError) {
            let entry = try machine.entry(of: launch.kernel)
            try arguments.withUnsafeBufferPointer { bytes throws(MachineError) in
                try machine.launch(
                    entry: entry, arguments: UnsafeRawBufferPointer(bytes), memory: program.memory)
            }
        } catch {
            throw .machine(error, launch: launch.label)
        }
    }
}
