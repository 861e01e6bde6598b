import Glibc

/// Figures as text: three significant digits, no exponent, no trailing zeros.
public enum Figure {
    /// `1234.5` is `1234`, `0.012345` is `0.0123`, `5` is `5`.
    public static func short(_ value: Double, digits: Int = 3) -> String {
        guard value.isFinite else { return value.isNaN ? "not a number" : "beyond all bounds" }
        if value == 0 { return "0" }
        let magnitude = Int(log10(abs(value)).rounded(.down))
        return fixed(value, decimals: max(0, digits - 1 - magnitude), trimmed: true)
    }

    /// A number with so many decimals.
    public static func fixed(_ value: Double, decimals: Int, trimmed: Bool = false) -> String {
        let places = min(decimals, 12)
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let whole = Int(scaled)
        var digits = String(whole)
        while digits.count <= places { digits = "0" + digits }
        var text = String(digits.dropLast(places))
        var tail = String(digits.suffix(places))
        if trimmed { while tail.last == "0" { tail.removeLast() } }
        if !tail.isEmpty { text += "." + tail }
        return value < 0 && whole != 0 ? "-" + text : text
    }

    /// `12 (10 to 20)`, or the figure alone when there is no range.
    public static func range(_ estimate: Estimate, digits: Int = 3) -> String {
        let expected = short(estimate.expected, digits: digits)
        if estimate.low == estimate.high { return expected }
        let bounds =
            "\(short(estimate.low, digits: digits)) to \(short(estimate.high, digits: digits))"
        return "\(expected) (\(bounds))"
    }
}
