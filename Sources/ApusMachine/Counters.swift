import ApusISA
import CApusMachine

/// What cores did in one or more launches.
public struct Counters: Hashable, Sendable {
    public var launches: UInt64 = 0
    /// Commands by engine, in the order of ``Engine``.
    public var commands = SIMD4<UInt64>.zero
    /// Commands by opcode, 256 of them.
    public var opcodes = [UInt64](repeating: 0, count: 256)
    /// Bytes that Loads read from and Stores wrote to global memory.
    public var bytesLoaded: UInt64 = 0
    public var bytesStored: UInt64 = 0
    /// Multiply-adds of the Matrix engines; a pass of FP32 operands does not count by itself.
    public var multiplyAdds: UInt64 = 0
    /// Elements that Vector commands covered.
    public var vectorElements: UInt64 = 0
    /// Instructions of the control processors.
    public var instructions: UInt64 = 0

    /// Nothing done.
    public init() {}

    /// Commands of one engine.
    public subscript(engine: Engine) -> UInt64 { commands[Int(engine.rawValue)] }

    /// Adds what `other` counted.
    public static func += (sum: inout Counters, other: Counters) {
        sum.launches += other.launches
        sum.commands &+= other.commands
        for opcode in 0..<256 { sum.opcodes[opcode] += other.opcodes[opcode] }
        sum.bytesLoaded += other.bytesLoaded
        sum.bytesStored += other.bytesStored
        sum.multiplyAdds += other.multiplyAdds
        sum.vectorElements += other.vectorElements
        sum.instructions += other.instructions
    }

    /// Adds what one core counted.
    mutating func add(_ core: UnsafePointer<apus_core>) {
        let counted = core.pointee.counters
        let (load, store, matrix, vector) = counted.commands
        commands &+= SIMD4(load, store, matrix, vector)
        withUnsafeBytes(of: counted.opcodes) { bytes in
            let counts = bytes.bindMemory(to: UInt64.self)
            for opcode in 0..<256 { opcodes[opcode] += counts[opcode] }
        }
        bytesLoaded += counted.bytes_loaded
        bytesStored += counted.bytes_stored
        multiplyAdds += counted.multiply_adds
        vectorElements += counted.vector_elements
        instructions += counted.instructions
    }
}
