import ApusChip
import ApusISA
import ApusKernels
import ApusRuntime

/// A chip that is two: the first launch of every kind runs on the emulator and on the RTL, from the
/// same memory, and both must leave the same arena. Other launches run on the emulator alone.
///
/// Launches are of one kind if their tile programs are the same list of commands: opcodes, formats
/// and phases. So a kernel that loops once more is no other kind, and one that converts is.
final class ComparedDevice: Device, @unchecked Sendable {
    /// A launch after which the two differ.
    struct Difference: Error, CustomStringConvertible {
        var launch: String
        var byte: Int
        var emulated: UInt8
        var rtl: UInt8

        var description: String {
            "after \(launch), byte \(byte) of the arena is \(rtl) on the RTL, "
                + "\(emulated) on the emulator"
        }
    }

    let chip: Chip
    private let emulated: EmulatedDevice
    private let rtl: RTLDevice
    /// Launches that are likely to take longer on the RTL are not compared.
    var cyclesMax: Int
    private var seen: Set<String> = []
    private var postponed: Set<String> = []
    /// Launches that were compared, equal or not, by the label without its numbers.
    private(set) var compared: [String: Int] = [:]
    private(set) var differences: [Difference] = []
    private(set) var cycles = 0

    /// - Throws: ``RuntimeError``.
    init(chip: Chip, libraryPath: String, cyclesMax: Int) throws(RuntimeError) {
        self.chip = chip
        self.cyclesMax = cyclesMax
        emulated = try EmulatedDevice(chip: chip, threads: 1, mode: .fast)
        rtl = try RTLDevice(chip: chip, libraryPath: libraryPath)
    }

    /// Kinds of launches that were compared.
    var kinds: Int { seen.count }

    /// Kinds whose launches were all too long to be compared.
    var kindsPostponed: Int { postponed.count }

    func load(_ program: consuming Program) throws(RuntimeError) -> LoadedProgram {
        try emulated.load(program)
    }

    func run(
        _ program: LoadedProgram, hostStep: HostStepBody
    ) throws(RuntimeError) -> RunReport {
        var report = RunReport()
        for (index, step) in program.program.steps.enumerated() {
            switch step {
            case .launch(var launch):
                launch.arguments = program.arguments[index]
                launch.relocations = []
                report = try run([launch], in: program)
            case .host(let step): try hostStep(step, program)
            }
        }
        return report
    }

    func run(
        _ launches: [Launch], in program: LoadedProgram
    ) throws(RuntimeError) -> RunReport {
        var report = RunReport()
        for launch in launches {
            let kind = ComparedDevice.kind(of: launch)
            if seen.contains(kind) {
                report = try emulated.run([launch], in: program)
            } else {
                report = try compare(launch, of: kind, in: program)
            }
        }
        return report
    }

    private func compare(
        _ launch: Launch, of kind: String, in program: LoadedProgram
    ) throws(RuntimeError) -> RunReport {
        let arena = program.memory.bytes
        let before = [UInt8](arena)
        let done = try emulated.run([launch], in: program)
        if ComparedDevice.cyclesAbout(done) > cyclesMax {
            postponed.insert(kind)
            return done
        }
        seen.insert(kind)
        postponed.remove(kind)
        let expected = [UInt8](arena)
        arena.copyBytes(from: before)
        let report = try rtl.run([launch], in: program)
        cycles += report.cycles
        compared[ComparedDevice.name(of: launch), default: 0] += 1
        if let byte = expected.indices.first(where: { expected[$0] != arena[$0] }) {
            differences.append(
                Difference(
                    launch: launch.label, byte: byte, emulated: expected[byte], rtl: arena[byte]))
        }
        arena.copyBytes(from: expected)
        return report
    }

    /// Cycles of `nano` that something like this takes, within a factor of three or so: a transfer
    /// moves an element a cycle, eight lanes take some fifty steps, 64 cells a product each.
    private static func cyclesAbout(_ done: RunReport) -> Int {
        (done.bytesLoaded + done.bytesStored) / 2 + done.vectorElements * 6
            + done.multiplyAdds / 16 + done.controlInstructions * 2
    }

    /// The label without numbers, which tell one node of a model from another.
    private static func name(of launch: Launch) -> String {
        String(launch.label.filter { !$0.isNumber })
    }

    /// What distinguishes the launch's commands from others'.
    private static func kind(of launch: Launch) -> String {
        guard let listing = TileListing(arguments: launch.arguments) else { return launch.kernel }
        return listing.entries.map { entry in
            let word = entry.template
            // What is no address, coordinate or wait.
            let fields: [UInt32] =
                switch word.opcode {
                case Opcode.nop: []
                case Opcode.load, Opcode.store: [entry.descriptor[2]]
                case Opcode.matmul: [word[0] >> 27, word[6]]
                default: [word[7]]
                }
            return "\(entry.phase) \(word.opcode) \(fields)"
        }.joined(separator: "\n")
    }
}
