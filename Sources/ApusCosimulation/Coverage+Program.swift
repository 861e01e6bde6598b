import ApusISA

extension ProgramSchedule {
    /// The index, among the draft's steps, of the first command that traps.
    package var firstTrappingStep: Int? { trappingSteps.first }
}

extension CosimulationBench {
    /// Everything that programs should do.
    func coverageItems() -> [CoverageItem] { Coverage.all(of: planner, plannerArena) }
}

extension Coverage {
    /// Adds what a program did on both machines alike.
    package mutating func add(
        _ schedule: ProgramSchedule, _ draft: ProgramDraft, _ ending: LaunchEnding
    ) {
        if case .trap(let engine, let cause, _) = ending { add(.trap(engine, cause)) }
        if ending == .deadlock { add(.situation(.deadlock)) }
        if case .exception = ending { add(.situation(.processorFault)) }
        guard case .done = ending else { return }
        for (word, engine, descriptor) in schedule.carriedOut {
            if word.opcode == Opcode.nop {
                add(.nop(engine))
            } else {
                add(word, descriptor: descriptor)
            }
        }
        for hazard in schedule.hazards where hazard.first != hazard.second {
            add(.hazard(hazard))
        }
        if schedule.longestRun > queueDepth { add(.situation(.fullQueue)) }
        if draft.firstValue > 0x8000 { add(.situation(.semaphoresWrap)) }
        for step in draft.steps {
            if case .store = step { add(.situation(.processorStore)) }
            if case .console = step { add(.situation(.console)) }
        }
        if schedule.stream.stores.contains(where: { $0.register == AddressMap.Register.wait }) {
            add(.situation(.processorWait))
        }
    }
}
