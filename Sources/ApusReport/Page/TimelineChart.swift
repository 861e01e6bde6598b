import ApusISA
import ApusMachine

/// What one core's engines did in a stretch of time, with the launches above.
public struct Timeline: Sendable {
    /// Commands of one core, in cycles from the beginning.
    public struct Slice: Sendable {
        public var engine: Engine
        public var opcode: UInt8
        public var begin: UInt64
        public var end: UInt64

        public init(_ command: ClockedCommand, offset: UInt64) {
            engine = command.engine
            opcode = command.opcode
            begin = command.began + offset
            end = max(command.ended, command.began) + offset
        }
    }

    public struct Launch: Sendable {
        public var label: String
        public var begin: UInt64
        public var end: UInt64

        public init(label: String, begin: UInt64, end: UInt64) {
            self.label = label
            self.begin = begin
            self.end = end
        }
    }

    public var core: Int
    public var slices: [Slice] = []
    public var launches: [Launch] = []

    public init(core: Int) { self.core = core }
}

struct TimelineChart {
    let timeline: Timeline
    let nanosecondsPerCycle: Double
    private let left = 70.0
    private let right = 880.0

    /// The picture; nil if nothing was recorded.
    var svg: String? {
        let begins = timeline.launches.map(\.begin) + timeline.slices.map(\.begin)
        let ends = timeline.launches.map(\.end) + timeline.slices.map(\.end)
        guard let begin = begins.min(), let end = ends.max(), end > begin else { return nil }
        var drawing = Drawing(width: 900, height: 230)
        func x(_ cycle: UInt64) -> Double {
            left + Double(cycle - begin) / Double(end - begin) * (right - left)
        }
        for (index, launch) in timeline.launches.enumerated() {
            let width = x(launch.end) - x(launch.begin)
            drawing.rectangle(
                x(launch.begin), 10, max(width - 0.5, 0.5), 22,
                fill: index % 2 == 0 ? "#cfcfcf" : "#e4e4e4",
                title: "\(launch.label): \(launch.end - launch.begin) cycles")
            if width > Double(launch.label.count) * 5.6 {
                drawing.text(x(launch.begin) + 3, 25, launch.label, size: 10)
            }
        }
        drawing.text(left - 8, 25, "launch", anchor: .end)
        for engine in Engine.allCases {
            let top = 42 + Double(engine.rawValue) * 34
            drawing.text(left - 8, top + 17, "\(engine)", anchor: .end)
            drawing.line(left, top + 28, right, top + 28, stroke: "#ddd")
        }
        for slice in timeline.slices {
            let top = 42 + Double(slice.engine.rawValue) * 34
            drawing.rectangle(
                x(slice.begin), top, max(x(slice.end) - x(slice.begin), 0.3), 26,
                fill: Palette.engines[Int(slice.engine.rawValue)],
                title: "\(TraceFile.mnemonic(slice.opcode)): \(slice.end - slice.begin) cycles")
        }
        for step in 0...5 {
            let cycle = begin + (end - begin) * UInt64(step) / 5
            let time = Double(cycle - begin) * nanosecondsPerCycle / 1000
            drawing.line(x(cycle), 182, x(cycle), 188)
            drawing.text(x(cycle), 202, Figure.short(time) + " µs", anchor: .middle)
        }
        return drawing.svg("What the engines of core \(timeline.core) do over a stretch of time")
    }
}
