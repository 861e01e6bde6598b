import ApusGraph
import ApusImport

/// The tensors that a caller gives, matched to the inputs that a model has.
///
/// Items of a sequence `x` go by the names `x[0]`, `x[1]`, …; a sequence without items is empty,
/// and an optional input that is not given is absent.
struct BoundInputs {
    /// What each input of the model is, by its name.
    private(set) var structures: [String: InputStructure] = [:]
    /// Every tensor by the name it has in the graph.
    private(set) var tensors: [String: Tensor] = [:]

    /// The types of all tensors, by name.
    var types: [String: TensorType] { tensors.mapValues(\.type) }

    /// Matches tensors to inputs. Shapes are checked by the import.
    ///
    /// - Throws: ``SessionError`` for an unknown, repeated or missing name or another element type.
    init(_ given: [NamedTensor], for model: ONNXModel) throws(SessionError) {
        for named in given {
            guard tensors.updateValue(named.tensor, forKey: named.name) == nil else {
                throw .repeatedInput(named.name)
            }
        }
        var used = Set<String>()
        for port in model.inputs {
            let items = itemNames(of: port.name)
            let isSequence = port.kind == .sequence || (port.kind == .optional && !items.isEmpty)
            let names = isSequence ? items : [port.name].filter { tensors[$0] != nil }
            for name in names {
                guard let type = tensors[name]?.type, type.elementType == port.elementType else {
                    throw .inputType(
                        name, expected: port.declaration,
                        found: tensors[name].map { "\($0.type)" } ?? "missing")
                }
            }
            used.formUnion(names)
            let shapes = names.compactMap { tensors[$0].map { InputStructure.tensor($0.shape) } }
            if isSequence {
                structures[port.name] = .sequence(shapes)
            } else if let shape = shapes.first {
                structures[port.name] = shape
            } else if port.kind == .tensor {
                throw .missingInput(port.name, expected: port.declaration)
            }
        }
        if let unknown = given.first(where: { !used.contains($0.name) }) {
            throw .unknownInput(unknown.name, known: model.inputs.map(\.name))
        }
    }

    /// `name[0]`, `name[1]`, … as far as they are given without a gap.
    private func itemNames(of name: String) -> [String] {
        var names: [String] = []
        while tensors["\(name)[\(names.count)]"] != nil { names.append("\(name)[\(names.count)]") }
        return names
    }
}
