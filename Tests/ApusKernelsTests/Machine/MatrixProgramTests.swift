import ApusISA
import ApusKernels
import Testing

@Suite("Tile programs of Matrix commands")
struct MatrixProgramTests {
    @Test("a BF16 matmul in chunks of k, with bias and relu")
    func matmul() throws {
        let (m, n, k) = (30, 50, 70)
        let (tall, wide, deep) = (8, 16, 24)
        let a = randomValues(m * k, seed: 12)
        let b = randomValues(k * n, seed: 13)
        let bias = randomValues(n, seed: 14)
        var arena = TestArena()
        let (aAt, bAt, biasAt) = (arena.add(a), arena.add(b), arena.add(bias))
        let to = arena.reserve(m * n * 4)
        let whole = strides(1, wide)
        let program = TileProgram(
            grid: [(n + wide - 1) / wide, (m + tall - 1) / tall], chunks: (k + deep - 1) / deep,
            slots: [
                Slot(address: 0, bytes: tall * deep * 2, buffers: 2),
                Slot(address: 4096, bytes: deep * wide * 2, buffers: 2),
                Slot(address: 8192, bytes: wide * 4),
                Slot(address: 9216, bytes: tall * wide * 4, buffers: 2),
                Slot(memory: .accumulators, address: 0, bytes: tall * wide * 4, buffers: 2),
            ],
            beforeChunks: [
                .load(
                    Move(
                        Place(2), transfer: transfer(biasAt, tensor: [n], box: [wide]),
                        coordinates: [.tile(0, wide)]))
            ],
            eachChunk: [
                .load(
                    Move(
                        Place(0),
                        transfer: transfer(aAt, local: .bf16, tensor: [k, m], box: [deep, tall]),
                        coordinates: [Affine(perChunk: deep), .tile(1, tall)])),
                .load(
                    Move(
                        Place(1),
                        transfer: transfer(bAt, local: .bf16, tensor: [n, k], box: [wide, deep]),
                        coordinates: [.tile(0, wide), Affine(perChunk: deep)])),
                .matrix(
                    MatrixStep(
                        a: Place(0), b: Place(1), accumulators: Place(4),
                        descriptor: dense(tall, wide, deep, bytes: 2), aFormat: .bf16,
                        bFormat: .bf16)),
            ],
            afterChunks: [
                .vector(
                    VectorStep(
                        .add, d: Place(3), a: .slot(4), b: .slot(2),
                        descriptor: shape(wide, tall, d: whole, a: whole, b: strides(1)))),
                .vector(
                    VectorStep(
                        .max, d: Place(3), a: .slot(3), b: .float(0),
                        descriptor: shape(wide, tall, d: whole, a: whole))),
                .store(
                    Move(
                        Place(3), transfer: transfer(to, tensor: [n, m], box: [wide, tall]),
                        coordinates: [.tile(0, wide), .tile(1, tall)])),
            ])
        try expect(program, arena, at: to, gives: biasedProduct(a, b, bias, k: k))
    }

    /// max(a · b + bias, 0), k ascending.
    private func biasedProduct(_ a: [Float], _ b: [Float], _ bias: [Float], k: Int) -> [Float] {
        let n = bias.count
        return (0..<a.count / k * n).map { index in
            var sum: Float = 0
            for inner in 0..<k {
                sum = sum.addingProduct(a[index / n * k + inner], b[inner * n + index % n])
            }
            return max(sum + bias[index % n], 0)
        }
    }

    /// Dense A [m, k], B [k, n] and sums [m, n] of 32 bits.
    private func dense(_ m: Int, _ n: Int, _ k: Int, bytes: Int) -> MatrixDescriptor {
        MatrixDescriptor(
            m0: Int32(m), m1: 1, n0: Int32(n), n1: 1, k0: Int32(k), k1: 1, k2: 1,
            aStrides: .init(m0: Int32(k * bytes), m1: 0, k0: Int32(bytes), k1: 0, k2: 0),
            bStrides: .init(n0: Int32(bytes), n1: 0, k0: Int32(n * bytes), k1: 0, k2: 0),
            accumulatorRowStride: Int32(n * 4), scales: .none)
    }

    @Test("a convolution as a matmul whose B reads windows in place")
    func convolution() throws {
        let (inputs, outputs, height, width) = (6, 10, 12, 14)
        let (deep, tall, rowsPerTile) = (3, 5, 4)
        let x = randomValues(inputs * height * width, seed: 15)
        let weights = randomValues(outputs * inputs * 9, seed: 16)
        var arena = TestArena()
        let (xAt, weightsAt) = (arena.add(x), arena.add(weights))
        let to = arena.reserve(outputs * height * width * 4)
        let (boxHeight, boxWidth) = (rowsPerTile + 2, width + 2)
        let sums = rowsPerTile * width
        let descriptor = MatrixDescriptor(
            m0: Int32(tall), m1: 1, n0: Int32(width), n1: Int32(rowsPerTile), k0: 3, k1: 3,
            k2: Int32(deep),
            aStrides: .init(m0: Int32(deep * 36), m1: 0, k0: 4, k1: 12, k2: 36),
            bStrides: .init(
                n0: 4, n1: Int32(boxWidth * 4), k0: 4, k1: Int32(boxWidth * 4),
                k2: Int32(boxHeight * boxWidth * 4)),
            accumulatorRowStride: Int32(sums * 4), scales: .none)
        let program = TileProgram(
            grid: [outputs / tall, height / rowsPerTile], chunks: inputs / deep,
            slots: [
                Slot(address: 0, bytes: tall * deep * 36, buffers: 2),
                Slot(address: 8192, bytes: deep * boxHeight * boxWidth * 4, buffers: 2),
                Slot(memory: .accumulators, address: 1024, bytes: tall * sums * 4, buffers: 2),
            ],
            eachChunk: [
                .load(
                    Move(
                        Place(0),
                        transfer: transfer(
                            weightsAt, tensor: [9, inputs, outputs], box: [9, deep, tall]),
                        coordinates: [.zero, Affine(perChunk: deep), .tile(0, tall)])),
                .load(
                    Move(
                        Place(1),
                        transfer: transfer(
                            xAt, tensor: [width, height, inputs], box: [boxWidth, boxHeight, deep]),
                        coordinates: [
                            Affine(-1), .tile(1, rowsPerTile, from: -1), Affine(perChunk: deep),
                        ])),
                .matrix(
                    MatrixStep(
                        a: Place(0), b: Place(1), accumulators: Place(2), descriptor: descriptor,
                        aFormat: .fp32, bFormat: .fp32, passes: .six)),
            ],
            afterChunks: [
                .store(
                    Move(
                        Place(2),
                        transfer: transfer(
                            to, tensor: [width, height, outputs], box: [width, rowsPerTile, tall]),
                        coordinates: [.zero, .tile(1, rowsPerTile), .tile(0, tall)]))
            ])
        try expect(
            program, arena, at: to,
            gives: convolve(x, weights, inputs: inputs, outputs: outputs, height, width))
    }

    /// A 3 × 3 convolution with a border of zeros. The values are multiples of 1/64 with few bits,
    /// so
    /// every sum of products is exact and neither passes nor order matter.
    private func convolve(
        _ x: [Float], _ weights: [Float], inputs: Int, outputs: Int, _ height: Int, _ width: Int
    ) -> [Float] {
        var result: [Float] = []
        for output in 0..<outputs {
            for y in 0..<height {
                for column in 0..<width {
                    var sum: Float = 0
                    for input in 0..<inputs {
                        for tap in 0..<9 {
                            let (row, at) = (y + tap / 3 - 1, column + tap % 3 - 1)
                            guard (0..<height).contains(row), (0..<width).contains(at) else {
                                continue
                            }
                            sum +=
                                x[(input * height + row) * width + at]
                                * weights[(output * inputs + input) * 9 + tap]
                        }
                    }
                    result.append(sum)
                }
            }
        }
        return result
    }

    @Test("a recurrent cell keeps its state on the chip over a serial run")
    func recurrence() throws {
        let (batch, steps, size) = (6, 11, 8)
        let x = randomValues(steps * batch * size, seed: 17)
        let weights = randomValues(size * size, seed: 18)
        let initial = randomValues(batch * size, seed: 19)
        var arena = TestArena()
        let (xAt, weightsAt, initialAt) = (arena.add(x), arena.add(weights), arena.add(initial))
        let to = arena.reserve(x.count * 4)
        // Tile = (two rows, step): h ← bf16(clamp(h · W + x, −2, 2)).
        let rows = 2
        let sums = strides(1, size)
        let state = VectorDescriptor.Strides(column: 2, row: Int32(size * 2), plane: 0)
        let sequence = transfer(xAt, tensor: [size, batch, steps], box: [size, rows, 1])
        let out = transfer(to, local: .bf16, tensor: [size, batch, steps], box: [size, rows, 1])
        let here: [Affine] = [.zero, .tile(0, rows), .tile(1, 1)]
        let program = TileProgram(
            grid: [batch / rows, steps], serialDimensions: 1,
            slots: [
                Slot(address: 0, bytes: size * size * 2),
                Slot(address: 512, bytes: rows * size * 2),
                Slot(address: 1024, bytes: rows * size * 4, buffers: 2),
                Slot(memory: .accumulators, address: 0, bytes: rows * size * 4),
                Slot(address: 2048, bytes: rows * size * 4),
            ],
            beforeChunks: [
                .load(
                    Move(
                        Place(0),
                        transfer: transfer(
                            weightsAt, local: .bf16, tensor: [size, size], box: [size, size]),
                        coordinates: [])),
                .load(
                    Move(
                        Place(1),
                        transfer: transfer(
                            initialAt, local: .bf16, tensor: [size, batch], box: [size, rows]),
                        coordinates: [.zero, .tile(0, rows)], repetition: .perSerialRun)),
                .load(Move(Place(2), transfer: sequence, coordinates: here)),
                .matrix(
                    MatrixStep(
                        a: Place(1), b: Place(0), accumulators: Place(3),
                        descriptor: dense(rows, size, size, bytes: 2), aFormat: .bf16,
                        bFormat: .bf16, accumulation: .never)),
                .vector(
                    VectorStep(
                        .add, d: Place(4), a: .slot(3), b: .slot(2),
                        descriptor: shape(size, rows, d: sums, a: sums, b: sums))),
                .vector(
                    VectorStep(
                        .clamp, d: Place(1), a: .slot(4), b: .float(-2), c: .float(2),
                        descriptor: shape(size, rows, d: state, a: sums), dFormat: .bf16)),
                .store(Move(Place(1), transfer: out, coordinates: here)),
            ])
        try expect(
            program, arena, at: to, gives: recurrence(initial, x, weights, size: size))
    }

    /// All states of h ← bf16(clamp(h · W + x, −2, 2)).
    private func recurrence(
        _ initial: [Float], _ x: [Float], _ weights: [Float], size: Int
    ) -> [Float] {
        var h = initial
        var states: [Float] = []
        for step in 0..<x.count / h.count {
            var next = h
            for element in h.indices {
                var sum: Float = 0
                for inner in 0..<size {
                    sum = sum.addingProduct(
                        h[element / size * size + inner], weights[inner * size + element % size])
                }
                sum += x[step * h.count + element]
                next[element] = roundedToBF16(min(max(sum, -2), 2))
            }
            h = next
            states += h
        }
        return states
    }

    /// The nearest number with a significand of eight bits, ties to even.
    private func roundedToBF16(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
    }
}
