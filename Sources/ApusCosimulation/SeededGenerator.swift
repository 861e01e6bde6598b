/// Numbers drawn from a seed, as ``SplitMix64`` of the machine draws them.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    /// Addresses are drawn from so many bytes, so that commands of one program meet.
    package var roomMax = Int.max
    /// Local addresses of transfers and Vector commands lie in the accumulators once in so many.
    package var accumulatorOdds = 6

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Whether something with one chance in `count` happens.
    package mutating func happens(oneIn count: Int) -> Bool {
        Int.random(in: 0..<count, using: &self) == 0
    }

    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }

    /// Bytes with more zeros, ones and NaNs of the wide formats than chance would give.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        let special: [UInt64] = [
            0, 0x7FC0_0000_7F80_0000, 0x3F80_0000_BF80_0000, 0x8000_0000_0000_0001,
            0x7FFF_7C01_FFFF_8000, 0x4049_0FDB_C2F7_0000,
        ]
        while bytes.count < count {
            let word = happens(oneIn: 6) ? pick(special) : next()
            withUnsafeBytes(of: word) { bytes += $0 }
        }
        return Array(bytes.prefix(count))
    }
}
