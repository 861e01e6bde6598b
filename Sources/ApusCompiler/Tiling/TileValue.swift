import ApusKernels
import ApusNumerics

/// One axis of the space that a launch iterates over, cut into tiles.
struct DomainAxis: Hashable, Sendable {
    /// Elements in all.
    var extent: Int
    /// Elements of one tile; the last tile may reach past the extent.
    var tile: Int
    /// The grid dimension that counts this axis' tiles, if there is more than one.
    var grid: Int?

    var tileCount: Int { (extent + tile - 1) / max(tile, 1) }
}

/// A value held in local memory for one tile.
struct TileValue: Hashable, Sendable {
    /// Which piece of local memory; see ``TileBuilder``.
    var piece: Int
    /// Bytes from the piece's start to the element at indices zero.
    var offset: Int
    var format: ElementFormat
    /// Bytes from one index of each domain axis to the next; zero where the value does not vary.
    var strides: [Int]
}

/// What a Vector command reads.
enum TileOperand: Hashable, Sendable {
    case value(TileValue)
    /// FP32 bits or INT32.
    case immediate(UInt32)
    case none

    static func float(_ value: Float) -> TileOperand { .immediate(value.bitPattern) }
    static func integer(_ value: Int) -> TileOperand {
        .immediate(UInt32(truncatingIfNeeded: value))
    }

    var value: TileValue? {
        if case .value(let value) = self { return value }
        return nil
    }
}

/// One dimension of a Load or Store before it becomes a lane of a transfer descriptor.
struct MoveAxis: Equatable, Sendable {
    /// Bytes between stored elements.
    var globalStride: Int
    /// Stored elements.
    var bound: Int
    /// Elements moved at a time.
    var box: Int
    /// Bytes between elements in local memory.
    var localStride: Int
    /// The stored index of the box's first element, by tile and chunk.
    var coordinate: Affine
    /// Whether coordinates are looked up in the transfer's table.
    var isGathered: Bool

    init(
        globalStride: Int, bound: Int, box: Int, localStride: Int, coordinate: Affine = .zero,
        isGathered: Bool = false
    ) {
        self.globalStride = globalStride
        self.bound = bound
        self.box = box
        self.localStride = localStride
        self.coordinate = coordinate
        self.isGathered = isGathered
    }

    /// Whether the box is always the whole axis.
    var isWhole: Bool {
        box == bound && coordinate.base == 0 && coordinate.perChunk == 0
            && coordinate.perGrid.allSatisfy { $0 == 0 }
    }
}

/// When in a tile a command runs.
enum TilePhase: Int, CaseIterable, Sendable {
    case beforeChunks, eachChunk, afterChunks
}

/// Why one way of tiling a launch is not possible.
enum TilingError: Error, Equatable, Sendable {
    /// A transfer or a Vector command would need this many dimensions.
    case dimensions(Int)
    /// Local memory of this kind is too small.
    case scratchpad(needed: Int, available: Int)
    case accumulators(needed: Int, available: Int)
    case arguments(needed: Int, available: Int)
    /// A stride, extent or coordinate does not fit its field.
    case fieldRange(Int)
    /// A construction that has no commands, in a few words.
    case unsupported(String)
}
