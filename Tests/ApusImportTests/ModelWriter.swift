import ApusGraph
import ApusImport

/// Writes protobuf messages, for models that tests make.
struct ProtobufWriter {
    var bytes: [UInt8] = []

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func integer(_ field: Int, _ value: Int) {
        varint(UInt64(field << 3))
        varint(UInt64(bitPattern: Int64(value)))
    }

    mutating func data(_ field: Int, _ data: [UInt8]) {
        varint(UInt64(field << 3 | 2))
        varint(UInt64(data.count))
        bytes += data
    }

    mutating func text(_ field: Int, _ text: String) { data(field, Array(text.utf8)) }

    mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        write(&inner)
        data(field, inner.bytes)
    }
}

/// A model of one graph, written field by field.
struct ModelWriter {
    var opset = 17
    var inputs: [(name: String, type: Int, shape: [Int])] = []
    var outputs: [String] = ["y"]
    var nodes: [[UInt8]] = []
    var tensors: [[UInt8]] = []

    /// Adds a node; `attributes` hold integer lists.
    mutating func node(
        _ operation: String, _ inputs: [String], _ outputs: [String],
        ints attributes: [String: [Int]] = [:], name: String = "", domain: String = ""
    ) {
        var writer = ProtobufWriter()
        for input in inputs { writer.text(1, input) }
        for output in outputs { writer.text(2, output) }
        writer.text(3, name)
        writer.text(4, operation)
        for (name, values) in attributes.sorted(by: { $0.key < $1.key }) {
            writer.message(5) { attribute in
                attribute.text(1, name)
                if values.count == 1 { attribute.integer(3, values[0]) }
                for value in values { attribute.integer(8, value) }
                attribute.integer(20, values.count == 1 ? 2 : 7)
            }
        }
        writer.text(7, domain)
        nodes.append(writer.bytes)
    }

    /// Adds a stored tensor; `write` adds its data.
    mutating func tensor(
        _ name: String, type: Int, shape: [Int], _ write: (inout ProtobufWriter) -> Void
    ) {
        var writer = ProtobufWriter()
        for extent in shape { writer.integer(1, extent) }
        writer.integer(2, type)
        writer.text(8, name)
        write(&writer)
        tensors.append(writer.bytes)
    }

    var bytes: [UInt8] {
        var model = ProtobufWriter()
        model.integer(1, 8)
        model.message(7) { graph in
            for node in nodes { graph.data(1, node) }
            for tensor in tensors { graph.data(5, tensor) }
            for input in inputs {
                graph.message(11) { value in
                    value.text(1, input.name)
                    value.message(2) { type in
                        type.message(1) { tensor in
                            tensor.integer(1, input.type)
                            tensor.message(2) { shape in
                                for extent in input.shape {
                                    shape.message(1) { $0.integer(1, extent) }
                                }
                            }
                        }
                    }
                }
            }
            for output in outputs { graph.message(12) { $0.text(1, output) } }
        }
        model.message(8) { set in
            set.text(1, "")
            set.integer(2, opset)
        }
        return model.bytes
    }

    func model(limits: ImportLimits = ImportLimits()) throws -> ONNXModel {
        try ONNXModel(file: MappedFile(name: "test.onnx", bytes: bytes), limits: limits)
    }

    /// Imports and interprets the model.
    func run(_ inputs: [String: Tensor] = [:]) throws -> [Tensor] {
        let imported = try model().importGraph(shapes: inputs.mapValues(\.shape)) { inputs[$0] }
        return try Interpreter.run(
            imported.graph, imported.graph.inputs.compactMap { inputs[$0.name] })
    }

    /// The sentence of the error that importing gives, or nil.
    func errorText(limits: ImportLimits = ImportLimits()) -> String? {
        do {
            _ = try model(limits: limits).importGraph(shapes: [:]) { _ in nil }
            return nil
        } catch {
            return "\(error)"
        }
    }
}
