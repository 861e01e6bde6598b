import ArgumentParser

/// The command line: one subcommand for each thing a user can do.
@main
struct Apus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "An open inference chip: its emulator, compiler and tools.",
        subcommands: [
            RunCommand.self, InspectCommand.self, CompileCommand.self, ExecuteCommand.self,
            ChatCommand.self, GenerateCommand.self, PerplexityCommand.self, QuantizeCommand.self,
            TimeCommand.self, TraceCommand.self, ReportCommand.self, ChipCommand.self,
            RTLCommand.self, CostCommand.self, CompareCommand.self, ExportCommand.self,
            ExploreCommand.self, ISACommand.self, Disassemble.self, Emulate.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let refusal as Refusal {
            refusal.printToStandardError()
            exit(withError: ExitCode(2))
        } catch  where exitCode(for: error) == .validationFailure {
            Refusal(message(for: error) + "; see apus --help").printToStandardError()
            exit(withError: ExitCode(2))
        } catch {
            exit(withError: error)
        }
    }
}
