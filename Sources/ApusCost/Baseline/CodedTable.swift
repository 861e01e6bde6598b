/// A table of corrections over logarithmic axes, multilinear between knots, constant outside.
///
/// The twin of `Table` in benchmarks/cost/surface.py.
struct CorrectionTable: Sendable {
    var knots: [[Double]]
    var values: [Double]

    /// The value at a place: one coordinate for each axis.
    func value(_ place: [Double]) -> Double {
        precondition(place.count == knots.count, "a place has a coordinate for each axis")
        var corners: [Corner] = [Corner(index: 0, weight: 1)]
        for (coordinate, axis) in zip(place, knots) {
            let (below, part) = CorrectionTable.locate(coordinate, axis)
            var next: [Corner] = []
            next.reserveCapacity(2 * corners.count)
            for corner in corners {
                let index = corner.index * axis.count + below
                next.append(Corner(index: index, weight: corner.weight * (1 - part)))
                next.append(Corner(index: index + 1, weight: corner.weight * part))
            }
            corners = next
        }
        return corners.reduce(0) { $0 + values[$1.index] * $1.weight }
    }

    /// A knot near a place, and its share of the value.
    private struct Corner {
        var index: Int
        var weight: Double
    }

    /// The knot below a coordinate and the way to the next, 0 to 1.
    static func locate(_ coordinate: Double, _ axis: [Double]) -> (below: Int, part: Double) {
        let clamped = min(max(coordinate, axis[0]), axis[axis.count - 1])
        var below = axis.count - 2
        while below > 0 && axis[below] > clamped { below -= 1 }
        return (below, (clamped - axis[below]) / (axis[below + 1] - axis[below]))
    }
}

/// Values written as two characters each by benchmarks/cost/emit.py.
enum CodedTable {
    /// Thousandths: 3,000 is added, quotient and remainder by 90 pick characters.
    private static let offset = 3000
    private static let base = 90

    /// The characters that stand for 0 to 89: printable ASCII without `"`, `\` and `#`.
    private static let digits: [UInt8: Int] = {
        let characters = (UInt8(0x21)..<0x7F).filter { ![0x22, 0x23, 0x5C].contains($0) }
        return Dictionary(uniqueKeysWithValues: zip(characters.prefix(base), 0...))
    }()

    /// The values of a text.
    static func decode(_ text: String) -> [Double] {
        let bytes = Array(text.utf8)
        precondition(bytes.count % 2 == 0, "a coded table has two characters a value")
        return stride(from: 0, to: bytes.count, by: 2).map { at in
            guard let high = digits[bytes[at]], let low = digits[bytes[at + 1]] else {
                preconditionFailure("a coded table has a character that stands for nothing")
            }
            return Double(high * base + low - offset) / 1000
        }
    }
}
