import ApusISA
import ApusNumerics
import Testing

@Suite("the program file")
struct ProgramFileTests {
    static let sample: Program = {
        let input = Port(
            name: "x", elementType: .fp32, tensorType: "float32", shape: [2, 3], offset: 64,
            bytes: 24)
        let output = Port(
            name: "größe", elementType: .int32, tensorType: "int64", shape: [], offset: 128,
            bytes: 4)
        return Program(
            image: KernelImage(elf: Array(0..<77), entries: ["apus_tile": 0x40, "other": 0]),
            arenaBytes: 256,
            initialised: [
                Region(offset: 0, bytes: [1, 2, 3]),
                Region(offset: 192, bytes: [UInt8](repeating: 7, count: 64)),
            ],
            inputs: [input], outputs: [output],
            steps: [
                .launch(
                    Launch(
                        kernel: "apus_tile", arguments: [UInt8](repeating: 5, count: 40),
                        relocations: [0, 32], label: "matmul")),
                .host(HostStep(index: 0, inputs: [input], outputs: [output], label: "NonZero")),
            ])
    }()

    private func error(_ bytes: [UInt8]) -> ProgramError? {
        do {
            _ = try Program(file: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test("a program written and read back is the same program")
    func roundTrip() throws {
        let bytes = Self.sample.fileBytes()
        #expect(try Program(file: bytes) == Self.sample)
        #expect(bytes.count % 8 == 0)
    }

    @Test("damage is noticed before anything is believed")
    func damage() {
        let bytes = Self.sample.fileBytes()
        #expect(error([]) == .notAProgram)
        #expect(error(Array("APUSPROG".utf8)) == .notAProgram)
        #expect(
            error(Array(bytes.dropLast(8)))
                == .wrongLength(stated: UInt64(bytes.count), actual: bytes.count - 8))
        var changed = bytes
        changed[100] ^= 1
        #expect(error(changed) == .wrongChecksum)
        changed = bytes
        changed[8] = 2
        #expect(error(changed) == .unknownVersion(2))
    }

    @Test("what a program names must exist and lie in the arena")
    func semantics() {
        var program = Self.sample
        program.initialised[0].offset = 254
        #expect(
            error(program.fileBytes())
                == .outsideArena(.region(0), offset: 254, bytes: 3, arenaBytes: 256))
        program = Self.sample
        program.inputs[0].shape = [2, 4]
        #expect(error(program.fileBytes()) == .wrongSize(.input("x"), bytes: 24, expected: 32))
        program.inputs[0].shape = [1 << 40, 1 << 40]
        #expect(error(program.fileBytes()) == .badShape(.input("x")))
        program = Self.sample
        program.image.entries = [:]
        #expect(error(program.fileBytes()) == .unknownKernel(.launch(0), name: "apus_tile"))
        program = Self.sample
        program.steps = [
            .launch(
                Launch(kernel: "other", arguments: [0, 0, 0, 0], relocations: [0], label: ""))
        ]
        #expect(error(program.fileBytes()) == .badRelocation(.launch(0), offset: 0))
    }

    @Test("mutated files, their checksum made right again, end in a program or an error")
    func fuzz() {
        var generator = SplitMix(seed: 14)
        let original = Self.sample.fileBytes()
        for _ in 0..<Effort.rounds(fast: 500, slow: 20_000) {
            var bytes = original
            for _ in 0...generator.below(3) {
                let index = Int.random(in: 32..<bytes.count, using: &generator)
                switch generator.below(3) {
                case 0: bytes[index] = generator.below(255)
                case 1:
                    // A hostile length.
                    let start = index & ~7
                    for byte in start..<min(start + 8, bytes.count) { bytes[byte] = 0xFF }
                    if generator.below(2) == 0 { bytes[min(start + 7, bytes.count - 1)] = 0x7F }
                default: bytes.removeLast(min(Int(generator.below(64)), bytes.count - 40))
                }
            }
            Program.seal(&bytes)
            _ = try? Program(file: bytes)
        }
    }
}
