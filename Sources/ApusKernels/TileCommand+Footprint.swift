import ApusISA
import ApusNumerics

/// A part of a slot that a command may touch: bytes `low ..< high` from a buffer's start.
typealias Footprint = (use: SlotUse, low: Int, high: Int)

extension TileCommand {
    /// What the command touches of each slot it uses; tables and scales are left to the machine.
    var footprints: [Footprint] {
        switch self {
        case .load(let move), .store(let move):
            let transfer = move.transfer
            return [
                footprint(
                    SlotUse(move.place, .local), transfer.localFormat,
                    (0..<Rank5.count).map { (transfer.boxExtents[$0], transfer.localStrides[$0]) })
            ]
        case .matrix(let step):
            return footprints(step)
        case .vector(let step):
            return footprints(step)
        }
    }

    private func footprints(_ step: MatrixStep) -> [Footprint] {
        let shape = step.descriptor
        let a = shape.aStrides
        let b = shape.bStrides
        let isExact = step.aFormat == .e4m3 && step.bFormat == .e4m3 && step.scaling == .none
        return [
            footprint(
                SlotUse(step.a, .a), step.aFormat,
                [
                    (shape.m0, a.m0), (shape.m1, a.m1), (shape.k0, a.k0), (shape.k1, a.k1),
                    (shape.k2, a.k2),
                ]),
            footprint(
                SlotUse(step.b, .b), step.bFormat,
                [
                    (shape.n0, b.n0), (shape.n1, b.n1), (shape.k0, b.k0), (shape.k1, b.k1),
                    (shape.k2, b.k2),
                ]),
            footprint(
                SlotUse(step.accumulators, .accumulators), isExact ? .fixed54 : .fp32,
                [
                    (shape.m0 &* shape.m1, shape.accumulatorRowStride),
                    (shape.n0 &* shape.n1, isExact ? 8 : 4),
                ]),
        ]
    }

    private func footprints(_ step: VectorStep) -> [Footprint] {
        let shape = step.descriptor
        func part(
            _ place: Place, _ role: SlotUse.Role, _ format: ElementFormat,
            _ strides: VectorDescriptor.Strides, columns: Int32
        ) -> Footprint {
            footprint(
                SlotUse(place, role), format,
                [
                    (columns, strides.column), (shape.rows, strides.row),
                    (shape.planes, strides.plane),
                ])
        }
        var columns = shape.columns
        if step.operation.form == .reduction { columns = 1 }
        if step.operation.form == .topk, case .immediate(let count) = step.b {
            columns = Int32(truncatingIfNeeded: count)
        }
        var parts = [part(step.d, .d, step.dFormat, shape.d, columns: columns)]
        if case .place(let place) = step.a {
            parts.append(part(place, .a, step.aFormat, shape.a, columns: shape.columns))
        }
        if case .place(let place) = step.b {
            parts.append(part(place, .b, step.bFormat, shape.b, columns: shape.columns))
        }
        if case .place(let place) = step.c {
            let columns = step.operation.form == .topk ? columns : shape.columns
            parts.append(part(place, .c, step.cFormat, shape.c, columns: columns))
        }
        return parts
    }

    /// The reach of a strided box of elements. Strides of 4-bit formats count elements.
    private func footprint(
        _ use: SlotUse, _ format: ElementFormat, _ box: [(extent: Int32, stride: Int32)]
    ) -> Footprint {
        let unitBits = format.bitWidth < 8 ? format.bitWidth : 8
        var low = 0
        var high = 0
        for (extent, stride) in box {
            let span = (Int(extent) - 1) * Int(stride)
            low += min(span, 0)
            high += max(span, 0)
        }
        let highBits = high * unitBits + format.bitWidth
        return (use, use.place.offset + (low * unitBits) / 8, use.place.offset + (highBits + 7) / 8)
    }
}
