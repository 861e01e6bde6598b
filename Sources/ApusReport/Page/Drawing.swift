/// An SVG picture while it is drawn; y grows downwards, lengths are pixels of a 900-wide page.
struct Drawing {
    let width: Double
    let height: Double
    private var elements: [String] = []

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// Where text stands relative to its point.
    enum Anchor: String { case start, middle, end }

    mutating func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String,
        title: String = ""
    ) {
        let tip = title.isEmpty ? "/>" : "><title>\(Self.escaped(title))</title></rect>"
        elements.append(
            "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(max(width, 0)))\" "
                + "height=\"\(n(max(height, 0)))\" fill=\"\(fill)\"" + tip)
    }

    mutating func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, stroke: String = "#444",
        width: Double = 1, isDashed: Bool = false
    ) {
        let dash = isDashed ? " stroke-dasharray=\"4 3\"" : ""
        elements.append(
            "<line x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\" "
                + "stroke=\"\(stroke)\" stroke-width=\"\(n(width))\"\(dash)/>")
    }

    mutating func circle(
        _ x: Double, _ y: Double, radius: Double, fill: String, title: String
    ) {
        elements.append(
            "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(radius))\" fill=\"\(fill)\" "
                + "fill-opacity=\"0.75\" stroke=\"#222\"><title>\(Self.escaped(title))</title>"
                + "</circle>")
    }

    mutating func text(
        _ x: Double, _ y: Double, _ text: String, anchor: Anchor = .start, size: Double = 11,
        isUpright: Bool = false
    ) {
        let turn = isUpright ? " transform=\"rotate(-90 \(n(x)) \(n(y)))\"" : ""
        elements.append(
            "<text x=\"\(n(x))\" y=\"\(n(y))\" font-size=\"\(n(size))\" "
                + "text-anchor=\"\(anchor.rawValue)\"\(turn)>\(Self.escaped(text))</text>")
    }

    /// The picture, with a sentence for those who do not see it.
    func svg(_ description: String) -> String {
        "<svg viewBox=\"0 0 \(n(width)) \(n(height))\" role=\"img\" "
            + "aria-label=\"\(Self.escaped(description))\">\n"
            + elements.joined(separator: "\n") + "\n</svg>"
    }

    private func n(_ value: Double) -> String { Figure.fixed(value, 1) }

    /// Text as HTML has it.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}

/// Colours that people who see fewer of them can tell apart, and printers too: Okabe and Ito's,
/// then darker ones of the same hues.
enum Palette {
    static let colours = [
        "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#004C76",
        "#8C6100", "#00573F", "#803900", "#8A4A70",
    ]
    static let rest = "#BBBBBB"

    static func colour(_ index: Int) -> String {
        index < colours.count ? colours[index] : rest
    }

    /// Of engines, by their number.
    static let engines = ["#56B4E9", "#E69F00", "#0072B2", "#009E73"]
}

/// A scale with round numbers.
struct Axis {
    var top: Double
    var steps: Int

    /// The next round number above `value`, in four or five steps.
    init(atLeast value: Double) {
        var unit = 1.0
        while unit * 10 <= value { unit *= 10 }
        while unit > value, unit > 1e-12 { unit /= 10 }
        let rest = value / unit
        let factor = [1, 2, 2.5, 4, 5, 8, 10].first { $0 >= rest } ?? 10
        top = max(factor * unit, 1e-12)
        steps = factor == 1 || factor == 2.5 || factor == 5 || factor == 10 ? 5 : 4
    }
}

extension Drawing {
    /// A row of coloured squares with their words; how much height they take.
    mutating func legend(_ items: [(colour: String, label: String)], x: Double, y: Double) -> Double
    {
        var (left, top) = (x, y)
        for item in items {
            let space = Double(item.label.count) * 6.2 + 26
            if left + space > width, left > x {
                left = x
                top += 16
            }
            rectangle(left, top - 9, 10, 10, fill: item.colour)
            text(left + 14, top, item.label)
            left += space
        }
        return top - y + 16
    }
}
