import ApusChip
import ApusCompiler
import ApusGraph
import ApusISA
import ApusImport
import ApusRuntime

/// A model opened for a chip: tensors in, tensors out.
///
///     let session = try Session(path: "model.onnx", options: SessionOptions(chip: .edge14))
///     let outputs = try session.run([NamedTensor(name: "x", tensor: image)])
///
/// A program is compiled for the first inputs and kept for others of the same types and shapes, and
/// of the same values where the model's shapes or branches depend on them. A session serves one
/// call at a time; it is not safe to share between threads without a lock.
public final class Session {
    /// The programs that a session keeps at once; the one used longest ago goes first.
    public static let programCountMax = 8

    public let options: SessionOptions
    public let model: ONNXModel
    /// What the last run did; nil before the first.
    public private(set) var report: SessionReport?

    private let device: any Device
    /// The device, if it is the emulator, whose checker may have found something.
    private let emulator: EmulatedDevice?
    private var programs: [PreparedProgram] = []

    /// Opens the model file at `path` for a device that is there, of the chip of the options.
    ///
    /// - Throws: ``SessionError/model(_:)``.
    package init(
        path: String, options: SessionOptions, device: any Device
    ) throws(SessionError) {
        self.options = options
        self.device = device
        emulator = device as? EmulatedDevice
        do throws(ImportError) {
            model = try ONNXModel(path: path)
        } catch {
            throw .model(error)
        }
    }

    /// Opens the model file at `path`.
    ///
    /// - Throws: ``SessionError``.
    public init(path: String, options: SessionOptions) throws(SessionError) {
        self.options = options
        do throws(ImportError) {
            model = try ONNXModel(path: path)
        } catch {
            throw .model(error)
        }
        do throws(RuntimeError) {
            switch options.device {
            case .emulated:
                let emulated = try EmulatedDevice(
                    chip: options.chip, threads: options.threads, mode: options.mode)
                emulator = emulated
                device = emulated
            case .rtl(let path):
                emulator = nil
                device = try RTLDevice(
                    chip: options.chip,
                    libraryPath: path ?? RTLDevice.defaultLibraryPath(chip: options.chip))
            }
        } catch {
            throw .device(error)
        }
    }

    /// Runs the model.
    ///
    /// - Throws: ``SessionError``.
    public func run(_ given: [NamedTensor]) throws(SessionError) -> [NamedTensor] {
        let inputs = try BoundInputs(given, for: model)
        let (prepared, isNew) = try prepared(for: inputs)
        do throws(RuntimeError) {
            let outputs = try prepared.run(inputs.tensors, on: device)
            report = SessionReport(
                chip: options.chip.name, prepared: prepared, run: outputs.report, compiled: isNew,
                findings: takeFindings().map(\.description))
            return outputs.tensors
        } catch {
            throw .device(error)
        }
    }

    /// What the checker found in runs that failed; those of a run that ended are in its report.
    ///
    /// Empty unless the mode is `checked`.
    public func takeFindings() -> [LaunchFinding] { emulator?.takeFindings() ?? [] }

    /// Imports and compiles the model for these inputs without loading or running it.
    ///
    /// - Throws: ``SessionError``.
    public func compile(_ given: [NamedTensor]) throws(SessionError) -> CompiledProgram {
        try compiled(try imported(for: try BoundInputs(given, for: model)).graph)
    }

    /// The model's graph for these inputs.
    ///
    /// - Throws: ``SessionError``.
    public func graph(_ given: [NamedTensor]) throws(SessionError) -> Graph {
        try imported(for: try BoundInputs(given, for: model)).graph
    }

    /// Runs the model's graph with the reference interpreter on the host, without the chip.
    ///
    /// - Throws: ``SessionError``.
    public func interpret(_ given: [NamedTensor]) throws(SessionError) -> [NamedTensor] {
        let inputs = try BoundInputs(given, for: model)
        let graph = try imported(for: inputs).graph
        do throws(GraphError) {
            let values = graph.inputs.compactMap { inputs.tensors[$0.name] }
            let results = try Interpreter.run(graph, values)
            return zip(graph.outputs, results).map { NamedTensor(name: $0.name, tensor: $1) }
        } catch {
            throw .interpreter(error)
        }
    }

    private func imported(for inputs: BoundInputs) throws(SessionError) -> ImportedGraph {
        do throws(ImportError) {
            return try model.importGraph(structures: inputs.structures) { inputs.tensors[$0] }
        } catch {
            throw .model(error)
        }
    }

    private func compiled(_ graph: Graph) throws(SessionError) -> CompiledProgram {
        do throws(CompileError) {
            return try Compiler.compile(
                graph, for: options.chip, options: CompileOptions(precision: options.precision))
        } catch {
            throw .compile(error)
        }
    }

    private func prepared(
        for inputs: BoundInputs
    ) throws(SessionError) -> (program: PreparedProgram, isNew: Bool) {
        if let index = programs.firstIndex(where: { $0.accepts(inputs.tensors) }) {
            let program = programs.remove(at: index)
            programs.append(program)
            return (program, false)
        }
        let imported = try imported(for: inputs)
        let graph = imported.graph
        var compiled = try compiled(graph)
        // The device alone holds the initial bytes, and lets go of them as it copies them.
        let loadable = compiled.program
        compiled.program.initialised = []
        do throws(RuntimeError) {
            let program = PreparedProgram(
                loaded: try device.load(consume loadable), hostNodes: compiled.hostNodes,
                placements: compiled.report.placements,
                types: inputs.types,
                values: inputs.tensors.filter { graph.specialisedInputs.contains($0.key) },
                evaluatedNodes: imported.hostEvaluatedNodes)
            programs.append(program)
            if programs.count > Self.programCountMax { programs.removeFirst() }
            return (program, true)
        } catch {
            throw .device(error)
        }
    }
}

/// A tensor and the name it goes by in the model.
public struct NamedTensor: Sendable {
    public var name: String
    public var tensor: Tensor

    public init(name: String, tensor: Tensor) {
        self.name = name
        self.tensor = tensor
    }
}
