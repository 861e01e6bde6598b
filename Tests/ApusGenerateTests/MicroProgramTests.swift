import ApusISA
import ApusNumerics
import Testing

import ApusGenerate

/// Runs the steps of element-by-element commands beside the functions of ApusNumerics.
@Suite("micro-programs")
struct MicroProgramTests {
    static let corners: [UInt32] =
        [
            0, 1, 2, 0x7F_FFFF, 0x80_0000, 0x80_0001, 0x3F7F_FFFF, 0x3F80_0000, 0x3F80_0001,
            0x3F00_0000, 0x4000_0000, 0x4580_0000, 0x4580_0001, 0x4800_0000, 0x4800_0001,
            0x4B00_0000, 0x4B80_0000, 0x42B1_7218, 0x4316_0000, 0x7F7F_FFFF, 0x7F80_0000,
            0x7FC0_0000, 0x7FA0_0001, 0x3F35_04F3, 0x4049_0FDB, 0x3FC9_0FDB, 0x7F00_0000, 31, 32,
            7, 0x3F1F_FFFF, 0x3F20_0000, 0x3F70_0000,
        ].flatMap { [$0, $0 | 0x8000_0000] }

    private static func bits(
        _ function: VectorFunction, _ isFloating: Bool, _ a: UInt32, _ b: UInt32, _ c: UInt32
    ) -> UInt32? {
        if isFloating {
            return function.evaluate(
                Float(bitPattern: a), Float(bitPattern: b), Float(bitPattern: c))?.bitPattern
        }
        return function.evaluate(
            Int32(bitPattern: a), Int32(bitPattern: b), Int32(bitPattern: c)
        ).map { UInt32(bitPattern: $0) }
    }

    private static func canonical(_ bits: UInt32) -> UInt32 {
        bits & 0x7FFF_FFFF > 0x7F80_0000 ? 0x7FC0_0000 : bits
    }

    @Test("a command has a program exactly where its function has a meaning")
    func meanings() {
        for opcode in VectorOpcode.allCases {
            guard let function = VectorFunction.allCases.first(where: { "\($0)" == "\(opcode)" })
            else { continue }
            if function.shape == .reduction || function.shape == .scan { continue }
            for isFloating in [false, true] {
                let hasProgram = MicroProgram.all.contains {
                    $0.opcode == opcode && $0.isFloating == isFloating && $0.phase == .step
                }
                #expect(
                    hasProgram == (Self.bits(function, isFloating, 0, 0, 0) != nil), "\(opcode)")
            }
        }
    }

    @Test(
        "every step program computes its function to the bit",
        arguments: MicroProgram.all.filter { $0.phase == .step })
    func elements(_ program: MicroProgram) {
        guard
            let function = VectorFunction.allCases.first(where: { "\($0)" == "\(program.opcode)" }),
            function.shape != .reduction, function.shape != .scan
        else { return }
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: .min ... .max, using: &generator)
        var random = SplitMix(state: seed)
        var operands: [(UInt32, UInt32, UInt32)] = []
        for a in Self.corners {
            for b in Self.corners { operands.append((a, b, Self.corners[operands.count % 31])) }
        }
        for _ in 0..<20_000 { operands.append((random.word(), random.word(), random.word())) }
        var interpreter = MicroInterpreter(
            elements: operands.map { a, b, c in
                var element = MicroInterpreter.Element()
                element.registers[0...2] = [a, b, c]
                return element
            })
        interpreter.run(program.instructions)
        for (operand, element) in zip(operands, interpreter.elements) {
            let (a, b, c) = operand
            let expected = Self.bits(function, program.isFloating, a, b, c)
            let found =
                program.isFloating ? Self.canonical(element.registers[0]) : element.registers[0]
            if found != expected {
                let call = "\(program.opcode) of \(a), \(b), \(c)"
                Issue.record("\(call): \(found), not \(expected ?? 0); seed \(seed)")
                return
            }
        }
    }

    @Test("the ROM has room for addresses of eleven bits")
    func size() {
        let rom = MicroROM()
        #expect(rom.instructions.count <= 2048)
    }
}

/// Random words, of which many lie near what matters to floats.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func word() -> UInt32 {
        let word = UInt32(truncatingIfNeeded: next())
        switch next() % 4 {
        case 0: return word
        case 1: return word & 0x807F_FFFF | (UInt32(110 + next() % 40) << 23)
        case 2: return word & 0x8000_003F
        default: return word & 0xFFFF_0000
        }
    }
}
