import ApusISA
import ApusNumerics

/// The programs that keep something in registers from one step to the next, written out.
///
/// Registers 0 and 1 hold the element and temporaries; from 8 on lies what is kept. A row comes in
/// strips of sixteen elements, element j of each being partial result j; the tree then folds
/// partial j with j + 8, j + 4, j + 2, j + 1. Scans have a row in each element instead.
enum RowPrograms {
    private typealias Step = MicroInstruction

    static let intMin: UInt32 = 0x8000_0000
    static let intMax: UInt32 = 0x7FFF_FFFF

    private static func r(_ number: UInt8) -> MicroSource { .register(number) }

    // Folds --------------------------------------------------------------------------------------

    private static func fold(_ opcode: VectorOpcode, _ isFloating: Bool) -> MicroOpcode {
        switch opcode {
        case .rsum, .cumsum: isFloating ? .add : .addInt
        case .rprod, .cumprod: isFloating ? .mul : .mulLow
        case .rmax: isFloating ? .max : .maxInt
        default: isFloating ? .min : .minInt
        }
    }

    private static func identity(_ opcode: VectorOpcode, _ isFloating: Bool) -> UInt32 {
        switch opcode {
        case .rsum, .cumsum: 0
        case .rprod, .cumprod: isFloating ? 0x3F80_0000 : 1
        case .rmax: isFloating ? 0xFF80_0000 : intMin
        default: isFloating ? 0x7F80_0000 : intMax
        }
    }

    static func reductionStart(_ opcode: VectorOpcode, _ isFloating: Bool) -> [MicroInstruction] {
        isArgument(opcode)
            ? bestStart
            : [
                Step(.move, to: 8, .constant, constant: identity(opcode, isFloating)), Step(.end),
            ]
    }

    static func reductionStep(_ opcode: VectorOpcode, _ isFloating: Bool) -> [MicroInstruction] {
        if isArgument(opcode) {
            return key(isFloating, isLeast: opcode == .rargmin) + wins(over: 3)
                + keep(if: 3, value: false) + [Step(.end)]
        }
        return [Step(fold(opcode, isFloating), to: 8, r(8), r(0), isMasked: true), Step(.end)]
    }

    static func reductionFinish(_ opcode: VectorOpcode, _ isFloating: Bool) -> [MicroInstruction] {
        if isArgument(opcode) {
            return tree(value: false) + [
                Step(.equalInt, to: 1, r(9), .constant, constant: intMax),
                Step(.choose, to: 0, r(1), .zero, r(9)), Step(.end),
            ]
        }
        let steps = [8, 4, 2, 1].flatMap { width in
            [
                Step(.neighbour, to: 9, r(8), constant: width),
                Step(fold(opcode, isFloating), to: 8, r(8), r(9)),
            ]
        }
        return steps + [Step(.move, to: 0, r(8)), Step(.end)]
    }

    // The best -----------------------------------------------------------------------------------

    private static func isArgument(_ opcode: VectorOpcode) -> Bool {
        opcode == .rargmax || opcode == .rargmin
    }

    /// Key in 8, column in 9, value in 12: of nothing yet.
    private static let bestStart = [
        Step(.move, to: 8, .constant, constant: intMin),
        Step(.move, to: 9, .constant, constant: intMax), Step(.move, to: 12, .zero), Step(.end),
    ]

    /// Register 1: an integer that orders the elements in register 0; −0 and +0 are one, NaNs
    /// above all, also when the least is sought.
    private static func key(_ isFloating: Bool, isLeast: Bool) -> [MicroInstruction] {
        let turn = isLeast ? [Step(.xor, to: 1, r(1), .constant, constant: 0xFFFF_FFFF)] : []
        if !isFloating { return [Step(.move, to: 1, r(0))] + turn }
        return [
            Step(.sar, to: 1, r(0), .constant, constant: 31),
            Step(.and, to: 1, r(1), .constant, constant: intMax),
            Step(.xor, to: 1, r(1), r(0)),
            Step(.equal, to: 2, r(0), .zero),
            Step(.choose, to: 1, r(2), .zero, r(1)),
        ] + turn + [
            Step(.equal, to: 2, r(0), r(0)),
            Step(.choose, to: 1, r(2), r(1), .constant, constant: intMax),
        ]
    }

    /// A mask in `mask`: the key in register 1 at this column comes before the best.
    private static func wins(over mask: UInt8) -> [MicroInstruction] {
        [
            Step(.lessInt, to: mask, r(8), r(1)),
            Step(.equalInt, to: 4, r(8), r(1)),
            Step(.lessUnsigned, to: 5, .column, r(9)),
            Step(.and, to: 4, r(4), r(5)),
            Step(.or, to: mask, r(mask), r(4)),
        ]
    }

    private static func keep(if mask: UInt8, value: Bool) -> [MicroInstruction] {
        [
            Step(.choose, to: 8, r(mask), r(1), r(8), isMasked: true),
            Step(.choose, to: 9, r(mask), .column, r(9), isMasked: true),
        ] + (value ? [Step(.choose, to: 12, r(mask), r(0), r(12), isMasked: true)] : [])
    }

    /// The best of sixteen into element 0.
    private static func tree(value: Bool) -> [MicroInstruction] {
        [8, 4, 2, 1].flatMap { width in
            [
                Step(.neighbour, to: 1, r(8), constant: width),
                Step(.neighbour, to: 2, r(9), constant: width),
                Step(.lessInt, to: 3, r(8), r(1)),
                Step(.equalInt, to: 4, r(8), r(1)),
                Step(.lessUnsigned, to: 5, r(2), r(9)),
                Step(.and, to: 4, r(4), r(5)),
                Step(.or, to: 3, r(3), r(4)),
                Step(.choose, to: 8, r(3), r(1), r(8)),
                Step(.choose, to: 9, r(3), r(2), r(9)),
            ]
                + (value
                    ? [
                        Step(.neighbour, to: 1, r(12), constant: width),
                        Step(.choose, to: 12, r(3), r(1), r(12)),
                    ] : [])
        }
    }

    // Top-k: one pass over the row for each result ------------------------------------------------

    /// The last result, in 10 (key) and 11 (column), comes before every element.
    static let topKRow = [
        Step(.move, to: 10, .constant, constant: intMax),
        Step(.move, to: 11, .constant, constant: 0xFFFF_FFFF), Step(.end),
    ]

    static let topKStart = bestStart

    /// The best of what comes after the last result.
    static func topKStep(_ isFloating: Bool) -> [MicroInstruction] {
        let steps =
            key(isFloating, isLeast: false) + wins(over: 3) + [
                Step(.lessInt, to: 2, r(1), r(10)),
                Step(.equalInt, to: 4, r(1), r(10)),
                Step(.lessInt, to: 5, r(11), .column),
                Step(.and, to: 4, r(4), r(5)),
                Step(.or, to: 2, r(2), r(4)),
                Step(.and, to: 3, r(3), r(2)),
            ]
        return steps + keep(if: 3, value: true) + [Step(.end)]
    }

    /// Value in 0 and column in 1 of element 0.
    static let topKFinish =
        tree(value: true) + [
            Step(.first, to: 10, r(8)), Step(.first, to: 11, r(9)),
            Step(.move, to: 0, r(12)), Step(.move, to: 1, r(9)), Step(.end),
        ]

    // Scans --------------------------------------------------------------------------------------

    static func scanStart(_ opcode: VectorOpcode, _ isFloating: Bool) -> [MicroInstruction] {
        [Step(.move, to: 8, .constant, constant: identity(opcode, isFloating)), Step(.end)]
    }

    static func scanStep(
        _ opcode: VectorOpcode, _ isFloating: Bool, isExclusive: Bool
    ) -> [MicroInstruction] {
        let step = Step(fold(opcode, isFloating), to: 8, r(8), r(0))
        return isExclusive
            ? [Step(.move, to: 1, r(8)), step, Step(.move, to: 0, r(1)), Step(.end)]
            : [step, Step(.move, to: 0, r(8)), Step(.end)]
    }

    // Loops --------------------------------------------------------------------------------------

    /// Goes back to the beginning of `body` until it has run `count` times.
    private static func loop(_ count: UInt32, _ body: [MicroInstruction]) -> [MicroInstruction] {
        body + [Step(.again, constant: UInt32(body.count) << 8 | count)]
    }

    /// aᵇ modulo 2³² by squares; a negative b leaves ±1 alone of them.
    static let powerInt =
        [
            Step(.move, to: 4, r(0)), Step(.move, to: 5, r(1)),
            Step(.move, to: 2, .constant, constant: 1),
        ]
        + loop(
            32,
            [
                Step(.and, to: 3, r(1), .constant, constant: 1),
                Step(.mulLow, to: 6, r(2), r(0)),
                Step(.choose, to: 2, r(3), r(6), r(2)),
                Step(.mulLow, to: 0, r(0), r(0)),
                Step(.shr, to: 1, r(1), .constant, constant: 1),
            ])
        + [
            Step(.equalInt, to: 6, r(4), .constant, constant: 1),
            Step(.equalInt, to: 7, r(4), .constant, constant: 0xFFFF_FFFF),
            Step(.or, to: 6, r(6), r(7)),
            Step(.and, to: 6, r(6), r(2)),
            Step(.lessInt, to: 3, r(5), .zero),
            Step(.choose, to: 0, r(3), r(6), r(2)), Step(.end),
        ]

    /// Word 0 of Philox4x32-10, its upper 24 bits times 2⁻²⁴.
    static let random =
        [
            Step(.move, to: 0, .counterLow), Step(.move, to: 1, .counterHigh),
            Step(.move, to: 2, .zero), Step(.move, to: 3, .zero),
            Step(.move, to: 4, .immediateB), Step(.move, to: 5, .immediateC),
        ]
        + loop(
            UInt32(Philox.rounds),
            [
                Step(.mulHigh, to: 6, r(0), .constant, constant: Philox.multipliers.0),
                Step(.mulLow, to: 7, r(0), .constant, constant: Philox.multipliers.0),
                Step(.mulHigh, to: 8, r(2), .constant, constant: Philox.multipliers.1),
                Step(.xor, to: 0, r(8), r(1)),
                Step(.xor, to: 0, r(0), r(4)),
                Step(.mulLow, to: 1, r(2), .constant, constant: Philox.multipliers.1),
                Step(.xor, to: 2, r(6), r(3)),
                Step(.xor, to: 2, r(2), r(5)),
                Step(.move, to: 3, r(7)),
                Step(.addInt, to: 4, r(4), .constant, constant: Philox.keySteps.0),
                Step(.addInt, to: 5, r(5), .constant, constant: Philox.keySteps.1),
            ])
        + [
            Step(.shr, to: 0, r(0), .constant, constant: 8),
            Step(.toFloat, to: 0, r(0)),
            Step(.mul, to: 0, r(0), .constant, constant: (0x1p-24 as Float).bitPattern),
            Step(.end),
        ]
}
