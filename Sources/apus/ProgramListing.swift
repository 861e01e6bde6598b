import ApusChip
import ApusISA
import ApusKernels
import ApusMachine

/// A program as lines of text, or as JSON.
struct ProgramListing {
    let program: Program
    let includesCode: Bool

    /// Gives the listing to `line`, line by line.
    func write(_ line: (String) -> Void) {
        line("arena \(program.arenaBytes) bytes, \(initialisedBytes) initialised")
        for port in program.inputs { line("input  " + describe(port)) }
        for port in program.outputs { line("output " + describe(port)) }
        var seen: [[String]: Int] = [:]
        for (index, step) in program.steps.enumerated() {
            line("")
            switch step {
            case .launch(let launch):
                line(
                    "step \(index): launch \(launch.kernel), \(launch.arguments.count) argument "
                        + "bytes  # \(launch.label)")
                let commands = lines(of: launch)
                if let first = seen[commands] {
                    line("    as step \(first)")
                } else {
                    seen[commands] = index
                    for command in commands { line("    " + command) }
                }
            case .host(let host):
                line("step \(index): host step \(host.index)  # \(host.label)")
                for port in host.inputs { line("    reads  " + describe(port)) }
                for port in host.outputs { line("    writes " + describe(port)) }
            }
        }
        if includesCode {
            line("")
            for instruction in code() { line(instruction) }
        }
    }

    /// The listing as JSON.
    var json: JSONValue {
        var fields = [
            JSONValue.Field("arenaBytes", .integer(program.arenaBytes)),
            JSONValue.Field("initialisedBytes", .integer(initialisedBytes)),
            JSONValue.Field("inputs", .array(program.inputs.map(json))),
            JSONValue.Field("outputs", .array(program.outputs.map(json))),
            JSONValue.Field("steps", .array(program.steps.map(json))),
        ]
        if includesCode { fields.append(.init("code", .array(code().map { .string($0) }))) }
        return .object(fields)
    }

    private var initialisedBytes: Int { program.initialised.reduce(0) { $0 + $1.bytes.count } }

    private func describe(_ port: Port) -> String {
        "\(port.name): \(port.tensorType)\(port.shape) as \(port.elementType) at \(port.offset)"
    }

    private func json(_ port: Port) -> JSONValue {
        .object([
            .init("name", .string(port.name)), .init("tensorType", .string(port.tensorType)),
            .init("elementType", .string("\(port.elementType)")),
            .init("shape", .array(port.shape.map { .integer($0) })),
            .init("offset", .integer(port.offset)), .init("bytes", .integer(port.bytes)),
        ])
    }

    private func json(_ step: Program.Step) -> JSONValue {
        switch step {
        case .launch(let launch):
            .object([
                .init("launch", .string(launch.kernel)), .init("label", .string(launch.label)),
                .init("argumentBytes", .integer(launch.arguments.count)),
                .init("commands", .array(lines(of: launch).map { .string($0) })),
            ])
        case .host(let host):
            .object([
                .init("host", .integer(host.index)), .init("label", .string(host.label)),
                .init("inputs", .array(host.inputs.map(json))),
                .init("outputs", .array(host.outputs.map(json))),
            ])
        }
    }

    private func lines(of launch: Launch) -> [String] {
        guard let listing = TileListing(arguments: launch.arguments) else {
            return ["arguments are not those of a tile program"]
        }
        var lines = ["grid \(listing.grid), \(listing.chunks) chunks a tile"]
        for phase in TileListing.Phase.allCases {
            let entries = listing.entries.filter { $0.phase == phase }
            if !entries.isEmpty { lines.append(phase.rawValue + ":") }
            for entry in entries {
                let shape = DescriptorText.text(entry.descriptor, opcode: entry.template.opcode)
                lines.append("  " + text(entry.template) + (shape.map { "  # " + $0 } ?? ""))
            }
        }
        return lines
    }

    private func text(_ word: CommandWord) -> String {
        do throws(DecodeError) {
            return try CommandText.disassemble(word)
        } catch {
            return "not a command: \(error)"
        }
    }

    private func code() -> [String] {
        let elf: ELFFile
        do throws(ELFError) {
            elf = try ELFFile(program.image.elf)
        } catch {
            return ["the kernel image: \(error)"]
        }
        var names: [UInt32: [String]] = [:]
        for (name, address) in elf.symbols { names[address, default: []].append(name) }
        var lines: [String] = []
        for segment in elf.segments where segment.permissions.contains(.execute) {
            for offset in stride(from: 0, to: segment.file.count & ~3, by: 4) {
                let start = segment.file.lowerBound + offset
                let word = (0..<4).reduce(UInt32(0)) {
                    $0 | UInt32(elf.bytes[start + $1]) << (8 * $1)
                }
                let address = segment.address &+ UInt32(offset)
                for name in (names[address] ?? []).sorted()
                where !name.isEmpty && !name.hasPrefix("$") {
                    lines.append("\(name):")
                }
                lines.append(
                    "  \(Hexadecimal.text(address, digits: 8))  "
                        + "\(Hexadecimal.text(word, digits: 8))  "
                        + RV32Disassembler.text(word, address: address))
            }
        }
        return lines
    }
}
