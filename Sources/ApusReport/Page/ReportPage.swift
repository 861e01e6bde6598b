import ApusChip

/// One page about what a model takes: figures, pictures and tables, with nothing from elsewhere.
///
/// It is HTML with inline SVG and no script, readable on paper.
public struct ReportPage {
    private let time: ModelTime
    private let timeline: Timeline
    private let energy: ModelEnergy?
    /// The command that makes the page again.
    private let command: String

    /// - Parameter energy: nil for a chip that belongs to no process.
    public init(_ time: ModelTime, timeline: Timeline, energy: ModelEnergy?, command: String) {
        self.energy = energy
        self.time = time
        self.timeline = timeline
        self.command = command
    }

    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(Drawing.escaped(time.title))</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <h1>\(Drawing.escaped(time.title))</h1>
        \(figures)
        \(pictures)
        <h2>Kinds of launches</h2>
        \(kindTable)
        \(energyTable)
        \(hostSteps)
        <footer>Made by <code>\(Drawing.escaped(command))</code> from the clocked machine; \
        no value was computed.</footer>
        </body>
        </html>

        """
    }

    private static let style = """
        body { font: 15px/1.45 system-ui, sans-serif; color: #111; background: #fff;
          max-width: 920px; margin: 24px auto; padding: 0 16px; }
        h1 { font-size: 22px; } h2 { font-size: 17px; margin: 28px 0 4px; }
        p { margin: 2px 0 8px; } svg { width: 100%; height: auto; font-family: inherit; }
        table { border-collapse: collapse; font-size: 13px; width: 100%; }
        th, td { text-align: right; padding: 3px 8px; border-bottom: 1px solid #ddd; }
        th:first-child, td:first-child, th:last-child, td:last-child { text-align: left; }
        dl { display: grid; grid-template-columns: repeat(4, 1fr); gap: 8px; margin: 12px 0; }
        dt { font-size: 12px; color: #444; } dd { margin: 0; font-size: 19px; }
        footer { margin-top: 28px; font-size: 12px; color: #444; }
        section { break-inside: avoid; }
        @media print { body { margin: 0; max-width: none; font-size: 12px; } }
        """

    private var pictures: String {
        let engines = EngineChart(time: time)
        let sections = [
            section(
                "Roofline", RooflineChart(time: time).svg,
                "Each kind of launch by the multiply-adds it does for each byte it moves, and by "
                    + "how many it does each second; the larger the circle, the more of the time. "
                    + "On a line, a launch reaches what memory or arrays allow."),
            section(
                "Time of each layer", LayerChart(time: time).svg,
                "Launches of one kind have one colour."),
            section(
                "Engines", engines.use,
                "How much of a launch's time an engine is busy, the mean of all cores."),
            section(
                "What holds them up", engines.stalls,
                "Engines of a core together, as shares of a launch's time; engines work side by "
                    + "side, so shares may add up to more than the whole."),
            section(
                "A stretch of time on core \(timeline.core)", timelineChart,
                "One track for each engine."),
            section(
                "Power over time", energy.flatMap { PowerChart(energy: $0).svg },
                "One chip with its memory, expected, with low and high as thin lines; "
                    + (energy?.standing.rawValue ?? "") + "."),
            section(
                "Memory", MemoryChart(time: time).svg,
                "Of the fullest chip, from its first byte on."),
        ]
        return sections.joined(separator: "\n")
    }

    private var figures: String {
        let several = time.chips == 1 ? "" : " x \(time.chips)"
        var items = [
            ("chip", time.chip.name + several),
            ("time", Figure.time(time.seconds)),
            (time.items.name + " per second", Figure.short(time.itemsPerSecond)),
            ("cycles", Figure.grouped(time.cycles)),
            ("arrays, of their peak", Figure.percent(time.matrixShare)),
            ("memory, of its bandwidth", Figure.percent(time.memoryShare)),
        ]
        if time.exchangeCycles > 0 {
            let share = Double(time.exchangeCycles) / Double(max(time.cycles, 1))
            items.append(("exchanges between chips", Figure.percent(share)))
        }
        return "<dl>"
            + items.map { name, value in
                "<div><dt>\(Drawing.escaped(name))</dt><dd>\(Drawing.escaped(value))</dd></div>"
            }.joined(separator: "\n") + "</dl>"
    }

    private var timelineChart: String? {
        TimelineChart(
            timeline: timeline,
            nanosecondsPerCycle: 1000 / Double(time.chip.clockMegahertz)
        ).svg
    }

    private func section(_ title: String, _ picture: String?, _ sentence: String) -> String {
        guard let picture else { return "" }
        return "<section>\n<h2>\(title)</h2>\n<p>\(sentence)</p>\n\(picture)\n</section>"
    }

    private var kindTable: String {
        let head = [
            "part", "times", "cycles", "share", "load", "store", "matrix", "vector", "bound",
        ]
        var rows = ["<tr>" + head.map { "<th>\($0)</th>" }.joined() + "</tr>"]
        for kind in time.kinds {
            let share = Double(kind.cycles) / Double(max(time.cycles, 1))
            var cells = [
                Drawing.escaped(kind.label), "\(kind.count)", Figure.grouped(kind.cycles),
                Figure.percent(share),
            ]
            cells += kind.busy.map { busy in
                kind.isExchange || kind.cycles == 0
                    ? "" : Figure.percent(busy / Double(kind.cycles))
            }
            rows.append(
                "<tr>" + (cells + [kind.bound]).map { "<td>\($0)</td>" }.joined() + "</tr>")
        }
        return "<table>\n" + rows.joined(separator: "\n") + "\n</table>"
    }

    private var energyTable: String {
        guard let energy else { return "" }
        let text = Drawing.escaped(energy.text(item: time.items.name))
        return "<h2>Energy</h2>\n<pre>\(text)</pre>"
    }

    private var hostSteps: String {
        if time.hostSteps.isEmpty { return "" }
        return "<h2>Steps on the host</h2>\n<p>They take no time here: "
            + Drawing.escaped(time.hostSteps.joined(separator: ", ")) + ".</p>"
    }
}
