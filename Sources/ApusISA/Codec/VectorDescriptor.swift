import ApusNumerics

/// The shape of a Vector command: planes of rows of columns, and each operand's strides.
///
/// A stride of zero broadcasts a source along that dimension.
public struct VectorDescriptor: Hashable, Sendable {
    /// Bytes from one column, row or plane to the next, signed.
    public struct Strides: Hashable, Sendable {
        public var column, row, plane: Int32

        /// The same element everywhere.
        public static let zero = Strides(column: 0, row: 0, plane: 0)

        public init(column: Int32, row: Int32, plane: Int32) {
            self.column = column
            self.row = row
            self.plane = plane
        }
    }

    public var columns, rows, planes: Int32
    public var d, a, b, c: Strides

    /// The words of an encoded descriptor.
    public static let wordCount = 16

    public init(
        columns: Int32, rows: Int32, planes: Int32, d: Strides, a: Strides, b: Strides, c: Strides
    ) {
        self.columns = columns
        self.rows = rows
        self.planes = planes
        self.d = d
        self.a = a
        self.b = b
        self.c = c
    }

    /// The descriptor's 16 words.
    public func encode() -> [UInt32] {
        let signed: [Int32] = [
            columns, rows, planes, d.column, d.row, d.plane, a.column, a.row, a.plane,
            b.column, b.row, b.plane, c.column, c.row, c.plane, 0,
        ]
        return signed.map { UInt32(bitPattern: $0) }
    }
}

extension VectorDescriptor {
    /// The descriptor in 16 words; allocates nothing.
    public init(reading words: UnsafePointer<UInt32>) throws(DecodeError) {
        typealias Fields = DescriptorFields.Vector
        try DescriptorFields.checkZero(words, Fields.zero..<Fields.zero + 1)
        columns = try DescriptorFields.extent(words, Fields.columns)
        rows = try DescriptorFields.extent(words, Fields.rows)
        planes = try DescriptorFields.extent(words, Fields.planes)
        d = VectorDescriptor.strides(words, Fields.dStrides)
        a = VectorDescriptor.strides(words, Fields.aStrides)
        b = VectorDescriptor.strides(words, Fields.bStrides)
        c = VectorDescriptor.strides(words, Fields.cStrides)
    }

    /// The descriptor in `words`.
    public init(words: [UInt32]) throws(DecodeError) {
        try DescriptorFields.checkCount(words, VectorDescriptor.wordCount)
        self = try DescriptorFields.withWords(words) { pointer throws(DecodeError) in
            try VectorDescriptor(reading: pointer)
        }
    }

    private static func strides(_ words: UnsafePointer<UInt32>, _ first: Int) -> Strides {
        Strides(
            column: DescriptorFields.stride(words, first),
            row: DescriptorFields.stride(words, first + 1),
            plane: DescriptorFields.stride(words, first + 2))
    }
}
