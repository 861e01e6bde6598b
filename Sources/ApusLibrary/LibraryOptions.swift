import ApusChip
import ApusCompiler
import ApusRuntime
import ApusSession

/// The `key=value` lines with which a C caller opens a session.
enum LibraryOptions {
    /// The options that `text` spells, defaults for the rest.
    static func parse(_ text: String) throws(OptionError) -> SessionOptions {
        var options = SessionOptions(chip: .edge14)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw .notAPair(String(line)) }
            try options.set(parts[0], to: parts[1])
        }
        return options
    }
}
