import ApusISA
import CApusMachine

/// Naming what waits, when nothing can move.
extension Core {
    /// The deadlock as it stands: every queue head and the control processor.
    func deadlock(_ exit: ProcessorExit) -> MachineError {
        var waiters = Engine.allCases.flatMap { unmetWaits(of: $0) }
        if exit == .stalled { waiters += processorWaits() }
        return .deadlock(core: index, waiters: waiters)
    }

    private func unmetWaits(of engine: Engine) -> [Waiter] {
        guard let words = apus_core_queue_head(state, UInt32(engine.rawValue)) else { return [] }
        let word0 = words[0]
        let word1 = words[1]
        let waits = [(word0 >> 8 & 31, word1 & 0xFFFF), (word0 >> 13 & 31, word1 >> 16)]
        return waits.compactMap { semaphore, value in
            unmet(semaphore, value).map { Waiter(agent: .engine(engine), reason: $0) }
        }
    }

    private func processorWaits() -> [Waiter] {
        if state.pointee.is_at_barrier { return [Waiter(agent: .processor, reason: .barrier)] }
        let wait = state.pointee.stalled_wait
        if wait != 0 {
            return unmet(wait >> 16, wait & 0xFFFF).map { [Waiter(agent: .processor, reason: $0)] }
                ?? []
        }
        let full = Engine.allCases.filter {
            queueCount($0) == state.pointee.queue_depth
        }
        return full.map { Waiter(agent: .processor, reason: .fullQueue($0)) }
    }

    private func unmet(_ semaphore: UInt32, _ value: UInt32) -> Waiter.Reason? {
        if apus_core_wait_passes(state, semaphore, value) { return nil }
        return .semaphore(
            index: Int(semaphore), awaited: UInt16(value), present: self.semaphore(Int(semaphore)))
    }

    /// The value of a semaphore, 0 to 31.
    func semaphore(_ index: Int) -> UInt16 {
        withUnsafeBytes(of: &state.pointee.semaphores) {
            $0.load(fromByteOffset: 2 * index, as: UInt16.self)
        }
    }

    private func queueCount(_ engine: Engine) -> UInt32 {
        let queues = state.pointee.queues
        switch engine {
        case .load: return queues.0.count
        case .store: return queues.1.count
        case .matrix: return queues.2.count
        case .vector: return queues.3.count
        }
    }
}
