import ApusGraph
import ApusImport

/// Matches the tensors a caller gives to the inputs a model has.
enum InputBinding {
    /// The tensors by input name.
    ///
    /// Every given tensor must name an input, have its element type, and agree with its stated
    /// extents; every input without a default must be given.
    static func bind(
        _ given: [NamedTensor], to inputs: [ModelPort]
    ) throws(SessionError) -> [String: Tensor] {
        var bound: [String: Tensor] = [:]
        for (name, tensor) in given.map({ ($0.name, $0.tensor) }) {
            guard let port = inputs.first(where: { $0.name == name }) else {
                throw .unknownInput(name, known: inputs.map(\.name))
            }
            guard bound[name] == nil else { throw .repeatedInput(name) }
            try check(tensor, against: port)
            bound[name] = tensor
        }
        for port in inputs where bound[port.name] == nil && !port.isOptional {
            throw .missingInput(port.name, expected: port.typeDescription)
        }
        return bound
    }

    private static func check(_ tensor: Tensor, against port: ModelPort) throws(SessionError) {
        let extents = tensor.shape.dimensions
        let isSameType = port.elementType == nil || port.elementType == tensor.elementType
        let fits: Bool
        if let dimensions = port.dimensions {
            fits =
                dimensions.count == extents.count
                && zip(dimensions, extents).allSatisfy { $0 == nil || $0 == $1 }
        } else {
            fits = true
        }
        guard isSameType, fits else {
            throw .inputType(
                port.name, expected: port.typeDescription, found: tensor.type.description)
        }
    }
}

extension ModelPort {
    /// Type and extents for messages, open extents as `?`: `f32[1, ?, 48]`.
    public var typeDescription: String {
        let type = elementType.map(\.description) ?? "any"
        guard let dimensions else { return "\(type) of any shape" }
        let extents = dimensions.map { $0.map { "\($0)" } ?? "?" }
        return "\(type)[\(extents.joined(separator: ", "))]"
    }
}
