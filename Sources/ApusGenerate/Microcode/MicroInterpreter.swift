import ApusNumerics

/// Runs micro-programs on elements with the oracles' arithmetic: what the lanes do, without time.
public struct MicroInterpreter: Sendable {
    /// What an element is beside its registers.
    public struct Element: Sendable {
        public var registers = [UInt32](repeating: 0, count: MicroInstruction.registerCount)
        public var column: UInt32 = 0
        public var counter: UInt64 = 0
        /// Whether the row has this column.
        public var isActive = true

        public init() {}
    }

    public var elements: [Element]
    public var immediateB: UInt32 = 0
    public var immediateC: UInt32 = 0

    public init(elements: [Element]) { self.elements = elements }

    /// Runs a program to its end.
    public mutating func run(_ instructions: [MicroInstruction]) {
        var (at, rounds) = (0, UInt32(1))
        while instructions[at].opcode != .end {
            let instruction = instructions[at]
            if instruction.opcode == .again {
                if rounds == instruction.constant & 0xFF {
                    rounds = 1
                    at += 1
                } else {
                    rounds += 1
                    at -= Int(instruction.constant >> 8 & 0xFF)
                }
                continue
            }
            execute(instruction)
            at += 1
        }
    }

    private mutating func execute(_ instruction: MicroInstruction) {
        let before = elements
        for index in elements.indices {
            let a = operand(instruction.a, before[index], instruction)
            let b = operand(instruction.b, before[index], instruction)
            let c = operand(instruction.c, before[index], instruction)
            var result: UInt32
            switch instruction.opcode {
            case .neighbour, .first:
                let distance = Int(instruction.constant)
                let source = instruction.opcode == .first ? 0 : index + distance
                guard source < elements.count else { continue }
                result = operand(instruction.a, before[source], instruction)
            default:
                result = MicroArithmetic.evaluate(
                    instruction.opcode, a, b, c, instruction.negations)
            }
            if instruction.isMasked, !elements[index].isActive { continue }
            elements[index].registers[Int(instruction.destination)] = result
        }
    }

    private func operand(
        _ source: MicroSource, _ element: Element, _ instruction: MicroInstruction
    ) -> UInt32 {
        switch source {
        case .register(let number): element.registers[Int(number)]
        case .constant: instruction.constant
        case .zero: 0
        case .one: 0x3F80_0000
        case .column: element.column
        case .counterLow: UInt32(truncatingIfNeeded: element.counter)
        case .counterHigh: UInt32(element.counter >> 32)
        case .immediateB: immediateB
        case .immediateC: immediateC
        }
    }
}

/// One step on one element.
enum MicroArithmetic {
    static func evaluate(
        _ opcode: MicroOpcode, _ a: UInt32, _ b: UInt32, _ c: UInt32, _ negations: UInt8
    ) -> UInt32 {
        floating(opcode, a, b, c, negations) ?? comparing(opcode, a, b) ?? bits(opcode, a, b, c)
    }

    private static func float(_ bits: UInt32, _ isNegated: Bool = false) -> Float {
        Float(bitPattern: isNegated ? bits ^ 0x8000_0000 : bits)
    }

    private static func floating(
        _ opcode: MicroOpcode, _ a: UInt32, _ b: UInt32, _ c: UInt32, _ negations: UInt8
    ) -> UInt32? {
        let (x, y) = (float(a, negations & 1 != 0), float(b, negations & 2 != 0))
        let result: Float? =
            switch opcode {
            case .fma: float(c, negations & 4 != 0).addingProduct(x, y)
            case .add: x + y
            case .mul: x * y
            case .div: VectorFunction.div.evaluate(x, y, 0)
            case .sqrt: VectorFunction.sqrt.evaluate(x, 0, 0)
            case .rem: VectorFunction.rem.evaluate(x, y, 0)
            case .min: VectorFunction.min.evaluate(x, y, 0)
            case .max: VectorFunction.max.evaluate(x, y, 0)
            case .toFloat: Float(Int32(bitPattern: a))
            default: nil
            }
        return result.map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern }
    }

    private static func comparing(_ opcode: MicroOpcode, _ a: UInt32, _ b: UInt32) -> UInt32? {
        let (x, y) = (Int32(bitPattern: a), Int32(bitPattern: b))
        let isTrue: Bool? =
            switch opcode {
            case .less: float(a) < float(b)
            case .lessEqual: float(a) <= float(b)
            case .equal: float(a) == float(b)
            case .lessInt: x < y
            case .lessUnsigned: a < b
            case .equalInt: a == b
            default: nil
            }
        return isTrue.map { $0 ? 0xFFFF_FFFF : 0 }
    }

    private static func bits(
        _ opcode: MicroOpcode, _ a: UInt32, _ b: UInt32, _ c: UInt32
    ) -> UInt32 {
        switch opcode {
        case .move: a
        case .and: a & b
        case .or: a | b
        case .xor: a ^ b
        case .addInt: a &+ b
        case .subInt: a &- b
        case .mulLow: a &* b
        case .mulHigh: UInt32(truncatingIfNeeded: (UInt64(a) * UInt64(b)) >> 32)
        case .leadingZeros: UInt32(a.leadingZeroBitCount)
        case .choose: a != 0 ? b : c
        case .window: window(a)
        default: integer(opcode, a, b)
        }
    }

    private static func integer(_ opcode: MicroOpcode, _ a: UInt32, _ b: UInt32) -> UInt32 {
        let function: VectorFunction =
            switch opcode {
            case .divInt: .div
            case .remInt: .rem
            case .shl: .shl
            case .shr: .shr
            case .sar: .sar
            case .minInt: .min
            case .maxInt: .max
            default: preconditionFailure("\(opcode) is not a step on values")
            }
        let result = function.evaluate(Int32(bitPattern: a), Int32(bitPattern: b), Int32(0))
        return UInt32(bitPattern: result ?? 0)
    }

    /// 32 bits from bit `first` of 32 zeros, 2/π and zeros.
    private static func window(_ first: UInt32) -> UInt32 {
        let words = [0] + FunctionConstants.twoOverPiWords + [0, 0]
        let (word, shift) = (Int(first & 0xFF) / 32, first & 31)
        let pair = UInt64(words[word]) << 32 | UInt64(words[word + 1])
        return UInt32(truncatingIfNeeded: pair >> (32 - UInt64(shift)))
    }
}
