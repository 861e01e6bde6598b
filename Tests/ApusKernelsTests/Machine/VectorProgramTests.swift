import ApusISA
import ApusKernels
import CApusNumerics
import Testing

@Suite("Tile programs of Vector commands")
struct VectorProgramTests {
    @Test("a chain with a row and a column broadcast is computed in place")
    func pointwise() throws {
        let (rows, columns, tall) = (45, 40, 8)
        let (x, rowBias) = (randomValues(rows * columns, seed: 5), randomValues(columns, seed: 6))
        let columnScale = randomValues(rows, seed: 7)
        var arena = TestArena()
        let (xAt, rowAt, columnAt) = (arena.add(x), arena.add(rowBias), arena.add(columnScale))
        let to = arena.reserve(x.count * 4)
        let tensor = transfer(xAt, tensor: [columns, rows], box: [columns, tall])
        var result = tensor
        result.base = UInt64(to)
        let whole = strides(1, columns)
        let program = TileProgram(
            grid: [(rows + tall - 1) / tall],
            slots: [
                Slot(address: 0, bytes: tall * columns * 4, buffers: 2),
                Slot(address: 8192, bytes: columns * 4),
                Slot(address: 8448, bytes: tall * 4, buffers: 2),
            ],
            beforeChunks: [
                .load(Move(Place(0), transfer: tensor, coordinates: [.zero, .tile(0, tall)])),
                .load(
                    Move(
                        Place(1), transfer: transfer(rowAt, tensor: [columns], box: [columns]),
                        coordinates: [])),
                .load(
                    Move(
                        Place(2), transfer: transfer(columnAt, tensor: [rows], box: [tall]),
                        coordinates: [.tile(0, tall)])),
            ],
            afterChunks: [
                .vector(
                    VectorStep(
                        .fma, d: Place(0), a: .slot(0), b: .slot(2), c: .slot(1),
                        descriptor: shape(
                            columns, tall, d: whole, a: whole, b: strides(0, 1), c: strides(1)))
                ),
                .vector(
                    VectorStep(
                        .max, d: Place(0), a: .slot(0), b: .float(0),
                        descriptor: shape(columns, tall, d: whole, a: whole))),
                .store(Move(Place(0), transfer: result, coordinates: [.zero, .tile(0, tall)])),
            ])
        let expected = x.indices.map { index in
            let sum = rowBias[index % columns].addingProduct(x[index], columnScale[index / columns])
            return max(sum, 0)
        }
        try expect(program, arena, at: to, gives: expected)
    }

    @Test("a softmax of rows")
    func softmax() throws {
        let (rows, columns, tall) = (21, 37, 4)
        let x = randomValues(rows * columns, seed: 8)
        var arena = TestArena()
        let from = arena.add(x)
        let to = arena.reserve(x.count * 4)
        let whole = strides(1, columns)
        func step(_ operation: VectorOpcode, _ d: Int, b: Int? = nil, reduces: Bool = false)
            -> TileCommand
        {
            .vector(
                VectorStep(
                    operation, d: Place(d), a: .slot(1), b: b.map { .slot($0) } ?? .none,
                    descriptor: shape(
                        columns, tall, d: reduces ? strides(0, 1) : whole, a: whole,
                        b: b == nil ? .zero : strides(0, 1))))
        }
        let tile = tall * columns * 4
        let program = TileProgram(
            grid: [(rows + tall - 1) / tall],
            slots: [
                Slot(address: 0, bytes: tile, buffers: 2),
                Slot(address: 4096, bytes: tile, buffers: 2),
                Slot(address: 16384, bytes: tall * 4),
            ],
            beforeChunks: [
                .load(
                    Move(
                        Place(1),
                        transfer: transfer(from, tensor: [columns, rows], box: [columns, tall]),
                        coordinates: [.zero, .tile(0, tall)]))
            ],
            afterChunks: [
                step(.rmax, 2, reduces: true), step(.sub, 1, b: 2), step(.exp, 1),
                step(.rsum, 2, reduces: true), step(.div, 0, b: 2),
                .store(
                    Move(
                        Place(0),
                        transfer: transfer(to, tensor: [columns, rows], box: [columns, tall]),
                        coordinates: [.zero, .tile(0, tall)])),
            ])
        var expected: [Float] = []
        for row in 0..<rows {
            let line = Array(x[row * columns..<(row + 1) * columns])
            let largest = line.max() ?? 0
            let shifted = line.map { $0 - largest }
            var powers = shifted
            #expect(apus_unary_f32(Int32(APUS_EXP.rawValue), shifted, &powers, columns) == 0)
            let sum = treeSum(powers)
            expected += powers.map { $0 / sum }
        }
        try expect(program, arena, at: to, gives: expected)
    }

    /// The sum of a row by the law's sixteen partial results.
    private func treeSum(_ row: [Float]) -> Float {
        var partial = [Float](repeating: 0, count: 16)
        for (column, value) in row.enumerated() { partial[column % 16] += value }
        for half in [8, 4, 2, 1] {
            for index in 0..<half { partial[index] += partial[index + half] }
        }
        return partial[0]
    }

    @Test("depthwise windows and a pooled maximum by taps of strided planes")
    func taps() throws {
        let (channels, height, width, perTile) = (10, 9, 11, 4)
        let x = randomValues(channels * height * width, seed: 9)
        let weights = randomValues(channels * 9, seed: 10)
        var arena = TestArena()
        let (from, weightsAt) = (arena.add(x), arena.add(weights))
        let to = arena.reserve(channels * height * width * 4)
        let (tall, wide) = (height + 2, width + 2)
        let slots = [
            Slot(address: 0, bytes: perTile * tall * wide * 4, buffers: 2),
            Slot(address: 8192, bytes: perTile * 9 * 4, buffers: 2),
            Slot(address: 16384, bytes: perTile * height * width * 4, buffers: 2),
        ]
        let window = strides(1, wide, tall * wide)
        let sums = strides(1, width, height * width)
        var taps: [TileCommand] = []
        for tap in 0..<9 {
            let input = Operand.slot(0, offset: ((tap / 3) * wide + tap % 3) * 4)
            taps.append(
                .vector(
                    VectorStep(
                        tap == 0 ? .mul : .fma, d: Place(2), a: input, b: .slot(1, offset: tap * 4),
                        c: tap == 0 ? .none : .slot(2),
                        descriptor: shape(
                            width, height, perTile, d: sums, a: window, b: strides(0, 0, 9),
                            c: tap == 0 ? .zero : sums))))
        }
        let program = TileProgram(
            grid: [(channels + perTile - 1) / perTile], slots: slots,
            beforeChunks: [
                .load(
                    Move(
                        Place(0),
                        transfer: transfer(
                            from, tensor: [width, height, channels], box: [wide, tall, perTile]),
                        coordinates: [Affine(-1), Affine(-1), .tile(0, perTile)])),
                .load(
                    Move(
                        Place(1),
                        transfer: transfer(weightsAt, tensor: [9, channels], box: [9, perTile]),
                        coordinates: [.zero, .tile(0, perTile)])),
            ],
            afterChunks: taps + [
                .store(
                    Move(
                        Place(2),
                        transfer: transfer(
                            to, tensor: [width, height, channels], box: [width, height, perTile]),
                        coordinates: [.zero, .zero, .tile(0, perTile)]))
            ])
        try expect(
            program, arena, at: to, gives: depthwise(x, weights, channels, height, width))
    }

    /// 3 × 3 windows with a border of zeros, taps in order.
    private func depthwise(
        _ x: [Float], _ weights: [Float], _ channels: Int, _ height: Int, _ width: Int
    ) -> [Float] {
        x.indices.map { index in
            let (channel, y, column) = (
                index / (height * width), index / width % height, index % width
            )
            var sum: Float = 0
            for tap in 0..<9 {
                let (row, at) = (y + tap / 3 - 1, column + tap % 3 - 1)
                let isInside = (0..<height).contains(row) && (0..<width).contains(at)
                let value = isInside ? x[(channel * height + row) * width + at] : 0
                let weight = weights[channel * 9 + tap]
                sum = tap == 0 ? value * weight : sum.addingProduct(value, weight)
            }
            return sum
        }
    }

    @Test("a cumulative sum of long rows carries the last column from chunk to chunk")
    func longCumulativeSum() throws {
        let (rows, columns, wide) = (5, 100, 32)
        let x = randomValues(rows * columns, seed: 11)
        var arena = TestArena()
        let from = arena.add(x)
        let to = arena.reserve(x.count * 4)
        let line = Move(
            Place(0), transfer: transfer(from, tensor: [columns, rows], box: [wide, 1]),
            coordinates: [Affine(perChunk: wide), .tile(0, 1)])
        var out = line
        out.place = Place(1)
        out.transfer.base = UInt64(to)
        let program = TileProgram(
            grid: [rows], chunks: (columns + wide - 1) / wide,
            slots: [
                Slot(address: 0, bytes: wide * 4, buffers: 2),
                Slot(address: 1024, bytes: wide * 4, buffers: 2), Slot(address: 4096, bytes: 4),
            ],
            beforeChunks: [
                .vector(
                    VectorStep(
                        .iota, d: Place(2), b: .float(0), c: .float(0),
                        descriptor: shape(1, d: strides(1))))
            ],
            eachChunk: [
                .load(line),
                // The carry is the first addend of the chunk's first column.
                .vector(
                    VectorStep(
                        .add, d: Place(0), a: .slot(0), b: .slot(2),
                        descriptor: shape(1, d: strides(1), a: strides(1)))),
                .vector(
                    VectorStep(
                        .cumsum, d: Place(1), a: .slot(0), b: .integer(0),
                        descriptor: shape(wide, d: strides(1), a: strides(1)))),
                .vector(
                    VectorStep(
                        .copy, d: Place(2), a: .slot(1, offset: (wide - 1) * 4),
                        descriptor: shape(1, d: strides(1), a: strides(1)))),
                .store(out),
            ])
        var expected = x
        for index in x.indices where index % columns != 0 { expected[index] += expected[index - 1] }
        try expect(program, arena, at: to, gives: expected)
    }
}
