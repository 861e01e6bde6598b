import ArgumentParser
import Foundation

/// `apus-dev claims`: runs the rows of docs/claims.md again.
struct Claims: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the commands of docs/claims.md and hold their figures to the bars.",
        discussion: "The exit status is 1 if a figure is short of its bar or a command fails.")

    @Option(help: "Only rows whose name begins so.")
    var only = ""

    @Option(help: "The page with the rows.")
    var page = "docs/claims.md"

    func run() throws {
        guard let bytes = FileManager.default.contents(atPath: page) else {
            throw ValidationError("\(page) cannot be read")
        }
        let claims = try Claim.read(page: String(decoding: bytes, as: UTF8.self))
        let chosen = claims.filter { $0.name.hasPrefix(only) }
        if chosen.isEmpty { print("no row of \(page) begins with \"\(only)\"") }
        var allHold = true
        var outputs: [String: String] = [:]
        for claim in chosen {
            let output = outputs[claim.command] ?? claim.run()
            outputs[claim.command] = output
            let outcome = claim.outcome(in: output)
            let verdict = outcome.holds ? "ok" : "short"
            print("\(claim.name): \(outcome.text) (bar \(claim.bar)) \(verdict)")
            allHold = allHold && outcome.holds
        }
        if !allHold { throw ExitCode(1) }
    }
}

/// A row of docs/claims.md.
struct Claim {
    let name: String
    let command: String
    let bar: Bar

    /// What a figure is held to.
    enum Bar: CustomStringConvertible {
        case atLeast(Double)
        case atMost(Double)
        case equal(Double)
        case none

        init?(_ text: String) {
            guard let sign = text.first else { return nil }
            let number = Double(text.dropFirst().trimmingCharacters(in: .whitespaces))
            switch (sign, number) {
            case ("≥", let number?): self = .atLeast(number)
            case ("≤", let number?): self = .atMost(number)
            case ("=", let number?): self = .equal(number)
            case ("–", nil): self = .none
            default: return nil
            }
        }

        func holds(_ figure: Double) -> Bool {
            switch self {
            case .atLeast(let bound): figure >= bound
            case .atMost(let bound): figure <= bound
            case .equal(let bound): figure == bound
            case .none: true
            }
        }

        var description: String {
            switch self {
            case .atLeast(let bound): "≥ \(bound.formatted(.number.grouping(.never)))"
            case .atMost(let bound): "≤ \(bound.formatted(.number.grouping(.never)))"
            case .equal(let bound): "= \(bound.formatted(.number.grouping(.never)))"
            case .none: "–"
            }
        }
    }

    /// The rows of the page's table.
    static func read(page: String) throws -> [Claim] {
        try page.split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2).map { line in
            let cells = line.dropFirst().dropLast().split(
                separator: "|", omittingEmptySubsequences: false
            ).map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 5, let bar = Bar(cells[3]) else {
                throw ValidationError("not a row of five cells with a bar: \(line)")
            }
            let command = cells[1].trimmingCharacters(in: CharacterSet(charactersIn: "`"))
            return Claim(name: cells[0], command: command, bar: bar)
        }
    }

    /// Runs the command and returns what it printed; rows with the same command share one run.
    func run() -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        let pipe = Pipe()
        process.standardOutput = pipe
        do { try process.run() } catch { return "" }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }

    /// The figure, from the last line that begins `name: `; it begins with a number.
    func outcome(in output: String) -> (text: String, holds: Bool) {
        let line = output.split(separator: "\n").last { $0.hasPrefix(name + ": ") }
        guard let line else { return ("no figure", false) }
        let text = String(line.dropFirst(name.count + 2))
        let digits = text.prefix { $0.isNumber || ".-+e,".contains($0) }.filter { $0 != "," }
        guard let figure = Double(digits) else { return ("no number, but \"\(text)\"", false) }
        return (text, bar.holds(figure))
    }
}
