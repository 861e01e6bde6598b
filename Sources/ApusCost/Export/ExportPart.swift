/// What the export rules ask about a part.
public struct ExportPart: Sendable, Hashable {
    public var name: String
    /// Dense operations a second, in units of 10¹² (a multiply-add is two), at ``bits``.
    public var teraOperations: Double
    /// Bits of the inputs of the multiplication.
    public var bits: Double
    /// mm² of all logic dies whose transistors are not planar; nil when there is none.
    public var dieArea: Double?
    /// Whether it is designed or marketed for data centres.
    public var isForDataCentres: Bool
    /// GB/s over links to other chips, and over the host's bus, both directions together.
    public var linkBandwidth: Double
    public var hostBandwidth: Double
    /// GB/s of the memory.
    public var memoryBandwidth: Double

    public init(
        name: String, teraOperations: Double, bits: Double, dieArea: Double?,
        isForDataCentres: Bool, linkBandwidth: Double, hostBandwidth: Double,
        memoryBandwidth: Double
    ) {
        self.name = name
        self.teraOperations = teraOperations
        self.bits = bits
        self.dieArea = dieArea
        self.isForDataCentres = isForDataCentres
        self.linkBandwidth = linkBandwidth
        self.hostBandwidth = hostBandwidth
        self.memoryBandwidth = memoryBandwidth
    }

    /// Total processing performance: operations times bit length.
    ///
    ///     TPP = 2 · MacTOPS · bits = 10¹² operations a second · bits
    ///
    /// - Source: 88 FR 73458, technical notes to 3A090.
    public var totalProcessingPerformance: Double { teraOperations * bits }

    /// TPP for each mm² of applicable die; nil when all dies are planar.
    public var performanceDensity: Double? {
        dieArea.map { totalProcessingPerformance / $0 }
    }

    var ioBandwidth: Double { linkBandwidth + hostBandwidth }
}

/// A part's class under the rule in force since October 2023.
public enum ExportClass: String, Sendable, Hashable {
    case a = "3A090.a"
    /// Meets `a` by performance but is not for data centres: notified export is possible.
    case aNotified = "3A090.a (NAC/ACA eligible, not DC)"
    case b = "3A090.b"
    case exempt = "not 3A090 (Note 2)"
    case none = "not 3A090"
}

/// What the rule of January 2026 says of exports to China.
public enum ChinaPolicy: String, Sendable, Hashable {
    case caseByCase = "case-by-case"
    case denial = "presumption of denial"
    case notApplicable = "n/a"
}

extension ExportPart {
    /// Whether the rule of October 2022 controls it.
    public var isControlledOct2022: Bool {
        ioBandwidth >= ExportRule.Limit.ioOct2022
            && totalProcessingPerformance >= ExportRule.Limit.tppHigh
    }

    /// Its class since October 2023, tests in the rule's order.
    public var classOct2023: ExportClass {
        let tpp = totalProcessingPerformance
        let density = performanceDensity ?? 0
        if !isForDataCentres && tpp < ExportRule.Limit.tppHigh { return .exempt }
        if tpp >= ExportRule.Limit.tppHigh
            || tpp >= ExportRule.Limit.tppLow && density >= ExportRule.Limit.densityA
        {
            return isForDataCentres ? .a : .aNotified
        }
        let isMiddle = tpp >= ExportRule.Limit.tppMiddle && density >= ExportRule.Limit.densityB1
        let isDense = tpp >= ExportRule.Limit.tppLow && density >= ExportRule.Limit.densityB2
        return isMiddle || isDense ? .b : .none
    }

    /// Whether the letters of April 2025, as reported, ask for a licence.
    public var needsLicenceApr2025: Bool {
        memoryBandwidth >= ExportRule.Limit.dramApr2025
            || ioBandwidth >= ExportRule.Limit.ioApr2025
            || memoryBandwidth + ioBandwidth >= ExportRule.Limit.sumApr2025
    }

    /// How a licence to China is judged since January 2026.
    public var policyJan2026: ChinaPolicy {
        guard classOct2023 == .a else { return .notApplicable }
        let isBelow =
            totalProcessingPerformance < ExportRule.Limit.tppJan2026
            && memoryBandwidth < ExportRule.Limit.dramJan2026
        return isBelow ? .caseByCase : .denial
    }
}
