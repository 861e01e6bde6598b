import ApusGraph
import ApusImport
import ApusSession
import ArgumentParser
import Foundation

/// Runs ONNX conformance cases through the importer and the reference interpreter.
struct Conformance: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a folder of ONNX cases in the reference interpreter.",
        discussion: "python/extract_onnx_cases.py makes the folder.")

    @Argument(help: "The folder of cases.")
    var folder: String

    @Option(help: "Only cases whose name contains this.")
    var only = ""

    @Flag(help: "Print each case that does not pass.")
    var verbose = false

    @Flag(help: "Print each case before it runs.")
    var trace = false

    func run() throws {
        var counts: [String: Int] = [:]
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        for name in names where only.isEmpty || name.contains(only) {
            if trace { FileHandle.standardError.write(Data("\(name)\n".utf8)) }
            let verdict = ConformanceCase(folder: folder + "/" + name).run()
            counts[verdict.name, default: 0] += 1
            if verbose, verdict != .passed { print("\(verdict.name)\t\(name)\t\(verdict.reason)") }
        }
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(name) \(count)") }
    }
}

/// What became of a case.
enum Verdict: Equatable {
    case passed
    case unsupported(String)
    case failed(String)
    case different(String)

    var name: String {
        switch self {
        case .passed: "passed"
        case .unsupported: "unsupported"
        case .failed: "failed"
        case .different: "different"
        }
    }

    var reason: String {
        switch self {
        case .passed: ""
        case .unsupported(let reason), .failed(let reason), .different(let reason): reason
        }
    }
}

/// One folder with a model, its inputs and the outputs that are expected.
struct ConformanceCase {
    let folder: String

    func run() -> Verdict {
        do {
            let model = try ONNXModel(path: folder + "/model.onnx")
            let words = try String(contentsOfFile: folder + "/case.txt", encoding: .utf8)
                .split(whereSeparator: \.isWhitespace)
            let (relative, absolute) = (Double(words[1]) ?? 0, Double(words[2]) ?? 0)
            var index = 0
            while let expected = try values("outputs_\(index)") {
                let given = try values("inputs_\(index)") ?? []
                let found = try outputs(of: model, given)
                guard found.count == expected.count else {
                    return .different("\(found.count) outputs, expected \(expected.count)")
                }
                for (position, pair) in zip(found, expected).enumerated() {
                    if let difference = pair.0.difference(from: pair.1, relative, absolute) {
                        return .different("output \(position): \(difference)")
                    }
                }
                index += 1
            }
            return index == 0 ? .failed("no data") : .passed
        } catch let error as ImportError where error.isUnsupportedOperator {
            return .unsupported("\(error)")
        } catch {
            return .failed("\(error)")
        }
    }

    /// The first data set's inputs; nil if there is none, or one of them is no plain tensor.
    func tensorInputs() throws -> [NamedTensor]? {
        guard let given = try values("inputs_0") else { return nil }
        let names = try ONNXModel(path: folder + "/model.onnx").inputNames
        var inputs: [NamedTensor] = []
        for (name, value) in zip(names, given) {
            guard case .tensor(let tensor) = value else { return nil }
            inputs.append(NamedTensor(name: name, tensor: tensor))
        }
        return inputs
    }

    private func values(_ name: String) throws -> [StoredValue]? {
        let path = folder + "/" + name
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        var result: [StoredValue] = []
        while FileManager.default.fileExists(atPath: "\(path)/\(result.count).pb") {
            let file = try MappedFile(path: "\(path)/\(result.count).pb")
            let kinds: [UInt8: StoredValue.Kind] = [
                UInt8(ascii: "T"): .tensor, UInt8(ascii: "S"): .sequence,
                UInt8(ascii: "O"): .optional,
            ]
            guard let kind = file.bytes.first.flatMap({ kinds[$0] }) else {
                throw ImportError.inputType(file: file.path, input: name)
            }
            result.append(try StoredValue(kind: kind, file: file, offset: 1))
        }
        return result
    }

    private func outputs(of model: ONNXModel, _ given: [StoredValue]) throws -> [StoredValue] {
        var structures: [String: InputStructure] = [:]
        var tensors: [String: Tensor] = [:]
        for (name, value) in zip(model.inputNames, given) {
            structures[name] = value.structure
            tensors.merge(value.tensors(named: name)) { $1 }
        }
        let imported = try model.importGraph(structures: structures) { tensors[$0] }
        let operands = imported.graph.inputs.compactMap { tensors[$0.name] }
        let results = try Interpreter.run(imported.graph, operands)
        var named: [String: Tensor] = [:]
        for (output, tensor) in zip(imported.graph.outputs, results) { named[output.name] = tensor }
        return imported.outputs.map { assembled($0, named) }
    }

    private func assembled(_ structure: OutputStructure, _ tensors: [String: Tensor]) -> StoredValue
    {
        switch structure {
        case .tensor(let name): tensors[name].map { .tensor($0) } ?? .absent
        case .sequence(let items): .sequence(items.map { assembled($0, tensors) })
        case .strings(let elements, let shape): .strings(elements, shape)
        case .absent: .absent
        }
    }
}

extension StoredValue {
    /// What distinguishes this value from an expected one by more than the tolerances, or nil.
    func difference(from expected: StoredValue, _ relative: Double, _ absolute: Double) -> String? {
        switch (self, expected) {
        case (.absent, .absent):
            return nil
        case (.strings(let a, let shape), .strings(let b, let other)):
            return a == b && shape == other ? nil : "text \(a) \(shape), expected \(b) \(other)"
        case (.sequence(let a), .sequence(let b)):
            if a.count != b.count { return "\(a.count) items, expected \(b.count)" }
            return zip(a, b).lazy.compactMap { $0.difference(from: $1, relative, absolute) }.first
        case (.tensor(let a), .tensor(let b)):
            return a.difference(from: b, relative, absolute)
        default:
            return "another kind of value"
        }
    }
}

extension Tensor {
    /// As ``StoredValue/difference(from:_:_:)``; NaN equals NaN.
    func difference(from expected: Tensor, _ relative: Double, _ absolute: Double) -> String? {
        guard type == expected.type else { return "\(type), expected \(expected.type)" }
        let (found, wanted) = (comparable, expected.comparable)
        for (index, pair) in zip(found, wanted).enumerated() {
            let (a, b) = pair
            if a == b || (a.isNaN && b.isNaN) { continue }
            if abs(a - b) <= absolute + relative * abs(b), b.isFinite { continue }
            return "element \(index) is \(a), expected \(b)"
        }
        return nil
    }

    /// The elements as numbers.
    private var comparable: [Double] {
        if let doubles { return doubles }
        let wide = try? Interpreter.evaluate(.convert(Conversion(to: .float32)), [self])
        return wide?.first?.doubles ?? bytes.map(Double.init)
    }
}
