import ApusChip
import ApusMachine
import ArgumentParser
import FoundationEssentials

/// `apus emulate`: a program for the control processor, run without a chip around it.
struct Emulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulate",
        abstract: "Run a bare RV32 program on the control processor.",
        discussion: """
            The program is a 32-bit ELF file linked at 0x80000000. It ends by writing to the word
            at the symbol `tohost`: 1 is success, an odd number n is failure with code n / 2.
            Exit status: 0 success, 1 failure or no end, 2 a file that cannot be run.
            """)

    @Argument(help: "The program: a 32-bit RISC-V ELF file.")
    var program: String

    @Flag(name: .long, help: "Refuse a program without the symbol `tohost`.")
    var tohost = false

    @Option(name: .long, help: "Memory at 0x80000000, in MiB.")
    var memory: UInt64 = 64

    @Option(name: .long, help: "Give up after so many instructions.")
    var maxInstructions: UInt64 = 4_000_000_000

    @Option(
        name: .long,
        help: "Write the words from `begin_signature` to `end_signature`, one a line, to a file.")
    var signature: String?

    @Flag(name: .long, help: "Use the plain interpreter that defines the fast one.")
    var oracle = false

    @Flag(name: .long, help: "Print each instruction and the register it changes, on stderr.")
    var trace = false

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() throws {
        let elf = try readProgram()
        let machine: BareMachine
        do {
            machine = try BareMachine(
                program: elf,
                memoryBytes: memory.multipliedReportingOverflow(by: 1 << 20).partialValue,
                usesOracle: oracle, console: { Output.write($0) })
        } catch {
            throw Refusal("\(program): \(error)")
        }
        let signature = try signatureRange(elf, machine)
        let tracer = ProcessorTracer()
        let started = ContinuousClock.now
        let result = machine.run(
            steps: maxInstructions, observe: trace ? { tracer.observe($0, machine) } : nil)
        let elapsed = started.duration(to: .now)
        if let signature { try write(signature, machine) }
        report(result, machine, elapsed)
        if result != .exited(code: 0) { throw ExitCode(1) }
    }

    private func readProgram() throws -> ELFFile {
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: program)))
        } catch {
            throw Refusal("\(program): cannot be read")
        }
        let elf: ELFFile
        do throws(ELFError) {
            elf = try ELFFile(bytes)
        } catch {
            throw Refusal("\(program): \(error)")
        }
        guard !tohost || elf.symbols["tohost"] != nil else {
            throw Refusal("\(program): no symbol tohost")
        }
        return elf
    }

    private func signatureRange(_ elf: ELFFile, _ machine: BareMachine) throws -> (UInt32, UInt32)?
    {
        guard signature != nil else { return nil }
        guard let begin = elf.symbols["begin_signature"], let end = elf.symbols["end_signature"],
            machine.words(from: begin, to: end) != nil
        else {
            throw Refusal("\(program): no words from begin_signature to end_signature")
        }
        return (begin, end)
    }

    private func write(_ range: (UInt32, UInt32), _ machine: BareMachine) throws {
        guard let path = signature, let words = machine.words(from: range.0, to: range.1) else {
            return
        }
        let text = words.map { $0.hexadecimal + "\n" }.joined()
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw Refusal("\(path): cannot be written")
        }
    }

    private func report(_ result: BareResult, _ machine: BareMachine, _ elapsed: Duration) {
        let steps = machine.processor.steps
        let seconds = elapsed / .seconds(1)
        let page = EmulationPage(result: result, steps: steps, seconds: seconds)
        print(json ? page.json(program: program).text : page.sentence(program: program))
    }
}

/// Prints each instruction before it is performed, and the register the one before changed.
final class ProcessorTracer {
    private var before = [UInt32](repeating: 0, count: 32)

    func observe(_ processor: any Processor, _ machine: BareMachine) {
        var line = ""
        for index in 0..<32 where processor[register: index] != before[index] {
            before[index] = processor[register: index]
            line += "    x\(index) = \(before[index].hexadecimal)\n"
        }
        let pc = processor.pc
        let word = pc < .max - 3 ? machine.words(from: pc, to: pc &+ 4)?.first : nil
        line += "\(pc.hexadecimal): \(word.map(\.hexadecimal) ?? "nothing")\n"
        Output.note(line)
    }
}

extension UInt32 {
    /// Eight digits.
    var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
