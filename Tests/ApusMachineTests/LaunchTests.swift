import ApusChip
import ApusCosimulation
import ApusISA
import ApusMachine
import ApusNumerics
import Testing

@Suite("A launch")
struct LaunchTests {
    @Test("loads two matrices, multiplies them and stores the product")
    func matmul() throws {
        let bench = try TestBench()
        let (m, n, k) = (3, 5, 4)
        let a = (0..<m * k).map { Float($0) - 3 }
        let b = (0..<k * n).map { Float($0 % 7) * 0.5 }
        bench.write(a.map { UInt16($0.bitPattern >> 16) }, at: 0)
        bench.write(b.map { UInt16($0.bitPattern >> 16) }, at: 1024)
        var stream = Stream()
        enqueueMatmul(&stream, m: m, n: n, k: k)
        try bench.run(stream)
        let product = bench.read(Float.self, count: m * n, at: 4096)
        for row in 0..<m {
            for column in 0..<n {
                var sum: Float = 0
                for inner in 0..<k { sum += a[row * k + inner] * b[inner * n + column] }
                #expect(product[row * n + column] == sum)
            }
        }
        let counters = bench.machine.takeCounters()
        #expect(counters.multiplyAdds == UInt64(m * n * k))
        #expect(counters[.load] == 2 && counters[.matrix] == 1 && counters[.store] == 1)
        #expect(counters.bytesLoaded == UInt64(2 * (m * k + k * n)))
        #expect(counters.bytesStored == UInt64(4 * m * n))
    }

    /// Loads 1 post semaphore 1, the product posts 2, the store waits for 2.
    private func enqueueMatmul(_ stream: inout Stream, m: Int, n: Int, k: Int) {
        func sync(wait: (UInt8, UInt16) = (0, 0), post: UInt8) -> SyncFields {
            SyncFields(
                waitA: wait.0, waitAValue: wait.1, waitB: 0, waitBValue: 0, post: post,
                postCount: post == 0 ? 0 : 1)
        }
        let loads: [(UInt32, TransferDescriptor)] = [
            (0, .dense(offset: 0, format: .bf16, columns: k, rows: m)),
            (512, .dense(offset: 1024, format: .bf16, columns: n, rows: k)),
        ]
        let matrix = MatrixDescriptor(
            m0: Int32(m), m1: 1, n0: Int32(n), n1: 1, k0: Int32(k), k1: 1, k2: 1,
            aStrides: .init(m0: Int32(2 * k), m1: 0, k0: 2, k1: 0, k2: 0),
            bStrides: .init(n0: 2, n1: 0, k0: Int32(2 * n), k1: 0, k2: 0),
            accumulatorRowStride: Int32(4 * n), scales: .none)
        let result = TransferDescriptor.dense(offset: 4096, format: .fp32, columns: n, rows: m)
        stream.enqueue(
            .store(
                TransferCommand(
                    descriptor: stream.append(result.encode()),
                    local: AddressMap.localAccumulators, coordinates: .zero)),
            sync: sync(wait: (2, 1), post: 0))
        stream.enqueue(
            .matmul(
                MatmulCommand(
                    descriptor: stream.append(matrix.encode()), a: 0, b: 512,
                    accumulator: AddressMap.localAccumulators, aFormat: .bf16, bFormat: .bf16,
                    accumulate: false, passes: .native, scaling: .none)),
            sync: sync(wait: (1, 2), post: 2))
        for (local, descriptor) in loads {
            stream.enqueue(
                .load(
                    TransferCommand(
                        descriptor: stream.append(descriptor.encode()), local: local,
                        coordinates: .zero)),
                sync: sync(post: 1))
        }
    }
}
