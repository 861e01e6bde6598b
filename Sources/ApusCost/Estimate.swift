/// A figure with its uncertainty: what is expected, and the bounds it is believed to lie within.
///
///     Estimate(low: 10, expected: 12, high: 20) * 2   // 20 … 24 … 40
///
/// Arithmetic takes the worst case of both sides (as if all errors went the same way), so a range
/// never shrinks by accident. `low ≤ expected ≤ high` always holds.
public struct Estimate: Sendable, Hashable {
    public var low: Double
    public var expected: Double
    public var high: Double

    public init(low: Double, expected: Double, high: Double) {
        precondition(low <= expected && expected <= high, "an estimate's bounds are out of order")
        self.low = low
        self.expected = expected
        self.high = high
    }

    /// A figure without uncertainty.
    public init(_ exact: Double) { self.init(low: exact, expected: exact, high: exact) }

    public static func + (a: Estimate, b: Estimate) -> Estimate {
        Estimate(low: a.low + b.low, expected: a.expected + b.expected, high: a.high + b.high)
    }

    /// Subtraction pairs the low of one side with the high of the other.
    public static func - (a: Estimate, b: Estimate) -> Estimate {
        Estimate(low: a.low - b.high, expected: a.expected - b.expected, high: a.high - b.low)
    }

    public static func * (a: Estimate, b: Estimate) -> Estimate {
        let corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
        let expected = a.expected * b.expected
        return Estimate(
            low: corners.reduce(expected, min), expected: expected,
            high: corners.reduce(expected, max))
    }

    public static func * (a: Estimate, factor: Double) -> Estimate { a * Estimate(factor) }

    /// - Precondition: `b` does not reach zero.
    public static func / (a: Estimate, b: Estimate) -> Estimate {
        precondition(b.low > 0 || b.high < 0, "a divisor's range contains zero")
        let corners = [a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high]
        let expected = a.expected / b.expected
        return Estimate(
            low: corners.reduce(expected, min), expected: expected,
            high: corners.reduce(expected, max))
    }

    public static func / (a: Estimate, divisor: Double) -> Estimate { a / Estimate(divisor) }

    /// Applies a function that never falls, bound by bound.
    public func rising(_ function: (Double) -> Double) -> Estimate {
        Estimate(low: function(low), expected: function(expected), high: function(high))
    }

    /// Applies a function that never rises: the low of the result comes from the high.
    public func falling(_ function: (Double) -> Double) -> Estimate {
        Estimate(low: function(high), expected: function(expected), high: function(low))
    }

    /// Whether a measured value lies within the bounds.
    public func contains(_ value: Double) -> Bool { (low...high).contains(value) }

    public static let zero = Estimate(0)
}

extension Sequence<Estimate> {
    /// The sum of all.
    public func total() -> Estimate { reduce(.zero, +) }
}
