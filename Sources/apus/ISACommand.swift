import ApusChip
import ApusGenerate
import ApusISA
import ArgumentParser

/// `apus isa`: the command set as pages.
struct ISACommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "isa",
        abstract: "Print the command set, or the page of one command.")

    @Argument(help: "A command's mnemonic; all commands are listed without it.")
    var mnemonic: String?

    func run() throws {
        guard let mnemonic else {
            print(IndexPage.text(), terminator: "")
            return
        }
        guard let spec = CommandSpec.spec(mnemonic: mnemonic) else {
            let near = NearestName.find(mnemonic, in: CommandSpec.all.map(\.mnemonic))
            throw Refusal(
                "no command \"\(mnemonic)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
        }
        print(CommandPage.text(spec), terminator: "")
    }
}
