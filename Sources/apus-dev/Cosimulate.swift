import ApusChip
import ApusCosimulation
import ApusISA
import ApusRTL
import ArgumentParser
import Foundation

/// `apus-dev cosimulate`: random programs on the emulator and on the RTL, compared.
struct Cosimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run random programs on the emulator and the RTL of nano, and compare all.")

    @Option(help: "How many programs.")
    var programs = 200

    @Option(help: "The seed of all that is drawn; a fresh one if it is not given.")
    var seed: UInt64?

    @Option(help: "The model, as rtl/bench/build_chip.sh builds it.")
    var model = RTLModel.defaultPath(chip: .nano)

    @Option(help: "Write what was covered, and how often, to a file.")
    var coverage: String?

    @Flag(help: "Take a model with engines that the emulator stands in for.")
    var behavioural = false

    @Option(help: "Go on until so many programs have differed.")
    var failures = 1

    func run() throws {
        let seed = seed ?? UInt64.random(in: 0...UInt64.max)
        print("cosimulation seed \(seed)")
        let bench = try CosimulationBench(libraryPath: model, allowsBehavioural: behavioural)
        var cosimulation = Cosimulation(bench: bench, seed: seed)
        var failed = 0
        for number in 0..<programs {
            guard let failure = cosimulation.runNext(number: number) else { continue }
            print(failure)
            failed += 1
            if failed == failures { break }
        }
        let covered = cosimulation.coverage
        if let coverage { try write(covered, to: coverage, seed: seed) }
        // Of one core's time: others may be at work on the host.
        let seconds = Double(clock()) / Double(CLOCKS_PER_SEC)
        let rate = Double(bench.cycles) / seconds / 1000
        print("\(bench.cycles) cycles in \(Int(seconds)) s of one core, both machines")
        let refused = Engine.allCases.reduce(0) {
            $0 + (covered.counts[.trap($1, .reservedBits)] ?? 0)
        }
        print("rtl.reserved_bit_traps: \(refused)")
        print("rtl.equal_programs: \(cosimulation.equalPrograms)")
        print("rtl.coverage_percent: \((covered.percent * 10).rounded(.down) / 10)")
        print("rtl.kilocycles_per_second: \(Int(rate))")
        if failed > 0 { throw ExitCode(1) }
    }

    private func write(_ coverage: Coverage, to path: String, seed: UInt64) throws {
        var text = "# What random programs covered\n\n\(programs) programs from seed \(seed).\n\n"
        text += "| what | times |\n|---|---|\n"
        for item in coverage.wanted { text += "| \(item) | \(coverage.counts[item] ?? 0) |\n" }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
