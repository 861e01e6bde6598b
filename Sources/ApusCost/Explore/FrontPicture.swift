import ApusChip

extension ExplorationProgress {
    /// The front as a table: tokens, joules, dollars, area, and the design.
    public func table(_ front: [Exploration.Outcome]) -> String {
        var rows = [["tokens/s", "J/token wall", "USD/Mtoken", "mm²", "design"]]
        for outcome in front {
            guard let figures = outcome.figures else { continue }
            let chip = exploration.chip(outcome)
            let memory = "\(chip.memoryBytes >> 30) GiB \(chip.memoryKind.rawValue)"
            rows.append([
                Figure.short(figures.tokensPerSecond, digits: 4),
                Figure.short(figures.joulesPerToken), Figure.short(figures.dollarsPerMillion),
                Figure.short(figures.area),
                "\(chip.meshColumns)x\(chip.meshRows) cores of \(chip.matrixRows)x"
                    + "\(chip.matrixColumns) cells, \(chip.vectorLanes) lanes, "
                    + "\(chip.scratchpadBytes >> 10) KiB, \(chip.clockMegahertz) MHz, \(memory)",
            ])
        }
        return TextTable.lines(rows).joined(separator: "\n")
    }

    /// The front for programs: figures, and each design as a chip file.
    public func json(_ front: [Exploration.Outcome]) -> JSONValue {
        let designs = front.compactMap { outcome -> JSONValue? in
            guard let figures = outcome.figures else { return nil }
            return .object([
                .init("tokensPerSecond", .number(figures.tokensPerSecond)),
                .init("joulesPerToken", .number(figures.joulesPerToken)),
                .init("dollarsPerMillionTokens", .number(figures.dollarsPerMillion)),
                .init("squareMillimetres", .number(figures.area)),
                .init("chip", exploration.chip(outcome).json),
            ])
        }
        return .object([
            .init("tried", .integer(outcomes.count)), .init("front", .array(designs)),
        ])
    }

    /// All designs that keep the limits and the front among them, dollars against tokens.
    public func picture(_ front: [Exploration.Outcome]) -> String {
        let all = outcomes.compactMap(\.figures)
        let right = all.map(\.tokensPerSecond).max() ?? 1
        // Dollars beyond ten times the cheapest say nothing about the front.
        let top = 10 * (all.map(\.dollarsPerMillion).min() ?? 1)
        func dot(_ figures: Exploration.Figures, _ kind: String, _ radius: String) -> String {
            let x = Figure.fixed(60 + 620 * figures.tokensPerSecond / right, decimals: 1)
            let share = min(figures.dollarsPerMillion / top, 1)
            let y = Figure.fixed(420 - 390 * share, decimals: 1)
            return "<circle class=\"\(kind)\" cx=\"\(x)\" cy=\"\(y)\" r=\"\(radius)\"/>"
        }
        let cloud = all.map { dot($0, "all", "1.2") }.joined(separator: "\n")
        let best = front.compactMap(\.figures).map { dot($0, "front", "3") }.joined(separator: "\n")
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="720" height="460"
            font-family="sans-serif">
            <style>.all{fill:#9aa7b4}.front{fill:#c2571a}</style>
            <rect width="720" height="460" fill="#fff"/>
            <path d="M60 20V420H690" fill="none" stroke="#1c2430"/>
            <text x="60" y="445" font-size="12">0</text>
            <text x="500" y="445" font-size="12">tokens/s of one part, to
            \(Figure.short(right))</text>
            <text x="66" y="16" font-size="12">USD a million tokens, to \(Figure.short(top))</text>
            \(cloud)
            \(best)
            </svg>

            """
    }
}
