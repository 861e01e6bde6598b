import ApusISA
import ApusNumerics
import Testing

@Suite("descriptors")
struct DescriptorTests {
    @Test("a transfer descriptor encoded and decoded is the same")
    func transfer() throws {
        var generator = SplitMix(seed: 11)
        for round in 0..<500 {
            let descriptor = TransferDescriptor(
                base: generator.next(), globalFormat: generator.format(),
                localFormat: generator.format(), gatherDimension: round % 6 == 5 ? nil : round % 6,
                reduction: StoreReduction.allCases[round % 4], fill: generator.word(),
                tensorExtents: generator.rank5 { $0.extent() },
                boxExtents: generator.rank5 { $0.extent() },
                globalStrides: generator.rank5 { $0.signed() },
                localStrides: generator.rank5 { $0.signed() }, indexTable: generator.word())
            #expect(try TransferDescriptor(words: descriptor.encode()) == descriptor, "seed 11")
        }
    }

    @Test("a matrix descriptor encoded and decoded is the same")
    func matrix() throws {
        var generator = SplitMix(seed: 12)
        for _ in 0..<500 {
            let descriptor = MatrixDescriptor(
                m0: generator.extent(), m1: generator.extent(), n0: generator.extent(),
                n1: generator.extent(), k0: generator.extent(), k1: generator.extent(),
                k2: generator.extent(),
                aStrides: MatrixDescriptor.AStrides(
                    m0: generator.signed(), m1: generator.signed(), k0: generator.signed(),
                    k1: generator.signed(), k2: generator.signed()),
                bStrides: MatrixDescriptor.BStrides(
                    n0: generator.signed(), n1: generator.signed(), k0: generator.signed(),
                    k1: generator.signed(), k2: generator.signed()),
                accumulatorRowStride: generator.signed(),
                scales: MatrixDescriptor.Scales(
                    a: generator.word(), b: generator.word(), bMinimums: generator.word(),
                    groupLength: generator.extent(), aRowStride: generator.signed(),
                    bRowStride: generator.signed(), format: generator.format()))
            #expect(try MatrixDescriptor(words: descriptor.encode()) == descriptor, "seed 12")
        }
    }

    @Test("a vector descriptor encoded and decoded is the same")
    func vector() throws {
        var generator = SplitMix(seed: 13)
        func strides() -> VectorDescriptor.Strides {
            VectorDescriptor.Strides(
                column: generator.signed(), row: generator.signed(), plane: generator.signed())
        }
        for _ in 0..<500 {
            let descriptor = VectorDescriptor(
                columns: generator.extent(), rows: generator.extent(), planes: generator.extent(),
                d: strides(), a: strides(), b: strides(), c: strides())
            #expect(try VectorDescriptor(words: descriptor.encode()) == descriptor, "seed 13")
        }
    }

    @Test("a word or bit that is not a field must be zero")
    func reserved() {
        for index in 25..<32 {
            var words = [UInt32](repeating: 0, count: 32)
            words[index] = 0x10
            let expected = DecodeError.reservedBits(word: UInt8(index), mask: 0x10)
            #expect(throws: expected) { try TransferDescriptor(words: words) }
            #expect(throws: expected) { try MatrixDescriptor(words: words) }
        }
        var words = [UInt32](repeating: 0, count: 32)
        words[2] = 0x10000
        #expect(throws: DecodeError.reservedBits(word: 2, mask: 0x10000)) {
            try TransferDescriptor(words: words)
        }
        var vector = [UInt32](repeating: 0, count: 16)
        vector[15] = 1
        #expect(throws: DecodeError.reservedBits(word: 15, mask: 1)) {
            try VectorDescriptor(words: vector)
        }
    }

    @Test("negative extents, unknown codes and wrong lengths are refused")
    func refused() {
        var words = [UInt32](repeating: 0, count: 32)
        words[4] = 0x8000_0000
        #expect(throws: DecodeError.negativeExtent(word: 4, value: .min)) {
            try TransferDescriptor(words: words)
        }
        words[4] = 0
        words[2] = 16
        #expect(throws: DecodeError.unknownFormat(.global, code: 16)) {
            try TransferDescriptor(words: words)
        }
        words[2] = 6 << 10
        #expect(throws: DecodeError.unknownMode(word: 2, code: 6)) {
            try TransferDescriptor(words: words)
        }
        #expect(throws: DecodeError.wordCount(expected: 32, actual: 16)) {
            try MatrixDescriptor(words: Array(words.prefix(16)))
        }
        #expect(throws: DecodeError.wordCount(expected: 16, actual: 0)) {
            try VectorDescriptor(words: [])
        }
    }
}
