import ApusChip
import ApusISA
import ApusKernels
import ApusMachine
import Testing

/// A machine to run a tile program on.
struct TestMachine: CustomStringConvertible, Sendable {
    var chip: Chip
    var threads: Int
    var mode: EmulationMode

    var description: String { "\(chip.name), \(chip.coreCount) cores, \(threads) threads, \(mode)" }

    /// Chips of one to four cores, fast and oracle, and twenty interleavings.
    static let all: [TestMachine] = {
        var pair = Chip.edge14
        pair.meshRows = 1
        var machines = [
            TestMachine(chip: .nano, threads: 1, mode: .fast),
            TestMachine(chip: .nano, threads: 1, mode: .oracle),
            TestMachine(chip: pair, threads: 1, mode: .fast),
            TestMachine(chip: .edge14, threads: 1, mode: .fast),
            TestMachine(chip: .edge14, threads: 2, mode: .fast),
            TestMachine(chip: .edge14, threads: 2, mode: .oracle),
        ]
        for seed in 0..<20 as Range<UInt64> {
            machines.append(
                TestMachine(
                    chip: seed < 10 ? .nano : .edge14, threads: 1, mode: .checked(seed: seed)))
        }
        return machines
    }()
}

/// Where tests place the arena: not at 0, so that a forgotten relocation shows.
private let arenaAddress: UInt64 = 0x1_0000_0000

/// What a launch came to: what the arena then holds, and what the checker found, if it looked.
struct TileLaunch {
    var memory: [UInt8] = []
    var findings: [Finding] = []
    var error: MachineError?
}

/// Runs a tile program on one machine; what the arena then holds. Checked launches must be clean.
func run(_ program: TileProgram, _ arena: TestArena, on machine: TestMachine) throws -> [UInt8] {
    try program.validate(
        scratchpadBytes: machine.chip.scratchpadBytes,
        accumulatorBytes: machine.chip.accumulatorBytes, argumentBytes: machine.chip.argumentBytes)
    let launch = try launch(program.encode(), arena, on: machine)
    if let error = launch.error { throw error }
    for finding in launch.findings { Issue.record("\(machine): \(finding)") }
    return launch.memory
}

/// Runs an encoded tile program, which may be wrong.
func launch(
    _ encoded: EncodedTileProgram, _ arena: TestArena, on machine: TestMachine
) throws -> TileLaunch {
    var arguments = encoded.arguments
    for offset in encoded.relocations {
        arguments.withUnsafeMutableBytes { bytes in
            let base = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            bytes.storeBytes(of: base + arenaAddress, toByteOffset: offset, as: UInt64.self)
        }
    }
    let emulated = try Machine(chip: machine.chip, threads: machine.threads, mode: machine.mode)
    let checker = LaunchChecker(chip: machine.chip)
    emulated.observer = checker
    try emulated.load(.apus)
    let memory = try #require(GlobalMemory(address: arenaAddress, count: arena.bytes.count))
    memory.bytes.copyBytes(from: arena.bytes)
    let entry = try emulated.entry(of: "apus_tile")
    var launch = TileLaunch()
    do {
        try arguments.withUnsafeBytes { block in
            try emulated.launch(entry: entry, arguments: block, memory: memory)
        }
    } catch let error as MachineError {
        launch.error = error
    }
    launch.memory = Array(memory.bytes)
    launch.findings = checker.takeFindings()
    return launch
}

/// Runs a tile program on all machines and compares FP32 results with those of plain loops, to the
/// bit.
func expect(
    _ program: TileProgram, _ arena: TestArena, at offset: Int, gives expected: [Float],
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    for machine in TestMachine.all {
        let memory = try run(program, arena, on: machine)
        let actual = values(of: UInt32.self, in: memory, at: offset, count: expected.count)
        let wanted = expected.map(\.bitPattern)
        guard let first = actual.indices.first(where: { actual[$0] != wanted[$0] }) else {
            continue
        }
        Issue.record(
            """
            \(machine): element \(first) of \(expected.count) is \
            \(String(actual[first], radix: 16)), not \(String(wanted[first], radix: 16))
            """, sourceLocation: sourceLocation)
        return
    }
}
