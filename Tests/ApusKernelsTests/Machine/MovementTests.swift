import ApusISA
import ApusKernels
import Testing

@Suite("Tile programs that only move data")
struct MovementTests {
    @Test("a copy moves every element, the last, partial tile included")
    func copy() throws {
        let count = 1000
        let input = randomValues(count, seed: 1)
        var arena = TestArena()
        let from = arena.add(input)
        let to = arena.reserve(count * 4)
        let program = TileProgram(
            grid: [16], slots: [Slot(address: 0, bytes: 256, buffers: 2)],
            beforeChunks: [
                .load(
                    Move(
                        Place(0), transfer: transfer(from, tensor: [count], box: [64]),
                        coordinates: [.tile(0, 64)]))
            ],
            afterChunks: [
                .store(
                    Move(
                        Place(0), transfer: transfer(to, tensor: [count], box: [64]),
                        coordinates: [.tile(0, 64)]))
            ])
        try expect(program, arena, at: to, gives: input)
    }

    @Test("a transpose swaps the strides of the box")
    func transpose() throws {
        let (rows, columns, side) = (37, 53, 16)
        let input = randomValues(rows * columns, seed: 2)
        var arena = TestArena()
        let from = arena.add(input)
        let to = arena.reserve(input.count * 4)
        let grid = [(rows + side - 1) / side, (columns + side - 1) / side]
        let program = TileProgram(
            grid: grid, slots: [Slot(address: 64, bytes: side * side * 4, buffers: 3)],
            beforeChunks: [
                .load(
                    Move(
                        Place(0),
                        transfer: transfer(from, tensor: [columns, rows], box: [side, side]),
                        coordinates: [.tile(1, side), .tile(0, side)]))
            ],
            afterChunks: [
                .store(
                    Move(
                        Place(0),
                        transfer: transfer(
                            to, tensor: [rows, columns], box: [side, side],
                            localStrides: [side * 4, 4]),
                        coordinates: [.tile(0, side), .tile(1, side)]))
            ])
        let expected = (0..<columns).flatMap { c in (0..<rows).map { r in input[r * columns + c] } }
        try expect(program, arena, at: to, gives: expected)
    }

    @Test("a pad is a Load with negative coordinates and a fill; rank five, INT16 coordinates")
    func pad() throws {
        let (height, width, images, pad) = (7, 9, 3, 2)
        let input = randomValues(images * height * width, seed: 3)
        var arena = TestArena()
        let from = arena.add(input)
        let (tall, wide) = (height + 2 * pad, width + 2 * pad)
        let to = arena.reserve(images * tall * wide * 4)
        let fill: Float = -1.5
        // The padded dimensions are 3 and 4 of the transfer, whose coordinates share a word.
        func boxed(_ base: Int, _ w: Int, _ h: Int) -> TransferDescriptor {
            transfer(
                base, tensor: [1, 1, images, w, h], box: [1, 1, 1, 1, tall],
                globalStrides: [4, 4, w * h * 4, 4, w * 4], localStrides: [4, 4, 4, 4, 4],
                fill: fill.bitPattern)
        }
        let program = TileProgram(
            grid: [images, wide], slots: [Slot(address: 0, bytes: tall * 4, buffers: 2)],
            beforeChunks: [
                .load(
                    Move(
                        Place(0), transfer: boxed(from, width, height),
                        coordinates: [
                            .zero, .zero, .tile(0, 1), .tile(1, 1, from: -pad), Affine(-pad),
                        ]))
            ],
            afterChunks: [
                .store(
                    Move(
                        Place(0), transfer: boxed(to, wide, tall),
                        coordinates: [.zero, .zero, .tile(0, 1), .tile(1, 1), .zero]))
            ])
        var expected: [Float] = []
        for image in 0..<images {
            for y in -pad..<height + pad {
                for x in -pad..<width + pad {
                    let isInside = (0..<height).contains(y) && (0..<width).contains(x)
                    expected.append(isInside ? input[(image * height + y) * width + x] : fill)
                }
            }
        }
        try expect(program, arena, at: to, gives: expected)
    }

    @Test("a gather takes rows by a table that another Load brings")
    func gather() throws {
        let (rows, columns, picks, perTile) = (40, 24, 50, 8)
        let input = randomValues(rows * columns, seed: 4)
        let table = (0..<picks).map { Int32(($0 * 17 + 3) % (rows + 5)) }
        var arena = TestArena()
        let from = arena.add(input)
        let indices = arena.add(table)
        let to = arena.reserve(picks * columns * 4)
        let tile = perTile * columns * 4
        let program = TileProgram(
            grid: [(picks + perTile - 1) / perTile],
            slots: [
                Slot(address: 0, bytes: perTile * 4), Slot(address: 64, bytes: tile, buffers: 2),
            ],
            beforeChunks: [
                .load(
                    Move(
                        Place(0),
                        transfer: transfer(
                            indices, .int32, tensor: [picks], box: [perTile], fill: UInt32.max),
                        coordinates: [.tile(0, perTile)])),
                .load(
                    Move(
                        Place(1),
                        transfer: transfer(
                            from, tensor: [columns, rows], box: [columns, perTile], gather: 1),
                        coordinates: [], table: Place(0))),
            ],
            afterChunks: [
                .store(
                    Move(
                        Place(1),
                        transfer: transfer(to, tensor: [columns, picks], box: [columns, perTile]),
                        coordinates: [.zero, .tile(0, perTile)]))
            ])
        let expected = table.flatMap { row in
            (0..<columns).map { row < rows ? input[Int(row) * columns + $0] : 0 }
        }
        try expect(program, arena, at: to, gives: expected)
    }
}
