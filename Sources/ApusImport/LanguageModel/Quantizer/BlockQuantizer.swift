import ApusNumerics

/// Values to stored blocks, rounded to nearest.
///
/// - Q8_0: scale = largest magnitude / 127; code = value · (1 / scale), halves away from zero.
/// - Q4_1: scale = (largest − smallest) / 15; code = ⌊(value − smallest) · (1 / scale) + ½⌋.
/// - MXFP4: scale = 2^(⌊log2 of the largest magnitude⌋ − 2); the nearest E2M1 value, the smaller
///   magnitude of two equally near.
///
/// These are the definitions of ggml, in binary32, so the bytes are those that its `gguf` package
/// writes. Scales and minimums are rounded to binary16 after the codes are chosen, as there.
public enum BlockQuantizer {
    /// Writes one block of `format.blockLength` values.
    public static func write(
        _ values: UnsafeBufferPointer<Float>, as format: StoredFormat,
        to target: UnsafeMutableRawPointer
    ) {
        let bytes = target.assumingMemoryBound(to: UInt8.self)
        switch format {
        case .fp32: target.storeBytes(of: values[0].bitPattern.littleEndian, as: UInt32.self)
        case .bf16: target.storeBytes(of: BFloat.bits(values[0]).littleEndian, as: UInt16.self)
        case .fp16: half(values[0], to: target)
        case .q8_0: eightBit(values, to: bytes)
        case .q4_1: fourBit(values, to: bytes)
        case .mxfp4: microscaled(values, to: bytes)
        default: preconditionFailure("\(format.rawValue) is not written")
        }
    }

    private static func half(_ value: Float, to target: UnsafeMutableRawPointer) {
        let bits = ElementFormat.fp16.encode(Double(value), rounding: .nearestEven)
        target.storeBytes(of: UInt16(truncatingIfNeeded: bits).littleEndian, as: UInt16.self)
    }

    private static func eightBit(
        _ values: UnsafeBufferPointer<Float>, to bytes: UnsafeMutablePointer<UInt8>
    ) {
        var largest: Float = 0
        for value in values { largest = max(largest, abs(value)) }
        let scale = largest / 127
        let inverse = scale == 0 ? 0 : 1 / scale
        half(scale, to: bytes)
        for (index, value) in values.enumerated() {
            let code = (value * inverse).rounded(.toNearestOrAwayFromZero)
            // The reciprocal of a subnormal scale may be infinite, and its products not numbers.
            let bounded = code.isNaN ? 0 : min(max(code, -127), 127)
            bytes[2 + index] = UInt8(bitPattern: Int8(bounded))
        }
    }

    private static func fourBit(
        _ values: UnsafeBufferPointer<Float>, to bytes: UnsafeMutablePointer<UInt8>
    ) {
        var (smallest, largest) = (values[0], values[0])
        for value in values {
            smallest = min(smallest, value)
            largest = max(largest, value)
        }
        let scale = (largest - smallest) / 15
        let inverse = scale == 0 ? 0 : 1 / scale
        half(scale, to: bytes)
        half(smallest, to: bytes + 2)
        for pair in 0..<16 {
            func code(_ value: Float) -> UInt8 {
                let rounded = ((value - smallest) * inverse + 0.5).rounded(.down)
                return rounded.isNaN ? 0 : UInt8(min(max(rounded, 0), 15))
            }
            bytes[4 + pair] = code(values[pair]) | code(values[16 + pair]) << 4
        }
    }

    private static func microscaled(
        _ values: UnsafeBufferPointer<Float>, to bytes: UnsafeMutablePointer<UInt8>
    ) {
        var largest: Float = 0
        for value in values { largest = max(largest, abs(value)) }
        let exponent = largest > 0 ? max(Int(largest.exponent) - 2 + 127, 0) : 0
        bytes[0] = UInt8(exponent)
        let unit = StoredBlock.halfPowerOfTwo(UInt8(exponent))
        let magnitudes: [Float] = [0, 1, 2, 3, 4, 6, 8, 12]
        func code(_ value: Float) -> UInt8 {
            var (best, error) = (UInt8(0), Float.infinity)
            for (index, magnitude) in magnitudes.enumerated() {
                let distance = abs(unit * magnitude - abs(value))
                if distance < error { (best, error) = (UInt8(index), distance) }
            }
            return best == 0 || value > 0 ? best : best | 8
        }
        for pair in 0..<16 {
            bytes[1 + pair] = code(values[pair]) | code(values[16 + pair]) << 4
        }
    }

    // MARK: E4M3

    /// The E4M3 code nearest to a value, ties to even, saturating at 448.
    public static func e4m3(_ value: Float) -> UInt8 {
        let sign = UInt8(truncatingIfNeeded: value.bitPattern >> 24) & 0x80
        let magnitude = value.magnitude
        if magnitude.isNaN { return 0x7F }
        // Below 2⁻⁶ codes count 2⁻⁹; 8 of them are the code of 2⁻⁶ itself.
        if magnitude < 0x1p-6 {
            return sign | UInt8((magnitude * 0x1p9).rounded(.toNearestOrEven))
        }
        let bits = magnitude.bitPattern
        let rounded = (bits &+ 0x7_FFFF &+ (bits >> 20 & 1)) >> 20
        // Exponent 127 of binary32 is exponent 7 here, with three bits of fraction below.
        return sign | UInt8(min(rounded - (127 - 7) << 3, 0x7E))
    }
}
