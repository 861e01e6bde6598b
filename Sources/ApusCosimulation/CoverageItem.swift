import ApusISA
import ApusMachine
import ApusNumerics

/// One thing that random programs should have done at least once.
package enum CoverageItem: Hashable, Sendable {
    case load(global: ElementFormat, local: ElementFormat)
    case store(global: ElementFormat, local: ElementFormat)
    case reduction(StoreReduction, global: ElementFormat)
    case matmul(RandomCommand.MatmulKind)
    /// A Vector command on a format of `a`, and into a format of `d`.
    case vector(VectorOpcode, from: ElementFormat)
    case vectorInto(VectorOpcode, ElementFormat)
    case rounding(RoundingRule)
    case nop(Engine)
    case trap(Engine, TrapCause)
    case hazard(ProgramSchedule.Hazard)
    case situation(Situation)

    /// What concerns no one command.
    package enum Situation: String, Hashable, Sendable, CaseIterable {
        case fullQueue, semaphoresWrap, deadlock, processorFault, processorStore, processorWait
        case console, ownWindow, gather
    }
}

extension CoverageItem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .load(let global, let local): "load \(global) to \(local)"
        case .store(let global, let local): "store \(local) to \(global)"
        case .reduction(let reduction, let global): "store with \(reduction) in \(global)"
        case .matmul(let kind):
            "matmul \(kind.aFormat) by \(kind.bFormat), passes \(kind.passes), "
                + "scaling \(kind.scaling)"
        case .vector(let opcode, let format): "\(opcode) of \(format)"
        case .vectorInto(let opcode, let format): "\(opcode) into \(format)"
        case .rounding(let rule): "rounding \(rule)"
        case .nop(let engine): "nop on \(engine)"
        case .trap(let engine, let cause): "trap \(cause) on \(engine)"
        case .hazard(let hazard):
            "\(hazard.kind): \(hazard.first.map { "\($0)" } ?? "processor") before "
                + "\(hazard.second.map { "\($0)" } ?? "processor")"
        case .situation(let situation): situation.rawValue
        }
    }
}
