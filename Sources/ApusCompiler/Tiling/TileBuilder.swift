import ApusISA
import ApusKernels
import ApusNumerics

/// Collects the commands of a tile over pieces of local memory that have no addresses yet.
///
/// Pieces that a Load fills or a Store empties get slots of their own, with two buffers if asked
/// for, so that transfers overlap with computing; the others share slots by liveness.
struct TileBuilder {
    /// A piece of local memory.
    struct Piece {
        var bytes: Int
        var memory: Slot.Memory
        var isLoaded = false
        var isStored = false
        var isPinned = false
    }

    /// A command whose places name pieces.
    struct Entry {
        var phase: TilePhase
        var command: TileCommand
    }

    /// The iteration space.
    var domain: [DomainAxis]
    /// Tile counts, innermost last.
    var grid: [Int]
    var chunks = 1
    private(set) var pieces: [Piece] = []
    private(set) var entries: [Entry] = []
    /// When commands that do not say so run.
    var phase = TilePhase.afterChunks

    init(domain: [DomainAxis], grid: [Int]) {
        self.domain = domain
        self.grid = grid.isEmpty ? [1] : grid
    }

    /// Elements of one tile.
    var tileElements: Int { domain.reduce(1) { $0 * $1.tile } }

    mutating func makePiece(
        bytes: Int, memory: Slot.Memory = .scratchpad, isPinned: Bool = false
    ) -> Int {
        pieces.append(Piece(bytes: bytes, memory: memory, isPinned: isPinned))
        return pieces.count - 1
    }

    /// Fresh local memory for a value that varies along the axes marked in `varies`, dense.
    mutating func makeValue(
        format: ElementFormat, varies: [Bool], memory: Slot.Memory = .scratchpad,
        isPinned: Bool = false
    ) -> TileValue {
        var strides = [Int](repeating: 0, count: domain.count)
        var stride = format.bitWidth / 8
        for index in domain.indices.reversed() where varies[index] && domain[index].tile > 1 {
            strides[index] = stride
            stride *= domain[index].tile
        }
        let piece = makePiece(bytes: stride, memory: memory, isPinned: isPinned)
        return TileValue(piece: piece, offset: 0, format: format, strides: strides)
    }

    /// Adds a command as it is; places name pieces.
    mutating func append(_ command: TileCommand, phase: TilePhase? = nil) {
        entries.append(Entry(phase: phase ?? self.phase, command: command))
    }

    mutating func markLoaded(_ piece: Int) { pieces[piece].isLoaded = true }
    mutating func markStored(_ piece: Int) { pieces[piece].isStored = true }
}

extension TileBuilder {
    /// The coordinate of an axis' first element in each tile.
    func coordinate(of axis: Int, low: Int = 0) -> Affine {
        guard let dimension = domain[axis].grid else { return Affine(-low) }
        var perGrid = [Int](repeating: 0, count: grid.count)
        perGrid[dimension] = domain[axis].tile
        return Affine(-low, perGrid: perGrid)
    }

    /// Loads a view whose axes are the domain's; axes of stride zero are not repeated locally
    /// unless
    /// `materialised` says so.
    mutating func load(
        _ view: View, format: ElementFormat, materialised: Set<Int> = []
    ) throws(TilingError) -> TileValue {
        let varies = view.axes.enumerated().map { index, axis in
            axis.extent != 1 && (axis.stride != 0 || axis.isPadded || materialised.contains(index))
        }
        let value = makeValue(format: format, varies: varies)
        var axes: [MoveAxis] = []
        for (index, axis) in view.axes.enumerated()
        where varies[index] || axis.isPadded || axis.stride == 0 && axis.bound == 0 {
            axes.append(
                MoveAxis(
                    globalStride: axis.stride, bound: axis.bound,
                    box: varies[index] ? domain[index].tile : 1,
                    localStride: value.strides[index],
                    coordinate: coordinate(of: index, low: axis.low)))
        }
        try load(
            piece: value.piece, axes: axes, view: view, localFormat: format, phase: .beforeChunks)
        return value
    }

    /// Stores a value into a view whose axes are the domain's.
    ///
    /// - Parameter boxes: extents of the value along axes where they are not the tile's.
    mutating func store(
        _ value: TileValue, to view: View, boxes: [Int: Int] = [:]
    ) throws(TilingError) {
        var axes: [MoveAxis] = []
        for (index, axis) in view.axes.enumerated() where axis.extent != 1 {
            axes.append(
                MoveAxis(
                    globalStride: axis.stride, bound: axis.bound,
                    box: boxes[index] ?? domain[index].tile,
                    localStride: value.strides[index],
                    coordinate: coordinate(of: index, low: axis.low)))
        }
        pieces[value.piece].isStored = true
        let move = try move(
            piece: value.piece, offset: value.offset, axes: axes, base: view,
            globalFormat: view.format, localFormat: value.format, fill: 0)
        append(.store(move), phase: .afterChunks)
    }

    /// Adds a Load of explicit axes, outermost first.
    mutating func load(
        piece: Int, offset: Int = 0, axes: [MoveAxis], view: View, localFormat: ElementFormat,
        phase: TilePhase, fill: UInt32? = nil, table: Place? = nil
    ) throws(TilingError) {
        pieces[piece].isLoaded = true
        let move = try move(
            piece: piece, offset: offset, axes: axes, base: view, globalFormat: view.format,
            localFormat: localFormat, fill: fill ?? view.fillBits(in: localFormat), table: table)
        append(.load(move), phase: phase)
    }

    private func move(
        piece: Int, offset: Int, axes: [MoveAxis], base: View, globalFormat: ElementFormat,
        localFormat: ElementFormat, fill: UInt32, table: Place? = nil
    ) throws(TilingError) -> Move {
        let lanes = try MoveAxis.lanes(axes)
        let transfer = TransferDescriptor(
            base: VirtualAddress(base.buffer, offset: base.offset).bits,
            globalFormat: globalFormat, localFormat: localFormat,
            gatherDimension: lanes.firstIndex(where: \.isGathered),
            reduction: .none, fill: fill,
            tensorExtents: Rank5(lanes.map(\.bound), fill: 1),
            boxExtents: Rank5(lanes.map(\.box), fill: 1),
            globalStrides: Rank5(lanes.map(\.globalStride), fill: 0),
            localStrides: Rank5(lanes.map(\.localStride), fill: 0), indexTable: 0)
        return Move(
            Place(piece, offset: offset), transfer: transfer,
            coordinates: lanes.map(\.coordinate), table: table)
    }
}

extension MoveAxis {
    /// Axes as the lanes of a transfer, innermost first: neighbours in memory become one.
    static func lanes(_ axes: [MoveAxis]) throws(TilingError) -> [MoveAxis] {
        var lanes: [MoveAxis] = []
        for axis in axes.reversed() {
            if axis.isWhole && axis.box == 1 && !axis.isGathered { continue }
            if let inner = lanes.last, inner.isWhole, !inner.isGathered, !axis.isGathered,
                axis.globalStride == inner.globalStride * inner.bound,
                axis.localStride == inner.localStride * inner.bound
            {
                let scale = inner.bound
                lanes[lanes.count - 1] = MoveAxis(
                    globalStride: inner.globalStride, bound: axis.bound * scale,
                    box: axis.box * scale, localStride: inner.localStride,
                    coordinate: Affine(
                        axis.coordinate.base * scale,
                        perGrid: axis.coordinate.perGrid.map { $0 * scale },
                        perChunk: axis.coordinate.perChunk * scale))
            } else {
                lanes.append(axis)
            }
        }
        guard lanes.count <= Rank5.count else { throw .dimensions(lanes.count) }
        // Coordinates 3 and 4 have 16 bits: the axes that reach furthest go first.
        if lanes.count > 3, lanes[3...].contains(where: { $0.reach > 32_767 }) {
            let order = lanes.indices.sorted { lanes[$0].reach > lanes[$1].reach }
            let far = Set(order.prefix(3))
            let reordered =
                lanes.indices.filter { far.contains($0) }
                + lanes.indices.filter { !far.contains($0) }
            lanes = reordered.map { lanes[$0] }
            guard lanes[3...].allSatisfy({ $0.reach <= 32_767 }) else {
                throw .fieldRange(lanes[3].reach)
            }
        }
        for lane in lanes {
            for field in [lane.globalStride, lane.localStride, lane.bound, lane.box, lane.reach]
            where Int32(exactly: field) == nil { throw .fieldRange(field) }
        }
        return lanes
    }

    /// A bound on coordinates, in magnitude.
    private var reach: Int { bound + box + abs(coordinate.base) }
}
