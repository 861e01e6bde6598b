import ApusChip
import ApusISA
import ApusMachine

/// What is behind a simulated chip: the RTL bench's port, or channels and the mesh.
public typealias ClockedMemory = ApusMachine.ClockedMemory

/// A chip that tells how long programs take, and computes nothing.
///
/// It needs no arena: a program of any size may be given, also one whose weights nobody has.
/// Runs of one device go on from where the last one ended.
///
///     let device = try SimulatedDevice(chip: .cloud7, memory: .channels, seed: 1)
///     let report = try device.run(launches, of: image)
///     print(report.cycles)
public final class SimulatedDevice: @unchecked Sendable {
    public let chip: Chip
    /// Used under ``lock`` alone, which makes the class `Sendable`.
    private let machine: ClockedMachine
    private let lock = Lock()

    /// - Parameter seed: of what stands in for values (``ClockedMachine``).
    /// - Throws: ``RuntimeError/machine(_:launch:)`` if the host lacks memory.
    public init(chip: Chip, memory: ClockedMemory, seed: UInt64) throws(RuntimeError) {
        do {
            machine = try ClockedMachine(chip: chip, memory: memory, seed: seed)
        } catch {
            throw .machine(error, launch: "")
        }
        self.chip = chip
    }

    /// Who hears of every command from now on; nil for nobody.
    public func setRecorder(_ recorder: ((ClockedCommand) -> Void)?) {
        lock.locked { machine.recorder = recorder }
    }

    /// Times a program's launches; its host steps take no time of the chip and are counted.
    ///
    /// - Throws: ``RuntimeError/machine(_:launch:)`` for the first launch that fails.
    public func run(_ program: Program) throws(RuntimeError) -> TimeReport {
        var launches: [Launch] = []
        var hostSteps = 0
        for step in program.steps {
            switch step {
            case .launch(let launch):
                var placed = launch
                placed.arguments = LoadedProgram.relocated(launch, by: LoadedProgram.arenaAddress)
                placed.relocations = []
                launches.append(placed)
            case .host: hostSteps += 1
            }
        }
        var report = try run(launches, of: program.image)
        report.hostSteps = hostSteps
        return report
    }

    /// Times launches one after the other. Arguments hold absolute addresses.
    ///
    /// - Throws: ``RuntimeError/machine(_:launch:)`` for the first launch that fails.
    public func run(
        _ launches: [Launch], of image: KernelImage
    ) throws(RuntimeError) -> TimeReport {
        try lock.locked { () throws(RuntimeError) in
            var report = TimeReport()
            do throws(MachineError) {
                try machine.load(image)
            } catch {
                throw .machine(error, launch: "")
            }
            for launch in launches {
                precondition(launch.relocations.isEmpty, "arguments hold absolute addresses")
                report.launches.append(try time(launch))
            }
            return report
        }
    }

    private func time(_ launch: Launch) throws(RuntimeError) -> TimeReport.Timed {
        do throws(MachineError) {
            let entry = try machine.entry(of: launch.kernel)
            let timing = try launch.arguments.withUnsafeBufferPointer {
                bytes throws(MachineError) in
                try machine.launch(entry: entry, arguments: UnsafeRawBufferPointer(bytes))
            }
            return TimeReport.Timed(label: launch.label, timing: timing)
        } catch {
            throw .machine(error, launch: launch.label)
        }
    }
}

/// What launches took, one after the other.
public struct TimeReport: Hashable, Sendable {
    /// One launch.
    public struct Timed: Hashable, Sendable {
        public var label: String
        public var timing: LaunchTiming
    }

    public var launches: [Timed] = []
    /// Steps that the host performs; they take no time here.
    public var hostSteps = 0

    /// Nothing done.
    public init() {}

    /// Of the chip's clock, all launches together.
    public var cycles: UInt64 { launches.reduce(0) { $0 + $1.timing.cycles } }

    /// What was done, all launches together.
    public var activity: ClockedActivity {
        var sum = ClockedActivity()
        for launch in launches { sum += launch.timing.activity }
        return sum
    }
}
