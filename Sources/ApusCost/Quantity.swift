/// Quantities as users write them.
public enum Quantity {
    /// A plain positive number.
    ///
    /// - Throws: ``CostError``.
    public static func number(_ text: String, named name: String) throws(CostError) -> Double {
        guard let value = Double(text), value.isFinite else {
            throw .notANumber(quantity: name, text: text)
        }
        guard value > 0 else { throw .notPositive(quantity: name, value: value, unit: "") }
        return value
    }

    /// `50ms`, `2s`, or a number of ms.
    ///
    /// - Throws: ``CostError``.
    public static func milliseconds(_ text: String) throws(CostError) -> Double {
        if text.hasSuffix("ms") { return try number(String(text.dropLast(2)), named: "--slo") }
        if text.hasSuffix("s") {
            return try number(String(text.dropLast()), named: "--slo") * 1000
        }
        return try number(text, named: "--slo")
    }
}
