import ApusChip
import ApusISA

extension ModelTime {
    /// Tables for a person.
    public var text: String {
        var lines = [title]
        let several = chips == 1 ? "" : " x \(chips)"
        lines.append(
            "\(chip.name)\(several): \(Figure.grouped(cycles)) cycles, "
                + "\(Figure.time(seconds)), \(Figure.short(itemsPerSecond)) \(items.name)/s")
        var shares =
            "arrays at \(Figure.percent(matrixShare)) of their peak, memory at "
            + "\(Figure.percent(memoryShare)) of its bandwidth"
        if exchangeCycles > 0 {
            shares +=
                ", links \(Figure.percent(Double(exchangeCycles) / Double(cycles)))"
                + " of the time"
        }
        lines.append(shares)
        if !hostSteps.isEmpty {
            lines.append("\(hostSteps.count) steps on the host, which take no time here")
        }
        lines.append("")
        let head = [
            "part", "times", "cycles", "share", "load", "store", "matrix", "vector", "bound",
        ]
        var rows = [head]
        for kind in kinds {
            let share = cycles == 0 ? 0 : Double(kind.cycles) / Double(cycles)
            var row = [
                kind.label, "\(kind.count)", Figure.grouped(kind.cycles), Figure.percent(share),
            ]
            row += kind.busy.map { busy in
                kind.isExchange || kind.cycles == 0
                    ? "" : Figure.percent(busy / Double(kind.cycles))
            }
            rows.append(row + [kind.bound])
        }
        return (lines + Figure.table(rows)).joined(separator: "\n")
    }

    /// For a program.
    ///
    /// - Parameter energy: nil for a chip that belongs to no process.
    public func json(_ energy: ModelEnergy?) -> JSONValue {
        let kinds: [JSONValue] = self.kinds.map { kind in
            .object([
                .init("part", .string(kind.label)), .init("times", .integer(kind.count)),
                .init("cycles", .integer(kind.cycles)),
                .init("multiplyAdds", .integer(Int(kind.multiplyAdds))),
                .init("globalBytes", .integer(Int(kind.bytes))),
                .init("busy", .array(kind.busy.map { .number($0) })),
                .init("bound", .string(kind.bound)),
            ])
        }
        return .object([
            .init("model", .string(title)), .init("chip", .string(chip.name)),
            .init("chips", .integer(chips)), .init("cycles", .integer(cycles)),
            .init("seconds", .number(seconds)),
            .init("exchangeCycles", .integer(exchangeCycles)),
            .init("items", .string(items.name)),
            .init("itemsPerSecond", .number(itemsPerSecond)),
            .init("matrixBoundCycles", .number(matrixBound)),
            .init("memoryBoundCycles", .number(memoryBound)),
            .init("matrixPercent", .number(100 * matrixShare)),
            .init("memoryPercent", .number(100 * memoryShare)),
            .init("hostSteps", .array(hostSteps.map { .string($0) })),
            .init("parts", .array(kinds)),
            .init("energy", energy?.json ?? .null),
        ])
    }
}

/// Numbers as people read them.
enum Figure {
    /// `12,345,678`.
    static func grouped(_ value: Int) -> String {
        var digits = String(abs(value))
        var parts: [String] = []
        while digits.count > 3 {
            parts.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + parts).joined(separator: ",")
    }

    /// With `places` digits behind the point.
    static func fixed(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return "-" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 1e15 else { return "\(value)" }
        let whole = Int(scaled) / Int(scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        if places == 0 { return "\(sign)\(whole)" }
        let rest = String(Int(scaled) % Int(scale))
        return "\(sign)\(whole)." + String(repeating: "0", count: places - rest.count) + rest
    }

    static func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }

    /// Three digits that count, or so.
    static func short(_ value: Double) -> String {
        value >= 1000 ? grouped(Int(value.rounded())) : fixed(value, value >= 100 ? 0 : 2)
    }

    static func time(_ seconds: Double) -> String {
        if seconds >= 1 { return fixed(seconds, 3) + " s" }
        return seconds >= 1e-3 ? fixed(seconds * 1e3, 3) + " ms" : fixed(seconds * 1e6, 2) + " µs"
    }

    /// With a binary unit.
    static func bytes(_ count: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(count)
        var unit = 0
        while value >= 1024, unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        return fixed(value, unit == 0 || value >= 100 ? 0 : 1) + " " + units[unit]
    }

    /// Columns side by side; the first and the last to the left.
    static func table(_ rows: [[String]]) -> [String] {
        guard let count = rows.first?.count else { return [] }
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                let isLeft = column == 0 || column == count - 1
                line += (isLeft ? cell + space : space + cell) + "  "
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
