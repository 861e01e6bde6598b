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
    /// Which implementation of the engines runs, and whether it is checked.
    public var mode: EmulationMode

    public init(
        chip: Chip, precision: Precision = .bf16, threads: Int = 0, mode: EmulationMode = .fast
    ) {
        self.chip = chip
        self.precision = precision
        self.threads = threads
        self.mode = mode
    }
}
