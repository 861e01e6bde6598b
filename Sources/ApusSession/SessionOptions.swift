import ApusChip
import ApusCompiler
import ApusMachine
import ApusRuntime

/// How a session runs its model.
public struct SessionOptions: Sendable {
    /// The chip that is emulated.
    public var chip: Chip
    /// What operands of matrix products are rounded to.
    public var precision: Precision
    /// Host threads that emulate cores; 0 takes as many as the host has processors.
    public var threads: Int
    /// What carries out the launches.
    public var device: DeviceKind
    /// Which implementation of the engines runs, and whether it is checked.
    public var mode: EmulationMode

    public init(
        chip: Chip, precision: Precision = .bf16, threads: Int = 0, mode: EmulationMode = .fast,
        device: DeviceKind = .emulated
    ) {
        self.chip = chip
        self.precision = precision
        self.threads = threads
        self.mode = mode
        self.device = device
    }
}

/// What carries out a program's launches.
public enum DeviceKind: Equatable, Sendable {
    /// The emulator.
    case emulated
    /// The RTL in Verilator, from the shared library at this path, or from where `make rtl` puts
    /// the chip's.
    case rtl(libraryPath: String?)
}
