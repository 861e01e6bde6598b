import ApusNumerics

/// FP32 or INT32 arithmetic on bits, as a Vector command or a reducing Store computes.
struct OracleArithmetic {
    let isFloating: Bool

    /// The format that is computed in.
    var format: ElementFormat { isFloating ? .fp32 : .int32 }

    /// An element of `source` brought to the format that is computed in.
    func bits(_ bits: UInt64, of source: ElementFormat) -> UInt32 {
        if source == format { return UInt32(truncatingIfNeeded: bits) }
        return UInt32(
            truncatingIfNeeded: ElementFormat.convert(
                bits, from: source, to: format, rounding: .nearestEven))
    }

    /// The function of up to three values; nil if it has no meaning in this arithmetic.
    func evaluate(_ function: VectorFunction, _ a: UInt32, _ b: UInt32, _ c: UInt32) -> UInt32? {
        if isFloating {
            return function.evaluate(
                Float(bitPattern: a), Float(bitPattern: b), Float(bitPattern: c))?.bitPattern
        }
        return function.evaluate(
            Int32(bitPattern: a), Int32(bitPattern: b), Int32(bitPattern: c)
        ).map { UInt32(bitPattern: $0) }
    }

    /// A row to one value: FP32 or INT32 bits, an index for rargmax and rargmin.
    func reduce(_ function: VectorFunction, _ row: [UInt32]) -> UInt32 {
        let isIndex = function == .rargmax || function == .rargmin
        if isFloating {
            let row = row.map { Float(bitPattern: $0) }
            return isIndex
                ? UInt32(bitPattern: function.argument(row)) : function.reduce(row).bitPattern
        }
        let row = row.map { Int32(bitPattern: $0) }
        return UInt32(bitPattern: isIndex ? function.argument(row) : function.reduce(row))
    }

    func scan(
        _ function: VectorFunction, _ row: [UInt32], exclusive: Bool, reverse: Bool
    ) -> [UInt32] {
        if isFloating {
            return function.scan(
                row.map { Float(bitPattern: $0) }, exclusive: exclusive, reverse: reverse
            ).map(\.bitPattern)
        }
        return function.scan(
            row.map { Int32(bitPattern: $0) }, exclusive: exclusive, reverse: reverse
        ).map { UInt32(bitPattern: $0) }
    }

    func topK(_ row: [UInt32], count: Int) -> [(value: UInt32, index: Int32)] {
        if isFloating {
            return TopK.select(row.map { Float(bitPattern: $0) }, count: count).map {
                ($0.value.bitPattern, $0.index)
            }
        }
        return TopK.select(row.map { Int32(bitPattern: $0) }, count: count).map {
            (UInt32(bitPattern: $0.value), $0.index)
        }
    }
}
