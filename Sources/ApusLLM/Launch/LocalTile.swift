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

extension VectorDescriptor {
    /// The same elements in as few and as long rows as all operands allow, if the operation works
    /// on each element by itself: a row costs time, whatever its length.
    func flattened(for operation: VectorOpcode) -> VectorDescriptor {
        switch operation.form {
        case .unary, .binary, .ternary: break
        default: return self
        }
        func along(_ path: KeyPath<Strides, Int32>) -> [Int32] {
            [d[keyPath: path], a[keyPath: path], b[keyPath: path], c[keyPath: path]]
        }
        let all = [
            (count: columns, strides: along(\.column)), (count: rows, strides: along(\.row)),
            (count: planes, strides: along(\.plane)),
        ]
        var merged: [(count: Int32, strides: [Int32])] = []
        for loop in all where loop.count != 1 {
            if let last = merged.last,
                loop.strides == last.strides.map({ $0 * last.count })
            {
                merged[merged.count - 1].count *= loop.count
            } else {
                merged.append(loop)
            }
        }
        while merged.count < 3 { merged.append((1, [0, 0, 0, 0])) }
        func strides(_ operand: Int) -> Strides {
            Strides(
                column: merged[0].strides[operand], row: merged[1].strides[operand],
                plane: merged[2].strides[operand])
        }
        return VectorDescriptor(
            columns: merged[0].count, rows: merged[1].count, planes: merged[2].count,
            d: strides(0), a: strides(1), b: strides(2), c: strides(3))
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
            d: d.strides, a: a?.strides ?? .zero, b: b.strides, c: c.strides
        ).flattened(for: operation)
        return .vector(
            VectorStep(
                operation, d: Place(d.slot, offset: d.offset),
                a: a.map { .slot($0.slot, offset: $0.offset) } ?? .none, b: b.operand,
                c: c.operand, descriptor: descriptor, dFormat: d.format,
                aFormat: a?.format ?? .fp32, bFormat: b.format, cFormat: c.format))
    }

    /// The same Vector command in a tile's last chunks only.
    func inLastChunks(_ count: Int) -> TileCommand {
        guard case .vector(var step) = self else {
            preconditionFailure("only Vector commands may be left out")
        }
        step.lastChunks = count
        return .vector(step)
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
