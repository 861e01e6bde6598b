/// Where the fields of the command words lie. The table's rows and the codec both read them here.
public enum CommandFields {
    // Common to all commands.
    static let opcode = BitRange(word: 0, low: 0, high: 7)
    static let waitA = BitRange(word: 0, low: 8, high: 12)
    static let waitB = BitRange(word: 0, low: 13, high: 17)
    static let post = BitRange(word: 0, low: 18, high: 22)
    static let postCount = BitRange(word: 0, low: 23, high: 26)
    static let waitAValue = BitRange(word: 1, low: 0, high: 15)
    static let waitBValue = BitRange(word: 1, low: 16, high: 31)

    // Load and Store.
    static let transferDescriptor = BitRange(word: 2)
    static let transferLocal = BitRange(word: 3)
    static let coordinate0 = BitRange(word: 4)
    static let coordinate1 = BitRange(word: 5)
    static let coordinate2 = BitRange(word: 6)
    static let coordinate3 = BitRange(word: 7, low: 0, high: 15)
    static let coordinate4 = BitRange(word: 7, low: 16, high: 31)

    // Matrix.
    static let accumulate = BitRange(word: 0, low: 27, high: 27)
    static let passes = BitRange(word: 0, low: 28, high: 29)
    static let matrixDescriptor = BitRange(word: 2)
    static let matrixA = BitRange(word: 3)
    static let matrixB = BitRange(word: 4)
    static let accumulator = BitRange(word: 5)
    static let matrixAFormat = BitRange(word: 6, low: 0, high: 4)
    static let matrixBFormat = BitRange(word: 6, low: 5, high: 9)
    static let scaling = BitRange(word: 6, low: 10, high: 12)

    // Vector.
    static let vectorD = BitRange(word: 2)
    static let vectorA = BitRange(word: 3)
    static let vectorB = BitRange(word: 4)
    static let vectorC = BitRange(word: 5)
    static let scanExclusive = BitRange(word: 4, low: 0, high: 0)
    static let scanReverse = BitRange(word: 4, low: 1, high: 1)
    static let vectorDescriptor = BitRange(word: 6)
    static let dFormat = BitRange(word: 7, low: 0, high: 4)
    static let aFormat = BitRange(word: 7, low: 5, high: 9)
    static let bFormat = BitRange(word: 7, low: 10, high: 14)
    static let cFormat = BitRange(word: 7, low: 15, high: 19)
    static let bImmediate = BitRange(word: 7, low: 20, high: 20)
    static let cImmediate = BitRange(word: 7, low: 21, high: 21)
    static let rounding = BitRange(word: 7, low: 22, high: 24)
}
