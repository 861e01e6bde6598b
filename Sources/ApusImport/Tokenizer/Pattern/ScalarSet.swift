/// A set of Unicode scalars: general categories and ranges, perhaps all but these.
///
///     [^\r\n\p{L}\p{N}]   categories L and N, ranges U+000A and U+000D, negated
struct ScalarSet: Equatable, Sendable {
    /// A bit for each general category, in the order of ``ScalarSet/bit(of:)``.
    private(set) var categories: UInt32 = 0
    /// Sorted, without overlaps.
    private(set) var ranges: [ClosedRange<UInt32>] = []
    private(set) var isNegated = false
    /// Whether a scalar below 128 is in the set, so that most text needs no category.
    private var ascii: (low: UInt64, high: UInt64) = (0, 0)

    init(categories: UInt32 = 0, ranges: [ClosedRange<UInt32>] = [], isNegated: Bool = false) {
        self.categories = categories
        self.ranges = ScalarSet.merged(ranges)
        self.isNegated = isNegated
        for value in UInt32(0)..<128 where containsSlowly(Unicode.Scalar(UInt8(value))) {
            if value < 64 { ascii.low |= 1 << value } else { ascii.high |= 1 << (value - 64) }
        }
    }

    static func == (left: ScalarSet, right: ScalarSet) -> Bool {
        left.categories == right.categories && left.ranges == right.ranges
            && left.isNegated == right.isNegated
    }

    @inline(__always)
    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < 64 { return ascii.low >> value & 1 == 1 }
        if value < 128 { return ascii.high >> (value - 64) & 1 == 1 }
        return containsSlowly(scalar)
    }

    private func containsSlowly(_ scalar: Unicode.Scalar) -> Bool {
        var isIn = inRanges(scalar.value)
        if !isIn && categories != 0 {
            isIn = categories & ScalarSet.bit(of: scalar.properties.generalCategory) != 0
        }
        return isIn != isNegated
    }

    private func inRanges(_ value: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(value)
    }

    /// The set with everything that is in either; neither may be negated.
    func union(_ other: ScalarSet) -> ScalarSet {
        precondition(!isNegated && !other.isNegated, "union of a negated set")
        return ScalarSet(
            categories: categories | other.categories, ranges: ranges + other.ranges)
    }

    /// Everything that is not in the set.
    var complement: ScalarSet {
        ScalarSet(categories: categories, ranges: ranges, isNegated: !isNegated)
    }

    /// The complement written without negation, which a class can take in; nil if the set has
    /// categories and ranges both.
    var plainComplement: ScalarSet? {
        if isNegated { return ScalarSet(categories: categories, ranges: ranges) }
        if ranges.isEmpty { return ScalarSet(categories: ~categories & ScalarSet.allCategories) }
        guard categories == 0 else { return nil }
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
        return ScalarSet(ranges: gaps)
    }

    private static func merged(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound &+ 1 {
                let upper = max(last.upperBound, range.upperBound)
                result[result.count - 1] = last.lowerBound...upper
            } else {
                result.append(range)
            }
        }
        return result
    }
}

extension ScalarSet {
    /// White_Space, as Unicode has it since version 6.3.
    static let space = ScalarSet(ranges: [
        0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A,
        0x2028...0x2029, 0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
    ])
    static let digit = ScalarSet(categories: bit(of: .decimalNumber))
    /// What pattern engines call a word: letters, marks, decimal digits and connectors.
    static let word = ScalarSet(
        categories: letters | marks | bit(of: .decimalNumber) | bit(of: .connectorPunctuation))
    /// Numbers of every kind: Nd, Nl and No.
    static let number = ScalarSet(categories: numbers)
    /// Every scalar but the line feed, which is what `.` stands for.
    static let notLineFeed = ScalarSet(ranges: [0x0A...0x0A], isNegated: true)

    private static let allCategories: UInt32 = 1 << 30 - 1
    private static let letters = bits([
        .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
    ])
    private static let marks = bits([.nonspacingMark, .spacingMark, .enclosingMark])
    private static let numbers = bits([.decimalNumber, .letterNumber, .otherNumber])

    private static func bits(_ categories: [Unicode.GeneralCategory]) -> UInt32 {
        categories.reduce(0) { $0 | bit(of: $1) }
    }

    /// The set that `\p{name}` names; nil for a name that is no general category.
    static func property(_ name: String) -> ScalarSet? {
        if let single = categoryNames[name] { return ScalarSet(categories: bit(of: single)) }
        let members = categoryNames.filter { $0.key.hasPrefix(name) }
        guard name.utf8.count == 1, !members.isEmpty else { return nil }
        return ScalarSet(categories: members.values.reduce(0) { $0 | bit(of: $1) })
    }

    private static let categoryNames: [String: Unicode.GeneralCategory] = [
        "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter,
        "Lm": .modifierLetter, "Lo": .otherLetter,
        "Mn": .nonspacingMark, "Mc": .spacingMark, "Me": .enclosingMark,
        "Nd": .decimalNumber, "Nl": .letterNumber, "No": .otherNumber,
        "Pc": .connectorPunctuation, "Pd": .dashPunctuation, "Ps": .openPunctuation,
        "Pe": .closePunctuation, "Pi": .initialPunctuation, "Pf": .finalPunctuation,
        "Po": .otherPunctuation,
        "Sm": .mathSymbol, "Sc": .currencySymbol, "Sk": .modifierSymbol, "So": .otherSymbol,
        "Zs": .spaceSeparator, "Zl": .lineSeparator, "Zp": .paragraphSeparator,
        "Cc": .control, "Cf": .format, "Cs": .surrogate, "Co": .privateUse, "Cn": .unassigned,
    ]

    /// The bit that stands for a general category.
    @inline(__always)
    static func bit(of category: Unicode.GeneralCategory) -> UInt32 {
        switch category {
        case .uppercaseLetter: 1 << 0
        case .lowercaseLetter: 1 << 1
        case .titlecaseLetter: 1 << 2
        case .modifierLetter: 1 << 3
        case .otherLetter: 1 << 4
        case .nonspacingMark: 1 << 5
        case .spacingMark: 1 << 6
        case .enclosingMark: 1 << 7
        case .decimalNumber: 1 << 8
        case .letterNumber: 1 << 9
        case .otherNumber: 1 << 10
        case .connectorPunctuation: 1 << 11
        case .dashPunctuation: 1 << 12
        case .openPunctuation: 1 << 13
        case .closePunctuation: 1 << 14
        case .initialPunctuation: 1 << 15
        case .finalPunctuation: 1 << 16
        case .otherPunctuation: 1 << 17
        case .mathSymbol: 1 << 18
        case .currencySymbol: 1 << 19
        case .modifierSymbol: 1 << 20
        case .otherSymbol: 1 << 21
        case .spaceSeparator: 1 << 22
        case .lineSeparator: 1 << 23
        case .paragraphSeparator: 1 << 24
        case .control: 1 << 25
        case .format: 1 << 26
        case .surrogate: 1 << 27
        case .privateUse: 1 << 28
        case .unassigned: 1 << 29
        @unknown default: 0
        }
    }
}
