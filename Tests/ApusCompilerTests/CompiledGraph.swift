import ApusChip
import ApusCompiler
import ApusGraph
import ApusISA
import ApusRuntime
import Testing

/// A graph compiled and run on emulated chips, beside what the reference interpreter says.
struct CompiledGraph {
    let graph: Graph

    init(_ build: (inout GraphBuilder) throws -> Void) throws {
        var builder = GraphBuilder()
        try build(&builder)
        graph = builder.finish()
    }

    /// What a run on one chip gave.
    struct Outcome {
        var outputs: [Tensor]
        var launches: Int
        /// What the checker found; empty unless the mode is `checked`.
        var findings: [String]
        var compiled: CompiledProgram
    }

    /// Compiles for a chip and runs on these inputs.
    func run(
        _ inputs: [Tensor], on chip: Chip, precision: Precision = .highest,
        mode: EmulationMode = .fast
    ) throws -> Outcome {
        let compiled = try Compiler.compile(
            graph, for: chip, options: CompileOptions(precision: precision))
        let device = try EmulatedDevice(chip: chip, threads: 1, mode: mode)
        let loaded = try device.load(compiled.program)
        for (port, tensor) in zip(compiled.program.inputs, inputs) {
            try tensor.withBytes { try loaded.write($0, to: port) }
        }
        let report = try device.run(loaded) { (step, memory) throws(RuntimeError) in
            var operands: [Tensor] = []
            for port in step.inputs { operands.append(try Self.read(port, memory)) }
            do {
                let results = try Interpreter.evaluate(
                    compiled.hostNodes[step.index].operation, operands)
                for (port, result) in zip(step.outputs, results) {
                    try result.withBytes { (bytes) throws(RuntimeError) in
                        try memory.write(bytes, to: port)
                    }
                }
            } catch {
                throw RuntimeError.hostStep(label: step.label, reason: "\(error)")
            }
        }
        var outputs: [Tensor] = []
        for port in compiled.program.outputs { outputs.append(try Self.read(port, loaded)) }
        return Outcome(
            outputs: outputs, launches: report.launches,
            findings: device.takeFindings().map(\.description), compiled: compiled)
    }

    private static func read(_ port: Port, _ memory: LoadedProgram) throws(RuntimeError) -> Tensor {
        let elementType = ElementType.allCases.first { $0.description == port.tensorType }
        guard let elementType else {
            throw .hostStep(label: port.name, reason: "element type \(port.tensorType)")
        }
        let type = TensorType(elementType, Shape(port.shape))
        let bytes = try memory.read(port)
        do {
            return try Tensor(type, bytes: bytes)
        } catch {
            throw .hostStep(label: port.name, reason: "\(error)")
        }
    }
}

/// Runs a graph on `nano` (in an order drawn from the seed, under the checker, which must find
/// nothing) and on `edge14`, wholly on the chip, and expects equal bits of both and the
/// interpreter's results: to the bit, or within `tolerance` relative to the larger of 1 and the
/// value.
func expectCompiledIsInterpreted(
    seed: UInt64 = 1, tolerance: Double = 0, precision: Precision = .highest,
    launches: Int? = nil, onChip: Bool = true, integers: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ build: (inout GraphBuilder) throws -> Void
) throws {
    let subject = try CompiledGraph(build)
    var random = RandomTensors(seed: seed, integers: integers)
    let inputs = subject.graph.inputs.map { random.tensor(subject.graph.type(of: $0.value)) }
    let expected = try Interpreter.run(subject.graph, inputs)
    var first: [Tensor]?
    for chip in [Chip.nano, .edge14] {
        let outcome = try subject.run(
            inputs, on: chip, precision: precision,
            mode: chip == .nano ? .checked(seed: seed) : .fast)
        #expect(outcome.findings.isEmpty, "seed \(seed)", sourceLocation: sourceLocation)
        for (index, (found, wanted)) in zip(outcome.outputs, expected).enumerated() {
            let message = difference(found, wanted, tolerance: tolerance)
            #expect(
                message == nil, "seed \(seed), \(chip.name), output \(index): \(message ?? "")",
                sourceLocation: sourceLocation)
        }
        if onChip {
            let placements = outcome.compiled.report.placements
            #expect(
                outcome.compiled.report.isWhollyOnChip, "\(placements)",
                sourceLocation: sourceLocation)
        }
        if let launches, chip == .edge14 {
            #expect(outcome.launches == launches, sourceLocation: sourceLocation)
        }
        if let first {
            #expect(first == outcome.outputs, "nano and edge14", sourceLocation: sourceLocation)
        }
        first = first ?? outcome.outputs
    }
}

/// The first element that differs, or nil.
func difference(_ found: Tensor, _ wanted: Tensor, tolerance: Double) -> String? {
    guard found.type == wanted.type else { return "\(found.type), expected \(wanted.type)" }
    if found == wanted { return nil }
    guard tolerance > 0, found.elementType == .float32 else { return "bits differ" }
    let pairs = zip(found.array(of: Float.self), wanted.array(of: Float.self))
    for (index, (a, b)) in pairs.enumerated() where a.bitPattern != b.bitPattern {
        let error = Double(abs(a - b)) / max(1, Double(abs(b)))
        if !(error <= tolerance) { return "element \(index): \(a), expected \(b), error \(error)" }
    }
    return nil
}

/// Tensors from a seed: numbers between −1 and 1, or small integers whose sums of products are
/// exact in FP32 and whose values are exact in BF16.
struct RandomTensors {
    private var state: UInt64
    private let integers: Bool

    init(seed: UInt64, integers: Bool = false) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        self.integers = integers
    }

    private mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(1 << 31)
    }

    mutating func tensor(_ type: TensorType) -> Tensor {
        let count = type.shape.elementCount
        switch type.elementType {
        case .float32:
            let values = (0..<count).map { _ in integers ? (next() * 8).rounded() : next() }
            return Tensor(values, shape: type.shape)
        case .bool: return Tensor((0..<count).map { _ in next() > 0 }, shape: type.shape)
        case .int8:
            return Tensor((0..<count).map { _ in Int8(next() * 127) }, shape: type.shape)
        case .uint8:
            return Tensor((0..<count).map { _ in UInt8((next() + 1) * 127) }, shape: type.shape)
        case .int32:
            return Tensor((0..<count).map { _ in Int32(next() * 100_000) }, shape: type.shape)
        case .int64:
            return Tensor((0..<count).map { _ in Int64(next() * 4) }, shape: type.shape)
        default: return Tensor(zeros: type)
        }
    }

    mutating func floats(_ shape: Shape) -> Tensor { tensor(TensorType(.float32, shape)) }
}
