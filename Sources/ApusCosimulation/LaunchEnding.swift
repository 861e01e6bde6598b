import ApusISA
import ApusMachine
import ApusRTL

/// How a launch ended, told alike of the emulator and of the RTL.
package enum LaunchEnding: Equatable, Sendable {
    case done(status: UInt32)
    case trap(Engine, TrapCause, CommandWord)
    case exception(cause: UInt32, value: UInt32, pc: UInt32)
    case deadlock
    /// An uncorrectable error of the scratchpad.
    case memory(address: UInt32)
    /// It did not end.
    case limit
    /// The machine could not begin.
    case refused(String)

    init(_ error: MachineError?) {
        switch error {
        case nil: self = .done(status: 0)
        case .kernelFailed(_, let status): self = .done(status: status)
        case .commandTrap(_, let engine, let cause, let command):
            self = .trap(engine, cause, command)
        case .processorTrap(_, let cause, let value, let pc):
            self = .exception(cause: cause, value: value, pc: pc)
        case .deadlock: self = .deadlock
        case .instructionLimit: self = .limit
        case .hostResources, .badImage, .imageTooLarge, .unknownKernel, .argumentsTooLarge,
            .memoryError:
            self = .refused("\(error.map { "\($0)" } ?? "")")
        }
    }

    init(_ result: RTLModel.CoreResult) {
        switch RTLModel.outcome(result) {
        case .done: self = .done(status: result.status)
        case .trap:
            guard let engine = Engine(rawValue: UInt8(result.trap_engine)),
                let cause = TrapCause(rawValue: UInt8(result.trap_cause))
            else {
                self = .refused("trap \(result.trap_cause) of queue \(result.trap_engine)")
                return
            }
            self = .trap(engine, cause, RTLModel.trapCommand(result))
        case .exception:
            self = .exception(
                cause: result.exception_cause, value: result.exception_value, pc: result.pc)
        case .deadlock: self = .deadlock
        case .memory: self = .memory(address: result.memory_address)
        case .cycleLimit: self = .limit
        }
    }
}
