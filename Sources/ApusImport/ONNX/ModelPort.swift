import ApusGraph

/// An input or output that a model declares.
public struct ModelPort: Sendable {
    /// What kind of value passes through the port.
    public enum Kind: Sendable, Equatable {
        /// A tensor.
        case tensor
        /// A list of tensors; in a graph its items are ports of their own, `name[0]`, `name[1]` …
        case sequence
        /// A tensor, a sequence or nothing.
        case optional
    }

    public let name: String
    public let kind: Kind
    /// The elements of the tensor, or of the tensors in a sequence.
    public let elementType: ElementType
    /// The declared extents; nil if even their number is open.
    public let extents: [SymbolicExtent]?

    /// The declared extents, nil where the caller chooses; empty for a scalar and for unknown rank.
    public var dimensions: [Int?] {
        (extents ?? []).map { if case .fixed(let extent) = $0 { extent } else { nil } }
    }

    /// The shape, if the declaration leaves nothing open.
    public var fixedShape: Shape? {
        guard let extents else { return nil }
        let known = dimensions.compactMap { $0 }
        return known.count == extents.count ? try? Shape(checked: known) : nil
    }

    /// The declaration, such as `f32[batch, 3, ?, ?]`.
    public var declaration: String {
        let inside = extents.map { $0.map(\.description).joined(separator: ", ") } ?? "…"
        return "\(elementType)[\(inside)]"
    }

    /// Whether a tensor of this shape may pass.
    ///
    /// Extents that exporters write as 0 or below leave the choice to the caller.
    func accepts(_ shape: Shape) -> Bool {
        guard let extents else { return true }
        guard extents.count == shape.rank else { return false }
        return zip(extents, shape).allSatisfy { declared, given in
            if case .fixed(let extent) = declared { return extent <= 0 || extent == given }
            return true
        }
    }

    /// The port of a declared value, or nil if its type cannot be imported.
    init?(_ value: ValueMessage) {
        guard let type = value.type, let port = ModelPort(value.name, type) else { return nil }
        self = port
    }

    private init?(_ name: String, _ type: TypeMessage) {
        switch type {
        case .tensor(let code, let shape):
            guard let elementType = DataType.elementType(code) else { return nil }
            self.init(name: name, kind: .tensor, elementType: elementType, extents: shape)
        case .sequence(let element):
            guard let element, let item = ModelPort(name, element) else { return nil }
            self.init(
                name: name, kind: .sequence, elementType: item.elementType, extents: item.extents)
        case .optional(let element):
            guard let element, let item = ModelPort(name, element) else { return nil }
            self.init(
                name: name, kind: .optional, elementType: item.elementType, extents: item.extents)
        default:
            return nil
        }
    }

    private init(name: String, kind: Kind, elementType: ElementType, extents: [SymbolicExtent]?) {
        self.name = name
        self.kind = kind
        self.elementType = elementType
        self.extents = extents.map { list in
            list.map { if case .fixed(let extent) = $0, extent <= 0 { .unknown } else { $0 } }
        }
    }
}
