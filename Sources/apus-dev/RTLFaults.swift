import ApusChip
import ApusCosimulation
import ApusRTL
import ArgumentParser

/// `apus-dev rtl-faults`: random programs on an RTL whose scratchpad shows wrong bits.
struct RTLFaults: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rtl-faults",
        abstract: "Inject single and double errors into the RTL's scratchpad during programs.")

    @Option(help: "How many programs, each with a single and a double error.")
    var programs = 100

    @Option(help: "The seed of all that is drawn; a fresh one if it is not given.")
    var seed: UInt64?

    @Option(help: "The model, as rtl/bench/build_chip.sh builds it.")
    var model = RTLModel.defaultPath(chip: .nano)

    @Flag(help: "Take a model with engines that the emulator stands in for.")
    var behavioural = false

    func run() throws {
        let seed = seed ?? UInt64.random(in: 0...UInt64.max)
        print("fault seed \(seed)")
        let bench = try CosimulationBench(libraryPath: model, allowsBehavioural: behavioural)
        var injection = FaultInjection(bench: bench, seed: seed)
        for number in 0..<programs {
            guard let fault = injection.runNext() else { continue }
            print("program \(number) of seed \(seed): \(fault)")
            throw ExitCode(1)
        }
        print("\(injection.tally.unmet) errors in words that nothing read")
        print("rtl.single_errors: \(injection.tally.corrected)")
        print("rtl.double_errors: \(injection.tally.stopped)")
    }
}
