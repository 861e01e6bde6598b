import ApusISA

/// How busy the engines are in each kind of launch, and what holds them up.
struct EngineChart {
    let time: ModelTime
    private static let kindsMax = 14
    private let rowHeight = 34.0
    private let left = 190.0

    /// Shares of time that engines are busy, the mean of all cores.
    var use: String? {
        let kinds = time.kinds.filter { !$0.isExchange && $0.cycles > 0 }.prefix(Self.kindsMax)
        if kinds.isEmpty { return nil }
        return bars(
            kinds.map { kind in
                (kind.label, kind.busy.map { $0 / Double(kind.cycles) })
            },
            colours: Palette.engines, labels: Engine.allCases.map { "\($0)" },
            description: "Share of time that engines are busy")
    }

    /// Shares of time that the engines of the mean core are stalled or wait.
    var stalls: String? {
        var order: [String] = []
        var sums: [String: [Double]] = [:]
        var cycles: [String: Double] = [:]
        for part in time.parts {
            guard let timing = part.timing, !timing.cores.isEmpty else { continue }
            if sums[part.label] == nil {
                sums[part.label] = [0, 0, 0, 0, 0]
                order.append(part.label)
            }
            let cores = Double(timing.cores.count) / Double(part.count)
            for core in timing.cores {
                let engines = core.engines
                let parts: [UInt64] = [
                    engines.reduce(0) { $0 + $1.stalledMemory },
                    engines.reduce(0) { $0 + $1.stalledMesh },
                    engines.reduce(0) { $0 + $1.stalledLocal },
                    engines.reduce(0) { $0 + $1.waiting.reduce(0, +) } / 4,
                    core.processorWaitingAtBarrier,
                ]
                for (index, value) in parts.enumerated() {
                    sums[part.label]?[index] += Double(value) / cores
                }
            }
            cycles[part.label, default: 0] += Double(part.cycles * part.count)
        }
        let longest = order.sorted { cycles[$0, default: 0] > cycles[$1, default: 0] }
        let rows = longest.prefix(Self.kindsMax).map { label in
            (label, (sums[label] ?? []).map { $0 / max(cycles[label, default: 0], 1) })
        }
        if rows.isEmpty { return nil }
        return bars(
            Array(rows), colours: ["#D55E00", "#CC79A7", "#F0E442", "#999999", "#444444"],
            labels: [
                "stalled by memory", "by the mesh", "by banks", "waiting for another engine",
                "at a barrier",
            ], description: "Share of time that the engines of a core are held up")
    }

    private func bars(
        _ rows: [(label: String, shares: [Double])], colours: [String], labels: [String],
        description: String
    ) -> String {
        let right = 860.0
        let height = Double(rows.count) * rowHeight
        let most = max(rows.flatMap(\.shares).max() ?? 1, 0.01)
        let axis = Axis(atLeast: min(most, 1) * 100)
        var drawing = Drawing(width: 900, height: height + 60)
        for step in 0...axis.steps {
            let value = axis.top * Double(step) / Double(axis.steps)
            let x = left + value / axis.top * (right - left)
            drawing.line(x, 4, x, height, stroke: "#ddd")
            drawing.text(
                x, height + 14, Figure.fixed(value, axis.top < 10 ? 1 : 0) + " %", anchor: .middle,
                size: 10)
        }
        for (index, row) in rows.enumerated() {
            let top = Double(index) * rowHeight + 4
            let bar = (rowHeight - 8) / Double(row.shares.count)
            drawing.text(left - 8, top + rowHeight / 2, row.label, anchor: .end)
            for (place, share) in row.shares.enumerated() {
                drawing.rectangle(
                    left, top + Double(place) * bar,
                    min(share * 100 / axis.top, 1) * (right - left), bar - 1,
                    fill: colours[place],
                    title: "\(row.label), \(labels[place]): \(Figure.percent(share))")
            }
        }
        _ = drawing.legend(
            Array(zip(colours, labels)).map { ($0, $1) }, x: left, y: height + 38)
        return drawing.svg(description)
    }
}
