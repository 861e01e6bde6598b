import ApusChip
import ApusISA
import ApusMachine
import ApusRTL

/// A chip in SystemVerilog, simulated by Verilator; the same bits as ``EmulatedDevice``, and its
/// cycles.
///
/// The model is a shared library that `make rtl` builds for a chip. It runs some ten thousand
/// cycles in a second, so it is for small models.
public final class RTLDevice: Device, @unchecked Sendable {
    public let chip: Chip
    /// Used under ``lock`` alone, which makes the class `Sendable`.
    private let model: RTLModel
    private let lock = Lock()
    private let ledger: MemoryLedger
    private var totalCycles: UInt64 = 0

    /// A launch that takes longer is given up.
    private static let cycleLimit: UInt64 = 1 << 32

    /// From a request to its first beat, in cycles of the chip's clock.
    private var latency: Int {
        max(1, chip.memoryLatencyNanoseconds * chip.clockMegahertz / 1000)
    }

    /// Opens the model in the shared library at `libraryPath`, which must have been built for
    /// `chip`.
    ///
    /// - Throws: ``RuntimeError/rtl(_:)``.
    public init(chip: Chip, libraryPath: String) throws(RuntimeError) {
        do throws(RTLError) {
            model = try RTLModel(path: libraryPath, chip: chip, allowsBehavioural: false)
        } catch {
            throw .rtl(error)
        }
        self.chip = chip
        ledger = MemoryLedger(capacity: chip.memoryBytes)
    }

    /// Where `make rtl` puts the model of a chip, from the repository's root.
    public static func defaultLibraryPath(chip: Chip) -> String {
        RTLModel.defaultPath(chip: chip)
    }

    /// Cycles of all launches so far.
    public var cycles: UInt64 { lock.locked { totalCycles } }

    public func load(_ program: consuming Program) throws(RuntimeError) -> LoadedProgram {
        try program.check(for: chip)
        return try LoadedProgram(program, reservation: try ledger.reserve(program.arenaBytes))
    }

    public func run(
        _ program: LoadedProgram, hostStep: HostStepBody
    ) throws(RuntimeError) -> RunReport {
        try lock.locked { () throws(RuntimeError) in
            var report = RunReport()
            try prepare(program)
            for (index, step) in program.program.steps.enumerated() {
                switch step {
                case .launch(let launch):
                    try perform(launch, program.arguments[index], in: program, &report)
                case .host(let step):
                    try hostStep(step, program)
                    report.hostSteps += 1
                }
            }
            return report
        }
    }

    public func run(
        _ launches: [Launch], in program: LoadedProgram
    ) throws(RuntimeError) -> RunReport {
        try lock.locked { () throws(RuntimeError) in
            var report = RunReport()
            try prepare(program)
            for launch in launches {
                precondition(launch.relocations.isEmpty, "arguments hold absolute addresses")
                try perform(launch, launch.arguments, in: program, &report)
            }
            return report
        }
    }

    /// Copies the kernels to program memory and puts the arena behind the memory port.
    private func prepare(_ program: LoadedProgram) throws(RuntimeError) {
        let file: ELFFile
        do throws(ELFError) {
            file = try ELFFile(program.program.image.elf)
        } catch {
            throw .machine(.badImage(error), launch: "")
        }
        var bytes = [UInt8](repeating: 0, count: chip.programBytes)
        let fits = bytes.withUnsafeMutableBytes {
            file.load(into: $0, base: AddressMap.programBase)
        }
        if !fits { throw .machine(.imageTooLarge(programBytes: chip.programBytes), launch: "") }
        for core in 0..<chip.coreCount {
            bytes.withUnsafeBytes { model.writeProgram(core: core, at: 0, $0) }
        }
        model.attach(
            address: program.memory.address, program.memory.bytes, latency: latency)
    }

    private func perform(
        _ launch: Launch, _ arguments: [UInt8], in program: LoadedProgram,
        _ report: inout RunReport
    ) throws(RuntimeError) {
        guard let entry = program.program.image.entries[launch.kernel] else {
            throw .machine(.unknownKernel(launch.kernel), launch: launch.label)
        }
        let capacity = chip.argumentBytes
        guard arguments.count <= capacity else {
            let error = MachineError.argumentsTooLarge(bytes: arguments.count, capacity: capacity)
            throw .machine(error, launch: launch.label)
        }
        let block = arguments + [UInt8](repeating: 0, count: capacity - arguments.count)
        for core in 0..<chip.coreCount {
            block.withUnsafeBytes { model.writeArguments(core: core, at: 0, $0) }
        }
        let results = model.launch(
            entry: entry, argumentBytes: arguments.count, cycleLimit: RTLDevice.cycleLimit)
        report.launches += 1
        // Cores run side by side: the launch takes as long as the last of them.
        let launchCycles = results.map(\.cycles).max() ?? 0
        totalCycles += launchCycles
        report.cycles += Int(launchCycles)
        for (core, result) in results.enumerated() {
            report.add(result)
            if let error = RTLDevice.failure(result, core: core) {
                throw .machine(error, launch: launch.label)
            }
        }
    }

    /// What went wrong on a core, if anything did.
    private static func failure(_ result: RTLModel.CoreResult, core: Int) -> MachineError? {
        switch RTLModel.outcome(result) {
        case .done:
            return result.status == 0 ? nil : .kernelFailed(core: core, status: result.status)
        case .trap:
            guard let engine = Engine(rawValue: UInt8(truncatingIfNeeded: result.trap_engine)),
                let cause = TrapCause(rawValue: UInt8(truncatingIfNeeded: result.trap_cause))
            else { preconditionFailure("the RTL traps with a cause of the table") }
            return .commandTrap(
                core: core, engine: engine, cause: cause, command: RTLModel.trapCommand(result))
        case .exception:
            return .processorTrap(
                core: core, cause: result.exception_cause, value: result.exception_value,
                pc: result.pc)
        case .deadlock: return .deadlock(core: core, waiters: [])
        case .memory: return .memoryError(core: core, address: result.memory_address)
        case .cycleLimit: return .instructionLimit(core: core, pc: result.pc)
        }
    }
}

extension RunReport {
    fileprivate mutating func add(_ result: RTLModel.CoreResult) {
        commands += Int(RTLModel.commands(result).reduce(0, +))
        bytesLoaded += Int(result.bytes_read)
        bytesStored += Int(result.bytes_written)
        controlInstructions += Int(result.instructions)
    }
}
