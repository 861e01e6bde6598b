import ApusISA
import ApusMachine
import ApusReport
import ArgumentParser

/// `apus report`: one page with pictures of where a model's time goes.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a page about where a model's time goes on simulated chips.",
        discussion: """
            apus report llama-3.1-8b --weights int4 --out report.html

            The page is one file, with nothing from elsewhere and no script, and prints.
            """)

    @OptionGroup var options: TimeOptions

    @Option(name: .long, help: "The file that is written.")
    var out: String

    @Option(name: .long, help: "The core whose engines the page shows over a stretch of time.")
    var core = 0

    func run() throws {
        let chip = try options.checkedChip()
        guard (0..<chip.coreCount).contains(core) else {
            throw Refusal(
                "--core \(core): the cores of \(chip.name) are 0 to \(chip.coreCount - 1)")
        }
        let recorder = TimelineRecorder(core: core)
        var timer = ModelTimer(chip: chip)
        timer.recorder = { recorder.note($0, offset: $1) }
        timer.listener = { part, begin, end in recorder.note(part, begin, end) }
        let result = try options.time(timer)
        let words = CommandLine.arguments.dropFirst().joined(separator: " ")
        let page = ReportPage(
            result, timeline: recorder.timeline(of: result),
            energy: try options.energy(of: result), command: "apus \(words)")
        let file = try OutputFile(path: out)
        file.write(page.html)
        try file.close()
        print("\(out): \(result.parts.count) launches and exchanges")
    }
}

/// Keeps what one core does until it is known which stretch of time the page shows.
private final class TimelineRecorder {
    private let core: Int
    private var slices: [Timeline.Slice] = []
    private var launches: [(group: String, launch: Timeline.Launch)] = []
    /// A picture has room for so many.
    private static let slicesMax = 6000

    init(core: Int) { self.core = core }

    func note(_ command: ClockedCommand, offset: UInt64) {
        guard command.core == core, command.opcode != Opcode.nop else { return }
        slices.append(Timeline.Slice(command, offset: offset))
    }

    func note(_ part: ModelTime.Part, _ begin: UInt64, _ end: UInt64) {
        launches.append((part.group, Timeline.Launch(label: part.label, begin: begin, end: end)))
    }

    /// The second layer if there are layers, which is warm; else as much as has room.
    func timeline(of time: ModelTime) -> Timeline {
        var timeline = Timeline(core: core)
        let wanted = launches.contains { $0.group == "layer 1" } ? "layer 1" : nil
        timeline.launches = launches.filter { wanted == nil || $0.group == wanted }.map(\.launch)
        let begin = timeline.launches.map(\.begin).min() ?? 0
        var end = timeline.launches.map(\.end).max() ?? 0
        var chosen = slices.filter { $0.begin >= begin && $0.begin < end }
        if chosen.count > Self.slicesMax {
            chosen = Array(chosen.prefix(Self.slicesMax))
            end = chosen.map(\.end).max() ?? end
        }
        timeline.slices = chosen
        timeline.launches = timeline.launches.filter { $0.begin < end }
        return timeline
    }
}
