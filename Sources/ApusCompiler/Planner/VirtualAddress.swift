/// A place in a buffer that has no address yet, packed in the 64 bits of a transfer's base.
struct VirtualAddress: Hashable, Sendable {
    var buffer: BufferID
    var offset: Int

    /// Offsets stay below 2^44, buffers below 2^20.
    private static let offsetBits = 44

    init(_ buffer: BufferID, offset: Int) {
        self.buffer = buffer
        self.offset = offset
    }

    init(bits: UInt64) {
        buffer = BufferID(index: Int(bits >> UInt64(Self.offsetBits)))
        offset = Int(bits & (1 << UInt64(Self.offsetBits) - 1))
    }

    var bits: UInt64 { UInt64(buffer.index) << UInt64(Self.offsetBits) | UInt64(offset) }
}
