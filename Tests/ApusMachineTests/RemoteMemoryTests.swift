import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics
import Testing

@Suite("Other cores' scratchpads")
struct RemoteMemoryTests {
    @Test(
        "are reached at global addresses from bit 40 on", arguments: [EmulationMode.fast, .oracle])
    func reached(mode: EmulationMode) throws {
        let bench = try TestBench(chip: .edge14, threads: 1, mode: mode)
        let values = (0..<8).map { UInt8($0 + 1) }
        bench.machine.setLocalBytes(core: 2, address: 256, values)
        var stream = Stream()
        var descriptor = TransferDescriptor.dense(offset: 0, format: .uint8, columns: 8, rows: 1)
        descriptor.base = 1 << 40 | 2 << 32 | 256
        stream.enqueue(
            .load(
                TransferCommand(
                    descriptor: stream.append(descriptor.encode()), local: 512,
                    coordinates: .zero)))
        try bench.run(stream)
        for core in 0..<4 {
            #expect(bench.machine.localBytes(core: core, address: 512, count: 8) == values)
        }
    }

    @Test("end where the scratchpad ends", arguments: [EmulationMode.fast, .oracle])
    func bounds(mode: EmulationMode) throws {
        let bench = try TestBench(chip: .nano, mode: mode)
        for base in [1 << 40 | 0xFFFC, 1 << 40 | 1 << 32, 2 << 40] as [UInt64] {
            var stream = Stream()
            var descriptor = TransferDescriptor.dense(
                offset: 0, format: .uint8, columns: 8, rows: 1)
            descriptor.base = base
            stream.enqueue(
                .load(
                    TransferCommand(
                        descriptor: stream.append(descriptor.encode()), local: 0,
                        coordinates: .zero)))
            let error = #expect(throws: MachineError.self) { try bench.run(stream) }
            guard case .commandTrap(_, _, let cause, _) = error else {
                Issue.record("not a trap: \(String(describing: error))")
                continue
            }
            #expect(cause == .globalBounds)
        }
    }
}
