/// Field tables: which protobuf field number goes where. Unknown fields are skipped.

extension ModelMessage {
    init(reading reader: WireReader) throws(ImportError) {
        var reader = reader
        while let field = try reader.next() {
            switch field.number {
            case 1: irVersion = try field.integer()
            case 2: producer = try field.text()
            case 7: graph = try GraphMessage(reading: try field.message())
            case 8: try readOperatorSet(try field.message(), into: &operatorSets)
            case 14:
                let (key, value) = try readEntry(try field.message())
                properties[key] = value
            case 25: functions.append(try FunctionMessage(reading: try field.message()))
            default: break
            }
        }
    }
}

/// OperatorSetIdProto.
private func readOperatorSet(
    _ reader: WireReader, into sets: inout [String: Int]
) throws(ImportError) {
    var reader = reader
    var domain = ""
    var version = 0
    while let field = try reader.next() {
        switch field.number {
        case 1: domain = try field.text()
        case 2: version = try field.integer()
        default: break
        }
    }
    sets[domain == "ai.onnx" ? "" : domain] = version
}

extension GraphMessage {
    init(reading reader: WireReader) throws(ImportError) {
        var reader = reader
        while let field = try reader.next() {
            switch field.number {
            case 1: nodes.append(try NodeMessage(reading: try field.message()))
            case 2: name = try field.text()
            case 5:
                initializers.append(
                    try TensorMessage(reading: try field.message(), try field.bytes()))
            case 11: inputs.append(try ValueMessage(reading: try field.message()))
            case 12: outputs.append(try ValueMessage(reading: try field.message()))
            case 15:
                sparseInitializers.append(try SparseTensorMessage(reading: try field.message()))
            default: break
            }
        }
    }
}

extension NodeMessage {
    init(reading reader: WireReader) throws(ImportError) {
        var reader = reader
        while let field = try reader.next() {
            switch field.number {
            case 1: inputs.append(try field.text())
            case 2: outputs.append(try field.text())
            case 3: name = try field.text()
            case 4: operation = try field.text()
            case 5:
                let attribute = try AttributeMessage(reading: try field.message())
                attributes[attribute.name] = attribute
            case 7:
                domain = try field.text()
                if domain == "ai.onnx" { domain = "" }
            case 8: overload = try field.text()
            default: break
            }
        }
    }
}

extension AttributeMessage {
    init(reading reader: WireReader) throws(ImportError) {
        var reader = reader
        var seen = Kind.undefined
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try field.text()
            case 2: (float, seen) = (try field.float(), .float)
            case 3: (int, seen) = (try field.integer(), .int)
            case 4: (string, seen) = (try field.bytes().array, .string)
            case 5, 10:
                tensors.append(try TensorMessage(reading: try field.message(), try field.bytes()))
                seen = field.number == 5 ? .tensor : .tensors
            case 6, 11:
                graphs.append(try GraphMessage(reading: try field.message()))
                seen = field.number == 6 ? .graph : .graphs
            case 7:
                try field.appendFloats(to: &floats)
                seen = .floats
            case 8:
                try field.appendIntegers(to: &ints)
                seen = .ints
            case 9:
                strings.append(try field.bytes().array)
                seen = .strings
            case 14, 15:
                if let type = try TypeMessage.read(try field.message()) { types.append(type) }
                seen = field.number == 14 ? .type : .types
            case 20: kind = Kind(rawValue: try field.integer()) ?? .undefined
            case 21: reference = try field.text()
            case 22, 23:
                sparseTensors.append(try SparseTensorMessage(reading: try field.message()))
                seen = field.number == 22 ? .sparseTensor : .sparseTensors
            default: break
            }
        }
        if kind == .undefined { kind = seen }
    }
}

extension TensorMessage {
    init(reading reader: WireReader, _ span: FileSpan) throws(ImportError) {
        message = span
        var reader = reader
        while let field = try reader.next() {
            switch field.number {
            case 1: try field.appendIntegers(to: &shape)
            case 2: dataType = try field.integer()
            case 3: isSegmented = true
            case 8: name = try field.text()
            case 9: raw = try field.bytes()
            case 13:
                let (key, value) = try readEntry(try field.message())
                external[key] = value
            case 14: isExternal = try field.integer() == 1
            default: break
            }
        }
    }
}

/// StringStringEntryProto.
private func readEntry(_ reader: WireReader) throws(ImportError) -> (key: String, value: String) {
    var reader = reader
    var entry = (key: "", value: "")
    while let field = try reader.next() {
        switch field.number {
        case 1: entry.key = try field.text()
        case 2: entry.value = try field.text()
        default: break
        }
    }
    return entry
}

extension SparseTensorMessage {
    init(reading reader: WireReader) throws(ImportError) {
        var reader = reader
        while let field = try reader.next() {
            switch field.number {
            case 1: values = try TensorMessage(reading: try field.message(), try field.bytes())
            case 2: indices = try TensorMessage(reading: try field.message(), try field.bytes())
            case 3: try field.appendIntegers(to: &shape)
            default: break
            }
        }
    }
}

extension ValueMessage {
    init(reading reader: WireReader) throws(ImportError) {
        var reader = reader
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try field.text()
            case 2: type = try TypeMessage.read(try field.message())
            default: break
            }
        }
    }
}

extension TypeMessage {
    static func read(_ reader: WireReader) throws(ImportError) -> TypeMessage? {
        var reader = reader
        var type: TypeMessage?
        while let field = try reader.next() {
            switch field.number {
            case 1: type = try readTensor(try field.message())
            case 4: type = .sequence(try readElement(try field.message()))
            case 5: type = .map
            case 7: type = .opaque
            case 8: type = .sparseTensor
            case 9: type = .optional(try readElement(try field.message()))
            default: break
            }
        }
        return type
    }

    private static func readTensor(_ reader: WireReader) throws(ImportError) -> TypeMessage {
        var reader = reader
        var dataType = 0
        var shape: [SymbolicExtent]?
        while let field = try reader.next() {
            switch field.number {
            case 1: dataType = try field.integer()
            case 2: shape = try readShape(try field.message())
            default: break
            }
        }
        return .tensor(dataType: dataType, shape: shape)
    }

    private static func readShape(_ reader: WireReader) throws(ImportError) -> [SymbolicExtent] {
        var reader = reader
        var shape: [SymbolicExtent] = []
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            var extent = SymbolicExtent.unknown
            var dimension = try field.message()
            while let part = try dimension.next() {
                switch part.number {
                case 1: extent = .fixed(try part.integer())
                case 2:
                    let name = try part.text()
                    extent = name.isEmpty ? .unknown : .named(name)
                default: break
                }
            }
            shape.append(extent)
        }
        return shape
    }

    private static func readElement(_ reader: WireReader) throws(ImportError) -> TypeMessage? {
        var reader = reader
        var element: TypeMessage?
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            element = try read(try field.message())
        }
        return element
    }
}

extension FunctionMessage {
    init(reading reader: WireReader) throws(ImportError) {
        var reader = reader
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try field.text()
            case 4: inputs.append(try field.text())
            case 5: outputs.append(try field.text())
            case 6: attributes.append(try field.text())
            case 7: nodes.append(try NodeMessage(reading: try field.message()))
            case 9: try readOperatorSet(try field.message(), into: &operatorSets)
            case 10:
                domain = try field.text()
                if domain == "ai.onnx" { domain = "" }
            case 11:
                let attribute = try AttributeMessage(reading: try field.message())
                defaults[attribute.name] = attribute
            case 13: overload = try field.text()
            default: break
            }
        }
    }
}
