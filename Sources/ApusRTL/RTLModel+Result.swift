import ApusISA
import CApusRTL

extension RTLModel {
    /// How a core's part of a launch ended.
    public enum Outcome: UInt32, Sendable {
        case done = 0
        case trap, exception, deadlock, memory, cycleLimit
    }

    /// How a core's part of a launch ended.
    public static func outcome(_ result: CoreResult) -> Outcome {
        Outcome(rawValue: result.outcome) ?? .cycleLimit
    }

    /// The command that trapped.
    public static func trapCommand(_ result: CoreResult) -> CommandWord {
        let (w0, w1, w2, w3, w4, w5, w6, w7) = result.trap_command
        return CommandWord(words: SIMD8(w0, w1, w2, w3, w4, w5, w6, w7))
    }

    /// The semaphores as the launch left them.
    public static func semaphores(_ result: CoreResult) -> [UInt16] {
        withUnsafeBytes(of: result.semaphores) { bytes in
            bytes.bindMemory(to: UInt32.self).map { UInt16(truncatingIfNeeded: $0) }
        }
    }

    /// Commands completed by each queue.
    public static func commands(_ result: CoreResult) -> [UInt64] {
        withUnsafeBytes(of: result.commands) { [UInt64]($0.bindMemory(to: UInt64.self)) }
    }
}
