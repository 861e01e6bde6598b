/// Philox4x32-10, the counter-based generator of Salmon and others, "Parallel random numbers: as
/// easy as 1, 2, 3" (2011).
enum Philox {
    /// The four output words of a counter.
    static func words(
        counter: SIMD4<UInt32>, key: SIMD2<UInt32>
    ) -> SIMD4<UInt32> {
        var (counter, key) = (counter, key)
        for _ in 0..<10 {
            let first = (0xD251_1F53 as UInt32).multipliedFullWidth(by: counter[0])
            let second = (0xCD9E_8D57 as UInt32).multipliedFullWidth(by: counter[2])
            counter = [
                second.high ^ counter[1] ^ key[0], second.low,
                first.high ^ counter[3] ^ key[1], first.low,
            ]
            key &+= [0x9E37_79B9, 0xBB67_AE85]
        }
        return counter
    }
}

extension Interpreter {
    static func evaluate(_ random: Random) -> Tensor {
        let key = SIMD2<UInt32>(
            UInt32(truncatingIfNeeded: random.seed), UInt32(truncatingIfNeeded: random.seed >> 32))
        let numbers = (0..<UInt64(random.shape.elementCount)).map { index in
            let counter = SIMD4<UInt32>(
                UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0, 0)
            return Float(Philox.words(counter: counter, key: key)[0] >> 8) * 0x1p-24
        }
        return Tensor(numbers, shape: random.shape)
    }
}
