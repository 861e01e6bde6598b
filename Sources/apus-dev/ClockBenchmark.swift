import ApusChip
import ApusCompiler
import ApusGraph
import ApusRuntime
import ArgumentParser
import Foundation

/// `apus-dev time-speed`: how fast the cycle simulator is.
struct ClockBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "time-speed",
        abstract: "Measure the simulator's speed on a chip of four cores of 128 × 128 cells.")

    @Option(help: "How often each program is timed; the shortest counts.")
    var repeats = 5

    /// Four cores of 128 × 128 cells at 614 GB/s, with channels and a mesh.
    private static let chip: Chip = {
        var chip = Chip.cloud7
        chip.name = "four-128"
        (chip.meshColumns, chip.meshRows) = (2, 2)
        (chip.matrixRows, chip.matrixColumns, chip.vectorLanes) = (128, 128, 128)
        (chip.scratchpadBytes, chip.accumulatorBytes) = (8 << 20, 2 << 20)
        chip.scratchpadBanks = 64
        (chip.widths.matrixPorts, chip.widths.vectorPorts) = (64, 64)
        (chip.memoryChannels, chip.memoryMegabytesPerSecond) = (12, 614_400)
        return chip
    }()

    func run() throws {
        try Self.chip.validate()
        let layer = try measure("a Llama-3-8B layer, 128 tokens", Self.decoderLayer())
        let gemm = try measure("a product of 512³", Self.product(512))
        let encoder = try measure("an encoder block, 128 tokens", Self.encoderBlock())
        let rate = Double(layer.cycles) / layer.seconds / 1e6
        print("time.megacycles_per_cpu_second: \(String(format: "%.2f", rate))")
        print("time.layer_cpu_seconds: \(String(format: "%.4f", layer.seconds))")
        print("time.gemm_cpu_seconds: \(String(format: "%.6f", gemm.seconds))")
        print("time.encoder_cpu_seconds: \(String(format: "%.6f", encoder.seconds))")
    }

    /// Cycles of the program of a graph, and the host's seconds for timing them.
    private func measure(
        _ name: String, _ graph: Graph
    ) throws -> (cycles: UInt64, seconds: Double) {
        let compiled = try Compiler.compile(
            graph, for: Self.chip, options: CompileOptions(precision: .bf16))
        let device = try SimulatedDevice(chip: Self.chip, memory: .channels, seed: 1)
        var cycles: UInt64 = 0
        var shortest = Double.infinity
        for _ in 0..<max(1, repeats) {
            let begin = Self.processorSeconds()
            cycles = try device.run(compiled.program).cycles
            shortest = min(shortest, Self.processorSeconds() - begin)
        }
        print(
            "\(name): \(cycles) cycles in \(String(format: "%.4f", shortest)) CPU-seconds, "
                + "\(compiled.hostNodes.count) host steps")
        return (cycles, shortest)
    }

    /// Of all threads of the process.
    private static func processorSeconds() -> Double {
        Double(clock()) / Double(CLOCKS_PER_SEC)
    }

    private static func product(_ size: Int) throws -> Graph {
        var builder = GraphBuilder()
        let type = TensorType(.bfloat16, [size, size])
        let (x, y) = (builder.input("x", type), builder.input("y", type))
        builder.output("z", try builder.product(x, y))
        return builder.finish()
    }

    /// Attention of 32 heads over 8 pairs of keys and values, then the gated feed-forward part.
    private static func decoderLayer() throws -> Graph {
        var builder = GraphBuilder()
        let (tokens, width, groups, size, hidden) = (128, 4096, 8, 128, 14336)
        let x = builder.input("x", TensorType(.bfloat16, [tokens, width]))
        let q = try builder.linear(x, width, "q")
        let k = try builder.linear(x, groups * size, "k")
        let v = try builder.linear(x, groups * size, "v")
        // Heads of one group lie one after another along the rows.
        let heads = width / size / groups
        let queries = try builder.moved(q, [tokens, groups, heads, size], [1, 2, 0, 3])
        let rows = try builder.add(.reshape([groups, heads * tokens, size]), [queries])
        let keys = try builder.moved(k, [tokens, groups, size], [1, 0, 2])
        let values = try builder.moved(v, [tokens, groups, size], [1, 0, 2])
        let mixed = try builder.attention(rows, keys, values)
        let split = try builder.add(.reshape([groups, heads, tokens, size]), [mixed])
        let joined = try builder.add(.transpose([2, 0, 1, 3]), [split])
        let flat = try builder.add(.reshape([tokens, width]), [joined])
        let attended = try builder.add(
            .binary(.add), [try builder.linear(flat, width, "o"), x])
        let gate = try builder.linear(attended, hidden, "gate")
        let up = try builder.linear(attended, hidden, "up")
        let opened = try builder.add(
            .binary(.multiply), [gate, try builder.add(.unary(.sigmoid), [gate])])
        let product = try builder.add(.binary(.multiply), [opened, up])
        let down = try builder.linear(product, width, "down")
        builder.output("y", try builder.add(.binary(.add), [down, attended]))
        return builder.finish()
    }

    /// Attention of twelve heads and the feed-forward part of a BERT-base encoder.
    private static func encoderBlock() throws -> Graph {
        var builder = GraphBuilder()
        let (tokens, width, heads, size, hidden) = (128, 768, 12, 64, 3072)
        let x = builder.input("x", TensorType(.bfloat16, [tokens, width]))
        let parts = try ["q", "k", "v"].map { name in
            let part = try builder.linear(x, width, name)
            return try builder.moved(part, [tokens, heads, size], [1, 0, 2])
        }
        let mixed = try builder.attention(parts[0], parts[1], parts[2])
        let joined = try builder.add(.transpose([1, 0, 2]), [mixed])
        let flat = try builder.add(.reshape([tokens, width]), [joined])
        let attended = try builder.linear(flat, width, "o")
        let up = try builder.linear(attended, hidden, "up")
        let curved = try builder.add(
            .binary(.multiply), [up, try builder.add(.unary(.sigmoid), [up])])
        builder.output("y", try builder.linear(curved, width, "down"))
        return builder.finish()
    }
}

extension GraphBuilder {
    fileprivate mutating func product(_ x: ValueID, _ y: ValueID) throws -> ValueID {
        try add(.dot(.matmul(batchRank: 0, resultType: .bfloat16)), [x, y])
    }

    fileprivate mutating func linear(
        _ x: ValueID, _ outputs: Int, _ name: String
    ) throws -> ValueID {
        let weights = TensorType(.bfloat16, [graph.type(of: x).shape[1], outputs])
        return try product(x, input(name, weights))
    }

    fileprivate mutating func moved(
        _ x: ValueID, _ shape: Shape, _ order: [Int]
    ) throws -> ValueID {
        try add(.transpose(order), [try add(.reshape(shape), [x])])
    }

    /// Of `[batch, rows, size]` over keys and values of `[batch, columns, size]`.
    fileprivate mutating func attention(
        _ q: ValueID, _ k: ValueID, _ v: ValueID
    ) throws -> ValueID {
        let scores = try add(
            .dot(
                Dot(
                    leftBatch: [0], rightBatch: [0], leftContracting: [2], rightContracting: [2],
                    resultType: .bfloat16)), [q, k])
        let largest = try add(.reduce(.maximum, axes: [2], keepDimensions: true), [scores])
        let distance = try add(.binary(.subtract), [scores, largest])
        let weights = try add(.unary(.exp), [distance])
        let sum = try add(.reduce(.sum, axes: [2], keepDimensions: true), [weights])
        let shares = try add(.binary(.divide), [weights, sum])
        return try add(
            .dot(
                Dot(
                    leftBatch: [0], rightBatch: [0], leftContracting: [2], rightContracting: [1],
                    resultType: .bfloat16)), [shares, v])
    }
}
