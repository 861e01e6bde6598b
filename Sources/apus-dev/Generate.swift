import ApusGenerate
import ArgumentParser
import Foundation

/// Writes the generated files that differ from their tables.
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the files that are made from the tables.")

    @Option(help: "The repository's root.")
    var root = "."

    func run() throws {
        for file in GeneratedFile.all() where try file.isStale(root: root) {
            let url = URL(fileURLWithPath: root).appendingPathComponent(file.path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(file.text.utf8).write(to: url, options: .atomic)
            print(file.path)
        }
    }
}

/// Fails if a generated file differs from its table.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print each generated file that is stale; the exit status is 1 if there is one.")

    @Option(help: "The repository's root.")
    var root = "."

    func run() throws {
        let stale = try GeneratedFile.all().filter { try $0.isStale(root: root) }
        for file in stale { print("stale: \(file.path)") }
        if !stale.isEmpty { throw ExitCode(1) }
    }
}

extension GeneratedFile {
    /// Whether the committed file is missing or differs.
    func isStale(root: String) throws -> Bool {
        let url = URL(fileURLWithPath: root).appendingPathComponent(path)
        guard let bytes = FileManager.default.contents(atPath: url.path) else { return true }
        return bytes != Data(text.utf8)
    }
}
