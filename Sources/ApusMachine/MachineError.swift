import ApusISA

/// Why the machine cannot load a kernel image, or could not finish a launch.
public enum MachineError: Error, Equatable, Sendable {
    /// The host has no memory or threads for the chip.
    case hostResources
    /// The kernel image is no executable for the control processor.
    case badImage(ELFError)
    /// The image's segments do not fit program memory.
    case imageTooLarge(programBytes: Int)
    /// The image has no kernel of that name.
    case unknownKernel(String)
    /// The launch's argument block does not fit argument memory.
    case argumentsTooLarge(bytes: Int, capacity: Int)
    /// A command was refused before it changed anything.
    case commandTrap(core: Int, engine: Engine, cause: TrapCause, command: CommandWord)
    /// A control processor took an exception: `mcause`, `mtval` and the address of the instruction.
    case processorTrap(core: Int, cause: UInt32, value: UInt32, pc: UInt32)
    /// Nothing on the core can move; all that wait, and for what.
    case deadlock(core: Int, waiters: [Waiter])
    /// The kernel ended with a status other than 0.
    case kernelFailed(core: Int, status: UInt32)
    /// Bits of a scratchpad word were wrong that its code cannot correct (RTL only).
    case memoryError(core: Int, address: UInt32)
    /// The control processor ran too many instructions.
    case instructionLimit(core: Int, pc: UInt32)
}

/// One thing that waits in a deadlock, and what for.
public struct Waiter: Hashable, Sendable {
    /// Who waits.
    public enum Agent: Hashable, Sendable {
        /// The head of an engine's queue.
        case engine(Engine)
        /// The control processor.
        case processor
    }

    /// What is waited for.
    public enum Reason: Hashable, Sendable {
        /// The semaphore has not reached the value that is awaited.
        case semaphore(index: Int, awaited: UInt16, present: UInt16)
        /// A queue that is full.
        case fullQueue(Engine)
        /// Other cores have not come to the barrier.
        case barrier
    }

    public var agent: Agent
    public var reason: Reason

    public init(agent: Agent, reason: Reason) {
        self.agent = agent
        self.reason = reason
    }
}

extension Waiter: CustomStringConvertible {
    public var description: String {
        let who =
            switch agent {
            case .engine(let engine): "\(engine)"
            case .processor: "control processor"
            }
        switch reason {
        case .semaphore(let index, let awaited, let present):
            return "\(who) waits for semaphore \(index) to reach \(awaited) (it is \(present))"
        case .fullQueue(let engine): return "\(who) waits for room in the \(engine) queue"
        case .barrier: return "\(who) waits at the barrier"
        }
    }
}

extension MachineError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .hostResources: return "the host has not enough memory or threads for the chip"
        case .badImage(let error): return "kernel image: \(error)"
        case .imageTooLarge(let programBytes):
            return "the kernel image does not fit \(programBytes) bytes of program memory"
        case .unknownKernel(let name): return "the kernel image has no kernel '\(name)'"
        case .argumentsTooLarge(let bytes, let capacity):
            return "an argument block of \(bytes) bytes exceeds the \(capacity) of argument memory"
        case .commandTrap(let core, let engine, let cause, let command):
            let words = (0..<CommandWord.wordCount).map { String(command[$0], radix: 16) }
            return "core \(core), \(engine): \(cause) in command \(words.joined(separator: " "))"
        case .processorTrap(let core, let cause, let value, let pc):
            let hex = (String(value, radix: 16), String(pc, radix: 16))
            return "core \(core): exception \(cause) (value 0x\(hex.0)) at 0x\(hex.1)"
        case .deadlock(let core, let waiters):
            return "core \(core): deadlock: \(waiters.map(\.description).joined(separator: "; "))"
        case .kernelFailed(let core, let status):
            return "core \(core): the kernel ended with status \(status)"
        case .memoryError(let core, let address):
            return "core \(core): uncorrectable error at 0x\(String(address, radix: 16))"
        case .instructionLimit(let core, let pc):
            return "core \(core): too many instructions, last at 0x\(String(pc, radix: 16))"
        }
    }
}
