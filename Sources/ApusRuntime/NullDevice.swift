import ApusChip
import ApusISA

/// A device that loads programs and runs their host steps, and whose chip does nothing: what the
/// runtime costs by itself.
public final class NullDevice: Device {
    public let chip: Chip
    private let ledger: MemoryLedger

    public init(chip: Chip) {
        self.chip = chip
        ledger = MemoryLedger(capacity: chip.memoryBytes)
    }

    public func load(_ program: consuming Program) throws(RuntimeError) -> LoadedProgram {
        try program.check(for: chip)
        return try LoadedProgram(program, reservation: try ledger.reserve(program.arenaBytes))
    }

    /// The report counts launches and host steps; memory stays as it is.
    public func run(
        _ program: LoadedProgram, hostStep: HostStepBody
    ) throws(RuntimeError) -> RunReport {
        var report = RunReport()
        for step in program.program.steps {
            switch step {
            case .launch: report.launches += 1
            case .host(let step):
                try hostStep(step, program)
                report.hostSteps += 1
            }
        }
        return report
    }

    public func run(
        _ launches: [Launch], in program: LoadedProgram
    ) throws(RuntimeError) -> RunReport {
        var report = RunReport()
        report.launches = launches.count
        return report
    }
}
