import ApusReport
import ArgumentParser

/// `apus time`: how long a model takes on a chip, or on several, without its weights.
struct TimeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "time",
        abstract: "Tell how long a model takes on simulated chips; shapes are enough.",
        discussion: """
            apus time llama-3.1-8b --weights int4 --batch 1 --context 2048
            apus time llama-3.1-70b --chips 8 --batch 16 --json
            apus time deepseek-v3 --chips 64 --expert-parallel 32 --weights fp8 --batch 256
            apus time resnet-50 --batch 16

            Cycles come from the clocked machine (docs/time.md); no value is computed.
            """)

    @OptionGroup var options: TimeOptions

    @Flag(name: .long, help: "Print one JSON object instead of tables.")
    var json = false

    func run() throws {
        let timer = ModelTimer(chip: try options.checkedChip())
        let result = try options.time(timer)
        let energy = try options.energy(of: result)
        if json {
            print(result.json(energy).text)
        } else {
            print(result.text)
            if let energy { print("\n" + energy.text(item: result.items.name)) }
        }
    }
}
