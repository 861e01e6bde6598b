extension Command {
    /// The command's words.
    ///
    /// - Precondition: semaphores are at most 31, the post's count at most 15, the rounding at most
    ///   7, coordinates 3 and 4 within int16.
    public func encode() -> CommandWord {
        var word = CommandWord(words: .zero)
        word[CommandFields.opcode] = UInt32(opcode)
        word[CommandFields.waitA] = UInt32(sync.waitA)
        word[CommandFields.waitB] = UInt32(sync.waitB)
        word[CommandFields.post] = UInt32(sync.post)
        word[CommandFields.postCount] = UInt32(sync.postCount)
        word[CommandFields.waitAValue] = UInt32(sync.waitAValue)
        word[CommandFields.waitBValue] = UInt32(sync.waitBValue)
        switch operation {
        case .nop: break
        case .load(let transfer), .store(let transfer): Command.encode(transfer, into: &word)
        case .matmul(let matmul): Command.encode(matmul, into: &word)
        case .vector(let vector): Command.encode(vector, into: &word)
        }
        return word
    }

    private static func encode(_ transfer: TransferCommand, into word: inout CommandWord) {
        word[CommandFields.transferDescriptor] = transfer.descriptor
        word[CommandFields.transferLocal] = transfer.local
        word[CommandFields.coordinate0] = UInt32(bitPattern: transfer.coordinates[0])
        word[CommandFields.coordinate1] = UInt32(bitPattern: transfer.coordinates[1])
        word[CommandFields.coordinate2] = UInt32(bitPattern: transfer.coordinates[2])
        word[CommandFields.coordinate3] = halfWord(transfer.coordinates[3])
        word[CommandFields.coordinate4] = halfWord(transfer.coordinates[4])
    }

    private static func halfWord(_ coordinate: Int32) -> UInt32 {
        UInt32(UInt16(bitPattern: Int16(coordinate)))
    }

    private static func encode(_ matmul: MatmulCommand, into word: inout CommandWord) {
        word[CommandFields.accumulate] = matmul.accumulate ? 1 : 0
        word[CommandFields.passes] = UInt32(matmul.passes.rawValue)
        word[CommandFields.matrixDescriptor] = matmul.descriptor
        word[CommandFields.matrixA] = matmul.a
        word[CommandFields.matrixB] = matmul.b
        word[CommandFields.accumulator] = matmul.accumulator
        word[CommandFields.matrixAFormat] = UInt32(matmul.aFormat.rawValue)
        word[CommandFields.matrixBFormat] = UInt32(matmul.bFormat.rawValue)
        word[CommandFields.scaling] = UInt32(matmul.scaling.rawValue)
    }

    private static func encode(_ vector: VectorCommand, into word: inout CommandWord) {
        word[CommandFields.vectorD] = vector.d
        word[CommandFields.vectorA] = vector.a
        word[CommandFields.vectorB] = vector.b
        word[CommandFields.vectorC] = vector.c
        word[CommandFields.vectorDescriptor] = vector.descriptor
        word[CommandFields.dFormat] = UInt32(vector.dFormat.rawValue)
        word[CommandFields.aFormat] = UInt32(vector.aFormat.rawValue)
        word[CommandFields.bFormat] = UInt32(vector.bFormat.rawValue)
        word[CommandFields.cFormat] = UInt32(vector.cFormat.rawValue)
        word[CommandFields.bImmediate] = vector.bImmediate ? 1 : 0
        word[CommandFields.cImmediate] = vector.cImmediate ? 1 : 0
        word[CommandFields.rounding] = UInt32(vector.rounding)
    }
}
