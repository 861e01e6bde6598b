/// What is known of a value before it is computed: its element type and its shape.
public struct TensorType: Hashable, Sendable {
    public var elementType: ElementType
    public var shape: Shape

    public init(_ elementType: ElementType, _ shape: Shape) {
        self.elementType = elementType
        self.shape = shape
    }

    /// The number of dimensions.
    public var rank: Int { shape.rank }

    /// Bytes of a host tensor of this type.
    public var byteCount: Int { shape.elementCount * elementType.byteCount }
}

extension TensorType: CustomStringConvertible {
    /// Type and shape, such as `f32[2, 3]`.
    public var description: String { "\(elementType)\(shape)" }
}
