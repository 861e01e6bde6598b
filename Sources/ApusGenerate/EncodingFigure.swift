import ApusISA

/// Draws the words of a command with its fields, highest bit to the left.
enum EncodingFigure {
    /// One line of labels and one of names for each word that has fields.
    static func text(_ fields: [FieldSpec]) -> String {
        (0..<CommandWord.wordCount).compactMap { word in
            let inWord = fields.filter { $0.bits.word == word }.sorted { $0.bits.low > $1.bits.low }
            return inWord.isEmpty ? nil : draw(word, inWord)
        }.joined(separator: "\n")
    }

    private static func draw(_ word: Int, _ fields: [FieldSpec]) -> String {
        var labels = "    "
        var names = "w\(word) |"
        var expected = 31
        for field in fields {
            if field.bits.high < expected {
                append("0", high: expected, low: field.bits.high + 1, &labels, &names)
            }
            append(field.name, high: field.bits.high, low: field.bits.low, &labels, &names)
            expected = field.bits.low - 1
        }
        if expected >= 0 { append("0", high: expected, low: 0, &labels, &names) }
        return trimmed(labels) + "\n" + names
    }

    private static func append(
        _ name: String, high: Int, low: Int, _ labels: inout String, _ names: inout String
    ) {
        let label = high == low ? "\(high)" : "\(high) \(low)"
        let width = max(name.count, label.count) + 2
        let gap = width - 2 - "\(high)\(low)".count
        let spread = high == low ? label : "\(high)" + String(repeating: " ", count: gap) + "\(low)"
        labels += pad(spread, width) + " "
        names += pad(name, width) + "|"
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        let left = (width - text.count) / 2
        return String(repeating: " ", count: left) + text
            + String(repeating: " ", count: width - text.count - left)
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.hasSuffix(" ") { line.removeLast() }
        return line
    }
}
