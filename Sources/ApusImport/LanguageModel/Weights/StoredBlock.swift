/// One block of a stored weight: its codes, and how they become values.
///
/// The plain reading of every block format, one element at a time: the oracle of what repacks and
/// streams. For each element
///
///     value = code · scale + minimum
///
/// where `code · scale` is exact in binary32 (at most 24 significant bits in every format), so one
/// rounding remains, and a fused multiply-add gives the same bits as a product and a sum.
///
/// - Source: ggml's block layouts as its `gguf` package reads them; docs/language-models/files.md.
struct StoredBlock {
    let format: StoredFormat
    /// The block's bytes.
    let bytes: UnsafeRawBufferPointer

    private func half(_ offset: Int) -> Float {
        HalfPrecision.float(
            UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8)
    }

    /// The nibble of element `index` of 32 whose lower nibbles are the first 16 elements.
    private func nibble(_ index: Int, from start: Int) -> Int {
        let byte = bytes[start + index % 16]
        return Int(index < 16 ? byte & 15 : byte >> 4)
    }

    /// Bit `index` of 32 from byte `start` on.
    private func bit(_ index: Int, from start: Int) -> Int {
        Int(bytes[start + index / 8] >> (UInt8(index) % 8) & 1)
    }

    /// The stored integer of an element, with the format's offset taken off where it is fixed.
    ///
    /// For E2M1, twice the value; for E4M3 and floats there are no codes.
    func code(_ index: Int) -> Int {
        switch format {
        case .q4_0: return nibble(index, from: 2) - 8
        case .q4_1: return nibble(index, from: 4)
        case .q5_0: return (nibble(index, from: 6) | bit(index, from: 2) << 4) - 16
        case .q5_1: return nibble(index, from: 8) | bit(index, from: 4) << 4
        case .q8_0: return Int(Int8(bitPattern: bytes[2 + index]))
        case .q4_K:
            // Four runs of 64 elements: 32 bytes of lower, then of upper nibbles.
            let byte = bytes[16 + index / 64 * 32 + index % 32]
            return Int(index % 64 < 32 ? byte & 15 : byte >> 4)
        case .q5_K:
            let byte = bytes[48 + index / 64 * 32 + index % 32]
            let low = Int(index % 64 < 32 ? byte & 15 : byte >> 4)
            return low | Int(bytes[16 + index % 32] >> UInt8(index / 32) & 1) << 4
        case .q6_K:
            // Two runs of 128: 64 bytes of nibbles, 32 bytes of four bit pairs.
            let (run, place) = (index / 128, index % 128)
            let byte = bytes[run * 64 + place % 64]
            let low = Int(place < 64 ? byte & 15 : byte >> 4)
            let high = Int(bytes[128 + run * 32 + place % 32] >> UInt8(place / 32 * 2) & 3)
            return (low | high << 4) - 32
        case .mxfp4:
            let code = nibble(index, from: 1)
            let magnitude = [0, 1, 2, 3, 4, 6, 8, 12][code & 7]
            return code < 8 ? magnitude : -magnitude
        case .int8: return Int(Int8(bitPattern: bytes[0]))
        case .uint8: return Int(bytes[0])
        case .fp32, .fp16, .bf16, .e4m3: return 0
        }
    }

    /// Scale and minimum of an element's group.
    func group(_ index: Int) -> (scale: Float, minimum: Float) {
        switch format {
        case .q4_0, .q5_0, .q8_0: return (half(0), 0)
        case .q4_1, .q5_1: return (half(0), half(2))
        case .q4_K, .q5_K:
            let (scale, minimum) = sixBitPair(index / 32)
            return (half(0) * Float(scale), -(half(2) * Float(minimum)))
        case .q6_K:
            return (half(208) * Float(Int8(bitPattern: bytes[192 + index / 16])), 0)
        case .mxfp4: return (Self.halfPowerOfTwo(bytes[0]), 0)
        case .fp32, .fp16, .bf16, .e4m3, .int8, .uint8: return (1, 0)
        }
    }

    /// Scale and minimum of group `group` of 8, six bits each, packed in bytes 4 to 15.
    private func sixBitPair(_ group: Int) -> (scale: UInt8, minimum: UInt8) {
        let low = (bytes[4 + group % 4], bytes[8 + group % 4])
        if group < 4 { return (low.0 & 63, low.1 & 63) }
        let byte = bytes[12 + group % 4]
        return (byte & 15 | low.0 >> 2 & 48, byte >> 4 | low.1 >> 2 & 48)
    }

    /// Half of 2^(code − 127), as ggml computes it for codes that are twice the value.
    static func halfPowerOfTwo(_ code: UInt8) -> Float {
        Float(bitPattern: code < 2 ? 0x0020_0000 << UInt32(code) : (UInt32(code) - 1) << 23)
    }

    /// The value of an element.
    func value(_ index: Int) -> Float {
        switch format {
        case .fp32:
            return Float(
                bitPattern: UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
        case .fp16: return half(0)
        case .bf16: return Float(bitPattern: (UInt32(bytes[0]) | UInt32(bytes[1]) << 8) << 16)
        case .e4m3: return HalfPrecision.e4m3[Int(bytes[0])]
        case .q4_1, .q5_1, .q4_K, .q5_K:
            let (scale, minimum) = group(index)
            return Float(code(index)) * scale + minimum
        default: return Float(code(index)) * group(index).scale
        }
    }
}

/// Narrow floats to binary32, exactly.
enum HalfPrecision {
    /// The value of binary16 bits.
    static func float(_ bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10 & 31)
        let fraction = UInt32(bits & 0x3FF)
        switch exponent {
        case 0:
            let magnitude = Float(fraction) * 0x1p-24
            return Float(bitPattern: magnitude.bitPattern | sign)
        case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// The values of all E4M3 codes: no infinities, NaN is S.1111.111.
    static let e4m3: [Float] = (0..<256).map { code in
        let exponent = code >> 3 & 15
        let fraction = Float(code & 7)
        if code & 127 == 127 { return .nan }
        let magnitude =
            exponent == 0
            ? fraction * 0x1p-9
            : (1 + fraction / 8) * Float(sign: .plus, exponent: exponent - 7, significand: 1)
        return code < 128 ? magnitude : -magnitude
    }
}

extension StoredTensor {
    /// All values, row-major.
    public func dequantised() -> [Float] { dequantised(rows: 0..<rows) }

    /// The values of some rows, row-major: the plain oracle, an element at a time.
    public func dequantised(rows: Range<Int>) -> [Float] {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= self.rows, "rows out of range")
        let columns = columns
        var values = [Float](repeating: 0, count: rows.count * columns)
        span.withBytes { bytes in
            for (place, row) in rows.enumerated() {
                for column in 0..<columns {
                    let start = row * rowBytes + column / format.blockLength * format.blockBytes
                    let block = StoredBlock(
                        format: format,
                        bytes: UnsafeRawBufferPointer(
                            rebasing: bytes[start..<start + format.blockBytes]))
                    var value = block.value(column % format.blockLength)
                    if let scales { value *= scales.scale(row: row, column: column) }
                    values[place * columns + column] = value
                }
            }
        }
        return values
    }
}
