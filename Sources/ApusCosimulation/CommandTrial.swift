import ApusISA
import ApusMachine
import ApusNumerics

/// Tries commands on one element, to learn which formats go together.
struct CommandTrial {
    let machine: Machine
    let memory: GlobalMemory

    private func isCarriedOut(_ operation: Command.Operation, _ descriptor: [UInt32]) -> Bool {
        var stream = Stream(storesMax: (Int(RandomCommand.offset) - 16) / 8)
        _ = stream.append(descriptor)
        stream.enqueue(operation)
        return (try? machine.launch(StreamKernel.self, stream, memory)) != nil
    }

    func loads(_ global: ElementFormat, _ local: ElementFormat) -> Bool {
        isCarriedOut(.load(transfer), descriptor(global, local, .none))
    }

    func stores(
        _ global: ElementFormat, _ local: ElementFormat, _ reduction: StoreReduction
    ) -> Bool {
        isCarriedOut(.store(transfer), descriptor(global, local, reduction))
    }

    private var transfer: TransferCommand {
        TransferCommand(descriptor: RandomCommand.offset, local: 0, coordinates: .zero)
    }

    private func descriptor(
        _ global: ElementFormat, _ local: ElementFormat, _ reduction: StoreReduction
    ) -> [UInt32] {
        let one = Rank5([1], fill: 1)
        return TransferDescriptor(
            base: RandomCommand.arenaAddress, globalFormat: global, localFormat: local,
            gatherDimension: nil, reduction: reduction, fill: 0, tensorExtents: one,
            boxExtents: one, globalStrides: .zero, localStrides: .zero, indexTable: 0
        ).encode()
    }

    /// Every product that the array takes.
    func products() -> [RandomCommand.MatmulKind] {
        var kinds: [RandomCommand.MatmulKind] = []
        for scaling in MatmulScaling.allCases {
            for passes in MatmulPasses.allCases {
                for a in ElementFormat.allCases {
                    for b in ElementFormat.allCases {
                        let kind = RandomCommand.MatmulKind(
                            aFormat: a, bFormat: b, passes: passes, scaling: scaling)
                        if multiplies(kind) { kinds.append(kind) }
                    }
                }
            }
        }
        return kinds
    }

    private func multiplies(_ kind: RandomCommand.MatmulKind) -> Bool {
        let scales =
            kind.scaling == .none
            ? MatrixDescriptor.Scales.none
            : MatrixDescriptor.Scales(
                a: 64, b: 64, bMinimums: 0, groupLength: 1, aRowStride: 4, bRowStride: 4,
                format: .fp32)
        let descriptor = MatrixDescriptor(
            m0: 1, m1: 1, n0: 1, n1: 1, k0: 1, k1: 1, k2: 1,
            aStrides: .init(m0: 0, m1: 0, k0: 0, k1: 0, k2: 0),
            bStrides: .init(n0: 0, n1: 0, k0: 0, k1: 0, k2: 0), accumulatorRowStride: 8,
            scales: scales)
        let command = MatmulCommand(
            descriptor: RandomCommand.offset, a: 0, b: 0,
            accumulator: AddressMap.localAccumulators, aFormat: kind.aFormat,
            bFormat: kind.bFormat, accumulate: false, passes: kind.passes, scaling: kind.scaling)
        return isCarriedOut(.matmul(command), descriptor.encode())
    }

    /// Whether a Vector command takes that format of `a`.
    func takes(_ opcode: VectorOpcode, a: ElementFormat) -> Bool {
        isCarriedOut(.vector(command(opcode, a: a, d: .fp32)), vectorDescriptor)
    }

    /// Whether a Vector command gives that format of `d`.
    func gives(_ opcode: VectorOpcode, d: ElementFormat) -> Bool {
        [ElementFormat.fp32, .int32].contains { a in
            isCarriedOut(.vector(command(opcode, a: a, d: d)), vectorDescriptor)
        }
    }

    private var vectorDescriptor: [UInt32] {
        VectorDescriptor(
            columns: 1, rows: 1, planes: 1, d: .zero, a: .zero, b: .zero, c: .zero
        ).encode()
    }

    private func command(
        _ opcode: VectorOpcode, a: ElementFormat, d: ElementFormat
    ) -> VectorCommand {
        let form = opcode.form
        let hasImmediates = form == .iota || form == .random
        let hasB = form == .binary || form == .ternary
        let operandB: UInt32 = hasB ? 512 : form == .topk ? 1 : 0
        let operandC: UInt32 = form == .ternary || form == .topk ? 768 : 0
        return VectorCommand(
            opcode: opcode, d: 0, a: hasImmediates ? 0 : 256, b: operandB, c: operandC,
            descriptor: RandomCommand.offset, dFormat: d, aFormat: form == .random ? .fp32 : a,
            bFormat: .fp32, cFormat: form == .topk ? .int32 : .fp32,
            bImmediate: hasImmediates || form == .scan || form == .topk, cImmediate: hasImmediates,
            rounding: 0)
    }
}
