import ApusMachine
import ApusReport
import ArgumentParser

/// `apus trace`: what every engine did when, for Perfetto and chrome://tracing.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Write what the engines of simulated chips do as a trace.",
        discussion: """
            apus trace llama-3.1-8b --weights int4 --out trace.json
            apus trace resnet-50 --batch 16 --cores 64 --out trace.json

            Open the file in Perfetto or chrome://tracing: a process for each core, a track for
            each engine, and flows from the command that posted to the one that waited for it.
            """)

    @OptionGroup var options: TimeOptions

    @Option(name: .long, help: "The file that is written.")
    var out: String

    @Option(name: .long, help: "Cores that the trace shows, from the first on.")
    var cores = 4

    func run() throws {
        let chip = try options.checkedChip()
        guard (0...chip.coreCount).contains(cores) else {
            throw Refusal("--cores \(cores): \(chip.name) has \(chip.coreCount)")
        }
        let file = try OutputFile(path: out)
        let writer = TraceWriter(TraceFile(chip: chip, coresMax: cores) { file.write($0) })
        var timer = ModelTimer(chip: chip)
        timer.recorder = { writer.trace.add($0, offset: $1) }
        timer.listener = { part, begin, end in
            let why = part.timing?.criticalPath ?? "an exchange between chips"
            writer.trace.add(part: part.label, begin: begin, end: end, note: why)
        }
        let result = try options.time(timer)
        writer.trace.close()
        try file.close()
        print(
            "\(out): \(writer.trace.commands) commands of \(cores) cores, "
                + "\(result.parts.count) launches and exchanges")
    }
}

/// A trace that closures share while it is written.
private final class TraceWriter {
    var trace: TraceFile

    init(_ trace: TraceFile) { self.trace = trace }
}
