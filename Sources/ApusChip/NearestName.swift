/// Finds the name that a misspelt one was probably meant to be.
public enum NearestName {
    /// The candidate with the fewest edits from `name`, if a third of its letters suffice.
    public static func find(_ name: String, in candidates: [String]) -> String? {
        // A long name is never a slip of the finger, and the table below is quadratic.
        if name.utf8.count > 100 { return nil }
        let letters = Array(name.lowercased().utf8)
        let ranked = candidates.map { ($0, distance(letters, Array($0.lowercased().utf8))) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
        return best.1 * 3 <= max(letters.count, best.0.utf8.count) ? best.0 : nil
    }

    /// Insertions, deletions and replacements that turn `a` into `b`.
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var previous = Array(0...b.count)
        for (row, letter) in a.enumerated() {
            var current = [row + 1]
            for (column, other) in b.enumerated() {
                let replace = previous[column] + (letter == other ? 0 : 1)
                current.append(min(replace, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[b.count]
    }
}
