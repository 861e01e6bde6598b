/// Where a field lies: bits `low` to `high`, both included, of one 32-bit word.
public struct BitRange: Hashable, Sendable {
    /// The word's index, from 0.
    public let word: Int
    /// The lowest bit, from 0.
    public let low: Int
    /// The highest bit, at most 31.
    public let high: Int

    /// - Precondition: `0 ≤ low ≤ high ≤ 31`.
    @inlinable
    public init(word: Int, low: Int, high: Int) {
        precondition(0 <= low && low <= high && high <= 31, "a field lies within one word")
        self.word = word
        self.low = low
        self.high = high
    }

    /// A whole word.
    @inlinable
    public init(word: Int) { self.init(word: word, low: 0, high: 31) }

    /// The bits in the field.
    @inlinable public var widthBits: Int { high - low + 1 }

    /// The largest value the field can hold, unsigned.
    @inlinable public var valueMax: UInt32 { UInt32.max >> UInt32(31 - (high - low)) }

    /// Ones where the field lies in its word.
    @inlinable public var mask: UInt32 { valueMax << UInt32(low) }

    /// The field's value in `bits`, which is the field's word.
    @inlinable
    public func extract(from bits: UInt32) -> UInt32 { (bits >> UInt32(low)) & valueMax }

    /// `value` at the field's place, to be combined with the word's other fields.
    ///
    /// - Precondition: the value fits the field.
    @inlinable
    public func place(_ value: UInt32) -> UInt32 {
        precondition(value <= valueMax, "a value fits its field")
        return value << UInt32(low)
    }
}
