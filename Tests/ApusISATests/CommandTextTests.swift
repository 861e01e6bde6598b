import ApusISA
import Testing

@Suite("commands as text")
struct CommandTextTests {
    @Test("a command disassembled and assembled is the same command")
    func roundTrip() throws {
        var generator = SplitMix(seed: 15)
        for spec in CommandSpec.all {
            for _ in 0..<20 {
                let word = Command.random(spec, using: &generator).encode()
                let line = try CommandText.disassemble(word)
                #expect(try CommandText.assemble(line) == word, "seed 15: \(line)")
            }
        }
    }

    @Test("a line reads as it was written")
    func lines() throws {
        for line in [
            "load descriptor=0x40 local=0x1000 coordinate1=-1 coordinate3=-32768 waitA=4 "
                + "waitAValue=17",
            "fma d=0x40000000 descriptor=0x80 dFormat=bf16 rounding=towardZero a=0x100 "
                + "b=0x3F800000 bFormat=e4m3 bImmediate=1 c=0x200 post=1 postCount=15",
            "nop",
        ] {
            #expect(try CommandText.disassemble(CommandText.assemble(line)) == line)
        }
    }

    @Test(
        "a fault is named",
        arguments: [
            ("", AssemblyError.emptyLine),
            ("fmla d=1", .unknownMnemonic("fmla")),
            ("abs e=1", .unknownField("e", mnemonic: "abs")),
            ("abs b=1", .unknownField("b", mnemonic: "abs")),
            ("abs opcode=1", .unknownField("opcode", mnemonic: "abs")),
            ("abs d=1 d=1", .duplicateField("d")),
            ("abs d", .badValue(field: "d", value: "")),
            ("abs d=-1", .tooLarge(field: "d", value: "-1", widthBits: 32)),
            ("abs dFormat=fp31", .badValue(field: "dFormat", value: "fp31")),
            ("nop waitA=32", .tooLarge(field: "waitA", value: "32", widthBits: 5)),
            (
                "load coordinate4=40000",
                .tooLarge(
                    field: "coordinate4", value: "40000", widthBits: 16)
            ),
            ("load descriptor=8", .notACommand(.misalignedDescriptor(offset: 8))),
            ("topk d=0", .notACommand(.immediateExpected(.b))),
        ])
    func faults(line: String, error: AssemblyError) {
        #expect(throws: error) { try CommandText.assemble(line) }
    }
}
