import ApusNumerics
import ArgumentParser
import CApusNumerics
import Foundation

/// `apus-dev function-errors`: the largest error of every vector function that rounds more than
/// once.
struct FunctionErrors: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "function-errors",
        abstract: "Measure the largest errors of the vector functions against binary64.",
        discussion: """
            Evaluates every Nth binary32 (1 for all of them: some minutes a function) and compares \
            with the C library's binary64 functions. pow takes pairs, 4,000,000 divided by N.
            """)

    @Option(name: .long, help: "Take every Nth binary32.")
    var every = 97

    func run() throws {
        print("| function | largest error, ULP | at |")
        print("|---|---|---|")
        var worst = 0.0
        for (function, reference) in Self.references {
            let found = largestError(function, reference)
            worst = max(worst, found.error)
            print("| \(function) | \(Self.decimal(found.error)) | \(found.place) |")
        }
        let found = largestErrorOfPow()
        print("| pow | \(Self.decimal(found.error)) | \(found.place) |")
        print("numerics.function_error_ulp: \(Self.decimal(max(worst, found.error)))")
    }

    private static func decimal(_ value: Double) -> String { String(format: "%.3f", value) }

    /// Correct to far less than a binary32's last place.
    private static let references: [(VectorFunction, @Sendable (Double) -> Double)] = [
        (.exp, { Foundation.exp($0) }), (.exp2, { Foundation.exp2($0) }),
        (.log, { Foundation.log($0) }), (.log2, { Foundation.log2($0) }),
        (.sin, { Foundation.sin($0) }), (.cos, { Foundation.cos($0) }),
        (.tan, { Foundation.tan($0) }), (.asin, { Foundation.asin($0) }),
        (.acos, { Foundation.acos($0) }), (.atan, { Foundation.atan($0) }),
        (.sinh, { Foundation.sinh($0) }), (.cosh, { Foundation.cosh($0) }),
        (.tanh, { Foundation.tanh($0) }), (.asinh, { Foundation.asinh($0) }),
        (.acosh, { Foundation.acosh($0) }), (.atanh, { Foundation.atanh($0) }),
        (.sigmoid, { 1 / (1 + Foundation.exp(-$0)) }), (.erf, { Foundation.erf($0) }),
        (.rsqrt, { 1 / $0.squareRoot() }), (.recip, { 1 / $0 }), (.sqrt, { $0.squareRoot() }),
    ]

    private struct Found {
        var error = 0.0
        var place = "–"
    }

    private func largestError(
        _ function: VectorFunction, _ reference: (Double) -> Double
    ) -> Found {
        var found = Found()
        var a = [Float](repeating: 0, count: 4096)
        var d = a
        var next: UInt64 = 0
        while next <= UInt64(UInt32.max) {
            for i in a.indices {
                a[i] = Float(bitPattern: UInt32(truncatingIfNeeded: next))
                next += UInt64(max(every, 1))
            }
            apus_unary_f32(Int32(function.rawValue), a, &d, a.count)
            for i in a.indices {
                let error = Self.error(of: d[i], exactly: reference(Double(a[i])))
                if error > found.error { found = Found(error: error, place: "\(a[i])") }
            }
        }
        return found
    }

    private func largestErrorOfPow() -> Found {
        var found = Found()
        var state: UInt64 = 88_172_645_463_325_252
        for index in 0..<max(4_000_000 / max(every, 1), 100_000) {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            let (low, high) = (UInt32(truncatingIfNeeded: state), UInt32(state >> 32))
            // Arbitrary bits; bases near one with large exponents; everyday ones.
            var x = Float(bitPattern: low)
            var y = Float(bitPattern: high)
            if index % 3 == 1 {
                (x, y) = (
                    1 + Float(Int32(bitPattern: low)) * 0x1p-32,
                    Float(Int32(bitPattern: high)) * 0x1p-23
                )
            }
            if index % 3 == 2 {
                (x, y) = (Float(low) * 0x1p-28, Float(Int32(bitPattern: high)) * 0x1p-26)
            }
            var d = [Float(0)]
            apus_binary_f32(Int32(VectorFunction.pow.rawValue), [x], [y], &d, 1, 0)
            let error = Self.error(of: d[0], exactly: Foundation.pow(Double(x), Double(y)))
            if error > found.error { found = Found(error: error, place: "(\(x), \(y))") }
        }
        return found
    }

    /// The distance in units of the last place of the exact value; infinite where a NaN, an
    /// infinity or a sign of zero is wrong.
    private static func error(of value: Float, exactly exact: Double) -> Double {
        if exact.isNaN || value.isNaN { return exact.isNaN && value.isNaN ? 0 : .infinity }
        let nearest = Float(exact)
        if value == nearest {
            return value == 0 && value.sign != nearest.sign ? .infinity : quotient(value, exact)
        }
        guard value.isFinite, nearest.isFinite else { return .infinity }
        return quotient(value, exact)
    }

    private static func quotient(_ value: Float, _ exact: Double) -> Double {
        if value.isInfinite { return 0 }
        let exponent = exact == 0 ? -126 : max(Int(exact.exponent), -126)
        return abs(Double(value) - exact)
            / Double(sign: .plus, exponent: exponent - 23, significand: 1)
    }
}
