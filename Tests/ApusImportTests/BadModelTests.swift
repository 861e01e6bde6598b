import ApusGraph
import ApusImport
import Testing

@Suite("Models that cannot be imported")
struct BadModelTests {
    @Test("a file that is no model says so")
    func notAModel() {
        for bytes in [[], [0x08, 0x08], Array("hello, world".utf8)] as [[UInt8]] {
            #expect(throws: ImportError.self) {
                try ONNXModel(file: MappedFile(name: "x.onnx", bytes: bytes))
            }
        }
        #expect(
            throws: ImportError.cannotOpen(path: "/no/such", reason: "No such file or directory")
        ) {
            try MappedFile(path: "/no/such")
        }
    }

    @Test("every prefix of a model is refused or imported, and never traps")
    func truncation() throws {
        let whole = try MappedFile(path: Golden.path("movement")).span.array
        for count in stride(from: 0, to: whole.count, by: 3) {
            let file = MappedFile(name: "cut.onnx", bytes: Array(whole[..<count]))
            _ = try? ONNXModel(file: file, limits: .narrow).importGraph(shapes: [:]) { _ in nil }
        }
    }

    @Test("an unknown operator is named with its domain and version")
    func unknownOperator() {
        var model = ModelWriter()
        model.inputs = [("x", 1, [2])]
        model.node("Frobnicate", ["x"], ["y"], name: "layer/3", domain: "com.example")
        #expect(
            model.errorText()
                == "test.onnx: node 'layer/3' (Frobnicate): operator com.example.Frobnicate of "
                + "operator set 1 is not supported; docs/onnx.md lists those that are")
    }

    @Test("a cycle is an undefined value")
    func cycle() {
        var model = ModelWriter()
        model.node("Add", ["b", "b"], ["a"])
        model.node("Neg", ["a"], ["b"])
        model.node("Neg", ["b"], ["y"])
        #expect(
            model.errorText()
                == "test.onnx: node 'a' (Add): uses 'b' before it is defined: it is missing, "
                + "or nodes form a cycle")
    }

    @Test("a name that is defined twice is refused")
    func redefinition() {
        var model = ModelWriter()
        model.inputs = [("x", 1, [2])]
        model.node("Neg", ["x"], ["y"])
        model.node("Abs", ["x"], ["y"])
        #expect(model.errorText() == "test.onnx: node 'y' (Abs): defines 'y' again")
    }

    @Test("inputs are checked by name, shape and kind")
    func inputs() throws {
        var writer = ModelWriter()
        writer.inputs = [("x", 1, [2, 3]), ("z", 1, [0])]
        writer.node("Neg", ["x"], ["y"])
        let model = try writer.model()
        func text(_ shapes: [String: Shape]) -> String {
            do {
                _ = try model.importGraph(shapes: shapes) { _ in nil }
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(text(["w": [1]]) == "test.onnx: no input 'w'; the inputs are 'x', 'z'")
        #expect(
            text(["x": [2, 4]]) == "test.onnx: input 'x' is declared f32[2, 3], given f32[2, 4]")
        #expect(text([:]) == "test.onnx: input 'z' f32[?] needs a shape from the caller")
        #expect(text(["z": [5]]) == "")
    }

    @Test("huge tensors and endless loops are refused at once")
    func limits() {
        var huge = ModelWriter()
        huge.tensor("s", type: 7, shape: [3]) { tensor in
            tensor.message(7) { for _ in 0..<3 { $0.varint(1 << 15) } }
        }
        huge.node("ConstantOfShape", ["s"], ["a"])
        huge.node("Exp", ["a"], ["y"])
        #expect(huge.errorText()?.contains("at most") == true)

        var repeated = ModelWriter()
        repeated.inputs = [("x", 1, [1 << 16])]
        repeated.node("Concat", ["x", "x"], ["v0"], ints: ["axis": [0]])
        for level in 0..<40 {
            repeated.node(
                "Concat", ["v\(level)", "v\(level)"], ["v\(level + 1)"], ints: ["axis": [0]])
        }
        repeated.outputs = ["v40"]
        #expect(repeated.errorText()?.contains("at most") == true)
    }

    @Test("bad attributes are named with what is allowed")
    func attributes() {
        var model = ModelWriter()
        model.inputs = [("x", 1, [2, 3])]
        model.node("Softmax", ["x"], ["y"], ints: ["axis": [7]])
        #expect(
            model.errorText() == "test.onnx: node 'y' (Softmax): axis is '7', must be in -2..<2")
        var reshape = ModelWriter()
        reshape.inputs = [("x", 1, [2, 3])]
        reshape.tensor("s", type: 7, shape: [2]) {
            $0.message(7) { list in
                list.varint(4)
                list.varint(UInt64.max)
            }
        }
        reshape.node("Reshape", ["x", "s"], ["y"])
        #expect(
            reshape.errorText()
                == "test.onnx: node 'y' (Reshape): shape is '[4, -1]', must be "
                + "a divisor of 6 elements"
        )
    }

    @Test("control characters of hostile names do not reach the terminal")
    func escapes() {
        var model = ModelWriter()
        model.node("Neg", ["\u{1B}[31m\n"], ["y"])
        let text = model.errorText() ?? ""
        #expect(!text.unicodeScalars.contains { $0.value < 32 })
    }
}
