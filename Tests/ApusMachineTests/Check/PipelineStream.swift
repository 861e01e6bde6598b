import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics

/// A stream that doubles tiles of 64 floats: Load, Vector and Store overlap on two buffers each.
///
/// Load posts semaphore 1, Vector 2, Store 3, once for each tile. A fault is planted by changing
/// what `adjust` is given before it is enqueued.
struct PipelineStream {
    static let tiles = 6
    static let bytes: UInt32 = 256
    /// Buffers of Load from 0, of Store from 0x400.
    static func input(_ tile: Int) -> UInt32 { UInt32(tile % 2) * bytes }
    static func output(_ tile: Int) -> UInt32 { 0x400 + UInt32(tile % 2) * bytes }

    /// One command before it is encoded.
    struct Item {
        var engine: Engine
        var tile: Int
        var sync: SyncFields
        var operation: Command.Operation
    }

    static func sync(
        _ a: (UInt8, Int) = (0, 0), _ b: (UInt8, Int) = (0, 0), post: UInt8, count: UInt8 = 1
    ) -> SyncFields {
        let first = a.1 > 0 ? a : (0, 0)
        let second = b.1 > 0 ? b : (0, 0)
        return SyncFields(
            waitA: first.0, waitAValue: UInt16(first.1), waitB: second.0,
            waitBValue: UInt16(second.1),
            post: post, postCount: post == 0 ? 0 : count)
    }

    static func stream(_ adjust: (inout Item, inout Stream) -> Void = { _, _ in }) -> Stream {
        var stream = Stream()
        for tile in 0..<tiles {
            for engine in [Engine.load, .vector, .store] {
                var item = item(engine, tile, &stream)
                adjust(&item, &stream)
                stream.enqueue(item.operation, sync: item.sync, on: item.engine)
            }
        }
        return stream
    }

    private static func item(_ engine: Engine, _ tile: Int, _ stream: inout Stream) -> Item {
        let sync: SyncFields
        let operation: Command.Operation
        switch engine {
        case .load:
            sync = Self.sync((2, tile - 1), post: 1)
            operation = .load(transfer(offset: tile * Int(bytes), local: input(tile), &stream))
        case .store:
            sync = Self.sync((2, tile + 1), post: 3)
            operation = .store(
                transfer(offset: 0x8000 + tile * Int(bytes), local: output(tile), &stream))
        case .vector, .matrix:
            sync = Self.sync((1, tile + 1), (3, tile - 1), post: 2)
            operation = .vector(double(from: input(tile), to: output(tile), &stream))
        }
        return Item(engine: engine, tile: tile, sync: sync, operation: operation)
    }

    static func transfer(offset: Int, local: UInt32, _ stream: inout Stream) -> TransferCommand {
        let descriptor = TransferDescriptor.dense(
            offset: offset, format: .fp32, columns: 64, rows: 1)
        return TransferCommand(
            descriptor: stream.append(descriptor.encode()), local: local, coordinates: .zero)
    }

    /// d = a + a.
    static func double(from a: UInt32, to d: UInt32, columns: Int32 = 64, _ stream: inout Stream)
        -> VectorCommand
    {
        let strides = VectorDescriptor.Strides(column: 4, row: 256, plane: 0)
        let none = VectorDescriptor.Strides(column: 0, row: 0, plane: 0)
        let descriptor = VectorDescriptor(
            columns: columns, rows: 1, planes: 1, d: strides, a: strides, b: strides, c: none)
        return VectorCommand(
            opcode: .add, d: d, a: a, b: a, c: 0, descriptor: stream.append(descriptor.encode()),
            dFormat: .fp32, aFormat: .fp32, bFormat: .fp32, cFormat: .fp32, bImmediate: false,
            cImmediate: false, rounding: 0)
    }
}

/// What a checked run of a stream came to.
struct CheckedRun {
    var findings: [Finding] = []
    var error: MachineError?
    var output: [Float] = []

    init(_ stream: Stream, seed: UInt64, chip: Chip = .nano) throws {
        let bench = try TestBench(chip: chip, mode: .checked(seed: seed), memoryBytes: 1 << 16)
        let checker = LaunchChecker(chip: chip)
        bench.machine.observer = checker
        bench.write((0..<64 * PipelineStream.tiles).map { Float($0) }, at: 0)
        do {
            try bench.run(stream)
        } catch let error as MachineError {
            self.error = error
        }
        findings = checker.findings
        output = bench.read(Float.self, count: 64 * PipelineStream.tiles, at: 0x8000)
    }
}
