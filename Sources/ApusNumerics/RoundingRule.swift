/// How a conversion chooses among the values of its destination.
///
/// The raw value is the code in the `rounding` field of Vector commands. Codes 6 and 7 are
/// reserved.
///
/// - Source: docs/numerics/conversions.md.
public enum RoundingRule: UInt8, CaseIterable, Hashable, Sendable {
    /// To the nearest value, ties to even; integers and 8- and 4-bit floats saturate.
    case nearestEven = 0
    /// Toward zero; saturates.
    case towardZero = 1
    /// Toward zero; integers then wrap modulo 2^width, and the non-finite become 0 (ONNX Cast to an
    /// integer type). Floating destinations: as ``towardZero``.
    case wrapping = 2
    /// Toward −∞; saturates.
    case down = 3
    /// Toward +∞; saturates.
    case up = 4
    /// To the nearest value, ties to even; integers wrap, E4M3 and E8M0 overflow to NaN and E5M2 to
    /// infinity (ONNX Cast with `saturate=0`).
    case nearestEvenUnsaturated = 5
}

extension RoundingRule {
    /// Whether a value beyond the largest of an integer or small float becomes that largest value.
    public var isSaturating: Bool {
        switch self {
        case .nearestEven, .towardZero, .down, .up: true
        case .wrapping, .nearestEvenUnsaturated: false
        }
    }

    /// Rounds to an integral value in binary64, without regard to range.
    public func integral(_ value: Double) -> Double {
        switch self {
        case .nearestEven, .nearestEvenUnsaturated: value.rounded(.toNearestOrEven)
        case .towardZero, .wrapping: value.rounded(.towardZero)
        case .down: value.rounded(.down)
        case .up: value.rounded(.up)
        }
    }
}
