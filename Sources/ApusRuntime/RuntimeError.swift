import ApusISA
import ApusMachine
import ApusRTL

/// Why a device cannot load or run a program.
public enum RuntimeError: Error, Equatable, Sendable {
    /// The machine could not be made, or a launch failed; `launch` is its label, empty for none.
    case machine(MachineError, launch: String)
    /// The model of the RTL cannot be used.
    case rtl(RTLError)
    /// The program needs more of the chip's memory than is free.
    case memory(needed: Int, free: Int)
    /// The program contradicts itself.
    case program(ProgramFault)
    /// Bytes of another count than the port's were given.
    case portBytes(port: String, expected: Int, actual: Int)
    /// A host step failed, as its closure says.
    case hostStep(label: String, reason: String)
}

/// How a program contradicts itself.
public enum ProgramFault: Error, Equatable, Sendable {
    /// The arena has a negative size.
    case arena(bytes: Int)
    /// A region of initial bytes does not lie in the arena.
    case region(offset: Int, bytes: Int)
    /// A port does not lie in the arena.
    case port(String, offset: Int, bytes: Int)
    /// A relocation does not lie in the argument block.
    case relocation(launch: String, offset: Int)
    /// The kernel image has no such kernel.
    case kernel(String)
    /// An argument block does not fit argument memory.
    case arguments(launch: String, bytes: Int, capacity: Int)
}

extension RuntimeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .machine(let error, let launch):
            return launch.isEmpty ? "\(error)" : "launch '\(launch)': \(error)"
        case .rtl(let error): return "\(error)"
        case .memory(let needed, let free):
            return "the program needs \(needed) bytes of the chip's memory and \(free) are free"
        case .program(let fault): return "broken program: \(fault)"
        case .portBytes(let port, let expected, let actual):
            return "port '\(port)' takes \(expected) bytes, not \(actual)"
        case .hostStep(let label, let reason): return "host step '\(label)': \(reason)"
        }
    }
}

extension ProgramFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .arena(let bytes): "an arena of \(bytes) bytes"
        case .region(let offset, let bytes):
            "\(bytes) initial bytes at \(offset) do not lie in the arena"
        case .port(let name, let offset, let bytes):
            "port '\(name)', \(bytes) bytes at \(offset), does not lie in the arena"
        case .relocation(let launch, let offset):
            "launch '\(launch)' has a relocation at \(offset), outside its arguments"
        case .kernel(let name): "the kernel image has no kernel '\(name)'"
        case .arguments(let launch, let bytes, let capacity):
            "launch '\(launch)' has \(bytes) bytes of arguments; argument memory has \(capacity)"
        }
    }
}
