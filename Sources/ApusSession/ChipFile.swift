import ApusChip

/// A chip by the name of a preset or the path of a chip file.
public enum ChipFile {
    /// No chip file is longer.
    static let bytesMax = 1 << 20

    /// The chip that `name` stands for.
    ///
    /// - Throws: ``OptionError/chip(_:reason:)``.
    public static func chip(_ name: String) throws(OptionError) -> Chip {
        if let preset = Chip.preset(named: name) { return preset }
        let bytes: [UInt8]
        do throws(HostFileError) {
            bytes = try HostFile.read(name, limit: bytesMax)
        } catch {
            let presets = Chip.presets.map(\.name).joined(separator: ", ")
            throw .chip(name, reason: "neither a preset (\(presets)) nor a file: \(error)")
        }
        do throws(ChipError) {
            return try Chip(json: bytes)
        } catch {
            throw .chip(name, reason: "\(error)")
        }
    }
}
