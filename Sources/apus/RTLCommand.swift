import ApusGenerate
import ApusSession
import ArgumentParser
import FoundationEssentials

/// `apus rtl`: the SystemVerilog of a chip.
struct RTLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rtl",
        abstract: "Write the packages, the sources and the file list of a chip's RTL.",
        discussion: """
            apus rtl --chip nano --out build/rtl
            verilator --lint-only -Wall -f build/rtl/chip.f

            Sizes are in apus_chip_pkg.sv; everything else is the same for every chip.
            """)

    @Option(name: .long, help: "A preset or a chip file.")
    var chip = "nano"

    @Option(name: .long, help: "The folder to write to.")
    var out: String

    @Option(name: .long, help: "The folder of the RTL's sources.")
    var sources = "rtl"

    /// Folders of `rtl/` whose modules belong to the chip, in the order of the file list.
    private static let folders = [
        "core", "control", "memory", "numeric", "matrix", "vector", "transfer", "mesh",
        "generated",
    ]
    /// Packages that others use come before them.
    private static let firstPackages = ["apus_isa_pkg.sv", "apus_chip_pkg.sv", "apus_core_pkg.sv"]

    func run() throws {
        let chip = try ChipCommand.chip(chip)
        let top = chip.coreCount == 1 ? "apus_chip_top" : "apus_mesh_top"
        let target = URL(fileURLWithPath: out)
        var files = ["apus_chip_pkg.sv"]
        do {
            try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
            for folder in Self.folders { files += try copy(folder, to: target) }
            try write(ChipPackage.text(chip), to: target, "apus_chip_pkg.sv")
            try write(ChipPackage.header(chip), to: target, "apus_chip.h")
            let ordered = Self.ordered(files)
            try write(
                ordered.map { "\(out)/\($0)\n" }.joined() + "--top-module \(top)\n",
                to: target, "chip.f")
            print("\(ordered.count) files, top level \(top), list \(out)/chip.f")
        } catch {
            let code = (error as? CocoaError)?.code.rawValue ?? 0
            throw Refusal(
                "\(out): the RTL cannot be copied there from \(sources) (error \(code)); "
                    + "--out wants a folder that can be written, --sources the project's rtl")
        }
    }

    /// Copies a folder's sources, but for the package of the default chip; their names.
    private func copy(_ folder: String, to target: URL) throws -> [String] {
        let source = URL(fileURLWithPath: sources).appendingPathComponent(folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: source.path)
            .filter { $0.hasSuffix(".sv") && $0 != "apus_chip_pkg.sv" }.sorted()
        for name in names {
            let text = try Data(contentsOf: source.appendingPathComponent(name))
            try text.write(to: target.appendingPathComponent(name), options: .atomic)
        }
        return names
    }

    private func write(_ text: String, to target: URL, _ name: String) throws {
        try Data(text.utf8).write(to: target.appendingPathComponent(name), options: .atomic)
    }

    /// Packages before modules.
    private static func ordered(_ files: [String]) -> [String] {
        let packages = files.filter { $0.hasSuffix("_pkg.sv") }
        let others = packages.filter { !firstPackages.contains($0) }
        return firstPackages + others + files.filter { !$0.hasSuffix("_pkg.sv") }
    }
}
