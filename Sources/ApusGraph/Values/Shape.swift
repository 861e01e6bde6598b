/// The extents of a tensor, outermost first; the empty shape is a scalar's.
///
/// A shape holds at most 2^48 elements, counted with zero extents taken as one, so that no product
/// of extents or byte offset can overflow.
public struct Shape: Hashable, Sendable {
    /// The extents, outermost first; none is negative.
    public let dimensions: [Int]

    /// The largest number of elements of a shape.
    public static let elementCountMax = 1 << 48

    /// The shape of a scalar.
    public static let scalar = Shape(unchecked: [])

    /// A shape of extents that are known to be legal; illegal ones are a bug of the caller.
    public init(_ dimensions: [Int]) {
        precondition(Shape.isLegal(dimensions), "illegal shape \(dimensions)")
        self.dimensions = dimensions
    }

    /// A shape of extents that come from outside.
    ///
    /// - Throws: ``GraphError/illegalShape(_:)`` if one is negative or there are too many elements.
    public init(checked dimensions: [Int]) throws(GraphError) {
        guard Shape.isLegal(dimensions) else { throw .illegalShape(dimensions) }
        self.dimensions = dimensions
    }

    private init(unchecked dimensions: [Int]) {
        self.dimensions = dimensions
    }

    private static func isLegal(_ dimensions: [Int]) -> Bool {
        var total = 1
        for extent in dimensions {
            guard extent >= 0 else { return false }
            let (product, overflow) = total.multipliedReportingOverflow(by: Swift.max(extent, 1))
            guard !overflow, product <= elementCountMax else { return false }
            total = product
        }
        return true
    }

    /// The number of dimensions.
    public var rank: Int { dimensions.count }

    /// The number of elements: 1 for a scalar, 0 if any extent is 0.
    public var elementCount: Int { dimensions.reduce(1, *) }

    /// Row-major strides in elements; the innermost is 1.
    public var strides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        var stride = 1
        for axis in (0..<rank).reversed() {
            strides[axis] = stride
            stride *= Swift.max(dimensions[axis], 1)
        }
        return strides
    }

    /// The shape that NumPy broadcasting gives two operands, or nil if they do not fit.
    public func broadcast(with other: Shape) -> Shape? {
        let rank = Swift.max(self.rank, other.rank)
        var result = [Int](repeating: 1, count: rank)
        for axis in 0..<rank {
            let left = axis < rank - self.rank ? 1 : dimensions[axis - (rank - self.rank)]
            let right =
                axis < rank - other.rank ? 1 : other.dimensions[axis - (rank - other.rank)]
            guard left == right || left == 1 || right == 1 else { return nil }
            result[axis] = left == 1 ? right : left
        }
        return try? Shape(checked: result)
    }
}

extension Shape: ExpressibleByArrayLiteral {
    /// A shape written as its extents: `[2, 3]`.
    public init(arrayLiteral elements: Int...) {
        self.init(elements)
    }
}

extension Shape: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { dimensions.count }
    public subscript(axis: Int) -> Int { dimensions[axis] }
}

extension Shape: CustomStringConvertible {
    /// The extents in brackets: `[2, 3]`.
    public var description: String { dimensions.description }
}
