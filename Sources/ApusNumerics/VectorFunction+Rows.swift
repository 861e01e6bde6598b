/// Functions of whole rows: reductions, scans, selection and sequences; the oracle of
/// CApusNumerics.
extension VectorFunction {
    /// Folds a row by 16 partial results: partial j takes columns j, j + 16, j + 32, … from the
    /// identity on, and then partials combine j with j + 8, j + 4, j + 2, j + 1. An empty row gives
    /// the identity.
    ///
    /// - Precondition: The function is rsum, rprod, rmax or rmin.
    public func reduce(_ row: [Float]) -> Float {
        let identity: Float =
            switch self {
            case .rsum: 0
            case .rprod: 1
            case .rmax: -.infinity
            default: .infinity
            }
        return Lane.canonical(folded(row, identity: identity, by: foldFloat))
    }

    /// As for FP32; the order does not show.
    public func reduce(_ row: [Int32]) -> Int32 {
        let identity: Int32 =
            switch self {
            case .rsum: 0
            case .rprod: 1
            case .rmax: .min
            default: .max
            }
        return folded(row, identity: identity, by: foldInt32)
    }

    private func folded<Value>(
        _ row: [Value], identity: Value, by fold: (Value, Value) -> Value
    ) -> Value {
        var partials = [Value](repeating: identity, count: 16)
        for (column, value) in row.enumerated() {
            partials[column % 16] = fold(partials[column % 16], value)
        }
        for width in [8, 4, 2, 1] {
            for j in 0..<width { partials[j] = fold(partials[j], partials[j + width]) }
        }
        return partials[0]
    }

    private func foldFloat(_ x: Float, _ y: Float) -> Float {
        switch self {
        case .rsum: x + y
        case .rprod: x * y
        case .rmax: Lane.maximum(x, y)
        case .rmin: Lane.minimum(x, y)
        default: preconditionFailure("\(self) does not reduce a row to a value")
        }
    }

    private func foldInt32(_ x: Int32, _ y: Int32) -> Int32 {
        switch self {
        case .rsum: x &+ y
        case .rprod: x &* y
        case .rmax: Swift.max(x, y)
        case .rmin: Swift.min(x, y)
        default: preconditionFailure("\(self) does not reduce a row to a value")
        }
    }

    /// The first index of the row's largest (rargmax) or smallest (rargmin) value; the first NaN
    /// wins. 0 of an empty row.
    public func argument(_ row: [Float]) -> Int32 {
        if let index = row.firstIndex(where: \.isNaN) { return Int32(index) }
        let extreme = self == .rargmax ? row.max() : row.min()
        return Int32(row.firstIndex { $0 == extreme } ?? 0)
    }

    /// The first index of the row's largest (rargmax) or smallest (rargmin) value. 0 of an empty
    /// row.
    public func argument(_ row: [Int32]) -> Int32 {
        let extreme = self == .rargmax ? row.max() : row.min()
        return Int32(row.firstIndex { $0 == extreme } ?? 0)
    }

    /// Running sums or products from the first column on, or from the last when `reverse`;
    /// `exclusive` leaves out the element itself.
    public func scan(_ row: [Float], exclusive: Bool, reverse: Bool) -> [Float] {
        let isProduct = self == .cumprod
        return scanned(row, exclusive, reverse, identity: isProduct ? 1 : 0) {
            isProduct ? $0 * $1 : $0 + $1
        }.map(Lane.canonical)
    }

    /// As for FP32, wrapping.
    public func scan(_ row: [Int32], exclusive: Bool, reverse: Bool) -> [Int32] {
        let isProduct = self == .cumprod
        return scanned(row, exclusive, reverse, identity: isProduct ? 1 : 0) {
            isProduct ? $0 &* $1 : $0 &+ $1
        }
    }

    private func scanned<Value>(
        _ row: [Value], _ exclusive: Bool, _ reverse: Bool, identity: Value,
        by fold: (Value, Value) -> Value
    ) -> [Value] {
        var total = identity
        var result: [Value] = []
        for value in reverse ? row.reversed() : row {
            let before = total
            total = fold(total, value)
            result.append(exclusive ? before : total)
        }
        return reverse ? result.reversed() : result
    }
}

/// The largest values of a row.
public enum TopK {
    /// The `count` largest, descending, the first index first among equals (−0 equals +0), NaNs
    /// before numbers.
    public static func select(_ row: [Float], count: Int) -> [(value: Float, index: Int32)] {
        func precedes(_ i: Int, _ j: Int) -> Bool {
            let (a, b) = (row[i], row[j])
            if a.isNaN || b.isNaN { return a.isNaN && (!b.isNaN || i < j) }
            return a != b ? a > b : i < j
        }
        return row.indices.sorted(by: precedes).prefix(count)
            .map { (Lane.canonical(row[$0]), Int32($0)) }
    }

    /// The `count` largest, descending, the first index first among equals.
    public static func select(_ row: [Int32], count: Int) -> [(value: Int32, index: Int32)] {
        row.indices.sorted { row[$0] != row[$1] ? row[$0] > row[$1] : $0 < $1 }.prefix(count)
            .map { (row[$0], Int32($0)) }
    }
}

/// Arithmetic sequences.
public enum Iota {
    /// fma(step, index, first).
    public static func value(first: Float, step: Float, index: Int) -> Float {
        Lane.canonical(Lane.fma(step, Float(index), first))
    }

    /// first + step·index, wrapping.
    public static func value(first: Int32, step: Int32, index: Int) -> Int32 {
        first &+ step &* Int32(truncatingIfNeeded: index)
    }
}

/// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel Random
/// Numbers: As Easy as 1, 2, 3" (2011).
public enum Philox {
    package static let rounds = 10
    package static let multipliers: (UInt32, UInt32) = (0xD251_1F53, 0xCD9E_8D57)
    package static let keySteps: (UInt32, UInt32) = (0x9E37_79B9, 0xBB67_AE85)

    /// Four random words from a key and a counter.
    public static func block(
        key: (UInt32, UInt32), counter: (UInt32, UInt32, UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (c0, c1, c2, c3) = counter
        var (k0, k1) = key
        for _ in 0..<rounds {
            let first = UInt64(multipliers.0) * UInt64(c0)
            let second = UInt64(multipliers.1) * UInt64(c2)
            c0 = UInt32(second >> 32) ^ c1 ^ k0
            c1 = UInt32(truncatingIfNeeded: second)
            c2 = UInt32(first >> 32) ^ c3 ^ k1
            c3 = UInt32(truncatingIfNeeded: first)
            k0 &+= keySteps.0
            k1 &+= keySteps.1
        }
        return (c0, c1, c2, c3)
    }

    /// A uniform number of [0, 1): the upper 24 bits of word 0, times 2⁻²⁴.
    public static func uniform(key0: UInt32, key1: UInt32, counter: UInt64) -> Float {
        let words = block(
            key: (key0, key1),
            counter: (UInt32(truncatingIfNeeded: counter), UInt32(counter >> 32), 0, 0))
        return Float(words.0 >> 8) * 0x1p-24
    }
}
