/// One command as the queue ports take it: 256 bits, words `w0` to `w7`, little endian.
public struct CommandWord: Hashable, Sendable {
    /// The eight words.
    public var words: SIMD8<UInt32>

    /// The words in one command.
    public static let wordCount = 8

    /// The bytes in one command.
    public static let byteCount = 32

    /// Wraps eight words.
    @inlinable
    public init(words: SIMD8<UInt32>) { self.words = words }

    /// The word at `index`, 0 to 7.
    @inlinable
    public subscript(index: Int) -> UInt32 {
        get { words[index] }
        set { words[index] = newValue }
    }

    /// The value of a field.
    @inlinable
    public subscript(field: BitRange) -> UInt32 {
        get { field.extract(from: words[field.word]) }
        set { words[field.word] = (words[field.word] & ~field.mask) | field.place(newValue) }
    }

    /// The opcode, without a check that it means anything.
    @inlinable public var opcode: UInt8 { UInt8(truncatingIfNeeded: words[0]) }
}
