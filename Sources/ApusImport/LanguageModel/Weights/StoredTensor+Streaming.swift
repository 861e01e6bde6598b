import ApusNumerics

/// Where a weight goes in the chip's layout: matrix B of [K, N], n contiguous, for a range of n.
///
///     code (k, n)             at element k · codeStride + n
///     scale, minimum (g, n)   at element g · scaleStride + n
///
/// n counts from the first row asked for. Two 4-bit codes share a byte, the lower nibble first, so
/// their stride is even; an odd last row leaves an upper nibble zero.
public struct StreamedDestination {
    public var codes: UnsafeMutableRawPointer
    public var codeStride: Int
    /// Unused, and nil, for formats without scales.
    public var scales: UnsafeMutableRawPointer?
    /// Unused, and nil, for formats without minimums.
    public var minimums: UnsafeMutableRawPointer?
    public var scaleStride: Int

    public init(
        codes: UnsafeMutableRawPointer, codeStride: Int, scales: UnsafeMutableRawPointer? = nil,
        minimums: UnsafeMutableRawPointer? = nil, scaleStride: Int = 0
    ) {
        self.codes = codes
        self.codeStride = codeStride
        self.scales = scales
        self.minimums = minimums
        self.scaleStride = scaleStride
    }
}

extension StoredTensor {
    /// What the chip reads when it streams this weight.
    ///
    /// `bf16(fma(code, scale, minimum))`, which is what the array's edge computes, has the bits of
    /// `bf16` of the dequantised value: see ``StoredBlock``.
    public var streamed: StreamedFormat {
        if let scales {
            return StreamedFormat(
                format.streamed.code, group: Self.evenGroup(scales.tileColumns, columns),
                scale: .fp32)
        }
        // Integers without scales are the values themselves.
        if format == .int8 || format == .uint8 {
            return StreamedFormat(format.streamed.code, group: columns, scale: .fp32)
        }
        return format.streamed
    }

    /// The longest group that divides a tile and the row, so that no group is shorter than others;
    /// the tile's columns if that would be less than 16.
    private static func evenGroup(_ tileColumns: Int, _ columns: Int) -> Int {
        var (group, rest) = (tileColumns, columns)
        while rest != 0 { (group, rest) = (rest, group % rest) }
        return group < 16 ? tileColumns : group
    }

    /// Groups along K, the last perhaps shorter; 0 without scales.
    public var groupCount: Int {
        let length = streamed.groupLength
        return length == 0 ? 0 : (columns + length - 1) / length
    }

    /// Writes some rows, transposed, in the chip's layout.
    ///
    /// The bytes are written straight to the destination, which must have room for all of
    /// `columns` codes (and `groupCount` scales) of each row.
    public func stream(rows: Range<Int>, into destination: StreamedDestination) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= self.rows, "rows out of range")
        precondition(destination.codeStride >= rows.count, "the stride is shorter than a row")
        let streamed = streamed
        precondition(
            streamed.code.bitWidth != 4 || destination.codeStride % 2 == 0,
            "4-bit codes need an even stride")
        precondition(
            streamed.isGrouped == (destination.scales != nil)
                && streamed.hasMinimum == (destination.minimums != nil),
            "scales and minimums go where the format has them")
        span.withBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            let source = StreamSource(
                base: base, rowBytes: rowBytes, columns: columns, format: format)
            if streamed.code.bitWidth == 16 {
                source.writeValues(rows: rows, into: destination)
            } else {
                source.writeCodes(
                    rows: rows, into: destination, isNibble: streamed.code.bitWidth == 4)
            }
            guard streamed.isGrouped else { return }
            if scales == nil, format.blockLength > 1 {
                source.writeScales(rows: rows, into: destination, streamed)
            } else {
                writeOuterScales(rows: rows, into: destination)
            }
        }
    }

    /// Scales that stand in a tensor of their own; ones if there are none.
    private func writeOuterScales(rows: Range<Int>, into destination: StreamedDestination) {
        guard let out = destination.scales?.assumingMemoryBound(to: Float.self) else { return }
        let length = streamed.groupLength
        for group in 0..<groupCount {
            for (n, row) in rows.enumerated() {
                out[group * destination.scaleStride + n] =
                    scales?.scale(row: row, column: group * length) ?? 1
            }
        }
    }

    /// Tells the system that the pages of these rows will not be needed again soon.
    ///
    /// They are read from the file again if they are. Pages shared with neighbours are kept.
    public func release(rows: Range<Int>) {
        span.file.release(
            span.offset + rows.lowerBound * rowBytes..<span.offset + rows.upperBound * rowBytes)
    }

    /// As ``release(rows:)`` for all rows.
    public func release() { release(rows: 0..<rows) }
}
