import Testing

import ApusNumerics

@Suite("Conversions")
struct ConversionTests {
    static let valued = ElementFormat.allCases.filter { $0 != .bits64 }

    @Test("encode gives back every code of a format of at most 16 bits", arguments: valued)
    func roundTrip(format: ElementFormat) {
        guard format.bitWidth <= 16 else { return }
        for bits in 0...format.mask {
            let value = format.decode(bits)
            let expected = value.isNaN ? format.canonicalNaN ?? 0 : bits
            #expect(format.encode(value, rounding: .nearestEven) == expected || value.isInfinite)
        }
    }

    @Test("binary32 conversion is the host's")
    func binary32() {
        for value in [0, -0.0, 1, 0x1p-149, 0x1p-150, 0x1.8p-149, 3.4e38, 1e39, -1e39, 0.1]
            as [Double]
        {
            let bits = ElementFormat.fp32.encode(value, rounding: .nearestEven)
            #expect(bits == UInt64(Float(value).bitPattern))
            #expect(ElementFormat.fp32.decode(bits) == Double(Float(value)))
        }
    }

    @Test("a value past the largest saturates in 8-bit floats and is infinite in wide ones")
    func overflow() {
        let cases: [(ElementFormat, RoundingRule, UInt64)] = [
            (.e4m3, .nearestEven, 0x7E), (.e4m3, .nearestEvenUnsaturated, 0x7F),
            (.e5m2, .nearestEven, 0x7B), (.e5m2, .nearestEvenUnsaturated, 0x7C),
            (.e2m1, .nearestEven, 7), (.e2m1, .nearestEvenUnsaturated, 7),
            (.fp16, .nearestEven, 0x7C00), (.fp16, .towardZero, 0x7BFF),
            (.bf16, .up, 0x7F80), (.bf16, .down, 0x7F7F), (.e8m0, .nearestEven, 254),
        ]
        for (format, rule, expected) in cases {
            #expect(format.encode(0x1.FFFFFFp127, rounding: rule) == expected)
        }
    }

    @Test("integers saturate or wrap as the rule says, and NaN is 0")
    func integers() {
        #expect(ElementFormat.int8.encode(200, rounding: .nearestEven) == 127)
        #expect(ElementFormat.int8.encode(200, rounding: .wrapping) == 200)
        #expect(ElementFormat.uint8.encode(-1, rounding: .wrapping) == 255)
        #expect(ElementFormat.uint8.encode(-1.5, rounding: .towardZero) == 0)
        #expect(ElementFormat.int32.encode(2.5, rounding: .nearestEven) == 2)
        #expect(ElementFormat.int32.encode(-2.5, rounding: .down) == 0xFFFF_FFFD)
        #expect(ElementFormat.int32.encode(.nan, rounding: .nearestEven) == 0)
        #expect(ElementFormat.int32.encode(.infinity, rounding: .nearestEven) == 0x7FFF_FFFF)
        #expect(ElementFormat.int32.encode(.infinity, rounding: .wrapping) == 0)
        #expect(ElementFormat.int4.encode(9, rounding: .wrapping) == 9)
        #expect(ElementFormat.int4.decode(9) == -7)
    }
}
