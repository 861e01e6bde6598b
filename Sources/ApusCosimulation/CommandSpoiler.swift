import ApusISA
import ApusNumerics

/// Makes commands illegal, each in one way that has one cause.
enum CommandSpoiler {
    /// A command on its way to a queue.
    struct Target {
        var word: CommandWord
        var engine: Engine
        var descriptor: [UInt32]
    }

    /// A way to spoil, and the cause that it should have.
    struct Fault: Sendable {
        var cause: TrapCause
        var spoil: @Sendable (inout Target) -> Void
    }

    /// The ways to spoil a command of an engine.
    static func faults(of engine: Engine) -> [Fault] {
        let own =
            switch engine {
            case .load: transfer + load
            case .store: transfer
            case .matrix: matrix
            case .vector: vector
            }
        return common(engine) + own
    }

    private static func common(_ engine: Engine) -> [Fault] {
        let place = engine == .vector ? 6 : 2
        let others = Engine.allCases.filter { $0 != engine }
        return [
            Fault(cause: .unknownOpcode) { $0.word[0] = ($0.word[0] & ~0xFF) | 0x0F },
            Fault(cause: .unknownOpcode) { $0.word[0] |= 0xFF },
            Fault(cause: .wrongQueue) { $0.engine = others[Int($0.word[3] % 3)] },
            Fault(cause: .reservedBits) { $0.word[0] |= 1 << 31 },
            Fault(cause: .badDescriptor) { $0.word[place] &+= 4 },
            Fault(cause: .badDescriptor) { $0.word[place] &+= 0x4000 },
            Fault(cause: .badDescriptor) { $0.word[place] &-= 0x2_0000 },
        ]
    }

    private static let transfer = [
        Fault(cause: .reservedBits) { $0.descriptor[30] = 1 },
        Fault(cause: .reservedBits) { $0.descriptor[2] |= 1 << 20 },
        Fault(cause: .unknownCode) { $0.descriptor[2] |= 16 },
        Fault(cause: .unknownCode) { $0.descriptor[2] |= 16 << 5 },
        Fault(cause: .unknownCode) { $0.descriptor[2] |= 7 << 10 },
        Fault(cause: .unknownCode) { $0.descriptor[2] |= 7 << 13 },
        Fault(cause: .unsupportedFormat) { $0.descriptor[2] = 12 | 7 << 5 },
        Fault(cause: .unsupportedFormat) { $0.descriptor[2] = 14 | 7 << 5 },
        Fault(cause: .badShape) { $0.descriptor[5] |= 0x8000_0000 },
        Fault(cause: .badShape) { $0.descriptor[10] |= 0x8000_0000 },
        Fault(cause: .badShape) {
            ($0.descriptor[9], $0.descriptor[10], $0.descriptor[11]) = (1 << 20, 1 << 20, 1)
        },
        Fault(cause: .localBounds) { $0.word[3] = 0x3FFF_0000 },
        Fault(cause: .localBounds) { $0.word[3] = 0xFFFF_FFF0 },
        Fault(cause: .localBounds) {
            ($0.descriptor[9], $0.descriptor[19]) = (3, 0x7FFF_FFFF)
        },
        Fault(cause: .localBounds) {
            $0.descriptor[2] = ($0.descriptor[2] & ~(7 << 10)) | 1 << 10
            $0.descriptor[24] = 0x1_0000 - 4
            $0.descriptor[9] = 3
        },
        Fault(cause: .globalBounds) { $0.descriptor[1] = 0xFFFF_FFFF },
        Fault(cause: .globalBounds) { $0.descriptor[1] = 0 },
        Fault(cause: .globalBounds) { $0.descriptor[1] = 1 << 8 | 1 },
        Fault(cause: .globalBounds) {
            ($0.descriptor[4], $0.descriptor[9], $0.descriptor[14]) = (9, 3, 0x7FFF_FFFF)
            $0.word[4] = 1
        },
    ]

    private static let load = [
        Fault(cause: .unknownCode) { $0.descriptor[2] |= 1 << 13 },
        Fault(cause: .unsupportedFormat) { $0.descriptor[2] = 7 | 14 << 5 },
        Fault(cause: .overlap) {
            // The box begins where its own index table does.
            $0.descriptor[2] = ($0.descriptor[2] & ~(7 << 10)) | 1 << 10
            $0.descriptor[24] = $0.word[3]
            $0.word[4] = 0
            $0.descriptor[9] = max(1, $0.descriptor[9])
        },
    ]

    private static let matrix = [
        Fault(cause: .unknownCode) { $0.word[0] |= 3 << 28 },
        Fault(cause: .unknownCode) { $0.word[6] |= 7 << 10 },
        Fault(cause: .unknownCode) { $0.word[6] |= 16 },
        Fault(cause: .unknownCode) { $0.descriptor[24] = 99 },
        Fault(cause: .reservedBits) { $0.word[7] = 1 },
        Fault(cause: .reservedBits) { $0.descriptor[25] = 1 },
        Fault(cause: .reservedBits) { target in
            target.word[6] &= ~(7 << 10)
            target.descriptor[21] = 32
        },
        Fault(cause: .unsupportedFormat) { $0.word[6] = 1 | 7 << 5 },
        Fault(cause: .unsupportedFormat) { $0.word[0] ^= 1 << 28 },
        Fault(cause: .badShape) { $0.descriptor[0] = 0x8000_0000 },
        Fault(cause: .badShape) { ($0.descriptor[0], $0.descriptor[1]) = (1 << 20, 1 << 20) },
        Fault(cause: .badShape) { ($0.descriptor[0], $0.descriptor[17]) = (3, 0) },
        Fault(cause: .badShape) {
            $0.word[6] = 1 | 1 << 5 | 1 << 10
            $0.descriptor[21] = 0
        },
        Fault(cause: .localBounds) { $0.word[3] = 0x4000_0000 },
        Fault(cause: .localBounds) { $0.word[4] = 0xFFFF },
        Fault(cause: .localBounds) { $0.word[5] = 0x4000_3FF8 },
        Fault(cause: .localBounds) { $0.word[5] = 0 },
        Fault(cause: .misalignedAddress) { $0.word[5] |= 2 },
        Fault(cause: .misalignedAddress) { $0.descriptor[17] |= 1 },
    ]

    private static let vector = [
        Fault(cause: .unknownCode) { $0.word[7] |= 7 << 22 },
        Fault(cause: .unknownCode) { $0.word[7] |= 17 },
        Fault(cause: .reservedBits) { $0.word[7] |= 1 << 27 },
        Fault(cause: .reservedBits) { $0.descriptor[15] = 1 },
        Fault(cause: .unsupportedFormat) { $0.word[7] = ($0.word[7] & ~31) | 12 },
        Fault(cause: .unsupportedFormat) { $0.word[7] = ($0.word[7] & ~31) | 14 },
        Fault(cause: .badShape) { $0.descriptor[1] = 0xFFFF_FFFF },
        Fault(cause: .badShape) {
            ($0.descriptor[0], $0.descriptor[1], $0.descriptor[2]) = (1 << 16, 1 << 16, 1)
        },
        Fault(cause: .localBounds) { $0.word[2] = 0x4000_3FFF },
        Fault(cause: .localBounds) { $0.word[2] = 0x2000_0000 },
        Fault(cause: .localBounds) { $0.descriptor[4] = 0x7FFF_FFFF },
        Fault(cause: .overlap) {
            ($0.descriptor[0], $0.descriptor[1], $0.descriptor[3]) = (4, 2, 0)
            $0.descriptor[4] = 1
        },
        Fault(cause: .overlap) { $0.word[2] = $0.word[3] &+ 4 },
    ]

    /// Changes one random bit, or one word to a value at an edge.
    static func disturb(_ target: inout Target, _ generator: inout SeededGenerator) {
        let edges: [UInt32] = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x4000_0000]
        if target.descriptor.isEmpty || generator.happens(oneIn: 2) {
            let index = Int.random(in: 2...7, using: &generator)
            target.word[index] ^= 1 << UInt32.random(in: 0...31, using: &generator)
        } else {
            let index = Int.random(in: target.descriptor.indices, using: &generator)
            if generator.happens(oneIn: 2) {
                target.descriptor[index] = generator.pick(edges)
            } else {
                target.descriptor[index] ^= 1 << UInt32.random(in: 0...31, using: &generator)
            }
        }
    }

    /// Whether the command may have more elements than a simulation should spend time on.
    static func isLong(_ target: Target) -> Bool {
        let d = target.descriptor
        if d.isEmpty { return false }
        let extents = Coverage.extents(of: target.word, d)
        let product = extents.reduce(1.0) { $0 * Double(Int32(bitPattern: $1)) }
        // Beyond 2³¹ it traps, and negative extents do.
        return product > 20_000 && product <= 0x1p62
    }
}
