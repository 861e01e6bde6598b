import ApusChip
import ApusCost
import ApusISA
import ApusKernels
import ApusMachine
import ApusReport
import ApusRuntime
import Testing

@Suite("the energy of simulated runs")
struct ModelEnergyTests {
    /// A copy of `bytes` bytes through the scratchpad of one core, timed on a chip.
    private func copy(bytes: Int, on chip: Chip) throws -> ModelTime {
        let transfer = TransferDescriptor(
            base: LoadedProgram.arenaAddress, globalFormat: .int8, localFormat: .int8,
            gatherDimension: nil, reduction: .none, fill: 0,
            tensorExtents: Rank5([bytes], fill: 1), boxExtents: Rank5([bytes], fill: 1),
            globalStrides: Rank5([1], fill: 0), localStrides: Rank5([1], fill: 0), indexTable: 0)
        let program = TileProgram(
            grid: [1], slots: [Slot(address: 0, bytes: bytes)],
            beforeChunks: [
                .load(Move(Place(0), transfer: transfer, coordinates: [])),
                .store(Move(Place(0), transfer: transfer, coordinates: [])),
            ])
        let launch = Launch(
            kernel: "apus_tile", arguments: program.encode().arguments, relocations: [],
            label: "copy")
        let device = try SimulatedDevice(chip: chip, memory: .channels, seed: 1)
        let timing = try device.run([launch], of: .apus).launches[0].timing
        var time = ModelTime(title: "copy", chip: chip, chips: 1)
        time.parts = [
            .init(
                label: "copy", group: "g", stage: 0, cycles: Int(timing.cycles), count: 1,
                timing: timing)
        ]
        return time
    }

    private func joules(_ energy: ModelEnergy, _ name: String) -> Estimate {
        energy.blocks.first { $0.name == name }?.watts ?? .zero
    }

    @Test("the bytes of a copy are those that memory's energy is counted for")
    func copyBytes() throws {
        let bytes = 4096
        let time = try copy(bytes: bytes, on: .cloud7)
        let activity = Activity(of: time.parts[0], on: .cloud7)
        #expect(activity.memoryBytes == Double(2 * bytes))
        #expect(activity.scratchpadBytes >= Double(2 * bytes))
        #expect(activity.macs8 == 0 && activity.macs16 == 0)
        // HBM2e and its interface on the die: pJ a bit, straight from the facts.
        let energy = ModelEnergy(time, node: .domestic(nanometres: 7))
        let stack = try #require(Facts.named("memory.hbm2e.energy")).value
        let interface = try #require(Facts.named("memory.phy.energy")).value
        let perBit = stack + interface
        let expected = perBit.expected * Double(2 * bytes * 8) * 1e-12
        let found = joules(energy, "memory").expected
        #expect(abs(found / expected - 1) < 1e-9, "\(found) J, not \(expected) J")
    }

    @Test("twice the launches take twice the joules, and the same power")
    func twice() throws {
        var time = try copy(bytes: 4096, on: .cloud7)
        let once = ModelEnergy(time, node: .domestic(nanometres: 7))
        time.parts[0].count = 2
        let twice = ModelEnergy(time, node: .domestic(nanometres: 7))
        #expect(abs(twice.joules.expected / once.joules.expected - 2) < 1e-9)
        #expect(abs(twice.meanWatts.expected / once.meanWatts.expected - 1) < 1e-9)
        #expect(twice.launches[0].watts == once.launches[0].watts)
        #expect(abs(once.launches[0].watts.expected / once.meanWatts.expected - 1) < 1e-9)
    }

    @Test("parts of several chips add up to joules of all, and stages take turns")
    func severalChips() throws {
        var time = try copy(bytes: 4096, on: .cloud7)
        let one = ModelEnergy(time, node: .domestic(nanometres: 7))
        time.chips = 4
        let four = ModelEnergy(time, node: .domestic(nanometres: 7))
        #expect(abs(four.joules.expected / one.joules.expected - 4) < 1e-9)
        // Two stages of two chips do the work once each: twice what two chips do.
        var second = time.parts[0]
        second.stage = 1
        time.parts.append(second)
        time.items = .init(count: 1, name: "runs", pipelineStages: 2)
        let staged = ModelEnergy(time, node: .domestic(nanometres: 7))
        #expect(abs(staged.joules.expected / four.joules.expected - 1) < 1e-9)
    }

    @Test("an exchange takes the links' energy, and a limit below idle is exceeded")
    func exchangeAndLimit() throws {
        var chip = Chip.cloud7
        var time = ModelTime(title: "exchange", chip: chip, chips: 2)
        time.parts = [
            .init(label: "e", group: "g", stage: 0, cycles: 1000, count: 1, timing: nil)
        ]
        let energy = ModelEnergy(time, node: .domestic(nanometres: 7))
        #expect(joules(energy, "chip links").expected > 0)
        #expect(joules(energy, "memory").expected == 0)
        #expect(energy.standing != .beyond)
        chip.powerTargetWatts = 1
        time.chip = chip
        #expect(ModelEnergy(time, node: .domestic(nanometres: 7)).standing == .beyond)
        chip.powerTargetWatts = 0
        time.chip = chip
        #expect(ModelEnergy(time, node: .domestic(nanometres: 7)).standing == .noLimit)
    }
}
