import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics
import Testing

/// Closed forms beside the walk through every cycle, on the gates' widths: for regular commands
/// they must tell the same.
@Suite("closed forms and the walk")
struct ClockWalkTests {
    private static let seed: UInt64 = 77
    /// What a closed form may be off: a twentieth of a transfer or a function, an eighth of a
    /// product, whose walk also has conflicts of its ports in the banks; and ends of pipelines.
    private static let slack: (transfer: Double, product: Double, ends: Double) = (0.05, 0.125, 24)

    private func compare(
        _ operation: Command.Operation, _ descriptor: [UInt32], share: Double
    ) throws {
        var stream = Stream(storesMax: (Int(RandomCommand.offset) - 16) / 8)
        _ = stream.append(descriptor)
        stream.enqueue(operation)
        let arguments = stream.arguments
        let cycles = try [true, false].map { steps in
            let machine = try ClockedMachine(
                chip: .nano, memory: .simple, seed: Self.seed, stepsEveryCycle: steps)
            try machine.load(StreamKernel.image)
            let entry = try machine.entry(of: "stream")
            return try arguments.withUnsafeBytes {
                Double(try machine.launch(entry: entry, arguments: $0).cycles)
            }
        }
        let distance = abs(cycles[1] - cycles[0])
        #expect(
            distance <= share * cycles[0] + Self.slack.ends,
            "\(operation): walk \(cycles[0]), closed form \(cycles[1]), seed \(Self.seed)")
    }

    @Test("transfers of dense rows")
    func transfers() throws {
        var generator = SeededGenerator(seed: Self.seed)
        print("seed \(Self.seed)")
        for index in 0..<40 {
            let format = generator.pick([ElementFormat.fp32, .bf16, .int32, .fp16])
            let columns = 8 * Int.random(in: 1...60, using: &generator)
            let rows = Int.random(in: 1...20, using: &generator)
            let descriptor = TransferDescriptor.dense(
                offset: 0, format: format, columns: columns, rows: rows
            ).encode()
            let command = TransferCommand(
                descriptor: RandomCommand.offset, local: 0, coordinates: .zero)
            try compare(
                index % 2 == 0 ? .load(command) : .store(command), descriptor,
                share: Self.slack.transfer)
        }
    }

    @Test("functions of dense rows")
    func functions() throws {
        var generator = SeededGenerator(seed: Self.seed)
        let opcodes: [VectorOpcode] = [.copy, .add, .mul, .fma, .exp, .tanh, .rsum, .rmax, .div]
        for _ in 0..<40 {
            let columns = 32 * Int.random(in: 1...16, using: &generator)
            let rows = Int.random(in: 1...6, using: &generator)
            let opcode = generator.pick(opcodes)
            let tile = VectorDescriptor.Strides(
                column: 4, row: Int32(4 * columns), plane: 0)
            let hasB = opcode.form == .binary || opcode.form == .ternary
            let hasC = opcode.form == .ternary
            let descriptor = VectorDescriptor(
                columns: Int32(columns), rows: Int32(rows), planes: 1, d: tile, a: tile,
                b: hasB ? tile : .zero, c: hasC ? tile : .zero
            ).encode()
            let command = VectorCommand(
                opcode: opcode, d: 49152, a: 0, b: hasB ? 16384 : 0, c: hasC ? 32768 : 0,
                descriptor: RandomCommand.offset, dFormat: .fp32, aFormat: .fp32, bFormat: .fp32,
                cFormat: .fp32, bImmediate: false, cImmediate: false, rounding: 0)
            try compare(.vector(command), descriptor, share: Self.slack.transfer)
        }
    }

    @Test("products whose operands lie along k")
    func products() throws {
        var generator = SeededGenerator(seed: Self.seed)
        for _ in 0..<40 {
            let (rows, columns) = (
                8 * Int.random(in: 1...3, using: &generator),
                16 * Int.random(in: 1...2, using: &generator)
            )
            // An odd number of words to a row, so that rows lie in all banks.
            let depth = 8 * (2 * Int.random(in: 2...12, using: &generator) + 1)
            let format = generator.pick([ElementFormat.bf16, .int8])
            let size = format.bitWidth / 8
            let descriptor = MatrixDescriptor(
                m0: Int32(rows), m1: 1, n0: Int32(columns), n1: 1, k0: Int32(depth), k1: 1, k2: 1,
                aStrides: .init(m0: Int32(size * depth), m1: 0, k0: Int32(size), k1: 0, k2: 0),
                bStrides: .init(n0: Int32(size * depth), n1: 0, k0: Int32(size), k1: 0, k2: 0),
                accumulatorRowStride: Int32(4 * columns), scales: .none
            ).encode()
            let command = MatmulCommand(
                descriptor: RandomCommand.offset, a: 0, b: 32768,
                accumulator: AddressMap.localAccumulators, aFormat: format, bFormat: format,
                accumulate: false, passes: .native, scaling: .none)
            try compare(.matmul(command), descriptor, share: Self.slack.product)
        }
    }
}
