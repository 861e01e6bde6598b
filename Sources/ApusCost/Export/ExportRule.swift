/// The export rules' numbers, as data. Not legal advice.
///
/// They bind exports of parts of United States origin and foreign-made parts under its reach. A
/// chip made in a domestic fab is bound by what the fab can buy (memory, tools), not by these
/// thresholds.
public struct ExportRule: Sendable, Hashable {
    /// `oct2022`, `oct2023`, …
    public var name: String
    /// When it took effect, as year-month-day.
    public var effective: String
    /// The document.
    public var source: String
    /// What it tests, in a line.
    public var test: String

    /// Rules in order of effect.
    public static let all: [ExportRule] = [
        ExportRule(
            name: "oct2022", effective: "2022-10-07", source: "87 FR 62186 (FR 2022-21658)",
            test: "3A090.a: transfer rate of all inputs and outputs ≥ 600 GB/s and TPP ≥ 4800"),
        ExportRule(
            name: "oct2023", effective: "2023-11-17", source: "88 FR 73458 (FR 2023-23055)",
            test: "3A090.a: TPP ≥ 4800, or TPP ≥ 1600 and density ≥ 5.92; "
                + "b: 2400 ≤ TPP < 4800 and 1.6 ≤ density < 5.92, "
                + "or TPP ≥ 1600 and 3.2 ≤ density < 5.92"),
        ExportRule(
            name: "dec2024", effective: "2024-12-02", source: "89 FR 96790 (FR 2024-28270)",
            test: "3A090.c: memory stacks with more than 2 GB/s a mm²; "
                + "exception below 3.3 GB/s a mm²"),
        ExportRule(
            name: "jan2025", effective: "2025-01-16", source: "90 FR 5298 (FR 2025-00711)",
            test: "logic at 16/14 nm or below, or not planar, is presumed 3A090.a; overcome below "
                + "30 billion transistors (without HBM 35 from 2027, 40 from 2029)"),
        ExportRule(
            name: "apr2025", effective: "2025-04-15",
            source:
                "NVIDIA 8-K of 2025-04-15; parameters as Intel's customers reported (FT, Reuters)",
            test: "letters: DRAM ≥ 1400 GB/s, or I/O ≥ 1100 GB/s, or their sum ≥ 1700 GB/s"),
        ExportRule(
            name: "jan2026", effective: "2026-01-15", source: "91 FR 1684 (FR 2026-00789)",
            test: "exports to China and Macau case by case if TPP < 21000 and DRAM < 6500 GB/s"),
    ]

    /// Thresholds of the rules; each is named by the rule whose source it has.
    enum Limit {
        static let ioOct2022 = 600.0
        static let tppHigh = 4800.0
        static let tppMiddle = 2400.0
        static let tppLow = 1600.0
        static let densityA = 5.92
        static let densityB1 = 1.6
        static let densityB2 = 3.2
        static let memoryDensity = 2.0
        static let memoryDensityException = 3.3
        static let billionTransistors = 30.0
        static let billionTransistorsWithoutHBM2027 = 35.0
        static let billionTransistorsWithoutHBM2029 = 40.0
        static let dramApr2025 = 1400.0
        static let ioApr2025 = 1100.0
        static let sumApr2025 = 1700.0
        static let tppJan2026 = 21_000.0
        static let dramJan2026 = 6500.0
    }
}
