/// Turns token ids into text one at a time, and never gives half a character.
///
///     var decoder = tokenizer.streamingDecoder(skipSpecialTokens: true)
///     for id in ids { print(decoder.append(id), terminator: "") }
///     print(decoder.finish())
///
/// All that it gives, put together, is what ``Tokenizer/decode(_:skipSpecialTokens:)`` gives.
/// Bytes that may begin a character wait for its end. In vocabularies that fall back to tokens of
/// bytes, a run of these waits for the first token that is none, because the reference decodes
/// such a run as a whole.
public struct StreamingDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipsSpecial: Bool
    private var stages: [DecoderStage]

    init(_ tokenizer: Tokenizer, skipsSpecial: Bool) {
        self.tokenizer = tokenizer
        self.skipsSpecial = skipsSpecial
        stages = tokenizer.decoderSteps.map { DecoderStage($0) }
    }

    /// Takes a token and gives the text that is certain now, perhaps none.
    ///
    /// An id that is no token's gives no text.
    public mutating func append(_ id: Int32) -> String {
        guard let token = tokenizer.spelling(of: id, skipsSpecial: skipsSpecial) else { return "" }
        return text(of: pass([DecodedPiece(bytes: token, continues: false)], from: 0))
    }

    /// Gives what still waited, when no token follows.
    public mutating func finish() -> String {
        var pieces: [DecodedPiece] = []
        for index in stages.indices {
            // What an earlier step held goes through the later ones before they finish.
            var passed: [DecodedPiece] = []
            for piece in pieces { stages[index].push(piece, into: &passed) }
            stages[index].finish(into: &passed)
            pieces = passed
        }
        return text(of: pieces)
    }

    private mutating func pass(_ pieces: [DecodedPiece], from first: Int) -> [DecodedPiece] {
        var pieces = pieces
        for index in stages.indices.dropFirst(first) {
            var passed: [DecodedPiece] = []
            for piece in pieces { stages[index].push(piece, into: &passed) }
            pieces = passed
        }
        return pieces
    }

    private func text(of pieces: [DecodedPiece]) -> String {
        String(decoding: pieces.flatMap(\.bytes), as: UTF8.self)
    }
}
