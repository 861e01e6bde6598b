import ApusGraph
import ApusImport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// The golden models beside this file; Goldens/produce.py makes them with ONNX Runtime.
enum Golden {
    static let names = [
        "control", "convolutional", "external", "function", "movement", "quantized", "recurrent",
        "transformer",
    ]

    static let folder = String(#filePath.dropLast("GoldenModelTests.swift".count)) + "Goldens/"

    static func path(_ name: String) -> String { folder + name + ".onnx" }

    /// The tensors stored as NAME.in0.pb or NAME.out0.pb and so on.
    static func tensors(_ name: String, _ kind: String) throws -> [Tensor] {
        var result: [Tensor] = []
        while access("\(folder)\(name).\(kind)\(result.count).pb", R_OK) == 0 {
            let file = try MappedFile(path: "\(folder)\(name).\(kind)\(result.count).pb")
            guard case .tensor(let tensor) = try StoredValue(kind: .tensor, file: file) else {
                break
            }
            result.append(tensor)
        }
        return result
    }
}

@Suite("Golden models")
struct GoldenModelTests {
    /// ONNX Runtime computes in FP32 in an order of its own; sums here have at most some hundred
    /// terms of magnitude one, so rounding differs by less than 1e-5 of the largest term.
    static let tolerance = 1e-5

    @Test("an imported model computes what ONNX Runtime computes", arguments: Golden.names)
    func agrees(name: String) throws {
        let model = try ONNXModel(path: Golden.path(name))
        let inputs = try Golden.tensors(name, "in")
        let expected = try Golden.tensors(name, "out")
        #expect(!expected.isEmpty)
        let named = Dictionary(uniqueKeysWithValues: zip(model.inputNames, inputs))
        let imported = try model.importGraph(shapes: named.mapValues(\.shape)) { named[$0] }
        let operands = imported.graph.inputs.compactMap { named[$0.name] }
        let found = try Interpreter.run(imported.graph, operands)
        #expect(found.map(\.type) == expected.map(\.type))
        for (output, pair) in zip(found, expected).enumerated() {
            let (a, b) = (pair.0.doubles ?? [], pair.1.doubles ?? [])
            for index in a.indices
            where abs(a[index] - b[index]) > Self.tolerance * max(1, abs(b[index])) {
                Issue.record(
                    "\(name) output \(output) element \(index): \(a[index]), not \(b[index])")
                break
            }
        }
    }

    @Test("an input whose value decides a branch is listed")
    func specialisation() throws {
        let model = try ONNXModel(path: Golden.path("control"))
        let inputs = try Golden.tensors("control", "in")
        let named = Dictionary(uniqueKeysWithValues: zip(model.inputNames, inputs))
        let imported = try model.importGraph(shapes: named.mapValues(\.shape)) { named[$0] }
        // The branch depends on `flag`, the number of iterations on `x`.
        #expect(imported.specialisedInputs == ["flag", "x"])
        #expect(!imported.hostEvaluatedNodes.isEmpty)
    }

    @Test("a value that is needed and not given is named")
    func missingValue() throws {
        let model = try ONNXModel(path: Golden.path("control"))
        #expect {
            try model.importGraph(shapes: [:]) { _ in nil }
        } throws: { error in
            "\(error)".contains("depends on the value of input 'flag'")
        }
    }

    @Test("weights of eight bits and more stay in the mapped file")
    func mapped() throws {
        let model = try ONNXModel(path: Golden.path("external"))
        let imported = try model.importGraph(shapes: [:]) { _ in nil }
        let weight = try #require(imported.graph.constants.values.first { $0.shape == [3, 40] })
        let copy = weight
        // Borrowed memory is shared by copies and by nothing else.
        let same = weight.withBytes { a in copy.withBytes { b in a.baseAddress == b.baseAddress } }
        #expect(same)
    }
}
