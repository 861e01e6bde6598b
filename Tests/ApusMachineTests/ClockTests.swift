import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics
import Testing

/// What the clock promises besides its cycles.
@Suite("the clock")
struct ClockTests {
    private static let seed: UInt64 = 5

    private func machine(_ chip: Chip, _ memory: ClockedMemory) throws -> ClockedMachine {
        let machine = try ClockedMachine(chip: chip, memory: memory, seed: Self.seed)
        try machine.load(StreamKernel.image)
        return machine
    }

    private func launch(_ stream: Stream, on machine: ClockedMachine) throws -> LaunchTiming {
        let entry = try machine.entry(of: "stream")
        let arguments = stream.arguments
        return try arguments.withUnsafeBytes { try machine.launch(entry: entry, arguments: $0) }
    }

    /// Loads, a product that waits for them, a function, a Store that waits for it.
    private func work(columns: Int = 64) -> Stream {
        var stream = Stream(storesMax: 80)
        let dense = TransferDescriptor.dense(
            offset: 4096, format: .bf16, columns: columns, rows: 32
        ).encode()
        let transfer = stream.append(dense)
        let product = stream.append(
            MatrixDescriptor(
                m0: 8, m1: 1, n0: 16, n1: 1, k0: 32, k1: 1, k2: 1,
                aStrides: .init(m0: 64, m1: 0, k0: 2, k1: 0, k2: 0),
                bStrides: .init(n0: 64, n1: 0, k0: 2, k1: 0, k2: 0), accumulatorRowStride: 64,
                scales: .none
            ).encode())
        let tile = VectorDescriptor.Strides(column: 4, row: 64, plane: 0)
        let function = stream.append(
            VectorDescriptor(
                columns: 16, rows: 8, planes: 1, d: tile, a: tile, b: .zero, c: .zero
            ).encode())
        var sync = SyncFields.none
        (sync.post, sync.postCount) = (1, 1)
        stream.enqueue(
            .load(TransferCommand(descriptor: transfer, local: 0, coordinates: .zero)), sync: sync)
        (sync.waitA, sync.waitAValue, sync.post) = (1, 1, 2)
        stream.enqueue(
            .matmul(
                MatmulCommand(
                    descriptor: product, a: 0, b: 1024, accumulator: AddressMap.localAccumulators,
                    aFormat: .bf16, bFormat: .bf16, accumulate: false, passes: .native,
                    scaling: .none)), sync: sync)
        (sync.waitA, sync.post) = (2, 3)
        stream.enqueue(
            .vector(
                VectorCommand(
                    opcode: .exp, d: 8192, a: AddressMap.localAccumulators, b: 0, c: 0,
                    descriptor: function, dFormat: .fp32, aFormat: .fp32, bFormat: .fp32,
                    cFormat: .fp32, bImmediate: false, cImmediate: false, rounding: 0)), sync: sync)
        (sync.waitA, sync.post) = (3, 4)
        stream.enqueue(
            .store(TransferCommand(descriptor: transfer, local: 0, coordinates: .zero)), sync: sync)
        return stream
    }

    @Test("the same launches take the same cycles, heard or not, on any machine of the chip")
    func repeats() throws {
        for (chip, memory) in [(Chip.nano, ClockedMemory.simple), (.cloud7, .channels)] {
            let first = try machine(chip, memory)
            let second = try machine(chip, memory)
            var heard = 0
            second.recorder = { _ in heard += 1 }
            for columns in [64, 65, 64] {
                let stream = work(columns: columns)
                let timings = (
                    try launch(stream, on: first), try launch(stream, on: second)
                )
                #expect(timings.0 == timings.1)
            }
            #expect(heard == 3 * 4 * chip.coreCount)
        }
    }

    @Test("a recorded command waits, is dispatched, begins and ends in that order")
    func recorder() throws {
        for (chip, memory) in [(Chip.nano, ClockedMemory.simple), (.edge14, .channels)] {
            let machine = try machine(chip, memory)
            var commands: [ClockedCommand] = []
            machine.recorder = { commands.append($0) }
            let timing = try launch(work(), on: machine)
            let first = commands.filter { $0.core == 0 }
            #expect(first.map(\.engine) == [.load, .matrix, .vector, .store])
            #expect(first.map(\.waitedSemaphore) == [0, 1, 2, 3])
            #expect(first.map(\.postedSemaphore) == [1, 2, 3, 4])
            for (command, next) in zip(first, first.dropFirst()) {
                #expect(command.ready <= command.dispatched)
                #expect(command.dispatched < command.began && command.began < command.ended)
                // Posted in the last cycle, seen in the next.
                #expect(next.dispatched == command.ended + 1)
            }
            #expect(timing.end == commands.map(\.ended).max().map { $0 + 1 })
        }
    }

    @Test("what a launch did is counted")
    func activity() throws {
        let machine = try machine(.nano, .simple)
        let timing = try launch(work(), on: machine)
        let activity = timing.activity
        #expect(activity.globalBytesRead == 64 * 32 * 2)
        #expect(activity.globalBytesWritten == 64 * 32 * 2)
        #expect(activity.scratchpadBytesWritten >= 64 * 32 * 2 + 8 * 16 * 4)
        #expect(activity.multiplyAdds.map(\.count) == [8 * 16 * 32])
        #expect(activity.multiplyAdds.map(\.passes) == [1])
        #expect(activity.commands == 4)
        #expect(activity.descriptorWords == 32 + 32 + 16 + 32)
        #expect(activity.laneMultiplyAdds > 0)
        let engines = timing.cores[0].engines
        #expect(engines.map(\.commands) == [1, 1, 1, 1])
        #expect(engines[2].waiting[1] > 0 && engines[3].waiting[2] > 0)
        #expect(engines.allSatisfy { $0.busy <= timing.cycles })
    }

    @Test("a command that traps, and a wait that never passes, are told")
    func failures() throws {
        for (chip, memory) in [(Chip.nano, ClockedMemory.simple), (.cloud7, .channels)] {
            let machine = try machine(chip, memory)
            var trapping = Stream(storesMax: 20)
            trapping.enqueue(CommandWord(words: SIMD8(0x3F, 0, 0, 0, 0, 0, 0, 0)), on: .matrix)
            #expect(throws: MachineError.self) { try launch(trapping, on: machine) }
            var waiting = Stream(storesMax: 20)
            var sync = SyncFields.none
            (sync.waitA, sync.waitAValue) = (3, 1)
            waiting.enqueue(.nop, sync: sync, on: .load)
            #expect(throws: MachineError.deadlock(core: 0, waiters: [])) {
                try launch(waiting, on: machine)
            }
            // And the machine is as good as new.
            #expect(try launch(work(), on: machine).activity.commands == UInt64(4 * chip.coreCount))
        }
    }
}
