import ApusNumerics

/// How keys and values are kept.
public enum CacheFormat: String, Sendable, CaseIterable {
    case bf16
    /// FP8 without scales: keys and values beyond ±448 saturate.
    case e4m3
    /// Integers with an FP32 scale for each token and head: the largest magnitude is 127.
    case int8

    var element: ElementFormat {
        switch self {
        case .bf16: .bf16
        case .e4m3: .e4m3
        case .int8: .int8
        }
    }
}

/// Where a layer's keys and values lie: pages of tokens, in the arena.
///
///     keys [page][head][token in page][key size], values likewise
///     scales [page][head][token in page], FP32, of keys and of values, if the format has them
///
/// So a head's keys of a page are one run of bytes. A line is what one token has of one head.
struct CacheRegion: Sendable {
    /// Tokens of a page.
    static let pageTokens = 16

    var keys = 0
    var values = 0
    var keyScales = 0
    var valueScales = 0
    var pages: Int
    var heads: Int
    var keySize: Int
    var valueSize: Int
    var format: CacheFormat

    /// Reserves the region in an arena.
    init(
        pages: Int, heads: Int, keySize: Int, valueSize: Int, format: CacheFormat,
        in arena: inout ArenaLayout
    ) {
        self.pages = pages
        self.heads = heads
        self.keySize = keySize
        self.valueSize = valueSize
        self.format = format
        keys = arena.reserve(pages * bytes(keySize))
        values = arena.reserve(pages * bytes(valueSize))
        if hasScales {
            keyScales = arena.reserve(pages * scaleBytes)
            valueScales = arena.reserve(pages * scaleBytes)
        }
    }

    var hasScales: Bool { format == .int8 }

    private func bytes(_ size: Int) -> Int {
        Self.pageTokens * heads * format.element.byteCount(size)
    }

    private var scaleBytes: Int { Self.pageTokens * heads * 4 }

    /// Bytes of a page, keys and values and scales.
    var pageBytes: Int {
        bytes(keySize) + bytes(valueSize) + (hasScales ? 2 * scaleBytes : 0)
    }

    /// The line of a token's first head.
    ///
    /// - Parameter place: page · ``pageTokens`` + token in page.
    static func line(of place: Int, heads: Int) -> Int {
        place / pageTokens * heads * pageTokens + place % pageTokens
    }

    /// Lines that are a token's first.
    private var lines: Int { ((pages - 1) * heads + 1) * Self.pageTokens }

    /// Tokens of all pages by their first lines: [size, heads, lines].
    private func tokens(at offset: Int, size: Int) -> GlobalTensor {
        let line = format.element.byteCount(size)
        return GlobalTensor(
            extents: [size, heads, lines],
            strides: [format.element.bitWidth / 8, Self.pageTokens * line, line], format.element,
            at: offset)
    }

    var keyTokens: GlobalTensor { tokens(at: keys, size: keySize) }
    var valueTokens: GlobalTensor { tokens(at: values, size: valueSize) }

    /// Pages, for gathering: [size, heads, tokens of a page, pages].
    private func byPage(at offset: Int, size: Int) -> GlobalTensor {
        let line = format.element.byteCount(size)
        return GlobalTensor(
            extents: [size, heads, Self.pageTokens, pages],
            strides: [
                format.element.bitWidth / 8, Self.pageTokens * line, line,
                heads * Self.pageTokens * line,
            ], format.element, at: offset)
    }

    var keyPages: GlobalTensor { byPage(at: keys, size: keySize) }
    var valuePages: GlobalTensor { byPage(at: values, size: valueSize) }

    /// Scales of all tokens by their first lines: [heads, lines].
    func scaleTokens(at offset: Int) -> GlobalTensor {
        GlobalTensor(
            extents: [heads, lines], strides: [Self.pageTokens * 4, 4], .fp32, at: offset)
    }

    /// Scales by page: [heads, tokens of a page, pages].
    func scalePages(at offset: Int) -> GlobalTensor {
        GlobalTensor(
            extents: [heads, Self.pageTokens, pages],
            strides: [Self.pageTokens * 4, 4, heads * Self.pageTokens * 4], .fp32, at: offset)
    }
}
