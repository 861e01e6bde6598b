import Glibc

/// What the program says, at once and whole: answers on standard output, notes on standard error.
///
/// It stands on the C library alone. The program links FoundationEssentials, not Foundation, whose
/// shared libraries take 20 MB of a process that is held to the size of its model.
enum Output {
    static func write(_ text: String) { write(Array(text.utf8)) }

    static func write(_ bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

    /// Text for the user that is no answer.
    static func note(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

    private static func write(_ bytes: [UInt8], to file: Int32) {
        // Lines that were printed stand before what is written past their buffer.
        fflush(nil)
        bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count, let base = bytes.baseAddress {
                let count = Glibc.write(file, base + written, bytes.count - written)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                written += count
            }
        }
    }
}

extension Double {
    /// Decimal text with so many digits after the point, rounded to nearest, halves up.
    func text(decimals: Int) -> String {
        guard isFinite, magnitude < 1e9 else { return "\(self)" }
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let count = Int((magnitude * Double(scale)).rounded())
        let digits = String(count % scale)
        let sign = self < 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(count) }
        return sign + String(count / scale) + "."
            + String(repeating: "0", count: decimals - digits.count) + digits
    }
}
