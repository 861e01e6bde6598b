import ApusChip
import ApusCompiler
import ApusMachine
import ApusRuntime

/// Why an option of a session is refused.
public enum OptionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Text that is not `key=value`.
    case notAPair(String)
    /// No option of this name.
    case unknown(String)
    /// A value that the option does not take.
    case value(option: String, value: String, allowed: String)
    /// A chip that is neither a preset nor a file, or a file that describes no possible chip.
    case chip(String, reason: String)

    /// The sentence for humans.
    public var description: String {
        switch self {
        case .notAPair(let text): return "option \"\(text)\" is not of the form key=value"
        case .unknown(let name):
            return "there is no option \(name); there are chip, precision, threads, mode and device"
        case .value(let option, let value, let allowed):
            return "option \(option) is \"\(value)\"; it takes \(allowed)"
        case .chip(let name, let reason): return "chip \(name): \(reason)"
        }
    }
}

extension SessionOptions {
    /// Sets one option from its text.
    ///
    /// - Throws: ``OptionError``.
    public mutating func set(_ option: String, to value: String) throws(OptionError) {
        switch option {
        case "chip": chip = try ChipFile.chip(value)
        case "precision":
            guard let named = Precision(rawValue: value) else {
                let names = Precision.allCases.map(\.rawValue).joined(separator: ", ")
                throw .value(option: option, value: value, allowed: names)
            }
            precision = named
        case "threads":
            guard let count = Int(value), (0...256).contains(count) else {
                throw .value(option: option, value: value, allowed: "0 to 256")
            }
            threads = count
        case "mode": mode = try Self.mode(value)
        case "device": device = try Self.device(value)
        default: throw .unknown(option)
        }
    }

    private static func device(_ value: String) throws(OptionError) -> DeviceKind {
        if value == "emulated" { return .emulated }
        if value == "rtl" { return .rtl(libraryPath: nil) }
        guard value.hasPrefix("rtl:") else {
            throw .value(option: "device", value: value, allowed: "emulated, rtl or rtl:LIBRARY")
        }
        return .rtl(libraryPath: String(value.dropFirst(4)))
    }

    private static func mode(_ value: String) throws(OptionError) -> EmulationMode {
        switch value {
        case "fast": return .fast
        case "oracle": return .oracle
        default:
            let parts = value.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "checked", let seed = UInt64(parts[1]) else {
                throw .value(option: "mode", value: value, allowed: "fast, oracle or checked:SEED")
            }
            return .checked(seed: seed)
        }
    }
}
