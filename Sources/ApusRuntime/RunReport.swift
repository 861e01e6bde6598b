import ApusISA
import ApusMachine

/// What a run did, all cores together.
public struct RunReport: Hashable, Sendable {
    /// Kernels run on the chip.
    public var launches = 0
    /// Steps performed by the host.
    public var hostSteps = 0
    /// Commands that the engines carried out.
    public var commands = 0
    /// Bytes that Loads read from and Stores wrote to global memory.
    public var bytesLoaded = 0
    public var bytesStored = 0
    /// Multiply-adds of the Matrix engines.
    public var multiplyAdds = 0
    /// Elements that Vector commands covered.
    public var vectorElements = 0
    /// Instructions of the control processors.
    public var controlInstructions = 0
    /// Cycles of the launches, one after the other; 0 where they are not simulated.
    public var cycles = 0
    /// Commands by mnemonic; those that did not occur are left out.
    public var commandsByMnemonic: [String: Int] = [:]

    /// Nothing done.
    public init() {}

    init(_ counters: Counters, hostSteps: Int) {
        launches = Int(counters.launches)
        self.hostSteps = hostSteps
        commands = Int(counters.commands.wrappedSum())
        bytesLoaded = Int(counters.bytesLoaded)
        bytesStored = Int(counters.bytesStored)
        multiplyAdds = Int(counters.multiplyAdds)
        vectorElements = Int(counters.vectorElements)
        controlInstructions = Int(counters.instructions)
        for (opcode, count) in counters.opcodes.enumerated() where count > 0 {
            commandsByMnemonic[RunReport.mnemonic(UInt8(opcode))] = Int(count)
        }
    }

    private static func mnemonic(_ opcode: UInt8) -> String {
        switch opcode {
        case Opcode.nop: "nop"
        case Opcode.load: "load"
        case Opcode.store: "store"
        case Opcode.matmul: "matmul"
        default: VectorOpcode(rawValue: opcode).map { "\($0)" } ?? "opcode \(opcode)"
        }
    }
}
