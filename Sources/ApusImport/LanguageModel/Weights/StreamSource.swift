/// The rows of a stored weight on their way into the chip's layout.
///
/// Works in tiles of 64 rows by one block of columns: codes are unpacked to bytes, row by row, then
/// transposed eight by eight, so that what is written is 32 or 64 bytes together.
struct StreamSource {
    /// Rows of a tile: 64 bytes of codes are a cache line.
    static let tileRows = 64
    /// Columns of a tile of formats without blocks.
    static let plainColumns = 64

    let base: UnsafeRawPointer
    let rowBytes: Int
    let columns: Int
    let format: StoredFormat

    private typealias Bytes = UnsafeMutablePointer<UInt8>

    // MARK: Codes of 4 and 8 bits

    /// Writes the codes of the rows, transposed.
    func writeCodes(rows: Range<Int>, into destination: StreamedDestination, isNibble: Bool) {
        let chunk = format.blockLength == 1 ? Self.plainColumns : format.blockLength
        let codes = Bytes.allocate(capacity: Self.tileRows * chunk)
        let turned = Bytes.allocate(capacity: Self.tileRows * chunk)
        codes.initialize(repeating: 0, count: Self.tileRows * chunk)
        turned.initialize(repeating: 0, count: Self.tileRows * chunk)
        defer {
            codes.deallocate()
            turned.deallocate()
        }
        let rowStride = isNibble ? destination.codeStride / 2 : destination.codeStride
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.tileRows) {
            let count = min(Self.tileRows, rows.upperBound - first)
            let place = first - rows.lowerBound
            let out = destination.codes + (isNibble ? place / 2 : place)
            // Rows of an earlier tile must not show in the unused half of a byte.
            if count < Self.tileRows { codes.update(repeating: 0, count: Self.tileRows * chunk) }
            for column in stride(from: 0, to: columns, by: chunk) {
                let width = min(chunk, columns - column)
                let start = base + format.byteCount(column)
                for row in 0..<count {
                    unpack(start + (first + row) * rowBytes, width, to: codes + row * chunk)
                }
                if isNibble { pairRows((count + 1) / 2, width: chunk, codes) }
                let bytes = isNibble ? (count + 1) / 2 : count
                transpose(codes, rowStride: chunk, rows: bytes, columns: chunk, to: turned)
                for k in 0..<width {
                    (out + (column + k) * rowStride).copyMemory(
                        from: turned + k * Self.tileRows, byteCount: bytes)
                }
            }
        }
    }

    /// Packs rows 2i and 2i + 1 into row i: the even one into the lower nibbles.
    private func pairRows(_ pairs: Int, width: Int, _ codes: Bytes) {
        for pair in 0..<pairs {
            let even = codes + 2 * pair * width
            let target = codes + pair * width
            for k in 0..<width { target[k] = even[k] & 15 | even[width + k] << 4 }
        }
    }

    /// Turns a matrix of bytes, eight rows and columns at a time; `columns` is a multiple of 8.
    /// Target rows are `tileRows` apart; those beyond `rows` of their elements are undefined.
    private func transpose(
        _ source: Bytes, rowStride: Int, rows: Int, columns: Int, to target: Bytes
    ) {
        for row in stride(from: 0, to: rows, by: 8) {
            for column in stride(from: 0, to: columns, by: 8) {
                Self.transposeEight(
                    UnsafeRawPointer(source + row * rowStride + column), rowStride,
                    to: UnsafeMutableRawPointer(target + column * Self.tileRows + row))
            }
        }
    }

    /// Eight words of eight bytes: swaps halves, then quarters, then neighbours.
    @inline(__always)
    private static func transposeEight(
        _ source: UnsafeRawPointer, _ stride: Int, to target: UnsafeMutableRawPointer
    ) {
        @inline(__always) func load(_ row: Int) -> UInt64 {
            source.loadUnaligned(fromByteOffset: row * stride, as: UInt64.self)
        }
        @inline(__always) func swap(
            _ a: inout UInt64, _ b: inout UInt64, _ shift: UInt64, _ mask: UInt64
        ) {
            let moved = ((a &>> shift) ^ b) & mask
            b ^= moved
            a ^= moved &<< shift
        }
        var (a, b, c, d) = (load(0), load(1), load(2), load(3))
        var (e, f, g, h) = (load(4), load(5), load(6), load(7))
        swap(&a, &e, 32, 0x0000_0000_FFFF_FFFF)
        swap(&b, &f, 32, 0x0000_0000_FFFF_FFFF)
        swap(&c, &g, 32, 0x0000_0000_FFFF_FFFF)
        swap(&d, &h, 32, 0x0000_0000_FFFF_FFFF)
        swap(&a, &c, 16, 0x0000_FFFF_0000_FFFF)
        swap(&b, &d, 16, 0x0000_FFFF_0000_FFFF)
        swap(&e, &g, 16, 0x0000_FFFF_0000_FFFF)
        swap(&f, &h, 16, 0x0000_FFFF_0000_FFFF)
        swap(&a, &b, 8, 0x00FF_00FF_00FF_00FF)
        swap(&c, &d, 8, 0x00FF_00FF_00FF_00FF)
        swap(&e, &f, 8, 0x00FF_00FF_00FF_00FF)
        swap(&g, &h, 8, 0x00FF_00FF_00FF_00FF)
        for (row, word) in [a, b, c, d, e, f, g, h].enumerated() {
            target.storeBytes(of: word, toByteOffset: row * tileRows, as: UInt64.self)
        }
    }

    // MARK: Values of 16 bits

    /// Writes BF16 or FP16 values of the rows, transposed; FP32 is rounded to BF16, ties to even.
    func writeValues(rows: Range<Int>, into destination: StreamedDestination) {
        let out = destination.codes.assumingMemoryBound(to: UInt16.self)
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.tileRows) {
            let count = min(Self.tileRows, rows.upperBound - first)
            let place = out + (first - rows.lowerBound)
            for column in 0..<columns {
                let target = place + column * destination.codeStride
                let source = base + first * rowBytes + format.byteCount(column)
                if format == .fp32 {
                    for row in 0..<count {
                        target[row] = BFloat.bits(
                            source.loadUnaligned(fromByteOffset: row * rowBytes, as: Float.self))
                    }
                } else {
                    for row in 0..<count {
                        target[row] = source.loadUnaligned(
                            fromByteOffset: row * rowBytes, as: UInt16.self)
                    }
                }
            }
        }
    }

    // MARK: Scales

    /// Writes the scales, and minimums, of the rows' groups.
    func writeScales(
        rows: Range<Int>, into destination: StreamedDestination, _ streamed: StreamedFormat
    ) {
        guard let scales = destination.scales else { return }
        let groups = format.blockLength / streamed.groupLength
        for (n, row) in rows.enumerated() {
            for block in 0..<columns / format.blockLength {
                let start = base + row * rowBytes + block * format.blockBytes
                for group in 0..<groups {
                    let place = (block * groups + group) * destination.scaleStride + n
                    if streamed.scale == .fp16 {
                        copyHalf(start + scaleOffset, to: scales, place)
                        if let minimums = destination.minimums {
                            copyHalf(start + scaleOffset + 2, to: minimums, place)
                        }
                        continue
                    }
                    let stored = StoredBlock(
                        format: format,
                        bytes: UnsafeRawBufferPointer(start: start, count: format.blockBytes))
                    let (scale, minimum) = stored.group(group * streamed.groupLength)
                    // E2M1 codes are worth half of ggml's doubled ones.
                    let value = format == .mxfp4 ? 2 * scale : scale
                    scales.storeBytes(of: value, toByteOffset: 4 * place, as: Float.self)
                    destination.minimums?.storeBytes(
                        of: minimum, toByteOffset: 4 * place, as: Float.self)
                }
            }
        }
    }

    /// All formats with FP16 scales begin their blocks with them.
    private var scaleOffset: Int { 0 }

    @inline(__always)
    private func copyHalf(_ from: UnsafeRawPointer, to: UnsafeMutableRawPointer, _ place: Int) {
        to.storeBytes(
            of: from.loadUnaligned(as: UInt16.self), toByteOffset: 2 * place, as: UInt16.self)
    }
}

/// Binary32 to BF16.
enum BFloat {
    /// Rounded, ties to even; every NaN is 0x7FC0, as the chip has it.
    @inline(__always)
    static func bits(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if bits & 0x7FFF_FFFF > 0x7F80_0000 { return 0x7FC0 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits &>> 16 & 1)) &>> 16)
    }
}
