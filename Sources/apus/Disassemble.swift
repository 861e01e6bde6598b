import ApusChip
import ApusISA
import ApusKernels
import ApusMachine
import ArgumentParser

/// `apus disassemble`: what a program file holds, readable.
struct Disassemble: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disassemble",
        abstract: "Print a program's launches, their commands and the kernels' RV32 code.",
        discussion: """
            Commands are printed as templates: the kernel adds a buffer's address, the tile's
            coordinates and the waits before it issues one. A launch that repeats the commands of an
            earlier one is printed once.
            """)

    @Argument(help: "A program file, as `apus compile` writes it.")
    var program: String

    @Flag(help: "Leave out the kernels' code.")
    var noCode = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let read = try ProgramFile.read(program)
        let listing = ProgramListing(program: read, includesCode: !noCode)
        if json {
            print(listing.json.text)
        } else {
            listing.write { print($0) }
        }
    }
}
