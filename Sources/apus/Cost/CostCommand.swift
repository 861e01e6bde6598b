import ApusChip
import ApusCost
import ArgumentParser

/// Options of a chip and where it is made.
struct MadeChipOptions: ParsableArguments {
    @Option(help: "A preset's name, or the path of a chip file.")
    var chip: String

    @Option(help: "The process: 14nm, 7nm, n+2, … (default: a domestic one for the chip's node).")
    var node: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// The chip and its process.
    ///
    /// - Throws: ``Refusal``.
    func resolved() throws -> (chip: Chip, node: ProcessNode) {
        let made = try ChipCommand.chip(chip)
        if let node { return (made, try refusing { () throws(CostError) in try .named(node) }) }
        guard made.nodeNanometres > 0 else {
            throw Refusal(
                "\(made.name) belongs to no process; --node 14nm or --node 7nm would work")
        }
        return (made, .domestic(nanometres: made.nodeNanometres))
    }
}

/// Turns a cost error into one line and status 2.
func refusing<Result>(_ body: () throws(CostError) -> Result) throws -> Result {
    do throws(CostError) { return try body() } catch { throw Refusal(error.description) }
}

/// `apus cost --chip cloud7`
struct CostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "Area and power by block, yield, die and package price, with ranges.")

    @OptionGroup var made: MadeChipOptions

    @Flag(help: "Print every constant with its source instead.")
    var sources = false

    func run() throws {
        if sources {
            let rows = Facts.all.map {
                [
                    $0.name, "\(Figure.range($0.value)) \($0.unit)", $0.confidence.rawValue,
                    $0.source,
                ]
            }
            print(TextTable.lines(rows).joined(separator: "\n"))
            return
        }
        let (chip, node) = try made.resolved()
        let cost = try refusing { () throws(CostError) in try ChipCost(chip, node: node) }
        if made.json {
            print(cost.json.text)
            return
        }
        let process = made.node.map { " --node \($0)" } ?? ""
        print(cost.text)
        print("\nPower by block of a simulated run, launch by launch:")
        print("apus time llama-3.1-8b --chip \(made.chip)\(process)")
    }
}

/// `apus export --chip cloud7`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Standing under the export rules: performance, density, class. Not legal advice.")

    @Option(help: "A preset's name, the path of a chip file, or a bought part: h20, 910b, …")
    var chip: String

    @Option(help: "The process: 14nm, 7nm, n+2, … (default: a domestic one for the chip's node).")
    var node: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let report: ExportReport
        if let part = Part.all.first(where: { $0.name == chip }) {
            guard let found = ExportReport(part: part) else {
                throw Refusal("\(chip): its die was never disclosed; --chip h20 would work")
            }
            report = found
        } else {
            var options = MadeChipOptions()
            (options.chip, options.node, options.json) = (chip, node, json)
            let (made, process) = try options.resolved()
            report = ExportReport(chip: made, node: process)
        }
        print(json ? report.json.text : report.text)
    }
}
