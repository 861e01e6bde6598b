import ApusGraph

extension ImportError: CustomStringConvertible {
    /// One line for humans: the file, the place in it, what is wrong, what would work.
    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason):
            return "\(path): cannot open: \(reason)"
        case .cannotWrite(let path, let reason):
            return "\(path): cannot write: \(reason)"
        case .malformed(let file, let offset, let reason):
            return "\(file): byte \(offset): \(reason.description)"
        case .notAModel(let file):
            return "\(file): not an ONNX model: it holds no graph or names no operator set"
        case .operatorSet(let file, let domain, let version, let supported):
            let name = domain.isEmpty ? "ai.onnx" : printable(domain)
            return "\(file): operator set \(name) \(version) is not supported, only "
                + "\(supported.lowerBound) to \(supported.upperBound)"
        case .tensor(let file, let tensor, let problem):
            return "\(file): tensor \(quoted(tensor)): \(problem.description)"
        case .node(let location, let problem):
            return
                "\(location.file): node \(quoted(location.node)) "
                + "(\(printable(location.operation))): "
                + problem.description(in: location)
        case .unknownInput(let file, let input, let known):
            let list = known.map(quoted).joined(separator: ", ")
            return "\(file): no input \(quoted(input)); the inputs are \(list)"
        case .missingInput(let file, let input, let declared):
            return "\(file): input \(quoted(input)) \(declared) needs a shape from the caller"
        case .inputShape(let file, let input, let declared, let given):
            return "\(file): input \(quoted(input)) is declared \(declared), given \(given)"
        case .inputType(let file, let input):
            return "\(file): input \(quoted(input)) has a type that is not supported; "
                + "tensors of numbers, sequences and optionals of them are"
        case .undefinedOutput(let file, let output):
            return "\(file): output \(quoted(output)) is defined by no node"
        case .limit(let file, let field, let found, let bound):
            return "\(file): \(field) is \(found), at most \(bound) is allowed"
        case .languageModel(let file, let problem):
            return "\(file): \(problem.sentence)"
        }
    }
}

/// A name in quotation marks, made printable.
func quoted(_ name: String) -> String { "'\(printable(name))'" }

/// A name shortened and without control characters and line ends: it may be hostile.
func printable(_ name: String) -> String {
    let shown = name.unicodeScalars.prefix(120).map { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "?"
        default: String(scalar)
        }
    }
    return shown.joined() + (name.unicodeScalars.count > 120 ? "…" : "")
}

extension MalformedReason: CustomStringConvertible {
    /// What is wrong with the bytes.
    public var description: String {
        switch self {
        case .truncated: "the file ends inside a field; is it complete?"
        case .lengthPastEnd: "a field's length goes past the end of its message"
        case .varintOverflow: "an integer has more than 64 bits"
        case .wireType: "a field has the wrong wire type; is it an ONNX file?"
        case .fieldNumber: "a field number is out of range; is it an ONNX file?"
        case .nestedTooDeep: "messages nest more than \(WireReader.depthMax) deep"
        }
    }
}

extension TensorProblem {
    var description: String {
        switch self {
        case .shape(let shape):
            return "shape \(shape) has a negative extent or is too large"
        case .dataType(let type):
            return "data type \(type) is not supported"
        case .size(let expected, let found):
            return "its shape needs \(expected) bytes or elements, the file holds \(found)"
        case .segmented:
            return "segmented tensors are not supported"
        case .externalPath(let path):
            return "external data \(quoted(path)) lies outside the model's folder"
        case .externalFile(let path, let reason):
            return "external data \(quoted(path)): \(reason)"
        case .externalRange(let path, let offset, let length, let fileBytes):
            return "external data \(quoted(path)) has \(fileBytes) bytes, which offset "
                + "\(quoted(offset)) length \(quoted(length)) do not fit"
        case .sparse:
            return "its values, indices and shape do not fit each other"
        }
    }
}

extension NodeProblem {
    func description(in location: NodeLocation) -> String {
        switch self {
        case .unsupportedOperator(let version):
            let domain = location.domain.isEmpty ? "ai.onnx" : printable(location.domain)
            return "operator \(domain).\(printable(location.operation)) of operator set \(version) "
                + "is not supported; docs/onnx.md lists those that are"
        case .undefinedValue(let name):
            return "uses \(quoted(name)) before it is defined: it is missing, or nodes form a cycle"
        case .redefinedValue(let name):
            return "defines \(quoted(name)) again"
        case .missingInput(let index):
            return "input \(index) is required"
        case .inputKind(let index, let expected):
            return "input \(index) must be \(expected)"
        case .illegal(let field, let found, let allowed):
            return "\(field) is \(quoted(found)), must be \(allowed)"
        case .graph(let error):
            return error.description
        case .needsValue(let input):
            return "depends on the value of input \(quoted(input)), which must be given at import"
        case .limit(let field, let found, let bound):
            return "\(field) is \(found), at most \(bound) is allowed"
        }
    }
}
