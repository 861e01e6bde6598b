import ApusChip

/// Several parts' answers to one question.
public struct Comparison: Sendable {
    public var question: Question
    /// In the order asked.
    public var rows: [Row]

    /// One part: its answer, or the fastest it can do when it misses the service level.
    public struct Row: Sendable {
        public var part: Part
        public var answer: Answer?
        /// ms of its fastest token, when there is no answer.
        public var fastest: Double?
    }

    /// - Throws: ``CostError/noPartMeets(milliseconds:bestPart:bestMilliseconds:)``.
    public init(
        _ question: Question, _ parts: [Part], using answerer: inout Answerer
    ) throws(CostError) {
        self.question = question
        rows = []
        for part in parts {
            let answer = answerer.answer(question, part)
            let fastest = answer == nil ? answerer.fastestMilliseconds(question, part) : nil
            rows.append(Row(part: part, answer: answer, fastest: fastest))
        }
        guard rows.contains(where: { $0.answer != nil }) else {
            let best = rows.min { $0.fastest ?? .infinity < $1.fastest ?? .infinity }
            throw .noPartMeets(
                milliseconds: question.serviceLevel, bestPart: best?.part.name ?? "none",
                bestMilliseconds: best?.fastest ?? .infinity)
        }
    }

    /// A table for a terminal.
    public var text: String {
        var lines = [
            "\(question.model.name), \(question.phase.rawValue), context "
                + "\(Figure.short(question.context, digits: 6)), service level "
                + "\(Figure.short(question.serviceLevel)) ms; one part, expected (low to high)",
            "",
        ]
        var table = [
            [
                "part", "known", "parts", "batch", "tokens/s", "J/token wall", "USD/Mtoken",
                "W board",
                "limit",
            ]
        ]
        for row in rows {
            guard let answer = row.answer else {
                let best = row.fastest.map { "fastest \(Figure.short($0)) ms" } ?? "does not fit"
                table.append(
                    [
                        row.part.name, row.part.provenance.rawValue, "-", "-", best, "-", "-", "-",
                        "-",
                    ])
                continue
            }
            table.append([
                row.part.name, row.part.provenance.rawValue, "\(answer.count)",
                Figure.short(answer.batch, digits: 4), Figure.range(answer.tokensPerSecond),
                Figure.range(answer.joulesPerToken), Figure.range(answer.dollarsPerMillion),
                Figure.range(answer.power.board),
                answer.limit.rawValue + (answer.isSure ? "" : " (slow end misses the level)"),
            ])
        }
        lines += TextTable.lines(table)
        lines += ["", "How each number was made:"]
        lines += rows.map { "  \($0.part.name): \($0.part.method)" }
        return lines.joined(separator: "\n")
    }

    /// The same for programs.
    public var json: JSONValue {
        let fields: [JSONValue.Field] = [
            .init("model", .string(question.model.name)),
            .init("phase", .string(question.phase.rawValue)),
            .init("context", .number(question.context)),
            .init("serviceLevelMilliseconds", .number(question.serviceLevel)),
            .init("parts", .array(rows.map(Comparison.json))),
        ]
        return .object(fields)
    }

    private static func json(_ row: Row) -> JSONValue {
        var fields: [JSONValue.Field] = [
            .init("part", .string(row.part.name)), .init("title", .string(row.part.title)),
            .init("known", .string(row.part.provenance.rawValue)),
            .init("method", .string(row.part.method)),
        ]
        guard let answer = row.answer else {
            let fastest = row.fastest.map { JSONValue.number($0) } ?? .null
            fields.append(.init("fastestMilliseconds", fastest))
            return .object(fields)
        }
        fields += [
            .init("count", .integer(answer.count)), .init("batch", .number(answer.batch)),
            .init("milliseconds", answer.milliseconds.json),
            .init("tokensPerSecond", answer.tokensPerSecond.json),
            .init("joulesPerToken", answer.joulesPerToken.json),
            .init("dollarsPerMillionTokens", answer.dollarsPerMillion.json),
            .init("wattsChip", answer.power.chip.json),
            .init("wattsBoard", answer.power.board.json),
            .init("wattsWall", answer.power.wall.json),
            .init("limit", .string(answer.limit.rawValue)), .init("isSure", .bool(answer.isSure)),
        ]
        return .object(fields)
    }
}

extension Estimate {
    /// `{"low": …, "expected": …, "high": …}`.
    public var json: JSONValue {
        .object([
            .init("low", .number(low)), .init("expected", .number(expected)),
            .init("high", .number(high)),
        ])
    }
}

extension Fact {
    /// The fact with its source.
    public var json: JSONValue {
        .object([
            .init("name", .string(name)), .init("value", value.json), .init("unit", .string(unit)),
            .init("confidence", .string(confidence.rawValue)), .init("source", .string(source)),
        ])
    }
}

/// Rows of cells as aligned text.
public enum TextTable {
    public static func lines(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 {
                    line += String(repeating: " ", count: widths[column] - cell.count + 2)
                }
            }
            return line
        }
    }
}
