import ApusISA
import CApusMachine

/// Runs a launch in an order drawn from a seed: any order that queues and semaphores allow may
/// come.
///
/// A move is a slice of a control processor, or one command of an engine whose waits pass. All
/// cores move on the caller's thread.
struct SeededScheduler {
    private let cores: [Core]
    private var generator: SplitMix64
    private let observer: (any LaunchObserver)?

    /// Most instructions of one slice of a control processor.
    private static let sliceMax: UInt64 = 64

    init(cores: [Core], seed: UInt64, observer: (any LaunchObserver)?) {
        self.cores = cores
        self.observer = observer
        generator = SplitMix64(state: seed)
    }

    /// What a control processor can do.
    private enum ProcessorState {
        case runnable
        /// Stalled, and nothing of its core moved since.
        case stalled
        case stopped(ProcessorExit)
    }

    private enum Move {
        case processor(core: Int)
        case engine(core: Int, queue: UInt32)
    }

    /// Runs the launch; failures are left in the cores.
    mutating func run(entry: UInt32, arguments: UnsafeRawBufferPointer) {
        observer?.launchBegan(coreCount: cores.count, globalMemory: globalMemory)
        for core in cores {
            core.observer = observer
            core.begin(entry: entry, arguments: arguments)
        }
        var states = [ProcessorState](repeating: .runnable, count: cores.count)
        while let move = pickMove(states) {
            switch move {
            case .processor(let index): states[index] = runSlice(of: cores[index])
            case .engine(let index, let queue):
                step(cores[index], queue)
                if case .stalled = states[index] { states[index] = .runnable }
            }
            meet(&states)
        }
        for (core, state) in zip(cores, states) {
            core.observer = nil
            switch state {
            case .runnable, .stalled: core.failure = core.trap ?? core.finish(.stalled)
            case .stopped(let exit): core.failure = core.finish(exit)
            }
        }
        observer?.launchEnded(failure: cores.lazy.compactMap(\.failure).first)
    }

    /// Posts arrive at once, and the barrier opens when the last core comes.
    private func meet(_ states: inout [ProcessorState]) {
        for (index, core) in cores.enumerated() where apus_core_receive(core.state) {
            if case .stalled = states[index] { states[index] = .runnable }
        }
        guard Core.openBarrier(of: cores) else { return }
        observer?.barrierOpened()
        states = [ProcessorState](repeating: .runnable, count: cores.count)
    }

    private var globalMemory: Range<UInt64> {
        guard let state = cores.first?.state.pointee else { return 0..<0 }
        return state.global_base..<state.global_base + state.global_bytes
    }

    /// One of the possible moves, each as likely as any other; nil when there is none.
    private mutating func pickMove(_ states: [ProcessorState]) -> Move? {
        var picked: Move?
        var count: UInt64 = 0
        for (index, core) in cores.enumerated() where core.state.pointee.trap.cause == 0 {
            if case .runnable = states[index] {
                count += 1
                if generator.next(below: count) == 0 { picked = .processor(core: index) }
            }
            guard core.state.pointee.pending_queues != 0 else { continue }
            for engine in Engine.allCases {
                let queue = UInt32(engine.rawValue)
                guard apus_core_queue_is_ready(core.state, queue) else { continue }
                count += 1
                if generator.next(below: count) == 0 {
                    picked = .engine(core: index, queue: queue)
                }
            }
        }
        return picked
    }

    private mutating func runSlice(of core: Core) -> ProcessorState {
        let before = core.processor.steps
        let slice = 1 + generator.next(below: SeededScheduler.sliceMax)
        let exit = core.processor.run(steps: slice)
        core.state.pointee.counters.instructions += core.processor.steps - before
        switch exit {
        case .budget:
            return core.processor.steps < Core.instructionLimit ? .runnable : .stopped(exit)
        case .stalled: return .stalled
        case .stopped, .exception, .locked: return .stopped(exit)
        }
    }

    private func step(_ core: Core, _ queue: UInt32) {
        if let observer, let words = apus_core_queue_head(core.state, queue),
            let engine = Engine(rawValue: UInt8(queue))
        {
            let command = CommandWord(
                words: UnsafeRawPointer(words).loadUnaligned(as: SIMD8<UInt32>.self))
            observer.commandExecutes(
                core: core.index, engine: engine, command: command,
                footprint: CommandFootprint(of: command, in: CoreMemory(core.state)))
        }
        _ = apus_core_step_queue(core.state, queue)
    }
}

/// Sebastiano Vigna's splitmix64: a step of a Weyl sequence and a mix of its bits.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// A number below `bound`, which is at least 1; its bias is below 2⁻³² for the bounds used
    /// here.
    mutating func next(below bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }
}
