import Foundation

/// Files of golden vectors beside these tests.
enum Vectors {
    /// The rows of a file, cut at a separator; lines that begin with `#` and a heading are dropped.
    static func rows(_ name: String, separator: Character, heading: Bool) throws -> [[String]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let url = folder.appendingPathComponent("Vectors").appendingPathComponent(name)
        let text = try String(contentsOf: url, encoding: .utf8)
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return lines.dropFirst(heading ? 1 : 0).map { cut($0, separator) }
    }

    /// Fields may stand in quotation marks, with separators in them.
    private static func cut(_ line: Substring, _ separator: Character) -> [String] {
        var fields = [""]
        var isQuoted = false
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == separator && !isQuoted {
                fields.append("")
            } else {
                fields[fields.count - 1].append(character)
            }
        }
        return fields
    }
}
