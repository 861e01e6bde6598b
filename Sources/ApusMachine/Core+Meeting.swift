import CApusMachine

/// What one core does to another: posts, and the barrier. Between their meetings cores run alone,
/// so that a launch whose cores leave each other in peace costs nothing more.
extension Core {
    /// Lets posts arrive and opens the barrier if all cores stand at it; whether any core may move
    /// again.
    static func meet(_ cores: [Core]) -> Bool {
        var anyMoves = false
        for core in cores where apus_core_receive(core.state) {
            core.hasNews = true
            anyMoves = true
        }
        if openBarrier(of: cores) {
            for core in cores { core.hasNews = true }
            anyMoves = true
        }
        return anyMoves
    }

    /// Lets all cores pass the barrier if all stand at it.
    static func openBarrier(of cores: [Core]) -> Bool {
        let allStand = cores.allSatisfy {
            $0.state.pointee.is_at_barrier && $0.state.pointee.trap.cause == 0
        }
        guard allStand else { return false }
        for core in cores {
            core.state.pointee.is_at_barrier = false
            core.state.pointee.passes_barrier = true
        }
        return true
    }

    /// Goes on after a meeting, if it brought this core anything.
    func resumeEagerly() {
        guard hasNews else { return }
        hasNews = false
        guard case .deadlock = failure else { return }
        if apus_core_progress(state) != APUS_TRAP_NONE {
            failure = trap
        } else if exit == .stalled {
            runEagerly()
        } else {
            failure = finish(exit)
        }
    }
}
