/// Time of each layer, by kinds of launches on top of each other.
struct LayerChart {
    let time: ModelTime
    /// Bars that have room.
    private static let groupsMax = 140
    private let left = 70.0
    private let top = 10.0
    private let right = 880.0
    private let bottom = 250.0

    /// The picture; nil without parts.
    var svg: String? {
        let kinds = time.kinds.prefix(Palette.colours.count).map(\.label)
        let groups = self.groups(kinds)
        guard !groups.isEmpty else { return nil }
        let hertz = Double(time.chip.clockMegahertz)
        let highest = groups.map { $0.cycles.reduce(0, +) }.max() ?? 1
        let axis = Axis(atLeast: Double(highest) / hertz)
        var drawing = Drawing(width: 900, height: 345)
        func y(_ microseconds: Double) -> Double {
            bottom - microseconds / axis.top * (bottom - top)
        }
        for step in 0...axis.steps {
            let value = axis.top * Double(step) / Double(axis.steps)
            drawing.line(left, y(value), right, y(value), stroke: "#ddd")
            drawing.text(left - 6, y(value) + 4, Figure.short(value), anchor: .end)
        }
        drawing.text(14, (top + bottom) / 2, "µs", anchor: .middle, isUpright: true)
        let pitch = (right - left) / Double(groups.count)
        for (place, group) in groups.enumerated() {
            var base = 0.0
            let x = left + (Double(place) + 0.1) * pitch
            for (index, cycles) in group.cycles.enumerated() where cycles > 0 {
                let part = Double(cycles) / hertz
                let label = index < kinds.count ? kinds[index] : "other"
                drawing.rectangle(
                    x, y(base + part), pitch * 0.8, y(base) - y(base + part),
                    fill: index < kinds.count ? Palette.colour(index) : Palette.rest,
                    title: "\(group.name), \(label): \(Figure.short(part)) µs")
                base += part
            }
            if pitch > 24 || place % max(groups.count / 16, 1) == 0 {
                drawing.text(x + pitch * 0.4, bottom + 14, group.name, anchor: .end, size: 9)
            }
        }
        var items = kinds.enumerated().map { (Palette.colour($0.offset), $0.element) }
        if time.kinds.count > kinds.count { items.append((Palette.rest, "other")) }
        _ = drawing.legend(items, x: left, y: bottom + 36)
        return drawing.svg("Time of each layer by kinds of launches")
    }

    private func groups(_ kinds: [String]) -> [(name: String, cycles: [Int])] {
        var groups: [(name: String, cycles: [Int])] = []
        var place: [String: Int] = [:]
        for part in time.parts {
            let name =
                time.chips > 1 && part.stage > 0 ? "\(part.stage): \(part.group)" : part.group
            if place[name] == nil {
                place[name] = groups.count
                groups.append((name, [Int](repeating: 0, count: kinds.count + 1)))
            }
            let index = kinds.firstIndex(of: part.label) ?? kinds.count
            if let group = place[name] { groups[group].cycles[index] += part.cycles * part.count }
        }
        return groups.count <= Self.groupsMax ? groups : Array(groups.prefix(Self.groupsMax))
    }
}
