import ApusChip

/// What a chip costs: area and power by block, yield, price, and its standing under the rules.
public struct ChipCost: Sendable {
    public var chip: Chip
    public var area: ChipArea
    public var price: PackagePrice
    /// W by block with everything at once (``Activity/peakSecond(_:)``).
    public var peakBlocks: [PowerBlock]
    public var peak: Power

    /// - Throws: ``CostError/beyondReticle(area:limit:)``.
    public init(_ chip: Chip, node: ProcessNode) throws(CostError) {
        self.chip = chip
        area = try ChipArea(chip, node: node)
        price = PackagePrice(chip: chip, area: area, spareShare: Part.spareShare)
        let model = EnergyModel(chip: chip, area: area)
        let second = Activity.peakSecond(chip)
        peakBlocks = model.joules(second)
        peak = model.power(second)
    }

    /// Tables for a terminal.
    public var text: String {
        var lines = [
            "\(chip.name) in \(area.node.process) (\(area.node.name)); expected (low to high)", "",
        ]
        var table = [["area", "mm²"]]
        table += area.blocks.map { [$0.name, Figure.range($0.area)] }
        table.append(["die", Figure.range(area.total)])
        lines += TextTable.lines(table)
        let target = chip.powerTargetWatts
        lines += ["", "Everything at once; the board is cut to the chip's \(target) W:"]
        table = [["power", "W"]] + peakBlocks.map { [$0.name, Figure.range($0.watts)] }
        table += [
            ["chip with memory", Figure.range(peak.chip)], ["board", Figure.range(peak.board)],
            ["wall, with its share of a server", Figure.range(peak.wall)],
        ]
        lines += TextTable.lines(table)
        if target > 0 {
            let fits = peak.chip.expected <= Double(target)
            lines.append(fits ? "within the limit" : "beyond the limit: the clock falls")
        }
        table = [
            ["price", "USD"], ["dies a wafer", Figure.range(price.dies)],
            ["share sold, with salvage", Figure.range(price.yield)],
        ]
        table += price.items.map { [$0.name, Figure.range($0.dollars)] }
        table.append(["all, at cost", Figure.range(price.total)])
        lines += [""] + TextTable.lines(table)
        return lines.joined(separator: "\n")
    }

    /// The same for programs, with every constant and its source.
    public var json: JSONValue {
        .object([
            .init("chip", .string(chip.name)), .init("node", .string(area.node.name)),
            .init(
                "area", .array(area.blocks.map { block(name: $0.name, $0.area) })),
            .init("die", area.total.json),
            .init("power", .array(peakBlocks.map { block(name: $0.name, $0.watts) })),
            .init("wattsChip", peak.chip.json), .init("wattsBoard", peak.board.json),
            .init("wattsWall", peak.wall.json), .init("diesPerWafer", price.dies.json),
            .init("yield", price.yield.json),
            .init("price", .array(price.items.map { block(name: $0.name, $0.dollars) })),
            .init("total", price.total.json),
            .init("constants", .array(Facts.all.map(\.json))),
        ])
    }

    private func block(name: String, _ estimate: Estimate) -> JSONValue {
        .object([.init("name", .string(name)), .init("value", estimate.json)])
    }
}
