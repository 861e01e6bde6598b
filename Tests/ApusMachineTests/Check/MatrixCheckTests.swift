import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics
import Testing

@Suite("The checker on accumulators")
struct MatrixCheckTests {
    /// Loads two 8 × 8 matrices, multiplies them twice into one accumulator tile, and stores it.
    private func stream(
        accumulateFirst: Bool = false, storeWaits: Int = 2, columns: Int = 8
    ) -> Stream {
        var stream = Stream()
        let tile = TransferDescriptor.dense(offset: 0, format: .bf16, columns: 8, rows: 8)
        let descriptor = stream.append(tile.encode())
        for local: UInt32 in [0, 128] {
            stream.enqueue(
                .load(TransferCommand(descriptor: descriptor, local: local, coordinates: .zero)),
                sync: PipelineStream.sync(post: 1))
        }
        let shape = MatrixDescriptor(
            m0: 8, m1: 1, n0: 8, n1: 1, k0: 8, k1: 1, k2: 1,
            aStrides: .init(m0: 16, m1: 0, k0: 2, k1: 0, k2: 0),
            bStrides: .init(n0: 2, n1: 0, k0: 16, k1: 0, k2: 0), accumulatorRowStride: 32,
            scales: .none)
        let matrix = stream.append(shape.encode())
        for index in 0..<2 {
            stream.enqueue(
                .matmul(
                    MatmulCommand(
                        descriptor: matrix, a: 0, b: 128, accumulator: AddressMap.localAccumulators,
                        aFormat: .bf16, bFormat: .bf16, accumulate: index > 0 || accumulateFirst,
                        passes: .native, scaling: .none)),
                sync: PipelineStream.sync((1, 2), post: 2))
        }
        let result = TransferDescriptor.dense(
            offset: 4096, format: .fp32, columns: columns, rows: 8)
        stream.enqueue(
            .store(
                TransferCommand(
                    descriptor: stream.append(result.encode()), local: AddressMap.localAccumulators,
                    coordinates: .zero)),
            sync: PipelineStream.sync((2, storeWaits), post: 0))
        return stream
    }

    private let accumulators = UInt64(AddressMap.localAccumulators)

    @Test("accumulation in order and a store that waits are clean")
    func clean() throws {
        for seed: UInt64 in 0..<8 { #expect(try CheckedRun(stream(), seed: seed).findings == []) }
    }

    @Test("adding to accumulators that nothing set is named")
    func uninitialised() throws {
        for seed: UInt64 in 0..<4 {
            let findings = try CheckedRun(stream(accumulateFirst: true), seed: seed).findings
            guard findings.count == 1, case .uninitialisedRead(let access, let place) = findings[0]
            else {
                Issue.record("\(findings)")
                continue
            }
            #expect(access.agent == .engine(.matrix) && access.command?.opcode == 0x30)
            #expect(place.memory == .accumulators(core: 0))
            #expect(place.addresses == accumulators..<accumulators + 256 && place.count == 256)
        }
    }

    @Test("a store that waits for one product of two races with the second")
    func earlyStore() throws {
        for seed: UInt64 in 0..<8 {
            let findings = try CheckedRun(stream(storeWaits: 1), seed: seed).findings
            let isCaught = findings.contains {
                guard case .race(let earlier, let later, let place) = $0 else { return false }
                return Set([earlier.agent, later.agent]) == [.engine(.matrix), .engine(.store)]
                    && place.memory == .accumulators(core: 0) && place.count == 256
            }
            #expect(isCaught, "seed \(seed): \(findings)")
        }
    }

    @Test("rows that are longer than those computed are read where nothing was written")
    func longRows() throws {
        // 12 columns of packed rows: 384 bytes, of which the products wrote 256.
        let findings = try CheckedRun(stream(columns: 12), seed: 3).findings
        guard findings.count == 1, case .uninitialisedRead(_, let place) = findings[0] else {
            Issue.record("\(findings)")
            return
        }
        #expect(place.addresses == accumulators + 256..<accumulators + 384 && place.count == 128)
    }
}
