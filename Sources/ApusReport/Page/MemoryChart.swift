/// What lies where in a chip's memory, and during which launches.
struct MemoryChart {
    let time: ModelTime
    private static let rangesMax = 4000
    private let left = 90.0
    private let top = 10.0
    private let right = 860.0
    private let bottom = 300.0

    /// The picture; nil if nobody said what lies in memory.
    var svg: String? {
        guard !time.memory.isEmpty else { return nil }
        let bytes = time.memory.map { $0.offset + $0.bytes }.max() ?? 1
        let parts = max(time.memory.map(\.lastPart).max() ?? 0, time.parts.count - 1) + 1
        var drawing = Drawing(width: 900, height: 350)
        var names: [String] = []
        for range in time.memory where !names.contains(range.name) { names.append(range.name) }
        func y(_ offset: Int) -> Double {
            bottom - Double(offset) / Double(max(bytes, 1)) * (bottom - top)
        }
        func x(_ part: Int) -> Double {
            left + Double(part) / Double(max(parts, 1)) * (right - left)
        }
        for range in time.memory.prefix(Self.rangesMax) {
            let colour = Palette.colour(names.firstIndex(of: range.name) ?? 0)
            drawing.rectangle(
                x(range.firstPart), y(range.offset + range.bytes),
                max(x(range.lastPart + 1) - x(range.firstPart), 0.5),
                max(y(range.offset) - y(range.offset + range.bytes) - 0.3, 0.2), fill: colour,
                title: "\(range.name): \(Figure.bytes(range.bytes))")
        }
        for step in 0...4 {
            let offset = bytes * step / 4
            drawing.line(left - 4, y(offset), left, y(offset))
            drawing.text(left - 8, y(offset) + 4, Figure.bytes(offset), anchor: .end)
        }
        drawing.line(left, top, left, bottom)
        drawing.line(left, bottom, right, bottom)
        drawing.text((left + right) / 2, bottom + 16, "launches, in order", anchor: .middle)
        let sizes = names.map { name in
            time.memory.filter { $0.name == name }.reduce(0) { $0 + $1.bytes }
        }
        _ = drawing.legend(
            names.enumerated().map {
                (Palette.colour($0.offset), "\($0.element) (\(Figure.bytes(sizes[$0.offset])))")
            }, x: left, y: bottom + 38)
        return drawing.svg("What lies in memory during which launches")
    }
}
