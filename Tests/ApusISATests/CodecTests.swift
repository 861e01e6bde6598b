import ApusISA
import ApusNumerics
import Testing

@Suite("the command codec")
struct CodecTests {
    @Test("a command encoded and decoded is the same command")
    func roundTrip() throws {
        var generator = SplitMix(seed: 7)
        for spec in CommandSpec.all {
            for _ in 0..<50 {
                let command = Command.random(spec, using: &generator)
                let word = command.encode()
                #expect(try Command(decoding: word) == command, "seed 7, \(spec.mnemonic)")
                #expect(word.opcode == spec.opcode)
                #expect(command.engine == spec.engine)
            }
        }
    }

    @Test("every bit that is not a field traps with its word and mask")
    func reservedBits() {
        var generator = SplitMix(seed: 8)
        for spec in CommandSpec.all {
            let word = Command.random(spec, using: &generator).encode()
            var fields = SIMD8<UInt32>.zero
            for field in spec.fields { fields[field.bits.word] |= field.bits.mask }
            for index in 0..<8 {
                for bit in UInt32(0)..<32 where fields[index] >> bit & 1 == 0 {
                    var broken = word
                    broken[index] |= 1 << bit
                    #expect(
                        throws: DecodeError.reservedBits(word: UInt8(index), mask: 1 << bit)
                    ) { try Command(decoding: broken) }
                }
            }
        }
    }

    @Test("an opcode without a row is unknown, one with a row is not")
    func unknownOpcodes() {
        for opcode in UInt8.min...UInt8.max {
            var word = CommandWord(words: .zero)
            word[0] = UInt32(opcode)
            let isKnown = CommandSpec.spec(opcode: opcode) != nil
            do {
                _ = try Command(decoding: word)
                #expect(isKnown)
            } catch {
                #expect((error == .unknownOpcode(opcode)) == !isKnown)
            }
        }
    }

    @Test("random words decode to a command that encodes to them, or to an error")
    func randomWords() {
        var generator = SplitMix(seed: 9)
        for round in 0..<20_000 {
            let words = SIMD8<UInt32>((0..<8).map { _ in generator.word() & generator.word() })
            var word = CommandWord(words: words)
            if round % 2 == 0 { word[0] = (word[0] & ~0xFF) | UInt32(round / 2 % 256) }
            guard let command = try? Command(decoding: word) else { continue }
            #expect(command.encode() == word, "seed 9")
        }
    }

    private func error(_ edit: (inout CommandWord) -> Void, of opcode: UInt8) -> DecodeError? {
        var generator = SplitMix(seed: 10)
        guard let spec = CommandSpec.spec(opcode: opcode) else { return nil }
        var word = Command.random(spec, using: &generator).encode()
        edit(&word)
        do {
            _ = try Command(decoding: word)
            return nil
        } catch {
            return error
        }
    }

    @Test("a code without a meaning is named")
    func unknownCodes() {
        let fma = VectorOpcode.fma.rawValue
        #expect(
            error({ $0[7] = $0[7] & ~31 | 16 }, of: fma) == .unknownFormat(.d, code: 16))
        #expect(
            error({ $0[7] |= 7 << 22 }, of: fma) == .unknownRounding(code: 7))
        #expect(
            error({ $0[0] |= 3 << 28 }, of: Opcode.matmul) == .unknownPasses(code: 3))
        #expect(
            error({ $0[6] |= 7 << 10 }, of: Opcode.matmul) == .unknownScaling(code: 7))
        #expect(
            error({ $0[2] = 24 }, of: Opcode.load) == .misalignedDescriptor(offset: 24))
        let topk = VectorOpcode.topk.rawValue
        #expect(error({ $0[7] &= ~(1 << 20) }, of: topk) == .immediateExpected(.b))
        let iota = VectorOpcode.iota.rawValue
        #expect(error({ $0[7] &= ~(1 << 21) }, of: iota) == .immediateExpected(.c))
    }
}
