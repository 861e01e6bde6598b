import ApusISA
import Testing

@Suite("the command table")
struct TableTests {
    @Test("no two commands share an opcode or a mnemonic")
    func opcodesDiffer() {
        #expect(Set(CommandSpec.all.map(\.opcode)).count == CommandSpec.all.count)
        #expect(Set(CommandSpec.all.map(\.mnemonic)).count == CommandSpec.all.count)
        #expect(CommandSpec.all.map(\.opcode) == CommandSpec.all.map(\.opcode).sorted())
    }

    @Test("the fields of a command do not overlap and lie in the eight words")
    func fieldsAreDisjoint() {
        for spec in CommandSpec.all {
            var taken = SIMD8<UInt32>.zero
            for field in spec.fields {
                #expect((0..<8).contains(field.bits.word))
                #expect(
                    taken[field.bits.word] & field.bits.mask == 0,
                    "\(spec.mnemonic).\(field.name) overlaps another field")
                taken[field.bits.word] |= field.bits.mask
            }
            #expect(Set(spec.fields.map(\.name)).count == spec.fields.count)
        }
    }

    @Test("the fields of a descriptor do not overlap and lie in its words")
    func descriptorFieldsAreDisjoint() {
        for spec in DescriptorSpec.all {
            var taken = [UInt32](repeating: 0, count: spec.wordCount)
            for field in spec.fields {
                for word in field.bits.word..<field.bits.word + field.count {
                    #expect(taken[word] & field.bits.mask == 0, "\(spec.name).\(field.name)")
                    taken[word] |= field.bits.mask
                }
            }
        }
    }

    @Test("every command says what it computes, where it differs, why, and how it traps")
    func everyCommandHasMeaning() {
        for spec in CommandSpec.all {
            for text in [spec.formula, spec.summary, spec.numerics, spec.why] {
                #expect(!text.isEmpty, "\(spec.mnemonic)")
            }
            #expect(spec.summary.hasSuffix("."))
            #expect(spec.traps.contains(.reservedBits))
            for field in spec.fields { #expect(field.meaning.hasSuffix("."), "\(field.name)") }
        }
    }

    @Test("each command belongs to the engine whose opcodes it has")
    func enginesMatchOpcodes() {
        for spec in CommandSpec.all {
            #expect((spec.engine == .vector) == Opcode.vector.contains(spec.opcode))
        }
        #expect(VectorOpcode.allCases.count == 68)
    }

    @Test("trap causes have distinct codes, none of them zero")
    func causes() {
        #expect(TrapCause.allCases.allSatisfy { $0.rawValue != 0 && !$0.meaning.isEmpty })
    }
}
