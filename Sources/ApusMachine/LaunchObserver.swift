import ApusISA

/// Follows a checked launch, event by event, in the order in which the events happen.
///
/// The checker is one. Every call comes from the thread that launches.
public protocol LaunchObserver: AnyObject {
    /// All semaphores are zero and all queues empty. `globalMemory` is what transfers may reach
    /// beside the cores' scratchpads.
    func launchBegan(coreCount: Int, globalMemory: Range<UInt64>)

    /// A control processor read or wrote `bytes` bytes of its core's scratchpad.
    func processorAccessed(core: Int, address: UInt32, bytes: UInt32, isStore: Bool)
    /// A control processor stored the last word of a command, which now waits in its queue.
    func commandEnqueued(core: Int, engine: Engine, command: CommandWord)
    /// A control processor's WAIT passed, or it read a semaphore's register (`value` is nil).
    func processorWaited(core: Int, semaphore: Int, value: UInt16?)
    /// A control processor posted.
    func processorPosted(core: Int, semaphore: Int, count: UInt16)

    /// A control processor posted to a semaphore of another core, or of its own by that way.
    func processorPostedRemotely(core: Int, target: Int, semaphore: Int, count: UInt16)
    /// All control processors stand at the barrier, and pass it.
    func barrierOpened()

    /// The waits of the command at the head of a queue passed: it executes now, then posts.
    /// `footprint` says which bytes it will read and write.
    func commandExecutes(
        core: Int, engine: Engine, command: CommandWord, footprint: CommandFootprint)

    /// The launch ended; `failure` is that of the core with the lowest index.
    func launchEnded(failure: MachineError?)
}
