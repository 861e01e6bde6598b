/// How ``Operation/convert(_:)`` converts.
///
/// - To `bool`: whether the operand is not zero. From `bool`: 0 or 1.
/// - Integer to integer: the low bits, wrapping.
/// - Floating point to integer: toward zero; out of range saturates, NaN gives 0.
/// - To floating point: `rounding`. Past the largest finite value: infinity, or NaN for types
///   without one; if `saturates` and the type has eight bits or fewer, the largest finite value.
public struct Conversion: Hashable, Sendable {
    /// Which neighbour a value between two representable ones becomes.
    public enum Rounding: String, CaseIterable, Sendable {
        case nearestEven, up, down
    }

    public var elementType: ElementType
    public var saturates: Bool
    public var rounding: Rounding

    public init(
        to elementType: ElementType, saturates: Bool = true, rounding: Rounding = .nearestEven
    ) {
        self.elementType = elementType
        self.saturates = saturates
        self.rounding = rounding
    }
}

/// Which elements ``Operation/slice(_:)`` takes: for each axis `starts, starts + strides, …`, in
/// all
/// `counts` of them. A negative stride runs backwards.
public struct Slice: Hashable, Sendable {
    public var starts: [Int]
    public var counts: [Int]
    public var strides: [Int]

    public init(starts: [Int], counts: [Int], strides: [Int]) {
        self.starts = starts
        self.counts = counts
        self.strides = strides
    }
}

/// How many fill elements ``Operation/pad(_:)`` adds to each axis; negative `low` and `high` remove
/// elements. `interior` is added between neighbours, before the ends.
public struct Padding: Hashable, Sendable {
    public var low: [Int]
    public var high: [Int]
    public var interior: [Int]

    public init(low: [Int], high: [Int], interior: [Int]? = nil) {
        self.low = low
        self.high = high
        self.interior = interior ?? low.map { _ in 0 }
    }
}

/// The axes of a general matrix product. The result's axes are the batch axes, then the remaining
/// axes of the left operand, then those of the right, each in order.
///
/// Sums of floating-point products are rounded once by the reference interpreter. Integer operands
/// (both 8-bit, of either sign, or both of `resultType`) are summed wrapping in `resultType`.
public struct Dot: Hashable, Sendable {
    public var leftBatch: [Int]
    public var rightBatch: [Int]
    public var leftContracting: [Int]
    public var rightContracting: [Int]
    /// The result's element type; `int32` for 8-bit integers, the operands' own or `float32` else.
    public var resultType: ElementType

    public init(
        leftBatch: [Int], rightBatch: [Int], leftContracting: [Int], rightContracting: [Int],
        resultType: ElementType
    ) {
        self.leftBatch = leftBatch
        self.rightBatch = rightBatch
        self.leftContracting = leftContracting
        self.rightContracting = rightContracting
        self.resultType = resultType
    }

    /// Matrix product of the last two axes, with `batchRank` leading axes in common.
    public static func matmul(batchRank: Int, resultType: ElementType) -> Dot {
        Dot(
            leftBatch: Array(0..<batchRank), rightBatch: Array(0..<batchRank),
            leftContracting: [batchRank + 1], rightContracting: [batchRank],
            resultType: resultType)
    }
}

/// A convolution over one to three spatial axes; all arrays have one entry for each.
///
///     y[n, o, p…] = Σ_{c, q…} x[n, c, i…] · w[o, c, q…],
///     i = (p · strides + q · weightDilations − low) / inputDilations
///
/// where terms whose division leaves a remainder or whose position is outside x are zero.
/// The kernel is not flipped. `inputDilations` above 1 give transposed convolution.
public struct Convolution: Hashable, Sendable {
    public var strides: [Int]
    public var low: [Int]
    public var high: [Int]
    public var inputDilations: [Int]
    public var weightDilations: [Int]
    public var groups: Int
    /// The result's element type, as for ``Dot/resultType``.
    public var resultType: ElementType

    public init(
        strides: [Int], low: [Int], high: [Int], inputDilations: [Int]? = nil,
        weightDilations: [Int]? = nil, groups: Int = 1, resultType: ElementType
    ) {
        self.strides = strides
        self.low = low
        self.high = high
        self.inputDilations = inputDilations ?? strides.map { _ in 1 }
        self.weightDilations = weightDilations ?? strides.map { _ in 1 }
        self.groups = groups
        self.resultType = resultType
    }
}

/// The position of the largest or smallest element along an axis. NaN counts as the extreme one.
public struct ArgumentReduction: Hashable, Sendable {
    public var axis: Int
    public var largest: Bool
    public var keepDimension: Bool
    /// Among equals, the last position instead of the first.
    public var selectsLast: Bool

    public init(axis: Int, largest: Bool, keepDimension: Bool, selectsLast: Bool = false) {
        self.axis = axis
        self.largest = largest
        self.keepDimension = keepDimension
        self.selectsLast = selectsLast
    }
}

/// A sliding window with one entry for every axis of the operand. Padding may be negative.
public struct Window: Hashable, Sendable {
    public var extents: [Int]
    public var strides: [Int]
    public var low: [Int]
    public var high: [Int]
    public var dilations: [Int]

    public init(
        extents: [Int], strides: [Int], low: [Int], high: [Int], dilations: [Int]? = nil
    ) {
        self.extents = extents
        self.strides = strides
        self.low = low
        self.high = high
        self.dilations = dilations ?? extents.map { _ in 1 }
    }
}

/// A running fold along an axis.
public struct Scan: Hashable, Sendable {
    /// What is folded.
    public enum Fold: String, CaseIterable, Sendable {
        case sum, product
    }

    public var fold: Fold
    public var axis: Int
    /// Each result leaves its own element out; the first is the identity.
    public var isExclusive: Bool
    /// From the last element to the first.
    public var isReversed: Bool

    public init(_ fold: Fold, axis: Int, isExclusive: Bool = false, isReversed: Bool = false) {
        self.fold = fold
        self.axis = axis
        self.isExclusive = isExclusive
        self.isReversed = isReversed
    }
}

/// The first `count` elements along an axis in order; among equals the lower position comes first.
/// NaN counts as the largest.
public struct Sort: Hashable, Sendable {
    public var axis: Int
    public var count: Int
    public var descending: Bool

    public init(axis: Int, count: Int, descending: Bool) {
        self.axis = axis
        self.count = count
        self.descending = descending
    }
}

/// Uniform `float32` numbers: element `i` is the upper 24 bits of output word 0 of Philox4x32-10
/// with counter `i` and the seed as key (low word first), times 2⁻²⁴.
public struct Random: Hashable, Sendable {
    public var shape: Shape
    public var seed: UInt64

    public init(shape: Shape, seed: UInt64) {
        self.shape = shape
        self.seed = seed
    }
}

/// An operation that the reference interpreter performs by a function registered under a name.
///
/// Result types are part of it, because results like those of `nonZero` depend on data.
public struct HostOperation: Hashable, Sendable {
    /// An attribute's value.
    public enum Attribute: Hashable, Sendable {
        case integer(Int)
        case integers([Int])
        case float(Double)
        case floats([Double])
        case string(String)
        case strings([String])
    }

    public var name: String
    public var attributes: [String: Attribute]
    public var resultTypes: [TensorType]

    public init(
        name: String, attributes: [String: Attribute] = [:], resultTypes: [TensorType]
    ) {
        self.name = name
        self.attributes = attributes
        self.resultTypes = resultTypes
    }
}
