import ApusChip
import ApusSession
import ArgumentParser

/// `apus chip`: presets, and a user's own chip file.
struct ChipCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chip",
        abstract: "List, show and check chips.",
        subcommands: [List.self, Show.self, Check.self],
        defaultSubcommand: List.self)

    /// The preset of that name, or the chip in the file of that path.
    ///
    /// - Throws: ``Refusal`` naming the file and the fault.
    static func chip(_ name: String) throws -> Chip {
        do throws(OptionError) {
            return try ChipFile.chip(name)
        } catch {
            throw Refusal("\(error)")
        }
    }

    /// `apus chip list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the presets.")

        @Flag(help: "Print JSON.")
        var json = false

        func run() {
            if json {
                print(JSONValue.array(Chip.presets.map(\.json)).text)
                return
            }
            for chip in Chip.presets {
                let node = chip.nodeNanometres == 0 ? "-" : "\(chip.nodeNanometres) nm"
                print(
                    column(chip.name, 8) + column(node, 6)
                        + column("\(chip.coreCount) cores", 9)
                        + column("\(chip.matrixRows)x\(chip.matrixColumns) cells", 12)
                        + column("\(chip.scratchpadBytes >> 10) KiB scratchpad", 19)
                        + column("\(chip.clockMegahertz) MHz", 9)
                        + "\(chip.memoryBytes >> 30) GiB \(chip.memoryKind.rawValue)")
            }
        }

        private func column(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count)) + " "
        }
    }

    /// `apus chip show edge14`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a chip as a chip file: every number with its unit and source.")

        @Argument(help: "A preset's name, or the path of a chip file.")
        var chip: String

        func run() throws {
            print(try ChipCommand.chip(chip).json.text)
        }
    }

    /// `apus chip check mine.json`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a chip file; one line says the first fault.")

        @Argument(help: "The path of a chip file.")
        var file: String

        func run() throws {
            let chip = try ChipCommand.chip(file)
            print("\(file): \(chip.name): ok, \(chip.coreCount) cores")
        }
    }
}
