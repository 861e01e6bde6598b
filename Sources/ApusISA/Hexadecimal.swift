/// Writes numbers in base 16, for pages, listings and errors.
public enum Hexadecimal {
    /// `value` in upper-case digits, zeros in front up to `digits`, without a prefix.
    public static func text(_ value: some BinaryInteger, digits: Int) -> String {
        let plain = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - plain.count)) + plain
    }
}
