import ApusGraph

// Text that is known at import.
extension OperatorTable {
    static let strings: [OperatorRow] = []

    /// The numbers that strings spell.
    static func parsed(
        _ node: NodeContext, _ strings: StringTensor, _ type: ElementType
    ) throws(ImportError) -> ValueID {
        var numbers: [Double] = []
        for text in strings.elements {
            let spelled = text.lowercased()
            guard let number = Double(spelled) else {
                throw node.illegal("text", text, "a number")
            }
            numbers.append(number)
        }
        return try node.convert(node.constant(Tensor(numbers, shape: strings.shape)), type)
    }

    /// The text of the numbers of input 0, evaluated at import.
    static func text(_ node: NodeContext) throws(ImportError) -> StringTensor {
        if case .strings(let strings)? = node.inputs.first { return strings }
        let tensor = try node.trace.evaluate(try node.input(0))
        let elements: [String]
        if tensor.elementType == .bool {
            elements = tensor.array(of: Bool.self).map { $0 ? "True" : "False" }
        } else if tensor.elementType == .float32 {
            elements = tensor.array(of: Float.self).map { "\($0)" }
        } else {
            elements = (tensor.integers?.map { "\($0)" } ?? tensor.doubles?.map { "\($0)" }) ?? []
        }
        return StringTensor(shape: tensor.shape, elements: elements)
    }
}
