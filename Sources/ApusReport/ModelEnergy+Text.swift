import ApusChip
import ApusCost

extension ModelEnergy {
    /// Lines and a table for a person.
    public func text(item: String) -> String {
        var lines = [
            "energy in \(node.process), expected (low to high); chip and memory, not board or wall",
            "\(ApusCost.Figure.range(joules)) J, \(ApusCost.Figure.range(joulesPerItem)) J for each"
                + " of the \(item), \(ApusCost.Figure.range(meanWatts)) W a chip",
        ]
        if let hottest {
            lines.append(
                "most in \(hottest.label): \(ApusCost.Figure.range(hottest.watts)) W; "
                    + (limit > 0 ? "limit \(ApusCost.Figure.short(limit)) W: " : "")
                    + standing.rawValue)
        }
        var rows = [["block", "J", "share"]]
        for block in blocks {
            let share = joules.expected > 0 ? block.watts.expected / joules.expected : 0
            rows.append([
                block.name, ApusCost.Figure.range(block.watts), Figure.percent(share),
            ])
        }
        return (lines + [""] + TextTable.lines(rows)).joined(separator: "\n")
    }

    /// For a program: joules by block, and the power of every launch in order.
    public var json: JSONValue {
        .object([
            .init("node", .string(node.name)), .init("joules", joules.json),
            .init("joulesPerItem", joulesPerItem.json), .init("wattsMean", meanWatts.json),
            .init("wattsLimit", .number(limit)), .init("standing", .string(standing.rawValue)),
            .init(
                "blocks",
                .array(
                    blocks.map {
                        .object([.init("name", .string($0.name)), .init("joules", $0.watts.json)])
                    })),
            .init(
                "launches",
                .array(
                    launches.map {
                        .object([
                            .init("part", .string($0.label)), .init("seconds", .number($0.seconds)),
                            .init("times", .integer($0.count)), .init("watts", $0.watts.json),
                        ])
                    })),
        ])
    }
}
