import CApusNumerics
import Testing

/// A generator with a seed that failures print.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}

/// The SIMD levels that this machine has.
let availableLevels: [Int32] = (0...3).filter { level in
    let before = apus_simd_level()
    defer { apus_set_simd_level(before) }
    return apus_set_simd_level(level) == 0
}

/// Numbers at which functions change their ways, and everyday and arbitrary ones.
func interestingFloats(count: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    let special: [Float] = [
        0, -0.0, 1, -1, .infinity, -.infinity, .nan, 0x1p-149, -0x1p-149, 0x1p-126, 0x1.FFFFFEp127,
        0.5, -0.5, 2, 1.5, 2.5, -2.5, 0.625, 0.9375, 4, 88.7, 89, -87.4, -103.9, 128, -126.5, -149,
        131072, 131073, 0x1p23, 0x1.000002p23, 4096, 4097, .pi, .pi / 2, 0x1.921FB4p0, 1e30, -1e30,
    ]
    return (0..<count).map { i in
        if i < special.count { return special[i] }
        let word = generator.next()
        switch i % 4 {
        case 0: return Float(bitPattern: UInt32(truncatingIfNeeded: word))
        case 1: return Float(Int32(truncatingIfNeeded: word)) * 0x1p-31
        case 2: return Float(Int32(truncatingIfNeeded: word)) * 0x1p-24
        default: return special[Int(word % UInt64(special.count))]
        }
    }
}

/// The sentence that a failure prints.
func mismatch(_ what: String, _ index: Int, _ got: UInt32, _ expected: UInt32) -> Comment {
    "\(what) at \(index): 0x\(String(got, radix: 16)), expected 0x\(String(expected, radix: 16))"
}
