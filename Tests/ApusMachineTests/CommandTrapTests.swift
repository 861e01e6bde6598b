import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics
import Testing

@Suite("A trap")
struct CommandTrapTests {
    /// A legal command, and what makes it illegal.
    private struct Fault: Sendable {
        var cause: TrapCause
        var name: String
        var spoil: @Sendable (inout CommandWord, inout [UInt32]) -> Void
    }

    private static func transferDescriptor() -> [UInt32] {
        TransferDescriptor.dense(offset: 0, format: .fp32, columns: 8, rows: 4).encode()
    }

    private static let transferFaults: [Fault] = [
        Fault(cause: .reservedBits, name: "word 0") { word, _ in word[0] |= 1 << 27 },
        Fault(cause: .unknownOpcode, name: "opcode") { word, _ in word[0] |= 0xF },
        Fault(cause: .wrongQueue, name: "matmul") { word, _ in word[0] ^= 0x20 },
        Fault(cause: .badDescriptor, name: "misaligned") { word, _ in word[2] += 4 },
        Fault(cause: .badDescriptor, name: "beyond") { word, _ in word[2] = 0x4000 - 112 },
        Fault(cause: .reservedBits, name: "descriptor") { _, words in words[30] = 1 },
        Fault(cause: .unknownCode, name: "format") { _, words in words[2] = 31 },
        Fault(cause: .unknownCode, name: "gather") { _, words in words[2] = 6 << 10 },
        Fault(cause: .unknownCode, name: "reduction of a Load") { _, words in words[2] |= 1 << 13 },
        Fault(cause: .unsupportedFormat, name: "bits64") { _, words in words[2] = 12 },
        Fault(cause: .unsupportedFormat, name: "fixed54") { _, words in words[2] = 14 << 5 },
        Fault(cause: .badShape, name: "negative") { _, words in words[9] = 0x8000_0000 },
        Fault(cause: .badShape, name: "2^40 elements") { _, words in
            (words[9], words[10]) = (1 << 20, 1 << 20)
        },
        Fault(cause: .localBounds, name: "scratchpad") { word, _ in word[3] = 0x1_0000 - 124 },
        Fault(cause: .localBounds, name: "below") { _, words in words[20] = ~0xFFF },
        Fault(cause: .globalBounds, name: "base") { _, words in words[0] = (1 << 20) - 124 },
        Fault(cause: .globalBounds, name: "high base") { _, words in words[1] = 0xFFFF_FFFF },
        Fault(cause: .globalBounds, name: "stride") { _, words in words[15] = 0x7FFF_FFFF },
        Fault(cause: .localBounds, name: "index table") { _, words in
            words[2] |= 2 << 10
            words[24] = 0x1_0000 - 12
        },
        Fault(cause: .overlap, name: "index table") { _, words in
            words[2] |= 2 << 10
            words[24] = 128
        },
    ]

    @Test("of a Load has its cause and leaves memory alone", arguments: transferFaults.indices)
    func load(index: Int) throws {
        let fault = CommandTrapTests.transferFaults[index]
        let command = Command(
            sync: .none,
            operation: .load(
                TransferCommand(descriptor: 0x1000, local: 64, coordinates: .zero)))
        try check(fault, command.encode(), CommandTrapTests.transferDescriptor(), on: .load)
    }

    private static let vectorFaults: [Fault] = [
        Fault(cause: .reservedBits, name: "c of an add") { word, _ in word[5] = 4 },
        Fault(cause: .unknownCode, name: "rounding 7") { word, _ in word[7] |= 7 << 22 },
        Fault(cause: .unknownCode, name: "format 17") { word, _ in word[7] |= 17 },
        Fault(cause: .unsupportedFormat, name: "bits64") { word, _ in word[7] |= 12 << 5 },
        Fault(cause: .unsupportedFormat, name: "to fixed54") { word, _ in word[7] |= 14 },
        Fault(cause: .unsupportedFormat, name: "shift of FP32") { word, _ in
            word[0] = UInt32(VectorOpcode.shl.rawValue)
        },
        Fault(cause: .localBounds, name: "accumulators") { word, _ in word[3] = 0x4000_3FF0 },
        Fault(cause: .overlap, name: "a meets d") { word, _ in word[3] = 4 },
        Fault(cause: .overlap, name: "d meets itself") { _, words in words[3] = 0 },
        Fault(cause: .badShape, name: "negative rows") { _, words in words[1] = 0xFFFF_FFFF },
        Fault(cause: .badShape, name: "2^33 elements") { _, words in words[0] = 0x7FFF_FFFF },
        Fault(cause: .overlap, name: "a reduction in place of overlapping rows") { word, words in
            word[0] = UInt32(VectorOpcode.rsum.rawValue)
            (word[2], word[4]) = (1024, 0)
            (words[4], words[7]) = (16, 16)
        },
        Fault(cause: .overlap, name: "a top-k in place") { word, _ in
            word[0] = UInt32(VectorOpcode.topk.rawValue)
            (word[2], word[4], word[5]) = (1024, 1, 4096)
            word[7] = 1 << 20 | UInt32(ElementFormat.int32.rawValue) << 15
        },
    ]

    @Test("of a Vector command has its cause", arguments: vectorFaults.indices)
    func vector(index: Int) throws {
        let strides = VectorDescriptor.Strides(column: 4, row: 32, plane: 128)
        let descriptor = VectorDescriptor(
            columns: 8, rows: 4, planes: 1, d: strides, a: strides, b: strides, c: .zero)
        let command = Command(
            sync: .none,
            operation: .vector(
                VectorCommand(
                    opcode: .add, d: 0, a: 1024, b: 2048, c: 0, descriptor: 0x1000, dFormat: .fp32,
                    aFormat: .fp32, bFormat: .fp32, cFormat: .fp32, bImmediate: false,
                    cImmediate: false, rounding: 0)))
        try check(
            CommandTrapTests.vectorFaults[index], command.encode(), descriptor.encode(), on: .vector
        )
    }

    @Test("is not a Vector command without elements, however large its other extents")
    func emptyVector() throws {
        let strides = VectorDescriptor.Strides(column: 4, row: 32, plane: 128)
        let descriptor = VectorDescriptor(
            columns: .max, rows: .max, planes: 0, d: strides, a: strides, b: .zero, c: .zero)
        let command = Command(
            sync: .none,
            operation: .vector(
                VectorCommand(
                    opcode: .copy, d: 0, a: 1024, b: 0, c: 0, descriptor: 0x1000, dFormat: .fp32,
                    aFormat: .fp32, bFormat: .fp32, cFormat: .fp32, bImmediate: false,
                    cImmediate: false, rounding: 0)))
        for mode in [EmulationMode.fast, .oracle] {
            try TestBench(mode: mode).run(stream(command.encode(), descriptor.encode(), .vector))
        }
    }

    private static let matrixFaults: [Fault] = [
        Fault(cause: .unknownCode, name: "passes 3") { word, _ in word[0] |= 3 << 28 },
        Fault(cause: .reservedBits, name: "word 7") { word, _ in word[7] = 1 },
        Fault(cause: .unsupportedFormat, name: "BF16 by INT8") { word, _ in word[6] = 1 | 7 << 5 },
        Fault(cause: .reservedBits, name: "scales") { _, words in words[21] = 32 },
        Fault(cause: .localBounds, name: "A in accumulators") { word, _ in word[3] = 0x4000_0000 },
        Fault(cause: .localBounds, name: "acc in scratchpad") { word, _ in word[5] = 0 },
        Fault(cause: .misalignedAddress, name: "acc") { word, _ in word[5] += 2 },
        Fault(cause: .badShape, name: "rows of acc") { _, words in words[17] = 4 },
        Fault(cause: .badShape, name: "group 0") { word, _ in word[6] = 1 | 7 << 5 | 1 << 10 },
    ]

    @Test("of a matmul has its cause", arguments: matrixFaults.indices)
    func matmul(index: Int) throws {
        let descriptor = MatrixDescriptor(
            m0: 4, m1: 1, n0: 4, n1: 1, k0: 4, k1: 1, k2: 1,
            aStrides: .init(m0: 8, m1: 0, k0: 2, k1: 0, k2: 0),
            bStrides: .init(n0: 2, n1: 0, k0: 8, k1: 0, k2: 0), accumulatorRowStride: 16,
            scales: .none)
        let command = Command(
            sync: .none,
            operation: .matmul(
                MatmulCommand(
                    descriptor: 0x1000, a: 0, b: 512, accumulator: AddressMap.localAccumulators,
                    aFormat: .bf16, bFormat: .bf16, accumulate: false, passes: .native,
                    scaling: .none)))
        try check(
            CommandTrapTests.matrixFaults[index], command.encode(), descriptor.encode(), on: .matrix
        )
    }

    /// A command without elements ends, whatever else its descriptor says.
    private static let emptyShapes: [(name: String, spoil: @Sendable ([UInt32]) -> [UInt32])] = [
        (
            "k of zero behind large extents",
            { words in
                var words = words
                (words[4], words[5], words[6]) = (1 << 30, 1 << 30, 0)
                return words
            }
        ),
        (
            "no rows, and scales outside",
            { words in
                var words = words
                (words[0], words[19], words[21]) = (0, 0x7FFF_FFFF, 2)
                return words
            }
        ),
        (
            "no columns, and scales outside",
            { words in
                var words = words
                (words[2], words[19], words[21]) = (0, 0x7FFF_FFFF, 2)
                return words
            }
        ),
    ]

    @Test("is not what a matmul without elements has", arguments: emptyShapes.indices)
    func emptyMatmul(index: Int) throws {
        let (name, spoil) = CommandTrapTests.emptyShapes[index]
        let descriptor = MatrixDescriptor(
            m0: 4, m1: 1, n0: 4, n1: 1, k0: 4, k1: 1, k2: 1,
            aStrides: .init(m0: 8, m1: 0, k0: 2, k1: 0, k2: 0),
            bStrides: .init(n0: 1, n1: 0, k0: 4, k1: 0, k2: 0), accumulatorRowStride: 16,
            scales: .none)
        let command = Command(
            sync: .none,
            operation: .matmul(
                MatmulCommand(
                    descriptor: 0x1000, a: 0, b: 512, accumulator: AddressMap.localAccumulators,
                    aFormat: .bf16, bFormat: index == 0 ? .bf16 : .int8, accumulate: true,
                    passes: .native, scaling: index == 0 ? .none : .dequantiseB)))
        for mode in [EmulationMode.fast, .oracle, .checked(seed: 3)] {
            let bench = try TestBench(mode: mode)
            #expect(throws: Never.self, "\(name), \(mode)") {
                try bench.run(stream(command.encode(), spoil(descriptor.encode()), .matrix))
            }
        }
    }

    /// The sound command runs; the spoilt one traps in every mode, tells its words and changes
    /// nothing.
    private func check(
        _ fault: Fault, _ word: CommandWord, _ descriptor: [UInt32], on engine: Engine
    ) throws {
        var (spoilt, spoiltDescriptor) = (word, descriptor)
        fault.spoil(&spoilt, &spoiltDescriptor)
        for mode in [EmulationMode.fast, .oracle, .checked(seed: 3)] {
            let bench = try TestBench(mode: mode)
            try bench.run(stream(word, descriptor, engine))
            var generator = SeededGenerator(seed: 1)
            let bytes = generator.bytes(RandomCommand.scratchpadBytes)
            bench.machine.setLocalBytes(core: 0, address: 0, bytes)
            let expected = MachineError.commandTrap(
                core: 0, engine: engine, cause: fault.cause, command: spoilt)
            #expect(throws: expected, "\(fault.name), \(mode)") {
                try bench.run(stream(spoilt, spoiltDescriptor, engine))
            }
            #expect(bench.machine.localBytes(core: 0, address: 0, count: bytes.count) == bytes)
        }
    }

    private func stream(_ word: CommandWord, _ descriptor: [UInt32], _ engine: Engine) -> Stream {
        var stream = Stream(storesMax: (0x1000 - 16) / 8)
        _ = stream.append(descriptor)
        stream.enqueue(word, on: engine)
        return stream
    }
}
