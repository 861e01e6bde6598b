import ApusCost

/// Power over time: a bar for each launch, as wide as it is long, with its range and the limit.
struct PowerChart {
    let energy: ModelEnergy
    /// Bars that have room; a run of more is shown to there.
    private static let barsMax = 1500
    private let left = 70.0
    private let top = 10.0
    private let right = 880.0
    private let bottom = 250.0

    /// The picture; nil without launches.
    var svg: String? {
        let shown = energy.launches.prefix(Self.barsMax).filter { $0.seconds > 0 }
        let seconds = shown.reduce(0) { $0 + $1.seconds * Double($1.count) }
        guard seconds > 0 else { return nil }
        let highest = max(shown.map(\.watts.high).max() ?? 0, energy.limit)
        let axis = Axis(atLeast: highest)
        var drawing = Drawing(width: 900, height: 285)
        func y(_ watts: Double) -> Double { bottom - watts / axis.top * (bottom - top) }
        for step in 0...axis.steps {
            let value = axis.top * Double(step) / Double(axis.steps)
            drawing.line(left, y(value), right, y(value), stroke: "#ddd")
            drawing.text(left - 6, y(value) + 4, Figure.short(value), anchor: .end)
        }
        drawing.text(14, (top + bottom) / 2, "W", anchor: .middle, isUpright: true)
        var begin = 0.0
        for launch in shown {
            let length = launch.seconds * Double(launch.count)
            let x = left + begin / seconds * (right - left)
            let width = length / seconds * (right - left)
            let (low, middle, high) = (launch.watts.low, launch.watts.expected, launch.watts.high)
            drawing.rectangle(
                x, y(middle), width, bottom - y(middle), fill: Palette.colour(0),
                title: "\(launch.label): \(ApusCost.Figure.range(launch.watts)) W")
            drawing.line(x + width / 2, y(low), x + width / 2, y(high), width: 0.5)
            begin += length
        }
        if energy.limit > 0 {
            let text = "limit \(Figure.short(energy.limit)) W"
            drawing.line(left, y(energy.limit), right, y(energy.limit), isDashed: true)
            drawing.text(right, y(energy.limit) - 4, text, anchor: .end)
        }
        drawing.text(left, bottom + 16, "0")
        drawing.text(right, bottom + 16, Figure.time(seconds), anchor: .end)
        return drawing.svg("Power of one chip over time, launch by launch")
    }
}
