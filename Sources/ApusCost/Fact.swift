/// How a figure is known.
public enum Confidence: String, Sendable, Hashable, CaseIterable {
    /// Read directly: a log, a regulation, code, a measurement of this project.
    case read = "A"
    /// A reputable secondary source, or the vendor.
    case relayed = "B"
    /// An estimate, a rumour, an assumption.
    case assumed = "C"
    /// From memory, to be verified.
    case remembered = "M"
    /// A decision of this project.
    case chosen
}

/// One constant of the cost models: a figure, its unit, where it comes from and how sure that is.
///
/// Every constant is one, in a list that ``Facts/all`` names; a test fails when one has no source.
public struct Fact: Sendable, Hashable {
    /// Dotted, lower-case: `wafer.price.7nm`.
    public var name: String
    public var value: Estimate
    /// Of one: `USD`, `pJ/bit`, `mm²`, `1` for a plain number.
    public var unit: String
    public var source: String
    public var confidence: Confidence

    public init(
        _ name: String, _ value: Estimate, _ unit: String, _ confidence: Confidence,
        _ source: String
    ) {
        self.name = name
        self.value = value
        self.unit = unit
        self.source = source
        self.confidence = confidence
    }

    /// A fact whose bounds are given one by one.
    public init(
        _ name: String, _ low: Double, _ expected: Double, _ high: Double, _ unit: String,
        _ confidence: Confidence, _ source: String
    ) {
        self.init(
            name, Estimate(low: low, expected: expected, high: high), unit, confidence, source)
    }
}

/// All constants of the cost models.
public enum Facts {
    /// Every fact, by area of the models.
    public static let all: [Fact] =
        ProcessNode.all.flatMap(\.facts) + Area.all + Energy.all + Price.all
        + Memory.all + Analytic.all + CompiledToday.facts + Part.facts

    /// The fact of that name.
    public static func named(_ name: String) -> Fact? { all.first { $0.name == name } }
}
