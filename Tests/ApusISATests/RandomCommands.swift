import ApusISA
import ApusNumerics
import Foundation

/// How long a fuzz run goes on.
enum Effort {
    /// `slow` when the slow tests were asked for (`make test-all`), else `fast`.
    static func rounds(fast: Int, slow: Int) -> Int {
        ProcessInfo.processInfo.environment["APUS_SLOW"] == nil ? fast : slow
    }
}

/// A small generator whose seed a failing test can print.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func word() -> UInt32 { UInt32(truncatingIfNeeded: next()) }
    mutating func signed() -> Int32 { Int32(truncatingIfNeeded: next()) }
    mutating func extent() -> Int32 { Int32.random(in: 0...Int32.max, using: &self) }
    mutating func below(_ limit: UInt8) -> UInt8 { UInt8.random(in: 0..<limit, using: &self) }
    mutating func format() -> ElementFormat { ElementFormat.allCases[Int(below(16))] }
    mutating func descriptor() -> UInt32 { word() & ~15 }

    mutating func rank5(_ value: (inout SplitMix) -> Int32) -> Rank5 {
        Rank5(value(&self), value(&self), value(&self), value(&self), value(&self))
    }
}

extension Command {
    /// Any legal command of an opcode.
    static func random(_ spec: CommandSpec, using generator: inout SplitMix) -> Command {
        let sync = SyncFields(
            waitA: generator.below(32), waitAValue: UInt16(generator.word() & 0xFFFF),
            waitB: generator.below(32), waitBValue: UInt16(generator.word() & 0xFFFF),
            post: generator.below(32), postCount: generator.below(16))
        return Command(sync: sync, operation: operation(spec, &generator))
    }

    private static func operation(
        _ spec: CommandSpec, _ generator: inout SplitMix
    ) -> Operation {
        switch spec.opcode {
        case Opcode.nop: return .nop
        case Opcode.load: return .load(transfer(&generator))
        case Opcode.store: return .store(transfer(&generator))
        case Opcode.matmul:
            return .matmul(
                MatmulCommand(
                    descriptor: generator.descriptor(), a: generator.word(), b: generator.word(),
                    accumulator: generator.word(), aFormat: generator.format(),
                    bFormat: generator.format(), accumulate: generator.below(2) == 1,
                    passes: MatmulPasses.allCases[Int(generator.below(3))],
                    scaling: MatmulScaling.allCases[Int(generator.below(3))]))
        default:
            let opcode = VectorOpcode(rawValue: spec.opcode) ?? .copy
            return .vector(vector(opcode, &generator))
        }
    }

    private static func transfer(_ generator: inout SplitMix) -> TransferCommand {
        let high = (generator.signed() >> 16, generator.signed() >> 16)
        return TransferCommand(
            descriptor: generator.descriptor(), local: generator.word(),
            coordinates: Rank5(
                generator.signed(), generator.signed(), generator.signed(), high.0, high.1))
    }

    private static func vector(
        _ opcode: VectorOpcode, _ generator: inout SplitMix
    ) -> VectorCommand {
        var command = VectorCommand(
            opcode: opcode, d: generator.word(), a: generator.word(), b: generator.word(),
            c: generator.word(), descriptor: generator.descriptor(), dFormat: generator.format(),
            aFormat: generator.format(), bFormat: generator.format(), cFormat: generator.format(),
            bImmediate: generator.below(2) == 1, cImmediate: generator.below(2) == 1,
            rounding: generator.below(6))
        switch opcode.form {
        case .ternary: break
        case .unary, .reduction: (command.b, command.bImmediate) = (0, false)
        case .scan: (command.b, command.bImmediate) = (command.b & 3, true)
        case .binary: break
        case .topk: (command.bImmediate, command.cImmediate) = (true, false)
        case .iota: (command.a, command.bImmediate, command.cImmediate) = (0, true, true)
        case .random:
            (command.a, command.bImmediate, command.cImmediate) = (0, true, true)
            command.aFormat = .fp32
        }
        if opcode.form != .ternary && opcode.form != .binary { command.bFormat = .fp32 }
        switch opcode.form {
        case .ternary, .topk: break
        case .iota, .random: command.cFormat = .fp32
        default: (command.c, command.cFormat, command.cImmediate) = (0, .fp32, false)
        }
        return command
    }
}
