import ApusISA
import ApusKernels
import ApusNumerics

/// A strided tensor in the arena; dimensions innermost first.
struct GlobalTensor {
    /// Bytes from the arena's start.
    var offset: Int
    var format: ElementFormat
    var extents: [Int]
    /// Bytes; elements for 4-bit formats.
    var strides: [Int]

    /// A tensor without gaps.
    init(dense extents: [Int], _ format: ElementFormat, at offset: Int) {
        var stride = max(format.bitWidth / 8, 1)
        self.init(
            extents: extents,
            strides: extents.map { extent in
                defer { stride *= extent }
                return stride
            }, format, at: offset)
    }

    init(extents: [Int], strides: [Int], _ format: ElementFormat, at offset: Int) {
        self.offset = offset
        self.format = format
        self.extents = extents
        self.strides = strides
    }

    /// The descriptor of a box; local strides count elements and are dense if not given.
    func transfer(
        box: [Int], as local: ElementFormat, localStrides: [Int]?, gather: Int?, fill: UInt32 = 0
    ) -> TransferDescriptor {
        let unit = max(local.bitWidth / 8, 1)
        var dense = 1
        let localStrides =
            localStrides
            ?? box.map { extent in
                defer { dense *= extent }
                return dense
            }
        return TransferDescriptor(
            base: UInt64(offset), globalFormat: format, localFormat: local,
            gatherDimension: gather, reduction: .none, fill: fill,
            tensorExtents: Rank5(extents, fill: 1), boxExtents: Rank5(box, fill: 1),
            globalStrides: Rank5(strides, fill: 0),
            localStrides: Rank5(localStrides.map { $0 * unit }, fill: 0), indexTable: 0)
    }

    /// A Load of a box; what lies outside the tensor is zero.
    func load(
        into slot: Int, offset: Int = 0, box: [Int], at coordinates: [Affine],
        as local: ElementFormat? = nil, localStrides: [Int]? = nil, gather: Int? = nil,
        table: Int? = nil, tableOffset: Int = 0, repetition: Repetition = .whenChanged
    ) -> TileCommand {
        let local = local ?? format
        return .load(
            Move(
                Place(slot, offset: offset),
                transfer: transfer(
                    box: box, as: local, localStrides: localStrides, gather: gather),
                coordinates: coordinates, table: table.map { Place($0, offset: tableOffset) },
                repetition: repetition))
    }

    /// A Load of `count` INT32 indices from a list of them; -1, which is nobody's, beyond its end.
    func loadIndices(into slot: Int, _ count: Int, at coordinates: [Affine]) -> TileCommand {
        .load(
            Move(
                Place(slot),
                transfer: transfer(
                    box: [count], as: .int32, localStrides: nil, gather: nil, fill: .max),
                coordinates: coordinates))
    }

    /// A Store of a box; what lies outside the tensor is left out.
    func store(
        from slot: Int, offset: Int = 0, box: [Int], at coordinates: [Affine],
        as local: ElementFormat? = nil, localStrides: [Int]? = nil, gather: Int? = nil,
        table: Int? = nil
    ) -> TileCommand {
        let local = local ?? format
        return .store(
            Move(
                Place(slot, offset: offset),
                transfer: transfer(
                    box: box, as: local, localStrides: localStrides, gather: gather),
                coordinates: coordinates, table: table.map { Place($0) }))
    }
}

/// Rows of one length in the arena, one for each token of a step.
struct RowBuffer: Sendable {
    var offset: Int
    var format: ElementFormat
    var columns: Int
    var rows: Int

    var rowBytes: Int { columns * format.bitWidth / 8 }

    /// Columns `first ..< first + count` of all rows.
    func tensor(first: Int = 0, count: Int? = nil) -> GlobalTensor {
        GlobalTensor(
            extents: [count ?? columns, rows], strides: [format.bitWidth / 8, rowBytes], format,
            at: offset + first * format.bitWidth / 8)
    }

    /// The same as heads of a size: [size, heads, rows].
    func heads(first: Int = 0, _ count: Int, size: Int) -> GlobalTensor {
        let element = format.bitWidth / 8
        return GlobalTensor(
            extents: [size, count, rows], strides: [element, size * element, rowBytes], format,
            at: offset + first * element)
    }
}

/// Lays regions of the arena out one after the other.
struct ArenaLayout {
    private(set) var bytes = 0

    /// Reserves bytes at a multiple of 64; their offset.
    mutating func reserve(_ count: Int) -> Int {
        let offset = (bytes + 63) & ~63
        bytes = offset + count
        return offset
    }

    mutating func rows(_ rows: Int, _ columns: Int, _ format: ElementFormat) -> RowBuffer {
        let offset = reserve(rows * format.byteCount(columns))
        return RowBuffer(offset: offset, format: format, columns: columns, rows: rows)
    }
}
