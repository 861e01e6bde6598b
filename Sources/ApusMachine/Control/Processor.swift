/// A hart of the control processor: the fast one or the oracle.
public protocol Processor: AnyObject {
    init(
        options: ProcessorOptions, regions: [MemoryRegion], context: UnsafeMutableRawPointer?,
        access: AccessFunction?)

    /// Sets all registers and counters to zero and the program counter to `pc`.
    func reset(pc: UInt32)
    /// Says that the host wrote instructions.
    func codeChanged(at address: UInt32, bytes: UInt32)
    /// Makes the callback hear of stores to an aligned word of executable memory, once they are
    /// performed, and the word not executable. False if it is not such a word.
    func watch(_ address: UInt32) -> Bool
    /// Makes at most `steps` steps: instructions that retired or ended in an exception.
    func run(steps: UInt64) -> ProcessorExit

    /// The address of the next instruction, or of the one that stalled or failed.
    var pc: UInt32 { get set }
    /// Instructions attempted since reset; a stalled one counts once, when it completes.
    var steps: UInt64 { get }
    /// Register `index`, 0 to 31; writes to register 0 vanish.
    subscript(register index: Int) -> UInt32 { get set }
    /// A control register as the next instruction would read it; nil if there is none.
    func controlRegister(_ number: UInt32) -> UInt32?
    /// Raises or lowers the external interrupt.
    func setExternalInterrupt(_ isPending: Bool)
}

extension ControlProcessor: Processor {}
