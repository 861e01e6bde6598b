import ApusChip

/// What each kind of launch reaches, beside what memory and arrays allow.
struct RooflineChart {
    let time: ModelTime

    private let left = 70.0
    private let top = 14.0
    private let right = 870.0
    private let bottom = 300.0

    private struct Point {
        var label: String
        /// Multiply-adds for each byte of global memory, and 10¹² of them each second.
        var intensity: Double
        var rate: Double
        var share: Double
    }

    /// The picture; nil if nothing multiplies.
    var svg: String? {
        let points = self.points
        guard !points.isEmpty else { return nil }
        let hertz = Double(time.chip.clockMegahertz) * 1e6
        let peak = time.peakMultiplyAdds / Double(time.chips) * hertz / 1e12
        let bandwidth = Double(time.chip.memoryMegabytesPerSecond) * 1e6 / 1e12
        let low = min(points.map(\.intensity).min() ?? 1, peak / bandwidth) / 4
        let high = max(points.map(\.intensity).max() ?? 1, peak / bandwidth) * 4
        let floor = min(points.map(\.rate).min() ?? 1, bandwidth * low) / 2
        let x = LogScale(low...high, left...right)
        let y = LogScale(floor...(peak * 2), from: bottom, to: top)
        var drawing = Drawing(width: 900, height: 350)
        grid(&drawing, x, y)
        let ridge = peak / bandwidth
        drawing.line(
            x[low], y[bandwidth * low], x[ridge], y[peak], stroke: "#000", width: 1.5)
        drawing.line(x[ridge], y[peak], x[high], y[peak], stroke: "#000", width: 1.5)
        drawing.text(
            x[high], y[peak] - 5, "arrays: \(Figure.fixed(peak, 0)) · 10¹² multiply-adds/s",
            anchor: .end)
        drawing.text(x[low] + 6, y[bandwidth * low * 1.2] - 14, "memory")
        for (index, point) in points.enumerated() {
            drawing.circle(
                x[point.intensity], y[point.rate], radius: 4 + 14 * point.share.squareRoot(),
                fill: Palette.colour(index),
                title: "\(point.label): \(Figure.short(point.rate)) · 10¹²/s, "
                    + "\(Figure.percent(point.share)) of the time")
        }
        _ = drawing.legend(
            points.enumerated().map { (Palette.colour($0.offset), $0.element.label) },
            x: left, y: bottom + 44)
        return drawing.svg("Roofline of the kinds of launches")
    }

    private var points: [Point] {
        let hertz = Double(time.chip.clockMegahertz) * 1e6
        return time.kinds.filter { $0.multiplyAdds > 0 && $0.bytes > 0 && $0.cycles > 0 }
            .prefix(Palette.colours.count).map { kind in
                Point(
                    label: kind.label, intensity: Double(kind.multiplyAdds) / Double(kind.bytes),
                    rate: Double(kind.multiplyAdds) / Double(kind.cycles) * hertz / 1e12,
                    share: Double(kind.cycles) / Double(max(time.cycles, 1)))
            }
    }

    private func grid(_ drawing: inout Drawing, _ x: LogScale, _ y: LogScale) {
        for power in x.powers {
            drawing.line(x[power], top, x[power], bottom, stroke: "#ddd")
            drawing.text(x[power], bottom + 14, Self.label(power), anchor: .middle)
        }
        for power in y.powers {
            drawing.line(left, y[power], right, y[power], stroke: "#ddd")
            drawing.text(left - 6, y[power] + 4, Self.label(power), anchor: .end)
        }
        drawing.text(
            (left + right) / 2, bottom + 28, "multiply-adds for each byte of global memory",
            anchor: .middle)
        drawing.text(
            14, (top + bottom) / 2, "10¹² multiply-adds/s", anchor: .middle, isUpright: true)
    }

    private static func label(_ value: Double) -> String {
        value >= 1 ? Figure.grouped(Int(value.rounded())) : Figure.fixed(value, value < 0.1 ? 3 : 1)
    }
}

/// Positions of positive numbers by their logarithms.
struct LogScale {
    private let low: Double
    private let span: Double
    private let from: Double
    private let to: Double
    private let range: ClosedRange<Double>

    init(_ values: ClosedRange<Double>, _ places: ClosedRange<Double>) {
        self.init(values, from: places.lowerBound, to: places.upperBound)
    }

    init(_ values: ClosedRange<Double>, from: Double, to: Double) {
        range = values
        low = Self.log2(values.lowerBound)
        span = max(Self.log2(values.upperBound) - low, 1e-9)
        self.from = from
        self.to = to
    }

    subscript(value: Double) -> Double { from + (Self.log2(value) - low) / span * (to - from) }

    /// The powers of ten within.
    var powers: [Double] {
        var power = 1e-9
        var result: [Double] = []
        while power <= range.upperBound {
            if power >= range.lowerBound { result.append(power) }
            power *= 10
        }
        return result
    }

    /// To some six digits: exponent, and a series for the significand.
    private static func log2(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return -60 }
        let m = value.significand
        // ln m = 2 · artanh((m − 1) / (m + 1))
        let z = (m - 1) / (m + 1)
        let square = z * z
        let series = z * (1 + square * (1 / 3 + square * (1 / 5 + square * (1 / 7 + square / 9))))
        return Double(value.exponent) + 2 * series * 1.442_695_040_888_963
    }
}
