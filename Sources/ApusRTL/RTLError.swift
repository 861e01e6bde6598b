/// Why a model of the RTL cannot be used.
public enum RTLError: Error, Equatable, Sendable {
    /// The shared library cannot be opened, or is none; the loader's own words.
    case library(path: String, reason: String)
    /// The library follows another version of the interface.
    case version(path: String, found: UInt32, wanted: UInt32)
    /// The model was built for other sizes; `parameter` is the first that differs.
    case otherChip(path: String, parameter: String, built: Int, wanted: Int)
    /// The emulator stands in for engines of the model, which is for benches only.
    case behavioural(path: String)
}

extension RTLError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .library(_, let reason):
            "the RTL model cannot be opened: \(reason) (`make rtl` builds it)"
        case .version(let path, let found, let wanted):
            "\(path) has version \(found) of the interface, not \(wanted); "
                + "`make rtl` builds it anew"
        case .otherChip(let path, let parameter, let built, let wanted):
            "\(path) was built with \(parameter) \(built); the chip has \(wanted)"
        case .behavioural(let path):
            "\(path) has engines that the emulator stands in for; it serves benches only"
        }
    }
}
