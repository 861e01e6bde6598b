import ApusNumerics

/// Where the fields of the descriptors lie: word indices, and bit ranges within a word.
public enum DescriptorFields {
    /// The words of a ``TransferDescriptor``.
    public enum Transfer {
        public static let base = 0
        public static let modes = 2
        public static let globalFormat = BitRange(word: 2, low: 0, high: 4)
        public static let localFormat = BitRange(word: 2, low: 5, high: 9)
        public static let gatherDimension = BitRange(word: 2, low: 10, high: 12)
        public static let reduction = BitRange(word: 2, low: 13, high: 15)
        static let modesMask: UInt32 = 0xFFFF
        public static let fill = 3
        public static let tensorExtents = 4
        public static let boxExtents = 9
        public static let globalStrides = 14
        public static let localStrides = 19
        public static let indexTable = 24
    }

    /// The words of a ``MatrixDescriptor``.
    public enum Matrix {
        public static let m0 = 0
        public static let m1 = 1
        public static let n0 = 2
        public static let n1 = 3
        public static let k0 = 4
        public static let k1 = 5
        public static let k2 = 6
        public static let aStrides = 7
        public static let bStrides = 12
        public static let rowStride = 17
        public static let aScales = 18
        public static let bScales = 19
        public static let bMinimums = 20
        public static let groupLength = 21
        public static let aScaleRowStride = 22
        public static let bScaleRowStride = 23
        public static let scaleFormat = 24
    }

    /// The words of a ``VectorDescriptor``.
    public enum Vector {
        public static let columns = 0
        public static let rows = 1
        public static let planes = 2
        public static let dStrides = 3
        public static let aStrides = 6
        public static let bStrides = 9
        public static let cStrides = 12
        public static let zero = 15
    }

    static func checkCount(_ words: [UInt32], _ expected: Int) throws(DecodeError) {
        if words.count != expected { throw .wordCount(expected: expected, actual: words.count) }
    }

    static func withWords<T>(
        _ words: [UInt32], _ body: (UnsafePointer<UInt32>) throws(DecodeError) -> T
    ) throws(DecodeError) -> T {
        try words.withUnsafeBufferPointer { buffer throws(DecodeError) in
            guard let start = buffer.baseAddress else {
                throw DecodeError.wordCount(expected: 1, actual: 0)
            }
            return try body(start)
        }
    }

    static func checkZero(
        _ words: UnsafePointer<UInt32>, _ range: Range<Int>
    ) throws(DecodeError) {
        for index in range where words[index] != 0 {
            throw .reservedBits(word: UInt8(index), mask: words[index])
        }
    }

    static func format(
        _ code: UInt32, _ operand: OperandName
    ) throws(DecodeError) -> ElementFormat {
        guard let narrow = UInt8(exactly: code), let format = ElementFormat(rawValue: narrow) else {
            throw .unknownFormat(operand, code: UInt8(truncatingIfNeeded: code))
        }
        return format
    }

    static func extent(
        _ words: UnsafePointer<UInt32>, _ index: Int
    ) throws(DecodeError) -> Int32 {
        let value = Int32(bitPattern: words[index])
        if value < 0 { throw .negativeExtent(word: UInt8(index), value: value) }
        return value
    }

    static func stride(_ words: UnsafePointer<UInt32>, _ index: Int) -> Int32 {
        Int32(bitPattern: words[index])
    }

    static func extents5(
        _ words: UnsafePointer<UInt32>, _ first: Int
    ) throws(DecodeError) -> Rank5 {
        Rank5(
            try extent(words, first), try extent(words, first + 1), try extent(words, first + 2),
            try extent(words, first + 3), try extent(words, first + 4))
    }

    static func strides5(_ words: UnsafePointer<UInt32>, _ first: Int) -> Rank5 {
        Rank5(
            stride(words, first), stride(words, first + 1), stride(words, first + 2),
            stride(words, first + 3), stride(words, first + 4))
    }
}
