import ApusISA
import ApusNumerics
import CApusMachine

/// What a launch took, in cycles of the chip's clock.
public struct LaunchTiming: Hashable, Sendable {
    /// When it began and ended, from the machine's beginning.
    public var begin: UInt64
    public var end: UInt64
    public var cores: [CoreTiming]
    public var activity: ClockedActivity

    public var cycles: UInt64 { end - begin }

    init(_ result: apus_clock_result, of clock: OpaquePointer, cores count: Int) {
        begin = result.begin
        end = result.end
        cores = (0..<count).map { CoreTiming(apus_clock_core_at(clock, UInt32($0)).pointee) }
        activity = ClockedActivity(apus_clock_activity_of(clock).pointee)
    }
}

/// Where the time of a core went.
public struct CoreTiming: Hashable, Sendable {
    /// Instructions of its control processor, and the cycles that they took by themselves.
    public var instructions: UInt64
    public var processorBusy: UInt64
    /// Cycles in which the control processor waited for a semaphore (by its number), for room in an
    /// engine's queue, and for other cores.
    public var processorWaiting: [UInt64]
    public var processorWaitingForQueue: [UInt64]
    public var processorWaitingAtBarrier: UInt64
    /// By ``Engine``.
    public var engines: [EngineTiming]

    init(_ core: apus_clock_core) {
        instructions = core.instructions
        processorBusy = core.processor_busy
        processorWaiting = elements(core.waiting)
        processorWaitingForQueue = elements(core.waiting_queue)
        processorWaitingAtBarrier = core.waiting_barrier
        let (load, store, matrix, vector) = core.engines
        engines = [load, store, matrix, vector].map(EngineTiming.init)
    }

    /// Of one engine.
    public subscript(engine: Engine) -> EngineTiming { engines[Int(engine.rawValue)] }
}

/// Where the time of an engine went.
public struct EngineTiming: Hashable, Sendable {
    public var commands: UInt64
    /// From the beginning to the end of its commands, what they were stalled included.
    public var busy: UInt64
    /// Cycles in which descriptors came from argument memory.
    public var fetching: UInt64
    /// Cycles by which others delayed it: in the banks of local memory, in global memory, on the
    /// mesh.
    public var stalledLocal: UInt64
    public var stalledMemory: UInt64
    public var stalledMesh: UInt64
    /// Cycles in which a command stood at the head and waited, by the semaphore it waited for last.
    public var waiting: [UInt64]

    init(_ engine: apus_clock_engine) {
        commands = engine.commands
        busy = engine.busy
        fetching = engine.fetching
        stalledLocal = engine.stalled_local
        stalledMemory = engine.stalled_memory
        stalledMesh = engine.stalled_mesh
        waiting = elements(engine.waiting)
    }
}

/// What a launch did, all cores together: what energy is counted by.
public struct ClockedActivity: Hashable, Sendable {
    /// Multiply-adds of the Matrix engines of one kind; a pass of FP32 operands counts by itself.
    public struct MultiplyAdds: Hashable, Sendable {
        /// 1, 3 or 6.
        public var passes: Int
        public var aFormat: ElementFormat
        public var bFormat: ElementFormat
        public var count: UInt64
    }

    /// Bytes of global memory, and of other cores' scratchpads.
    public var globalBytesRead: UInt64 = 0
    public var globalBytesWritten: UInt64 = 0
    public var remoteBytesRead: UInt64 = 0
    public var remoteBytesWritten: UInt64 = 0
    /// Bytes of local memories.
    public var scratchpadBytesRead: UInt64 = 0
    public var scratchpadBytesWritten: UInt64 = 0
    public var accumulatorBytesRead: UInt64 = 0
    public var accumulatorBytesWritten: UInt64 = 0
    /// Bytes times the links they passed.
    public var meshByteHops: UInt64 = 0
    /// Those that are not zero.
    public var multiplyAdds: [MultiplyAdds] = []
    /// Elements of B that Matrix engines dequantised, and sums of groups that they scaled.
    public var dequantised: UInt64 = 0
    public var folded: UInt64 = 0
    /// Steps of Vector lanes: multiply-adds, bits and integers, elements of other lanes, divisions.
    public var laneMultiplyAdds: UInt64 = 0
    public var laneBitSteps: UInt64 = 0
    public var laneShares: UInt64 = 0
    public var laneDivisions: UInt64 = 0
    /// Elements that changed their format, in transfers and in the Vector engines.
    public var conversions: UInt64 = 0
    /// Of the control processors, and of the queues.
    public var instructions: UInt64 = 0
    public var commands: UInt64 = 0
    /// 32-bit words that dispatchers read.
    public var descriptorWords: UInt64 = 0
    /// Of global memory's channels.
    public var rowActivations: UInt64 = 0
    public var refreshes: UInt64 = 0

    /// Nothing done.
    public init() {}

    /// Adds what `other` did.
    public static func += (sum: inout ClockedActivity, other: ClockedActivity) {
        for path in counts { sum[keyPath: path] += other[keyPath: path] }
        for kind in other.multiplyAdds {
            let place = sum.multiplyAdds.firstIndex {
                ($0.passes, $0.aFormat, $0.bFormat) == (kind.passes, kind.aFormat, kind.bFormat)
            }
            if let place {
                sum.multiplyAdds[place].count += kind.count
            } else {
                sum.multiplyAdds.append(kind)
            }
        }
    }

    private static let counts: [WritableKeyPath<ClockedActivity, UInt64> & Sendable] = [
        \.globalBytesRead, \.globalBytesWritten, \.remoteBytesRead, \.remoteBytesWritten,
        \.scratchpadBytesRead, \.scratchpadBytesWritten, \.accumulatorBytesRead,
        \.accumulatorBytesWritten, \.meshByteHops, \.dequantised, \.folded, \.laneMultiplyAdds,
        \.laneBitSteps, \.laneShares, \.laneDivisions, \.conversions, \.instructions, \.commands,
        \.descriptorWords, \.rowActivations, \.refreshes,
    ]

    init(_ activity: apus_clock_activity) {
        globalBytesRead = activity.global_read
        globalBytesWritten = activity.global_written
        remoteBytesRead = activity.remote_read
        remoteBytesWritten = activity.remote_written
        scratchpadBytesRead = activity.scratchpad_read
        scratchpadBytesWritten = activity.scratchpad_written
        accumulatorBytesRead = activity.accumulator_read
        accumulatorBytesWritten = activity.accumulator_written
        meshByteHops = activity.mesh_byte_hops
        dequantised = activity.dequantised
        folded = activity.folded
        (laneMultiplyAdds, laneBitSteps, laneShares, laneDivisions) = activity.lane_steps
        conversions = activity.conversions
        instructions = activity.instructions
        commands = activity.commands
        descriptorWords = activity.descriptor_words
        rowActivations = activity.row_activations
        refreshes = activity.refreshes
        let formats = Int(APUS_CLOCK_FORMATS)
        for (index, count) in elements(activity.multiply_adds).enumerated() where count > 0 {
            guard let a = ElementFormat(rawValue: UInt8(index / formats % formats)),
                let b = ElementFormat(rawValue: UInt8(index % formats))
            else { continue }
            let passes = [1, 3, 6][index / (formats * formats)]
            multiplyAdds.append(.init(passes: passes, aFormat: a, bFormat: b, count: count))
        }
    }
}

/// One command, when it was done; cycles from the machine's beginning.
public struct ClockedCommand: Hashable, Sendable {
    public var core: Int
    public var engine: Engine
    /// Counts the commands of the engine in the launch.
    public var index: Int
    public var opcode: UInt8
    /// The semaphore that it waited for last, and the one that it posted; 0 for none.
    public var waitedSemaphore: Int
    public var postedSemaphore: Int
    /// When it stood at the head, when its waits had passed, when its engine began, when it was
    /// done.
    public var ready: UInt64
    public var dispatched: UInt64
    public var began: UInt64
    public var ended: UInt64

    init(_ event: apus_clock_event) {
        core = Int(event.core)
        engine = Engine(rawValue: UInt8(truncatingIfNeeded: event.engine)) ?? .load
        index = Int(event.index)
        opcode = event.opcode
        waitedSemaphore = Int(event.waited_semaphore)
        postedSemaphore = Int(event.posted_semaphore)
        (ready, dispatched, began, ended) =
            (event.ready, event.dispatched, event.began, event.ended)
    }
}

/// The elements of a C array of counts.
private func elements<Array>(_ array: Array) -> [UInt64] {
    withUnsafeBytes(of: array) { [UInt64]($0.bindMemory(to: UInt64.self)) }
}
