import ApusNumerics
import CApusNumerics
import Foundation
import Testing

/// Golden vectors of Berkeley SoftFloat and ml_dtypes; Vectors/produce.py writes them.
@Suite("Golden vectors")
struct VectorsTests {
    /// The lines of a file, split into words.
    static func lines(_ name: String) throws -> [[String]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let file = folder.appendingPathComponent("Vectors/\(name).txt")
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    static let formats = Dictionary(
        uniqueKeysWithValues: ElementFormat.allCases.map { ($0.name, $0) })

    @Test("binary32 arithmetic is SoftFloat's, in the oracle and in C")
    func arithmetic() throws {
        let functions = Dictionary(
            uniqueKeysWithValues: VectorFunction.allCases.map { ("\($0)", $0) })
        for line in try Self.lines("arithmetic") {
            let function = try #require(functions[line[0]])
            let words = line.dropFirst().compactMap { UInt32($0, radix: 16) }
            try #require(words.count == 4)
            let x = words.map { Float(bitPattern: $0) }
            let oracle = function.evaluate(x[0], x[1], x[2])?.bitPattern
            #expect(oracle == words[3], "\(line)")
            var d: [Float] = [0]
            let code = Int32(function.rawValue)
            switch function.shape {
            case .unary: apus_unary_f32(code, [x[0]], &d, 1)
            case .binary: apus_binary_f32(code, [x[0]], [x[1]], &d, 1, 0)
            default: apus_ternary_f32(code, [x[0]], [x[1]], [x[2]], &d, 1, 0)
            }
            #expect(d[0].bitPattern == words[3], "\(line)")
        }
    }

    @Test("conversions are SoftFloat's and ml_dtypes', in the oracle and in C")
    func conversions() throws {
        for line in try Self.lines("conversions") {
            let from = try #require(Self.formats[line[0]])
            let to = try #require(Self.formats[line[1]])
            let rule = try #require(UInt8(line[2]).flatMap(RoundingRule.init))
            let bits = try #require(UInt64(line[3], radix: 16))
            let expected = try #require(UInt64(line[4], radix: 16))
            #expect(
                ElementFormat.convert(bits, from: from, to: to, rounding: rule) == expected,
                "\(line)")
            var source = bits
            var result = UInt64(0)
            withUnsafeMutableBytes(of: &source) { source in
                withUnsafeMutableBytes(of: &result) { result in
                    var a = apus_run(
                        base: source.baseAddress, offset: 0, stride: 1,
                        format: Int32(from.rawValue))
                    var b = apus_run(
                        base: result.baseAddress, offset: 0, stride: 1, format: Int32(to.rawValue))
                    apus_convert(&a, &b, Int32(rule.rawValue), 1)
                }
            }
            #expect(result == expected, "\(line)")
        }
    }

    @Test("the value of every code of the small formats is ml_dtypes'")
    func values() throws {
        for line in try Self.lines("values") {
            let format = try #require(Self.formats[line[0]])
            let bits = try #require(UInt64(line[1], radix: 16))
            let expected = try #require(UInt64(line[2], radix: 16))
            #expect(
                ElementFormat.convert(bits, from: format, to: .fp32, rounding: .nearestEven)
                    == expected, "\(line)")
        }
    }
}

/// Every operand, in C, against the oracle: what the golden vectors sample.
@Suite("Exhaustive conversions", .serialized)
struct ExhaustiveConversionTests {
    @Test(
        "every code of the formats of at most 16 bits converts as the oracle says, at every level",
        arguments: ElementFormat.allCases.filter { $0.bitWidth <= 16 })
    func everyCode(from: ElementFormat) {
        let count = Int(from.mask) + 1
        let size = max(from.bitWidth / 8, 1)
        var codes = [UInt8](repeating: 0, count: count * size)
        for code in 0..<count {
            if from.bitWidth == 4 {
                codes[code / 2] |= UInt8(code) << (code % 2 * 4)
            } else {
                for i in 0..<size {
                    codes[code * size + i] = UInt8(truncatingIfNeeded: code >> (8 * i))
                }
            }
        }
        for to in ElementFormat.allCases where to.bitWidth >= 8 {
            for rule in RoundingRule.allCases where count < 1000 || rule == .nearestEven {
                let expected = (0..<count).map {
                    ElementFormat.convert(UInt64($0), from: from, to: to, rounding: rule)
                }
                for level in availableLevels {
                    apus_set_simd_level(level)
                    check(codes, from, to, rule, level, expected)
                }
            }
        }
    }

    private func check(
        _ codes: [UInt8], _ from: ElementFormat, _ to: ElementFormat, _ rule: RoundingRule,
        _ level: Int32, _ expected: [UInt64]
    ) {
        var codes = codes
        let size = to.bitWidth / 8
        var result = [UInt8](repeating: 0, count: expected.count * size)
        codes.withUnsafeMutableBytes { codes in
            result.withUnsafeMutableBytes { result in
                var a = apus_run(
                    base: codes.baseAddress, offset: 0,
                    stride: apus_packed_stride(Int32(from.rawValue)), format: Int32(from.rawValue))
                var b = apus_run(
                    base: result.baseAddress, offset: 0, stride: Int64(size),
                    format: Int32(to.rawValue))
                apus_convert(&a, &b, Int32(rule.rawValue), expected.count)
            }
        }
        for index in expected.indices {
            let got = (0..<size).reduce(UInt64(0)) {
                $0 | UInt64(result[index * size + $1]) << UInt64(8 * $1)
            }
            if got != expected[index] {
                Issue.record(
                    "\(from) 0x\(String(index, radix: 16)) to \(to), \(rule), level \(level)"
                )
                return
            }
        }
    }
}
