/// An integer that depends on the tile and the chunk: `base + Σ perGrid[d] · tile[d] + perChunk ·
/// chunk`.
public struct Affine: Sendable, Equatable {
    /// The value in the first chunk of the first tile.
    public var base: Int
    /// What each grid dimension adds per step; missing entries are zero.
    public var perGrid: [Int]
    /// What each chunk adds.
    public var perChunk: Int

    /// Makes an affine function of the tile index and the chunk.
    public init(_ base: Int = 0, perGrid: [Int] = [], perChunk: Int = 0) {
        self.base = base
        self.perGrid = perGrid
        self.perChunk = perChunk
    }

    /// Zero in every tile.
    public static let zero = Affine()
}

/// A byte offset in the current buffer of a slot.
public struct Place: Sendable, Equatable {
    /// Index into ``TileProgram/slots``.
    public var slot: Int
    /// Bytes from the buffer's start.
    public var offset: Int

    /// Makes a place.
    public init(_ slot: Int, offset: Int = 0) {
        self.slot = slot
        self.offset = offset
    }
}

/// What a Vector command reads: a place, or a value in the command itself.
public enum Operand: Sendable, Equatable {
    /// The operation takes no such operand.
    case none
    /// Elements in a slot.
    case place(Place)
    /// FP32 bits or an INT32, as the operation computes.
    case immediate(UInt32)
    /// An INT32 that depends on the tile and the chunk, such as the first index of an `iota`.
    case affine(Affine)

    /// Elements in a slot, `offset` bytes from the start of its current buffer.
    public static func slot(_ index: Int, offset: Int = 0) -> Operand {
        .place(Place(index, offset: offset))
    }
    /// The FP32 constant `value`.
    public static func float(_ value: Float) -> Operand { .immediate(value.bitPattern) }
    /// The INT32 constant `value`.
    public static func integer(_ value: Int32) -> Operand { .immediate(UInt32(bitPattern: value)) }
}
