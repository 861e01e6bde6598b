import ApusChip
import ApusCompiler
import ApusCosimulation
import ApusISA
import ApusRTL
import ApusRuntime
import ArgumentParser
import Foundation

/// `apus-dev time-against-rtl`: the cycle simulator's cycles beside the RTL's.
struct TimeAgainstRTL: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare the simulator's cycles with the RTL's and write the table of it.",
        discussion: "The exit status is 1 if a command or a kernel is beyond its bar.")

    @Option(help: "Random commands of each engine, one in a launch.")
    var commands = 500

    @Option(help: "Random programs of four cores.")
    var programs = 20

    @Flag(inversion: .prefixedNo, help: "Whether compiled graphs are compared.")
    var kernels = true

    @Option(help: "The seed of the first.")
    var seed: UInt64 = 1

    @Option(help: "The model of nano.")
    var nano = RTLModel.defaultPath(chip: .nano)

    @Option(help: "The model of nano2x2.")
    var nano2x2 = RTLModel.defaultPath(chip: .nano2x2)

    @Option(help: "Where the table is written; nothing is written without it.")
    var out: String?

    /// Of a kernel at worst, and of all on average, in hundredths of a per cent.
    private static let worst = 2.0
    private static let average = 0.5

    func run() throws {
        var page = TimePage()
        try compareCommands(&page)
        try comparePrograms(&page)
        for (chip, path) in [(Chip.nano, nano), (.nano2x2, nano2x2)] where kernels {
            try compareKernels(chip, path, &page)
        }
        if let out {
            guard FileManager.default.createFile(atPath: out, contents: Data(page.text.utf8)) else {
                throw ValidationError("\(out) cannot be written")
            }
        }
        print("time.commands: \(page.commands)")
        print("time.commands_unequal: \(page.commandsUnequal)")
        print("time.mesh_programs: \(page.programs)")
        print("time.mesh_programs_unequal: \(page.programsUnequal)")
        print("time.kernels: \(page.kernels.count)")
        print("time.kernels_average_percent: \(TimePage.percent(page.average))")
        print("time.kernels_worst_percent: \(TimePage.percent(page.worst))")
        let isShort =
            page.commandsUnequal + page.programsUnequal > 0 || page.worst > Self.worst
            || page.average > Self.average
        if isShort { throw ExitCode(1) }
    }

    private func compareCommands(_ page: inout TimePage) throws {
        let comparison = try TimeComparison(libraryPath: nano, seed: seed)
        for engine in Engine.allCases {
            var generator = SeededGenerator(seed: seed &+ UInt64(engine.rawValue))
            var done = 0
            while done < commands {
                guard let timed = try comparison.run(engine, &generator) else { continue }
                done += 1
                page.add(timed, on: engine)
                if timed.cycles != timed.rtlCycles {
                    print(
                        "\(timed.mnemonic) \(timed.formats): RTL \(timed.rtlCycles), "
                            + "simulator \(timed.cycles)")
                }
            }
        }
    }

    private func comparePrograms(_ page: inout TimePage) throws {
        let comparison = try MeshTimeComparison(libraryPath: nano2x2, chip: .nano2x2)
        for number in 0..<programs {
            guard let cycles = try comparison.run(seed: seed &+ UInt64(number)) else { continue }
            page.programs += 1
            if cycles.rtl != cycles.simulated {
                page.programsUnequal += 1
                print(
                    "program of seed \(seed &+ UInt64(number)): RTL \(cycles.rtl), "
                        + "simulator \(cycles.simulated)")
            }
        }
    }

    private func compareKernels(_ chip: Chip, _ path: String, _ page: inout TimePage) throws {
        let rtl = try RTLDevice(chip: chip, libraryPath: path)
        for kernel in try TimedKernel.all() {
            let compiled = try Compiler.compile(
                kernel.graph, for: chip, options: CompileOptions(precision: kernel.precision))
            guard compiled.hostNodes.isEmpty else { continue }
            let loaded = try rtl.load(compiled.program)
            for port in compiled.program.inputs {
                // A number between one half and one as FP32, and 63 as a byte.
                let bytes = [UInt8](repeating: 0x3F, count: port.bytes)
                try bytes.withUnsafeBytes { try loaded.write($0, to: port) }
            }
            let report = try rtl.run(loaded) { (_, _) throws(RuntimeError) in }
            let simulator = try SimulatedDevice(chip: chip, memory: .simple, seed: seed)
            let timed = try simulator.run(compiled.program)
            page.kernels.append(
                TimePage.Kernel(
                    chip: chip.name, name: kernel.name, shape: kernel.shape,
                    launches: report.launches, rtlCycles: report.cycles,
                    cycles: Int(timed.cycles)))
        }
    }
}

/// The page `docs/time-against-rtl.md`.
struct TimePage {
    /// A compiled graph on a chip.
    struct Kernel {
        var chip, name, shape: String
        var launches, rtlCycles, cycles: Int

        /// How far the simulator is from the RTL, in per cent.
        var difference: Double { 100 * Double(cycles - rtlCycles) / Double(rtlCycles) }
    }

    private struct Row {
        var commands = 0
        var unequal = 0
        var rtlCycles: UInt64 = 0
        var difference: Int64 = 0
    }

    private var rows: [String: Row] = [:]
    var kernels: [Kernel] = []
    var programs = 0
    var programsUnequal = 0

    var commands: Int { rows.values.reduce(0) { $0 + $1.commands } }
    var commandsUnequal: Int { rows.values.reduce(0) { $0 + $1.unequal } }
    var worst: Double { kernels.map { abs($0.difference) }.max() ?? 0 }
    var average: Double {
        kernels.reduce(0) { $0 + abs($1.difference) } / Double(max(1, kernels.count))
    }

    static func percent(_ value: Double) -> String { String(format: "%.3f", value) }

    mutating func add(_ timed: TimeComparison.Timed, on engine: Engine) {
        var row = rows[timed.mnemonic] ?? Row()
        row.commands += 1
        row.rtlCycles += timed.rtlCycles
        if timed.cycles != timed.rtlCycles { row.unequal += 1 }
        row.difference += Int64(timed.cycles) - Int64(timed.rtlCycles)
        rows[timed.mnemonic] = row
    }

    var text: String {
        let commandRows = rows.sorted { $0.key < $1.key }.map { name, row in
            "| \(name) | \(row.commands) | \(row.rtlCycles) | \(row.difference) "
                + "| \(row.unequal) |"
        }
        let kernelRows = kernels.map { kernel in
            "| \(kernel.chip) | \(kernel.name) | \(kernel.shape) | \(kernel.launches) "
                + "| \(kernel.rtlCycles) | \(kernel.cycles) "
                + "| \(TimePage.percent(kernel.difference)) |"
        }
        return """
            # The simulator's cycles beside the RTL's

            Made by `apus-dev time-against-rtl --out docs/time-against-rtl.md`; [time.md](time.md)
            says what is compared and why.

            ## Commands

            Random commands, one in a launch, on `nano`. *Difference* is the sum of simulator less
            RTL.

            | command | launches | cycles of the RTL | difference | unequal |
            |---|---|---|---|---|
            \(commandRows.joined(separator: "\n"))

            ## Programs of four cores

            Random programs whose cores load, store and post to one another and meet at the
            barrier, on `nano2x2`: \(programs), of which \(programsUnequal) took other cycles than
            the RTL's.

            ## Kernels

            Compiled graphs, all their launches. On average \(TimePage.percent(average)) per cent
            apart, at worst \(TimePage.percent(worst)).

            | chip | graph | shape | launches | RTL | simulator | per cent |
            |---|---|---|---|---|---|---|
            \(kernelRows.joined(separator: "\n"))

            """
    }
}
