import ApusGraph

/// A value as test data stores it: a serialised TensorProto, SequenceProto or OptionalProto.
public indirect enum StoredValue: Sendable {
    case tensor(Tensor)
    case strings([String], Shape)
    case sequence([StoredValue])
    case absent

    /// What kind of message a file holds; the file itself does not say.
    public enum Kind: Sendable {
        case tensor, sequence, optional
    }

    /// Reads the message that fills `file` from byte `offset` on.
    ///
    /// - Throws: ``ImportError`` if it is malformed or holds a map or a type that is not supported.
    public init(kind: Kind, file: MappedFile, offset: Int = 0) throws(ImportError) {
        guard (0...file.count).contains(offset) else {
            throw .malformed(file: file.path, atByte: offset, .truncated)
        }
        let span = FileSpan(file: file, offset: offset, count: file.count - offset)
        self = try Self.read(kind, WireReader(span), span)
    }

    private static func read(
        _ kind: Kind, _ reader: WireReader, _ span: FileSpan
    ) throws(ImportError) -> StoredValue {
        if kind == .tensor {
            return try tensor(try TensorMessage(reading: reader, span), span.file)
        }
        var reader = reader
        var items: [StoredValue] = []
        while let field = try reader.next() {
            switch field.number {
            case 3: items.append(try read(.tensor, try field.message(), try field.bytes()))
            case 5: items.append(try read(.sequence, try field.message(), try field.bytes()))
            case 7: items.append(try read(.optional, try field.message(), try field.bytes()))
            case 4, 6: throw .inputType(file: span.file.path, input: "")
            default: break
            }
        }
        if kind == .sequence { return .sequence(items) }
        return items.first ?? .absent
    }

    private static func tensor(
        _ message: TensorMessage, _ file: MappedFile
    ) throws(ImportError) -> StoredValue {
        let loader = TensorLoader(file: file, limits: ImportLimits())
        if message.dataType == DataType.string {
            let strings = try loader.stringTensor(message)
            return .strings(strings.elements, strings.shape)
        }
        return .tensor(try loader.tensor(message))
    }

    /// What a caller of ``ONNXModel/importGraph(structures:values:)`` says about this value.
    public var structure: InputStructure {
        switch self {
        case .tensor(let tensor): .tensor(tensor.shape)
        case .strings(let elements, let shape): .strings(elements, shape)
        case .sequence(let items): .sequence(items.map(\.structure))
        case .absent: .absent
        }
    }

    /// The tensors inside, by the name of the graph's input that each is.
    public func tensors(named name: String) -> [String: Tensor] {
        switch self {
        case .tensor(let tensor): return [name: tensor]
        case .sequence(let items):
            var result: [String: Tensor] = [:]
            for (index, item) in items.enumerated() {
                result.merge(item.tensors(named: "\(name)[\(index)]")) { $1 }
            }
            return result
        case .strings, .absent: return [:]
        }
    }
}
