/// A weight as its file holds it: a matrix of rows (outputs) and columns (inputs), row-major.
///
/// Nothing is copied: the bytes stay in the mapped file.
public struct StoredTensor: Sendable {
    /// The name in the file.
    public let name: String
    /// How elements are stored.
    public let format: StoredFormat
    /// Extents, outermost first; the last is the row's length.
    public let shape: [Int]
    /// The bytes of all elements.
    public let span: FileSpan
    /// The scales that stand in a tensor of their own, as in FP8 checkpoints; nil without.
    public let scales: StoredScales?

    init(
        name: String, format: StoredFormat, shape: [Int], span: FileSpan,
        scales: StoredScales? = nil
    ) {
        precondition(
            span.count == format.byteCount(shape.reduce(1, *)), "the span does not fit the shape")
        self.name = name
        self.format = format
        self.shape = shape
        self.span = span
        self.scales = scales
    }

    /// Elements of a row: the inputs of a linear layer.
    public var columns: Int { shape.last ?? 1 }
    /// Rows of all matrices of the tensor: the outputs of a linear layer.
    public var rows: Int { shape.dropLast().reduce(1, *) }
    /// Elements of the tensor.
    public var count: Int { rows * columns }
    /// Bytes of a row.
    public var rowBytes: Int { format.byteCount(columns) }

    /// The matrix at `index` of a stack of matrices: an expert's of a tensor [experts, rows,
    /// columns].
    public func slice(_ index: Int) -> StoredTensor {
        precondition(shape.count == 3 && (0..<shape[0]).contains(index), "no such slice")
        let bytes = span.count / shape[0]
        return StoredTensor(
            name: "\(name)[\(index)]", format: format, shape: Array(shape.dropFirst()),
            span: FileSpan(file: span.file, offset: span.offset + index * bytes, count: bytes),
            scales: scales?.slice(index))
    }

    /// The same bytes under another shape of as many elements.
    func reshaped(_ shape: [Int]) -> StoredTensor {
        StoredTensor(name: name, format: format, shape: shape, span: span, scales: scales)
    }
}

/// Scales of a weight that stand in a tensor of their own: one for each tile of the matrix.
///
///     value[row, column] = code[row, column] · scale[row / tileRows, column / tileColumns]
public struct StoredScales: Sendable {
    /// Rows and columns that share a scale; both at least 1.
    public let tileRows: Int
    public let tileColumns: Int
    /// Scales of all tiles, row-major.
    public let values: [Float]
    /// Tiles beside each other.
    public let tilesAcross: Int

    /// The scale of an element.
    public func scale(row: Int, column: Int) -> Float {
        values[row / tileRows * tilesAcross + column / tileColumns]
    }

    /// Scales of stacked matrices are not read, so there is nothing to cut.
    func slice(_ index: Int) -> StoredScales { self }
}
