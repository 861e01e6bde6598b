import Glibc

/// How defects become lost dies. `x` below is die area times defect density.
public enum YieldModel: String, Sendable, Hashable, CaseIterable {
    /// `exp(−x)`: defects strike independently.
    case poisson
    /// `((1 − exp(−x)) / x)²`.
    case murphy
    /// `(1 + x/α)^−α` with α = 3 clusters (``Price/clustering``).
    case negativeBinomial

    /// Share of dies without a defect.
    ///
    /// - Parameters:
    ///   - area: mm².
    ///   - defects: a cm².
    public func share(area: Double, defects: Double) -> Double {
        let x = area / 100 * defects
        if x <= 0 { return 1 }
        switch self {
        case .poisson: return exp(-x)
        case .murphy: return pow((1 - exp(-x)) / x, 2)
        case .negativeBinomial:
            let clusters = Price.clustering.value.expected
            return pow(1 + x / clusters, -clusters)
        }
    }
}

/// Whole dies of `area` mm² on a 300 mm wafer.
///
///     π r² / S − π d / √(2 S),   d = 2 r the usable diameter, S the die with its scribe lines
///
/// - Source: the usual formula; edge and scribe as ``Price`` has them.
public func diesPerWafer(area: Double) -> Double {
    let diameter = 300 - 2 * Price.edgeLoss.value.expected
    let side = area.squareRoot() + Price.scribe.value.expected
    let whole = side * side
    let count =
        Double.pi * diameter * diameter / 4 / whole - Double.pi * diameter
        / (2 * whole).squareRoot()
    return max(count.rounded(.down), 0)
}

/// Share of dies that can be sold when up to `spare` of `cores` cores may be broken.
///
/// Cores fail independently, each by the model on its own area; the rest of the die must be whole.
///
///     rest · Σ_{b ≤ spare} C(cores, b) · (1 − p)^b · p^(cores − b)
///
/// with p a core's share without defect.
public func salvagedShare(
    _ model: YieldModel, dieArea: Double, coreArea: Double, cores: Int, spare: Int,
    defects: Double
) -> Double {
    let shared = max(dieArea - coreArea * Double(cores), 0)
    let rest = model.share(area: shared, defects: defects)
    let good = model.share(area: coreArea, defects: defects)
    var sum = 0.0
    for broken in 0...max(spare, 0) {
        let ways =
            lgamma(Double(cores + 1)) - lgamma(Double(broken + 1))
            - lgamma(Double(cores - broken + 1))
        let bad = broken == 0 ? 0 : Double(broken) * log(max(1 - good, 1e-300))
        sum += exp(ways + bad + Double(cores - broken) * log(good))
    }
    return min(rest * sum, 1)
}
