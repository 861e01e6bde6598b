import ApusISA
import ApusMachine

/// A program in a device's memory.
///
/// It is a class because it owns that memory. Use it from one thread at a time, and not while the
/// device runs it.
public final class LoadedProgram: Sendable {
    /// The program without its initial bytes, which are in ``memory`` now.
    public let program: Program
    /// The arena.
    public let memory: GlobalMemory
    /// The argument blocks of the program's steps with absolute addresses; empty for host steps.
    package let arguments: [[UInt8]]
    private let reservation: MemoryReservation

    /// The global address of every arena: a launch sees one arena alone.
    public static let arenaAddress: UInt64 = 1 << 32

    init(_ given: consuming Program, reservation: MemoryReservation) throws(RuntimeError) {
        var program = given
        guard
            let memory = GlobalMemory(
                address: LoadedProgram.arenaAddress, count: program.arenaBytes)
        else { throw .machine(.hostResources, launch: "") }
        while let region = program.initialised.popLast() {
            let place = UnsafeMutableRawBufferPointer(
                rebasing: memory.bytes[region.offset..<region.offset + region.bytes.count])
            place.copyBytes(from: region.bytes)
        }
        arguments = program.steps.map { step in
            guard case .launch(let launch) = step else { return [] }
            return LoadedProgram.relocated(launch, by: memory.address)
        }
        self.program = program
        self.memory = memory
        self.reservation = reservation
    }

    /// The argument block with the arena's address added at its relocations.
    static func relocated(_ launch: Launch, by address: UInt64) -> [UInt8] {
        var arguments = launch.arguments
        arguments.withUnsafeMutableBytes { bytes in
            for offset in launch.relocations {
                let place = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let moved = (UInt64(littleEndian: place) &+ address).littleEndian
                bytes.storeBytes(of: moved, toByteOffset: offset, as: UInt64.self)
            }
        }
        return arguments
    }

    /// Copies `bytes` to a port's place in the arena.
    ///
    /// - Throws: ``RuntimeError/portBytes(port:expected:actual:)``; ``RuntimeError/program(_:)`` if
    ///   the port lies outside of the arena.
    public func write(_ bytes: UnsafeRawBufferPointer, to port: Port) throws(RuntimeError) {
        try place(of: port, bytes.count).copyMemory(from: bytes)
    }

    /// Copies a port's bytes out of the arena.
    ///
    /// - Throws: as ``write(_:to:)``.
    public func read(
        _ port: Port, into bytes: UnsafeMutableRawBufferPointer
    ) throws(RuntimeError) {
        bytes.copyMemory(from: UnsafeRawBufferPointer(try place(of: port, bytes.count)))
    }

    /// A port's bytes.
    public func read(_ port: Port) throws(RuntimeError) -> [UInt8] {
        [UInt8](try place(of: port, port.bytes))
    }

    private func place(
        of port: Port, _ count: Int
    ) throws(RuntimeError) -> UnsafeMutableRawBufferPointer {
        guard count == port.bytes else {
            throw .portBytes(port: port.name, expected: port.bytes, actual: count)
        }
        guard port.offset >= 0, count >= 0, port.offset <= memory.bytes.count - count else {
            throw .program(.port(port.name, offset: port.offset, bytes: count))
        }
        return UnsafeMutableRawBufferPointer(
            rebasing: memory.bytes[port.offset..<port.offset + count])
    }
}
