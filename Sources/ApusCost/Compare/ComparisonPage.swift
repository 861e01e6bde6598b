import ApusChip

/// Comparisons as one self-contained page: tables, plots with ranges, and how each number was made.
public struct ComparisonPage: Sendable {
    public var comparisons: [Comparison]

    public init(_ comparisons: [Comparison]) { self.comparisons = comparisons }

    /// The page; it loads nothing.
    public var html: String {
        let sections = comparisons.map(section).joined(separator: "\n")
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Apus: what it costs</title>
            <style>\(style)</style></head><body>
            <h1>Tokens per second, per joule and per dollar</h1>
            <p>Figures are for one part of the group that shares the model: the bar is what is
            expected, the line its range from low to high. <b>Measured</b> parts come from kernels
            measured on them and fitted; <b>derived</b> ones are scaled from a measured part by
            published peaks, and nobody's measurement stands behind them; Apus chips
            do not exist: <b>simulated</b> ones reach what the cycle simulator gives for programs as
            they are compiled today, <b>modelled</b> ones what programs could be held to. Watts are
            of the board in the table, of the wall in joules and dollars. Not legal advice, not an
            offer.</p>
            \(sections)
            \(sources)
            </body></html>

            """
    }

    private let style = """
        body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;\
        color:#1c2430;background:#fff}h1{font-size:1.6rem}h2{margin-top:2.5rem;font-size:1.2rem}\
        table{border-collapse:collapse;width:100%;font-size:13px}td,th{padding:.3rem .5rem;\
        border-bottom:1px solid #d8dee6;text-align:left;vertical-align:top}\
        .plots{display:flex;flex-wrap:wrap;gap:1rem}svg{background:#f6f8fa;border-radius:6px}\
        .measured{fill:#2f6f9f}.derived{fill:#9aa7b4}.modelled{fill:#e3b08e}\
        .simulated{fill:#c2571a}details{margin-top:1rem}
        """

    private func section(_ comparison: Comparison) -> String {
        let question = comparison.question
        let level = question.phase == .decode ? "for each token" : "to the first token"
        let title =
            "\(question.model.name), \(question.phase.rawValue): "
            + "context \(Figure.short(question.context, digits: 6)), "
            + "at most \(Figure.short(question.serviceLevel, digits: 5)) ms \(level)"
        let plots = [
            plot(comparison, "tokens/s of one part", \.tokensPerSecond),
            plot(comparison, "J a token, wall", \.joulesPerToken),
            plot(comparison, "USD a million tokens", \.dollarsPerMillion),
        ].joined()
        let rows = comparison.rows.map(row).joined(separator: "\n")
        let heads = [
            "part", "known", "parts", "batch", "ms", "tokens/s", "J/token", "USD/Mtoken", "W board",
            "limit",
        ].map { "<th>\($0)</th>" }.joined()
        return """
            <h2>\(escape(title))</h2><div class="plots">\(plots)</div>
            <table><thead><tr>\(heads)</tr></thead><tbody>
            \(rows)
            </tbody></table>
            """
    }

    private func row(_ row: Comparison.Row) -> String {
        let cells: [String]
        if let answer = row.answer {
            cells = [
                row.part.title, row.part.provenance.rawValue, "\(answer.count)",
                Figure.short(answer.batch, digits: 4), Figure.range(answer.milliseconds),
                Figure.range(answer.tokensPerSecond), Figure.range(answer.joulesPerToken),
                Figure.range(answer.dollarsPerMillion), Figure.range(answer.power.board),
                answer.limit.rawValue + (answer.isSure ? "" : "; slow end misses the level"),
            ]
        } else {
            let best = row.fastest.map { "misses the level: \(Figure.short($0)) ms at best" }
            cells = [row.part.title, row.part.provenance.rawValue, best ?? "does not fit"]
        }
        return "<tr>" + cells.map { "<td>\(escape($0))</td>" }.joined() + "</tr>"
    }

    private func plot(
        _ comparison: Comparison, _ title: String, _ figure: KeyPath<Answer, Estimate>
    ) -> String {
        let bars = comparison.rows.compactMap { row in
            row.answer.map { (row.part, $0[keyPath: figure]) }
        }
        // The longest range is cut at three times the largest expected value.
        let expected = bars.map(\.1.expected).max() ?? 1
        let scale = min(bars.map(\.1.high).max() ?? 1, 3 * expected)
        let height = 34 + 22 * bars.count
        var body = "<text x=\"8\" y=\"18\" font-size=\"13\">\(escape(title))</text>"
        for (index, (part, value)) in bars.enumerated() {
            let y = 32 + 22 * index
            func x(_ of: Double) -> String {
                Figure.fixed(96 + 220 * min(of / scale, 1), decimals: 1)
            }
            let width = Figure.fixed(220 * min(value.expected / scale, 1), decimals: 1)
            body += "<text x=\"8\" y=\"\(y + 11)\" font-size=\"11\">\(escape(part.name))</text>"
            body += "<rect class=\"\(part.provenance.rawValue)\" x=\"96\" y=\"\(y)\" "
            body += "width=\"\(width)\" height=\"14\"/>"
            body += "<line x1=\"\(x(value.low))\" x2=\"\(x(value.high))\" y1=\"\(y + 7)\" "
            body += "y2=\"\(y + 7)\" stroke=\"#1c2430\" stroke-width=\"1.5\"/>"
            body += "<text x=\"322\" y=\"\(y + 11)\" font-size=\"11\">"
            body += "\(Figure.short(value.expected))</text>"
        }
        return
            "<svg role=\"img\" width=\"370\" height=\"\(height)\" aria-label=\"\(escape(title))\">"
            + body + "</svg>"
    }

    private var sources: String {
        var parts: [Part] = []
        for row in comparisons.flatMap(\.rows) where !parts.contains(row.part) {
            parts.append(row.part)
        }
        let methods = parts.map { part in
            "<tr><td>\(escape(part.title))</td><td>\(escape(part.method))</td>"
                + "<td>\(escape(part.boardLimit.source)); \(escape(part.price.source))</td></tr>"
        }.joined(separator: "\n")
        let facts = Facts.all.map { fact in
            "<tr><td>\(escape(fact.name))</td><td>\(escape(Figure.range(fact.value))) "
                + "\(escape(fact.unit))</td><td>\(fact.confidence.rawValue)</td>"
                + "<td>\(escape(fact.source))</td></tr>"
        }.joined(separator: "\n")
        return """
            <h2>How each number was made</h2>
            <table><tbody>
            \(methods)
            </tbody></table>
            <details><summary>All constants, with their sources (A read directly, B relayed,
            C assumed, M from memory)</summary><table><tbody>
            \(facts)
            </tbody></table></details>
            """
    }

    private func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
