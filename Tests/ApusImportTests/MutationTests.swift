import ApusGraph
import ApusImport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Mutated models")
struct MutationTests {
    /// SplitMix64, so that a printed seed repeats a run anywhere.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
    }

    static let isSlow = getenv("APUS_SLOW") != nil

    /// Some hundred mutants in the fast set, twenty thousand in the slow one.
    static let countPerModel = isSlow ? 2600 : 50

    @Test(
        "a mutated model is imported or refused, and never traps or hangs", arguments: Golden.names)
    func mutants(name: String) throws {
        let seed: UInt64 = 2026
        var generator = Generator(
            state: seed ^ UInt64(name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }))
        let original = try MappedFile(path: Golden.path(name)).span.array
        let inputs = try Golden.tensors(name, "in")
        var refused = 0
        for index in 0..<Self.countPerModel {
            let bytes = mutated(original, &generator)
            let file = MappedFile(name: Golden.folder + "mutant\(index).onnx", bytes: bytes)
            do {
                let model = try ONNXModel(file: file, limits: .narrow)
                let named = Dictionary(
                    zip(model.inputNames, inputs), uniquingKeysWith: { first, _ in first })
                _ = try model.importGraph(shapes: named.mapValues(\.shape)) { named[$0] }
            } catch {
                refused += 1
                let text = "\(error)"
                #expect(!text.contains("\n"), "seed \(seed), \(name), mutant \(index): \(text)")
            }
        }
        print("\(name): seed \(seed), \(Self.countPerModel) mutants, \(refused) refused")
    }

    /// One to four small changes: a byte, a bit, a run removed, repeated or copied from elsewhere.
    private func mutated(_ original: [UInt8], _ generator: inout Generator) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let length = min(Int.random(in: 1...12, using: &generator), bytes.count - place)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: bytes.removeSubrange(place..<place + length)
            case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
            case 4:
                let source = Int.random(in: 0...bytes.count - length, using: &generator)
                bytes.replaceSubrange(place..<place + length, with: bytes[source..<source + length])
            case 5: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            default: bytes.removeLast(min(length * 8, bytes.count))
            }
        }
        return bytes
    }
}
