import ApusISA
import ApusKernels
import ApusNumerics

/// A tile in a slot as Vector commands see it: columns, rows, planes and their strides in bytes.
struct LocalTile {
    var slot: Int
    var offset = 0
    var format: ElementFormat
    var strides: VectorDescriptor.Strides

    /// A tile whose columns follow each other; strides of rows and planes count elements.
    init(_ slot: Int, _ format: ElementFormat = .fp32, row: Int = 0, plane: Int = 0) {
        self.init(slot, format, column: 1, row: row, plane: plane)
    }

    /// A tile; strides and the offset count elements.
    init(
        _ slot: Int, _ format: ElementFormat = .fp32, column: Int, row: Int = 0, plane: Int = 0,
        offset: Int = 0
    ) {
        let bytes = format.bitWidth / 8
        self.slot = slot
        self.offset = offset * bytes
        self.format = format
        strides = VectorDescriptor.Strides(
            column: Int32(column * bytes), row: Int32(row * bytes), plane: Int32(plane * bytes))
    }
}

/// What a Vector command reads beside its first operand.
enum LocalOperand {
    case none
    case tile(LocalTile)
    case float(Float)
    case integer(Int32)
    case affine(Affine)

    var operand: Operand {
        switch self {
        case .none: .none
        case .tile(let tile): .slot(tile.slot, offset: tile.offset)
        case .float(let value): .float(value)
        case .integer(let value): .integer(value)
        case .affine(let value): .affine(value)
        }
    }

    var format: ElementFormat {
        if case .tile(let tile) = self { return tile.format }
        return .fp32
    }

    var strides: VectorDescriptor.Strides {
        if case .tile(let tile) = self { return tile.strides }
        return .zero
    }
}

/// The shape of a Vector command.
struct LocalShape {
    var columns: Int
    var rows = 1
    var planes = 1

    init(_ columns: Int, _ rows: Int = 1, _ planes: Int = 1) {
        self.columns = columns
        self.rows = rows
        self.planes = planes
    }
}

extension TileCommand {
    /// A Vector command over tiles.
    static func vector(
        _ operation: VectorOpcode, _ shape: LocalShape, _ d: LocalTile, _ a: LocalTile? = nil,
        _ b: LocalOperand = .none, _ c: LocalOperand = .none
    ) -> TileCommand {
        let descriptor = VectorDescriptor(
            columns: Int32(shape.columns), rows: Int32(shape.rows), planes: Int32(shape.planes),
            d: d.strides, a: a?.strides ?? .zero, b: b.strides, c: c.strides)
        return .vector(
            VectorStep(
                operation, d: Place(d.slot, offset: d.offset),
                a: a.map { .slot($0.slot, offset: $0.offset) } ?? .none, b: b.operand,
                c: c.operand, descriptor: descriptor, dFormat: d.format,
                aFormat: a?.format ?? .fp32, bFormat: b.format, cFormat: c.format))
    }

    /// Sets a row of INT32 elements to `first`, `first + 1`, …
    static func count(_ shape: LocalShape, _ d: LocalTile, from first: Affine) -> TileCommand {
        let descriptor = VectorDescriptor(
            columns: Int32(shape.columns), rows: Int32(shape.rows), planes: Int32(shape.planes),
            d: d.strides, a: .zero, b: .zero, c: .zero)
        return .vector(
            VectorStep(
                .iota, d: Place(d.slot, offset: d.offset), b: .affine(first), c: .integer(1),
                descriptor: descriptor, dFormat: .int32, aFormat: .int32))
    }

    /// Sets all elements of a tile to one FP32 value.
    static func fill(_ shape: LocalShape, _ d: LocalTile, _ value: Float) -> TileCommand {
        .vector(.iota, shape, d, nil, .float(value), .float(0))
    }
}
