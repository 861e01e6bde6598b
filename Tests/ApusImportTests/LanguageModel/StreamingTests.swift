import ApusImport
import ApusNumerics
import Testing

/// The chip's reading of a streamed weight against the plain dequantisation.
@Suite("Weights in the chip's layout")
struct StreamingTests {
    static let formats = StoredFormat.allCases.filter { $0.ggufCode != nil }

    /// A range of rows in the chip's layout, with a byte of padding behind each part.
    struct Streamed {
        let format: StreamedFormat
        let count: Int
        let stride: Int
        let scaleStride: Int
        var codes: [UInt8]
        var scales: [UInt8]
        var minimums: [UInt8]

        static let pad: UInt8 = 0xA5

        init(_ tensor: StoredTensor, rows: Range<Int>, extraStride: Int) {
            format = tensor.streamed
            count = rows.count
            let width = format.code.bitWidth
            stride = (rows.count + extraStride + 1) / 2 * 2
            scaleStride = rows.count + extraStride
            codes = [UInt8](repeating: Self.pad, count: tensor.columns * stride * width / 8 + 1)
            let scaleBytes = tensor.groupCount * scaleStride * format.scale.bitWidth / 8
            scales = [UInt8](repeating: Self.pad, count: scaleBytes + 1)
            minimums = scales
            let (stride, scaleStride, format) = (stride, scaleStride, format)
            codes.withUnsafeMutableBytes { codes in
                scales.withUnsafeMutableBytes { scales in
                    minimums.withUnsafeMutableBytes { minimums in
                        guard let base = codes.baseAddress else { return }
                        tensor.stream(
                            rows: rows,
                            into: StreamedDestination(
                                codes: base, codeStride: stride,
                                scales: format.isGrouped ? scales.baseAddress : nil,
                                minimums: format.hasMinimum ? minimums.baseAddress : nil,
                                scaleStride: scaleStride))
                    }
                }
            }
        }

        func bits(_ bytes: [UInt8], _ format: ElementFormat, _ index: Int) -> UInt64 {
            if format.bitWidth == 4 { return UInt64(bytes[index / 2] >> (index % 2 * 4) & 15) }
            let size = format.bitWidth / 8
            return (0..<size).reduce(0) { $0 | UInt64(bytes[index * size + $1]) << (8 * $1) }
        }

        /// The BF16 bits that the array's edge makes of element (k, n).
        func edge(k: Int, n: Int) -> UInt64 {
            let code = format.code.decode(bits(codes, format.code, k * stride + n))
            var value = Float(code)
            if format.isGrouped {
                let place = k / format.groupLength * scaleStride + n
                let scale = Float(format.scale.decode(bits(scales, format.scale, place)))
                value =
                    format.hasMinimum
                    ? Float(format.scale.decode(bits(minimums, format.scale, place)))
                        .addingProduct(value, scale) : value * scale
            }
            return ElementFormat.bf16.encode(Double(value), rounding: .nearestEven)
        }
    }

    @Test("the array's edge makes of them what dequantisation gives", arguments: formats)
    func edge(format: StoredFormat) throws {
        let seed: UInt64 = 41
        var generator = WeightVectors.Generator(state: seed &+ UInt64(format.blockBytes))
        for rows in [1, 2, 7, 64, 65, 131] {
            let columns = format.blockLength == 1 ? 99 : 2 * max(format.blockLength, 32)
            let tensor = try WeightVectors.tensor(
                format, shape: [rows, columns], &generator)
            let first = Int.random(in: 0..<rows, using: &generator)
            for range in [0..<rows, first..<rows] {
                let streamed = Streamed(tensor, rows: range, extraStride: 3)
                let values = tensor.dequantised(rows: range)
                check(streamed, values, columns, "seed \(seed), \(format), \(range)")
            }
        }
    }

    private func check(
        _ streamed: Streamed, _ values: [Float], _ columns: Int, _ place: String
    ) {
        for n in 0..<streamed.count {
            for k in 0..<columns {
                let expected = ElementFormat.bf16.encode(
                    Double(values[n * columns + k]), rounding: .nearestEven)
                let found = streamed.edge(k: k, n: n)
                // A product may be minus zero where ggml's doubled codes have a zero.
                if found & 0x7FFF == 0, expected & 0x7FFF == 0 { continue }
                if found != expected {
                    Issue.record("\(place), k \(k), n \(n): \(found) in place of \(expected)")
                    return
                }
            }
        }
        // What lies between the rows is not touched, but for the other half of a last byte.
        let width = streamed.format.code.bitWidth
        for k in 0..<columns {
            let start = (k * streamed.stride + streamed.count) * width
            let end = (k + 1) * streamed.stride * width
            for byte in (start + 7) / 8..<end / 8 {
                #expect(streamed.codes[byte] == Streamed.pad, "\(place), byte \(byte)")
            }
        }
        #expect(streamed.codes.last == Streamed.pad && streamed.scales.last == Streamed.pad)
    }

    @Test("rows written in pieces are the rows written at once", arguments: formats)
    func pieces(format: StoredFormat) throws {
        var generator = WeightVectors.Generator(state: 7)
        let columns = max(format.blockLength, 32)
        let tensor = try WeightVectors.tensor(format, shape: [128, columns], &generator)
        let whole = Streamed(tensor, rows: 0..<128, extraStride: 0)
        let half = Streamed(tensor, rows: 64..<128, extraStride: 0)
        let width = whole.format.code.bitWidth
        for k in 0..<columns {
            let start = (k * 128 + 64) * width / 8
            #expect(
                whole.codes[start..<start + 64 * width / 8].elementsEqual(
                    half.codes[k * 64 * width / 8..<(k + 1) * 64 * width / 8]))
        }
    }

    @Test("a product of code and scale is exact, so a fused sum is a sum", arguments: formats)
    func fusedIsExact(format: StoredFormat) throws {
        var generator = WeightVectors.Generator(state: 11)
        let columns = 4 * max(format.blockLength, 32)
        let tensor = try WeightVectors.tensor(format, shape: [64, columns], &generator)
        guard tensor.streamed.isGrouped else { return }
        let streamed = Streamed(tensor, rows: 0..<64, extraStride: 0)
        let values = tensor.dequantised()
        for n in 0..<64 {
            for k in 0..<columns {
                let code = streamed.format.code.decode(
                    streamed.bits(streamed.codes, streamed.format.code, k * streamed.stride + n))
                let place = k / streamed.format.groupLength * streamed.scaleStride + n
                let scaleFormat = streamed.format.scale
                let scale = scaleFormat.decode(streamed.bits(streamed.scales, scaleFormat, place))
                var exact = code * scale
                #expect(Double(Float(exact)) == exact)
                if streamed.format.hasMinimum {
                    exact += scaleFormat.decode(
                        streamed.bits(streamed.minimums, scaleFormat, place))
                }
                #expect(Float(exact) == values[n * columns + k])
            }
        }
    }
}
