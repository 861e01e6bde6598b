import ApusNumerics

extension Command {
    /// The command that `word` encodes; allocates nothing.
    ///
    /// - Throws: ``DecodeError`` for an unknown opcode or code, and for any bit that is not a
    ///   field.
    public init(decoding word: CommandWord) throws(DecodeError) {
        switch word.opcode {
        case Opcode.nop:
            try Command.check(word, .nop)
            operation = .nop
        case Opcode.load:
            try Command.check(word, .transfer)
            operation = .load(try Command.transfer(word))
        case Opcode.store:
            try Command.check(word, .transfer)
            operation = .store(try Command.transfer(word))
        case Opcode.matmul:
            try Command.check(word, .matmul)
            operation = .matmul(try Command.matmul(word))
        default:
            guard let opcode = VectorOpcode(rawValue: word.opcode) else {
                throw .unknownOpcode(word.opcode)
            }
            try Command.check(word, .vector(opcode.form))
            operation = .vector(try Command.vector(opcode, word))
        }
        sync = SyncFields(
            waitA: UInt8(word[CommandFields.waitA]),
            waitAValue: UInt16(word[CommandFields.waitAValue]),
            waitB: UInt8(word[CommandFields.waitB]),
            waitBValue: UInt16(word[CommandFields.waitBValue]),
            post: UInt8(word[CommandFields.post]),
            postCount: UInt8(word[CommandFields.postCount]))
    }

    private static func check(_ word: CommandWord, _ fields: FieldMask) throws(DecodeError) {
        let excess = word.words & ~fields.words
        if excess == .zero { return }
        for index in 0..<CommandWord.wordCount where excess[index] != 0 {
            throw .reservedBits(word: UInt8(index), mask: excess[index])
        }
    }

    private static func transfer(_ word: CommandWord) throws(DecodeError) -> TransferCommand {
        TransferCommand(
            descriptor: try descriptorOffset(word[CommandFields.transferDescriptor]),
            local: word[CommandFields.transferLocal],
            coordinates: Rank5(
                Int32(bitPattern: word[CommandFields.coordinate0]),
                Int32(bitPattern: word[CommandFields.coordinate1]),
                Int32(bitPattern: word[CommandFields.coordinate2]),
                Int32(Int16(bitPattern: UInt16(word[CommandFields.coordinate3]))),
                Int32(Int16(bitPattern: UInt16(word[CommandFields.coordinate4])))))
    }

    private static func matmul(_ word: CommandWord) throws(DecodeError) -> MatmulCommand {
        let passes = UInt8(word[CommandFields.passes])
        guard let passes = MatmulPasses(rawValue: passes) else {
            throw .unknownPasses(code: passes)
        }
        let scaling = UInt8(word[CommandFields.scaling])
        guard let scaling = MatmulScaling(rawValue: scaling) else {
            throw .unknownScaling(code: scaling)
        }
        let aFormat = try format(word[CommandFields.matrixAFormat], .a)
        let bFormat = try format(word[CommandFields.matrixBFormat], .b)
        return MatmulCommand(
            descriptor: try descriptorOffset(word[CommandFields.matrixDescriptor]),
            a: word[CommandFields.matrixA],
            b: word[CommandFields.matrixB],
            accumulator: word[CommandFields.accumulator],
            aFormat: aFormat,
            bFormat: bFormat,
            accumulate: word[CommandFields.accumulate] != 0,
            passes: passes,
            scaling: scaling)
    }

    private static func vector(
        _ opcode: VectorOpcode, _ word: CommandWord
    ) throws(DecodeError) -> VectorCommand {
        let bImmediate = word[CommandFields.bImmediate] != 0
        let cImmediate = word[CommandFields.cImmediate] != 0
        switch opcode.form {
        case .unary, .binary, .ternary, .reduction: break
        case .scan, .topk:
            if !bImmediate { throw .immediateExpected(.b) }
        case .iota, .random:
            if !bImmediate { throw .immediateExpected(.b) }
            if !cImmediate { throw .immediateExpected(.c) }
        }
        let rounding = UInt8(word[CommandFields.rounding])
        if RoundingRule(rawValue: rounding) == nil { throw .unknownRounding(code: rounding) }
        let dFormat = try format(word[CommandFields.dFormat], .d)
        let aFormat = try format(word[CommandFields.aFormat], .a)
        let bFormat = try format(word[CommandFields.bFormat], .b)
        let cFormat = try format(word[CommandFields.cFormat], .c)
        return VectorCommand(
            opcode: opcode,
            d: word[CommandFields.vectorD],
            a: word[CommandFields.vectorA],
            b: word[CommandFields.vectorB],
            c: word[CommandFields.vectorC],
            descriptor: try descriptorOffset(word[CommandFields.vectorDescriptor]),
            dFormat: dFormat,
            aFormat: aFormat,
            bFormat: bFormat,
            cFormat: cFormat,
            bImmediate: bImmediate,
            cImmediate: cImmediate,
            rounding: rounding)
    }

    private static func format(
        _ code: UInt32, _ operand: OperandName
    ) throws(DecodeError) -> ElementFormat {
        guard let format = ElementFormat(rawValue: UInt8(code)) else {
            throw .unknownFormat(operand, code: UInt8(code))
        }
        return format
    }

    private static func descriptorOffset(_ offset: UInt32) throws(DecodeError) -> UInt32 {
        if offset % 16 != 0 { throw .misalignedDescriptor(offset: offset) }
        return offset
    }
}
