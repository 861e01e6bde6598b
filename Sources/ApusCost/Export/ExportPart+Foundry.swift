/// The foundry rule of January 2025 and the memory rule of December 2024.
public struct FoundryPresumption: Sendable, Hashable {
    /// Whether the rule's presumption reaches the process.
    public var applies: Bool
    /// Billions of transistors: the process's density times die area.
    public var billionTransistors: Estimate
    /// Billions below which the presumption is overcome, today.
    public var limit: Double

    /// Whether the count alone overcomes the presumption, at the expected figure.
    public var isOvercome: Bool { !applies || billionTransistors.expected < limit }

    /// What a foundry outside China would have to presume of dies of `area` mm² in all.
    ///
    /// The count is the process's density times area, as the rule approximates it. The higher
    /// limits without HBM are for exports completed in 2027 and 2029.
    ///
    /// - Source: 90 FR 5298.
    public init(area: Estimate, node: ProcessNode) {
        applies = node.isNonPlanar
        billionTransistors = area * node.density.value / 1000
        limit = ExportRule.Limit.billionTransistors
    }
}

/// Memory stacks under 3A090.c.
public enum MemoryControl: String, Sendable, Hashable {
    case controlled = "3A090.c, no exception"
    case exceptionPossible = "3A090.c, exception HBM possible"
    case free = "not 3A090.c"

    /// A stack (or package) of `bandwidth` GB/s on `area` mm².
    ///
    /// - Source: 89 FR 96790: above 2 GB/s a mm² controlled, below 3.3 an exception exists.
    public init(bandwidth: Double, area: Double) {
        let density = bandwidth / area
        if density <= ExportRule.Limit.memoryDensity {
            self = .free
        } else if density < ExportRule.Limit.memoryDensityException {
            self = .exceptionPossible
        } else {
            self = .controlled
        }
    }
}
