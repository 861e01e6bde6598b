import ApusISA
import ApusNumerics

/// Draws commands that are mostly legal on `nano`, with their descriptors.
package struct RandomCommand {
    package var operation: Command.Operation
    package var descriptor: [UInt32]

    /// What the descriptor's offset will be.
    package static let offset: UInt32 = 0x1000
    /// The global address of the memory that transfers reach.
    package static let arenaAddress: UInt64 = 1 << 32
    package static let scratchpadBytes = 64 << 10
    package static let accumulatorBytes = 16 << 10
    package static let globalBytes = 1 << 16

    /// A local address for elements between two offsets in bytes; now and then outside of memory.
    static func address(
        _ low: Int, _ high: Int, _ generator: inout SeededGenerator, accumulators: Bool = false
    ) -> UInt32 {
        let bytes = accumulators ? accumulatorBytes : scratchpadBytes
        let room = min(max(0, bytes - (high - low)), generator.roomMax)
        var address = -low + Int.random(in: 0...room, using: &generator)
        if generator.happens(oneIn: 30) { address = generator.pick([0, bytes - 3, bytes + 4]) }
        let base = accumulators ? Int(AddressMap.localAccumulators) : 0
        return UInt32(truncatingIfNeeded: base + address)
    }

    /// The element's size in the unit of strides, and bytes for each unit (0.5: half bytes).
    static func unit(_ format: ElementFormat) -> Int {
        format.bitWidth == 4 ? 1 : format.bitWidth / 8
    }

    /// Bytes that offsets in the unit of strides come to, rounded outward.
    static func byteSpan(_ layout: RandomLayout, _ format: ElementFormat) -> (low: Int, high: Int) {
        format.bitWidth == 4
            ? (layout.low >> 1, (layout.high >> 1) + 1)
            : (layout.low, layout.high + format.bitWidth / 8)
    }
}
