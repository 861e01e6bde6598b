import ApusISA
import ApusKernels
import ApusNumerics

extension TileBuilder {
    /// One loop of a Vector command: an extent and each operand's stride, in bytes.
    struct Loop: Hashable {
        var extent: Int
        var d, a, b, c: Int

        /// Whether this loop around `inner` is one longer loop.
        func continues(_ inner: Loop) -> Bool {
            d == inner.d * inner.extent && a == inner.a * inner.extent
                && b == inner.b * inner.extent && c == inner.c * inner.extent
        }
    }

    /// Which axes any of the operands varies along.
    func variation(_ operands: [TileOperand]) -> [Bool] {
        domain.indices.map { index in
            operands.contains { ($0.value?.strides[index] ?? 0) != 0 }
        }
    }

    /// Emits an elementwise command whose result varies where an operand does.
    mutating func elementwise(
        _ opcode: VectorOpcode, _ a: TileOperand, _ b: TileOperand = .none,
        _ c: TileOperand = .none, format: ElementFormat, rounding: Int = 0
    ) throws(TilingError) -> TileValue {
        let d = makeValue(format: format, varies: variation([a, b, c]))
        try elementwise(opcode, into: d, a, b, c, rounding: rounding)
        return d
    }

    /// Emits an elementwise command into a value that exists.
    mutating func elementwise(
        _ opcode: VectorOpcode, into d: TileValue, _ a: TileOperand, _ b: TileOperand = .none,
        _ c: TileOperand = .none, rounding: Int = 0, boxes: [Int: Int] = [:]
    ) throws(TilingError) {
        var loops: [Loop] = []
        for index in domain.indices {
            let extent = boxes[index] ?? domain[index].tile
            let varies =
                d.strides[index] != 0
                || [a, b, c].contains { ($0.value?.strides[index] ?? 0) != 0 }
            guard extent > 1, varies else { continue }
            loops.append(
                Loop(
                    extent: extent, d: d.strides[index], a: a.value?.strides[index] ?? 0,
                    b: b.value?.strides[index] ?? 0, c: c.value?.strides[index] ?? 0))
        }
        try emit(opcode, loops: loops, d: d, a, b, c, rounding: rounding)
    }

    /// Emits a command that folds or scans `a` along `lines`, axes that follow each other in
    /// memory.
    mutating func alongLines(
        _ opcode: VectorOpcode, into d: TileValue, _ a: TileValue, lines: [Int],
        b: TileOperand = .none, c: TileOperand = .none, columnsOfResult: Bool, rounding: Int = 0
    ) throws(TilingError) {
        var columns: [Loop] = []
        var rows: [Loop] = []
        for index in domain.indices where domain[index].tile > 1 {
            let loop = Loop(
                extent: domain[index].tile, d: d.strides[index], a: a.strides[index],
                b: b.value?.strides[index] ?? 0, c: c.value?.strides[index] ?? 0)
            if lines.contains(index) {
                columns.append(loop)
            } else if a.strides[index] != 0 || d.strides[index] != 0 {
                rows.append(loop)
            }
        }
        if !columnsOfResult {
            columns = columns.map { Loop(extent: $0.extent, d: 0, a: $0.a, b: 0, c: 0) }
        }
        columns = TileBuilder.merged(columns)
        guard columns.count <= 1 else { throw .dimensions(columns.count) }
        rows = TileBuilder.merged(rows)
        let column = columns.first ?? Loop(extent: 1, d: 0, a: 0, b: 0, c: 0)
        try unroll(rows, keeping: 2) { loops, offsets throws(TilingError) in
            try Self.vector(
                opcode, loops: loops + [column], offsets: offsets, d: d, .value(a), b, c,
                rounding: rounding)
        }
    }

    /// Merges neighbouring loops that run through memory as one; outermost first.
    static func merged(_ loops: [Loop]) -> [Loop] {
        var result: [Loop] = []
        for loop in loops.reversed() {
            if let inner = result.last, loop.continues(inner) {
                result[result.count - 1].extent *= loop.extent
            } else {
                result.append(loop)
            }
        }
        return result.reversed()
    }

    mutating func emit(
        _ opcode: VectorOpcode, loops: [Loop], d: TileValue, _ a: TileOperand, _ b: TileOperand,
        _ c: TileOperand, rounding: Int
    ) throws(TilingError) {
        try unroll(TileBuilder.merged(loops), keeping: 3) { loops, offsets throws(TilingError) in
            try Self.vector(
                opcode, loops: loops, offsets: offsets, d: d, a, b, c, rounding: rounding)
        }
    }

    /// Calls `body` with at most `keeping` loops for every index of the loops around them.
    private mutating func unroll(
        _ loops: [Loop], keeping: Int,
        body: ([Loop], Loop) throws(TilingError) -> VectorStep
    ) throws(TilingError) {
        let outer = loops.prefix(max(loops.count - keeping, 0))
        let inner = Array(loops.suffix(keeping))
        let count = outer.reduce(1) { $0 * $1.extent }
        guard count <= 64 else { throw .dimensions(loops.count) }
        for flat in 0..<count {
            var offsets = Loop(extent: 1, d: 0, a: 0, b: 0, c: 0)
            var rest = flat
            for loop in outer.reversed() {
                let index = rest % loop.extent
                rest /= loop.extent
                offsets.d += index * loop.d
                offsets.a += index * loop.a
                offsets.b += index * loop.b
                offsets.c += index * loop.c
            }
            let step = try body(inner, offsets)
            append(.vector(step))
        }
    }

    private static func vector(
        _ opcode: VectorOpcode, loops: [Loop], offsets: Loop, d: TileValue, _ a: TileOperand,
        _ b: TileOperand, _ c: TileOperand, rounding: Int
    ) throws(TilingError) -> VectorStep {
        var lanes = Array(loops.reversed())
        while lanes.count < 3 { lanes.append(Loop(extent: 1, d: 0, a: 0, b: 0, c: 0)) }
        func strides(_ path: KeyPath<Loop, Int>) -> VectorDescriptor.Strides {
            VectorDescriptor.Strides(
                column: Int32(lanes[0][keyPath: path]), row: Int32(lanes[1][keyPath: path]),
                plane: Int32(lanes[2][keyPath: path]))
        }
        func operand(_ operand: TileOperand, _ offset: Int) -> Operand {
            switch operand {
            case .none: .none
            case .immediate(let bits): .immediate(bits)
            case .value(let value): .slot(value.piece, offset: value.offset + offset)
            }
        }
        let descriptor = VectorDescriptor(
            columns: Int32(lanes[0].extent), rows: Int32(lanes[1].extent),
            planes: Int32(lanes[2].extent), d: strides(\.d),
            a: strides(\.a), b: strides(\.b), c: strides(\.c))
        return VectorStep(
            opcode, d: Place(d.piece, offset: d.offset + offsets.d), a: operand(a, offsets.a),
            b: operand(b, offsets.b), c: operand(c, offsets.c), descriptor: descriptor,
            dFormat: d.format, aFormat: a.value?.format ?? .fp32,
            bFormat: b.value?.format ?? .fp32, cFormat: c.value?.format ?? .fp32,
            rounding: rounding)
    }
}
