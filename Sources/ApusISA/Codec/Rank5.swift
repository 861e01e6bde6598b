/// Five int32 values, one for each dimension of a transfer, dimension 0 (innermost) first.
public struct Rank5: Hashable, Sendable {
    /// Lanes 0 to 4; the others are zero.
    public var lanes: SIMD8<Int32>

    /// The dimensions of a transfer.
    public static let count = 5

    /// Five zeros.
    public static let zero = Rank5(0, 0, 0, 0, 0)

    /// Five ones.
    public static let ones = Rank5(1, 1, 1, 1, 1)

    /// Five values, dimension 0 first.
    @inlinable
    public init(_ v0: Int32, _ v1: Int32, _ v2: Int32, _ v3: Int32, _ v4: Int32) {
        lanes = SIMD8(v0, v1, v2, v3, v4, 0, 0, 0)
    }

    /// The values of `values`, dimension 0 first, then `fill` up to five.
    ///
    /// - Precondition: at most five values, each within int32.
    public init(_ values: [Int], fill: Int) {
        precondition(values.count <= Rank5.count, "a transfer has five dimensions")
        lanes = .zero
        for index in 0..<Rank5.count {
            lanes[index] = Int32(index < values.count ? values[index] : fill)
        }
    }

    /// The value of a dimension, 0 to 4.
    @inlinable
    public subscript(dimension: Int) -> Int32 {
        get { lanes[dimension] }
        set { lanes[dimension] = newValue }
    }
}
