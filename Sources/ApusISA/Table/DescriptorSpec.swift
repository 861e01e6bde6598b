/// A kind of descriptor: its words, and what they mean. Pages and the C header come from it.
public struct DescriptorSpec: Hashable, Sendable {
    /// One word, a run of words, or some bits of a word.
    public struct Field: Hashable, Sendable {
        public let name: String
        /// The first word, and the bits in it.
        public let bits: BitRange
        /// How many words follow each other with the same meaning.
        public let count: Int
        public let meaning: String

        init(_ name: String, _ bits: BitRange, count: Int, _ meaning: String) {
            self.name = name
            self.bits = bits
            self.count = count
            self.meaning = meaning
        }
    }

    public let name: String
    public let summary: String
    public let wordCount: Int
    public let fields: [Field]

    /// All kinds.
    public static let all = [transfer, matrix, vector]

    private static func word(
        _ name: String, _ index: Int, count: Int = 1, _ meaning: String
    ) -> Field {
        Field(name, BitRange(word: index), count: count, meaning)
    }

    /// See ``TransferDescriptor``.
    public static let transfer: DescriptorSpec = {
        typealias Words = DescriptorFields.Transfer
        return DescriptorSpec(
            name: "transfer", summary: "A box of a strided tensor of up to five dimensions.",
            wordCount: TransferDescriptor.wordCount,
            fields: [
                word("base", Words.base, count: 2, "Global address, low word first."),
                Field("globalFormat", Words.globalFormat, count: 1, "Format in global memory."),
                Field("localFormat", Words.localFormat, count: 1, "Format in local memory."),
                Field(
                    "gatherDimension", Words.gatherDimension, count: 1,
                    "0: none; d + 1: coordinates of dimension d are looked up in the table."),
                Field(
                    "reduction", Words.reduction, count: 1,
                    "Store only. 0: none; 1: add; 2: max; 3: min."),
                word("fill", Words.fill, "Load only: bits written outside, in the local format."),
                word("tensorExtents", Words.tensorExtents, count: 5, "Of the tensor."),
                word("boxExtents", Words.boxExtents, count: 5, "Of the box that moves."),
                word("globalStrides", Words.globalStrides, count: 5, "Bytes, signed."),
                word("localStrides", Words.localStrides, count: 5, "Bytes, signed."),
                word("indexTable", Words.indexTable, "Local address of int32 indices."),
            ])
    }()

    /// See ``MatrixDescriptor``.
    public static let matrix: DescriptorSpec = {
        typealias Words = DescriptorFields.Matrix
        return DescriptorSpec(
            name: "matrix", summary: "Extents and strides of the operands of a matmul.",
            wordCount: MatrixDescriptor.wordCount,
            fields: [
                word("m0", Words.m0, "Inner extent of m."),
                word("m1", Words.m1, "Outer extent of m."),
                word("n0", Words.n0, "Inner extent of n."),
                word("n1", Words.n1, "Outer extent of n."),
                word("k0", Words.k0, "Innermost extent of k."),
                word("k1", Words.k1, "Middle extent of k."),
                word("k2", Words.k2, "Outermost extent of k."),
                word("aStrides", Words.aStrides, count: 5, "Of A along m0, m1, k0, k1, k2."),
                word("bStrides", Words.bStrides, count: 5, "Of B along n0, n1, k0, k1, k2."),
                word("rowStride", Words.rowStride, "Bytes from one accumulator row to the next."),
                word("aScales", Words.aScales, "Local address of A's scales."),
                word("bScales", Words.bScales, "Local address of B's scales."),
                word("bMinimums", Words.bMinimums, "Local address of B's minimums; 0: none."),
                word("groupLength", Words.groupLength, "Elements along k that share a scale."),
                word("aScaleRowStride", Words.aScaleRowStride, "Of A's scales, bytes."),
                word("bScaleRowStride", Words.bScaleRowStride, "Of B's scales, bytes."),
                word("scaleFormat", Words.scaleFormat, "Format of scales and minimums."),
            ])
    }()

    /// See ``VectorDescriptor``.
    public static let vector: DescriptorSpec = {
        typealias Words = DescriptorFields.Vector
        let strides = "Bytes from column to column, row to row, plane to plane, signed."
        return DescriptorSpec(
            name: "vector", summary: "Planes of rows of columns, and each operand's strides.",
            wordCount: VectorDescriptor.wordCount,
            fields: [
                word("columns", Words.columns, "Extent of a row."),
                word("rows", Words.rows, "Rows of a plane."),
                word("planes", Words.planes, "Planes."),
                word("dStrides", Words.dStrides, count: 3, strides),
                word("aStrides", Words.aStrides, count: 3, strides),
                word("bStrides", Words.bStrides, count: 3, strides),
                word("cStrides", Words.cStrides, count: 3, strides),
            ])
    }()
}
