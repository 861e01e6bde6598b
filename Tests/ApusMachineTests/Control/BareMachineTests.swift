import ApusMachine
import Testing

@Suite("Bare programs")
struct BareMachineTests {
    /// The program is at the base, `tohost` 0x1000 after it, data 0x2000 after it.
    private func run(
        _ words: [UInt32], oracle: Bool = false, steps: UInt64 = 100_000
    ) throws -> (result: BareResult, console: [UInt8]) {
        var console: [UInt8] = []
        let machine = try BareMachine(
            program: try ELFFile(ELFBuilder(words: words).bytes), memoryBytes: 1 << 20,
            usesOracle: oracle,
            console: { console += $0 })
        let result = machine.run(steps: steps, observe: nil)
        return (result, console)
    }

    /// x30 is the address of `tohost`; x31 the value to write.
    private func write(_ value: UInt64, highFirst: Bool) -> [UInt32] {
        let low = RV32.li(rd: 31, UInt32(truncatingIfNeeded: value)) + [RV32.sw(31, at: 30, 0)]
        let high = RV32.li(rd: 31, UInt32(value >> 32)) + [RV32.sw(31, at: 30, 4)]
        return RV32.li(rd: 30, ELFBuilder.toHost) + (highFirst ? high + low : low + high)
    }

    private let forever = [RV32.jal(rd: 0, to: 0)]

    @Test("1 is success, another odd number failure, in one word or two", arguments: [false, true])
    func exit(oracle: Bool) throws {
        for highFirst in [false, true] {
            #expect(
                try run(write(1, highFirst: highFirst) + forever, oracle: oracle).result
                    == .exited(code: 0))
            let code = try run(write(0x1_0000_0555, highFirst: highFirst) + forever, oracle: oracle)
                .result
            #expect(code == .exited(code: 0x8000_02AA))
        }
        let word =
            RV32.li(rd: 30, ELFBuilder.toHost) + [RV32.addi(rd: 31, 0, 7), RV32.sw(31, at: 30, 0)]
        #expect(try run(word + forever, oracle: oracle).result == .exited(code: 3))
    }

    @Test("characters come in order, odd ones too", arguments: [false, true])
    func console(oracle: Bool) throws {
        var words: [UInt32] = []
        for (i, byte) in "Apus\n".utf8.enumerated() {
            words += write(0x0101 << 48 | UInt64(byte), highFirst: i % 2 == 0)
        }
        let (result, console) = try run(words + write(1, highFirst: true) + forever, oracle: oracle)
        #expect(result == .exited(code: 0))
        #expect(String(decoding: console, as: UTF8.self) == "Apus\n")
    }

    @Test("system calls write text and exit; others are refused")
    func systemCalls() throws {
        func call(_ number: UInt32, _ arguments: [UInt32]) -> [UInt32] {
            var words = RV32.li(rd: 29, ELFBuilder.data)
            for (i, argument) in ([number] + arguments).enumerated() {
                words +=
                    RV32.li(rd: 28, argument) + [
                        RV32.sw(28, at: 29, Int32(8 * i)), RV32.sw(0, at: 29, Int32(8 * i + 4)),
                    ]
            }
            return words + write(UInt64(ELFBuilder.data), highFirst: true)
                + [UInt32](repeating: RV32.fence, count: 64)
        }
        let text = call(64, [1, ELFBuilder.base, 4])
        let (result, console) = try run(
            text + call(1000, [0, 0, 0]) + call(64, [1, 0, 4]) + call(93, [42, 0, 0]))
        #expect(result == .exited(code: 42))
        #expect(console.count == 4)
    }

    @Test("a program that does not end is unfinished; one without a handler is locked")
    func endless() throws {
        #expect(try run(forever, steps: 1000).result == .unfinished)
        #expect(try run([0]).result == .locked(cause: 2, value: 0, pc: ELFBuilder.base))
    }

    @Test("memory that is impossible or too small is refused")
    func memory() throws {
        let program = try ELFFile(ELFBuilder(words: [0]).bytes)
        for bytes: UInt64 in [0, 4095, 1 << 31 + 4096, .max] {
            #expect(throws: BareMachineError.impossibleMemory(bytes: bytes)) {
                try BareMachine(
                    program: program, memoryBytes: bytes, usesOracle: false, console: { _ in })
            }
        }
        #expect(throws: BareMachineError.segmentOutsideMemory(base: ELFBuilder.base, bytes: 4096)) {
            try BareMachine(
                program: program, memoryBytes: 4096, usesOracle: false, console: { _ in })
        }
    }
}

/// A small executable: one segment of words and zeroes, and the symbol `tohost`.
struct ELFBuilder {
    static let base: UInt32 = 0x8000_0000
    static let toHost: UInt32 = 0x8000_1000
    static let data: UInt32 = 0x8000_2000

    var bytes: [UInt8] = []

    init(words: [UInt32]) {
        let strings = Array("\0tohost\0data\0".utf8)
        let code = 52 + 32
        let symbols = code + 4 * words.count
        let names = symbols + 48
        let sections = (names + strings.count + 3) & ~3
        append([0x7F, 0x45, 0x4C, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 9))
        append(halves: [2, 243])
        append(words: [1, Self.base, 52, UInt32(sections), 0])
        append(halves: [52, 32, 1, 40, 3, 0])
        append(words: [
            1, UInt32(code), Self.base, Self.base, UInt32(4 * words.count), 0x3000, 7, 4,
        ])
        append(words: words)
        append(words: [0, 0, 0, 0, 1, Self.toHost, 8, 0x1_0000, 8, Self.data, 64, 0x1_0000])
        append(strings)
        append([UInt8](repeating: 0, count: sections - bytes.count))
        append(words: [UInt32](repeating: 0, count: 10))
        append(words: [0, 2, 0, 0, UInt32(symbols), 48, 2, 1, 4, 16])
        append(words: [0, 3, 0, 0, UInt32(names), UInt32(strings.count), 0, 0, 1, 0])
    }

    private mutating func append(_ more: [UInt8]) { bytes += more }

    private mutating func append(halves: [UInt16]) {
        for half in halves { bytes += [UInt8(truncatingIfNeeded: half), UInt8(half >> 8)] }
    }

    private mutating func append(words: [UInt32]) {
        append(halves: words.flatMap { [UInt16(truncatingIfNeeded: $0), UInt16($0 >> 16)] })
    }
}
