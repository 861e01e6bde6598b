import ApusChip

/// A part under every rule, as text and as JSON.
public struct ExportReport: Sendable {
    public var part: ExportPart
    public var presumption: FoundryPresumption?
    public var memory: MemoryControl?
    public var isDomestic: Bool

    /// Of an Apus chip.
    public init(chip: Chip, node: ProcessNode) {
        let area = ChipArea(unchecked: chip, node: node)
        let model = Part.apus(chip, node: node)
        part =
            model.export
            ?? ExportPart(
                name: chip.name, teraOperations: 0, bits: 8, dieArea: nil, isForDataCentres: true,
                linkBandwidth: 0, hostBandwidth: 0, memoryBandwidth: 0)
        presumption = FoundryPresumption(area: area.total, node: node)
        isDomestic = node.isDomestic
        if chip.memoryKind == .hbm2e || chip.memoryKind == .hbm3, area.memoryUnits > 0 {
            let stack = model.memoryBandwidth / Double(area.memoryUnits)
            memory = MemoryControl(bandwidth: stack, area: Memory.stackArea.value.expected)
        }
    }

    /// Of a bought part; nil when its die is not known.
    public init?(part: Part) {
        guard let export = part.export else { return nil }
        self.part = export
        isDomestic = false
    }

    private var rows: [[String]] {
        let density = part.performanceDensity.map { Figure.short($0, digits: 4) } ?? "planar"
        var rows = [
            [
                "total processing performance",
                Figure.short(part.totalProcessingPerformance, digits: 6),
            ],
            ["applicable die, mm²", part.dieArea.map { Figure.short($0, digits: 4) } ?? "none"],
            ["performance density", density],
            ["oct2022", part.isControlledOct2022 ? "controlled" : "not controlled"],
            ["oct2023, in force", part.classOct2023.rawValue],
        ]
        if let memory { rows.append(["dec2024, each memory stack", memory.rawValue]) }
        if let presumption {
            let count = Figure.range(presumption.billionTransistors)
            let verdict = presumption.isOvercome ? "overcome" : "presumed 3A090.a"
            rows.append([
                "jan2025, from a foundry abroad",
                "\(count) billion transistors, limit "
                    + "\(Figure.short(presumption.limit)): \(verdict)",
            ])
        }
        rows += [
            ["apr2025 letters", part.needsLicenceApr2025 ? "licence" : "below"],
            ["jan2026, exports to China", part.policyJan2026.rawValue],
        ]
        return rows
    }

    /// Tables for a terminal.
    public var text: String {
        var lines = [
            "\(part.name) under the export rules of the United States. Not legal advice.", "",
        ]
        lines += TextTable.lines(rows)
        lines += [
            "",
            "These bind exports of such parts, and foundries abroad. A chip made in a domestic fab",
            "is bound by what the fab can buy: memory stacks (dec2024) and tools.",
        ]
        if isDomestic && memory != nil {
            lines.append(
                "This one needs HBM, whose export to China is controlled: that is its limit.")
        }
        lines += [""] + ExportRule.all.map { "\($0.name): \($0.test). \($0.source)" }
        return lines.joined(separator: "\n")
    }

    /// The same for programs.
    public var json: JSONValue {
        var fields: [JSONValue.Field] = [
            .init("part", .string(part.name)),
            .init("totalProcessingPerformance", .number(part.totalProcessingPerformance)),
            .init("performanceDensity", part.performanceDensity.map { .number($0) } ?? .null),
            .init("oct2022", .bool(part.isControlledOct2022)),
            .init("oct2023", .string(part.classOct2023.rawValue)),
            .init("apr2025", .bool(part.needsLicenceApr2025)),
            .init("jan2026", .string(part.policyJan2026.rawValue)),
            .init("isLegalAdvice", .bool(false)),
        ]
        if let memory { fields.append(.init("dec2024", .string(memory.rawValue))) }
        if let presumption {
            fields.append(.init("billionTransistors", presumption.billionTransistors.json))
            fields.append(.init("isPresumptionOvercome", .bool(presumption.isOvercome)))
        }
        return .object(fields)
    }
}
