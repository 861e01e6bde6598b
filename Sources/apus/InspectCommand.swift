import ApusChip
import ApusCompiler
import ApusGraph
import ApusISA
import ApusSession
import ArgumentParser

/// `apus inspect`: what a model takes, gives and does, and where each part would run.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show a model's inputs, outputs, operations, placement and memory.",
        discussion: """
            Shapes that the model leaves open are taken from --input or --random, else they are 1.

            apus inspect model.onnx --random x=1x3x48x320
            """)

    @OptionGroup var model: ModelOptions

    @Flag(name: .long, help: "Print one JSON object instead of tables.")
    var json = false

    func run() throws {
        let session = try model.open()
        var inputs = try model.inputs(of: session)
        for port in session.model.inputs where !inputs.contains(where: { $0.name == port.name }) {
            guard port.kind == .tensor else { continue }
            let extents = port.dimensions.map { $0 ?? 1 }
            guard let shape = try? Shape(checked: extents), shape.elementCount <= 1 << 28 else {
                throw Refusal("input \(port.name): give its shape by --random \(port.name)=…")
            }
            inputs.append(
                NamedTensor(
                    name: port.name, tensor: Tensor(zeros: TensorType(port.elementType, shape))))
        }
        let compiled = try refusing { () throws(SessionError) in try session.compile(inputs) }
        let page = InspectPage(session: session, inputs: inputs, compiled: compiled)
        print(json ? page.json.text : page.text)
    }
}

/// What `apus inspect` prints.
struct InspectPage {
    let session: Session
    let inputs: [NamedTensor]
    let compiled: CompiledProgram

    private var operations: [(name: String, onChip: Int, onHost: Int)] {
        var counts: [String: (chip: Int, host: Int)] = [:]
        for placement in compiled.report.placements {
            if case .host = placement.place {
                counts[placement.operation, default: (0, 0)].host += 1
            } else {
                counts[placement.operation, default: (0, 0)].chip += 1
            }
        }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value.chip, $0.value.host) }
    }

    private var launches: Int {
        compiled.program.steps.count { if case .launch = $0 { true } else { false } }
    }

    /// For a person.
    var text: String {
        var lines: [String] = []
        for port in session.model.inputs {
            let given = inputs.first { $0.name == port.name }
            let as_ = given.map { ", inspected as \($0.tensor.shape)" } ?? ""
            lines.append("input   \(port.name): \(port.declaration)\(as_)")
        }
        for port in compiled.program.outputs {
            lines.append("output  \(port.name): \(port.tensorType)\(port.shape)")
        }
        lines.append("")
        lines.append("operation          chip  host")
        for row in operations {
            let name = row.name.padding(to: 18)
            lines.append("\(name) \("\(row.onChip)".padding(to: 5)) \(row.onHost)")
        }
        for placement in compiled.report.placements {
            guard case .host(let reason) = placement.place else { continue }
            lines.append("on host: \(placement.name) (\(placement.operation)): \(reason)")
        }
        lines.append("")
        lines.append("launches  \(launches) on \(session.options.chip.name)")
        lines.append("memory    \(compiled.program.arenaBytes) bytes of global memory")
        let constants = compiled.program.initialised.reduce(0) { $0 + $1.bytes.count }
        lines.append("weights   \(constants) bytes of it")
        return lines.joined(separator: "\n")
    }

    /// For a program.
    var json: JSONValue {
        let rows: [JSONValue] = operations.map { row in
            .object([
                .init("operation", .string(row.name)), .init("onChip", .integer(row.onChip)),
                .init("onHost", .integer(row.onHost)),
            ])
        }
        let takes: [JSONValue] = session.model.inputs.map { port in
            .object([
                .init("name", .string(port.name)), .init("type", .string(port.declaration)),
            ])
        }
        let gives: [JSONValue] = compiled.program.outputs.map { port in
            .object([
                .init("name", .string(port.name)), .init("type", .string(port.tensorType)),
                .init("shape", .array(port.shape.map { .integer($0) })),
            ])
        }
        return .object([
            .init("inputs", .array(takes)), .init("outputs", .array(gives)),
            .init("operations", .array(rows)), .init("launches", .integer(launches)),
            .init("arenaBytes", .integer(compiled.program.arenaBytes)),
            .init("chip", .string(session.options.chip.name)),
        ])
    }
}

extension String {
    /// The text with spaces after it up to `width`.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
