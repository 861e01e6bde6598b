import ApusISA
import ApusKernels
import ApusNumerics

/// Where sampling keeps its rows in the arena: one for each token that is to be chosen.
struct SamplingTables: Sendable {
    /// Columns of a piece: long rows are summed in pieces of one length, so that sums do not depend
    /// on the chip.
    static let piece = 8192

    var vocabulary: Int
    /// FP32 logits as they come from the model.
    var logits: RowBuffer
    /// INT32 row of the logits of each choice, -1 for none.
    var rows: RowBuffer
    /// INT32 row of each choice among the tokens that were seen.
    var seenRows: RowBuffer
    /// UINT8 1 where a sequence has had a token: [sequences][vocabulary].
    var seen: RowBuffer
    /// FP32 parameters of each choice.
    var temperature, penalty, topP, minP, uniform: RowBuffer
    /// INT32 parameter.
    var topK: RowBuffer
    /// FP32 scores, then weights of each choice.
    var weights: RowBuffer
    /// INT32 choices.
    var tokens: RowBuffer

    init(
        vocabulary: Int, logits: RowBuffer, seen: RowBuffer, choicesMax: Int,
        in arena: inout ArenaLayout
    ) {
        self.vocabulary = vocabulary
        self.logits = logits
        func list(_ format: ElementFormat) -> RowBuffer { arena.rows(choicesMax, 1, format) }
        rows = list(.int32)
        seenRows = list(.int32)
        self.seen = seen
        temperature = list(.fp32)
        penalty = list(.fp32)
        topP = list(.fp32)
        minP = list(.fp32)
        uniform = list(.fp32)
        topK = list(.int32)
        weights = arena.rows(choicesMax, vocabulary, .fp32)
        tokens = list(.int32)
    }

    /// The pieces of a row: first column and count.
    var pieces: [(first: Int, count: Int)] {
        stride(from: 0, to: vocabulary, by: Self.piece).map {
            ($0, min(Self.piece, vocabulary - $0))
        }
    }
}

extension RowBuffer {
    /// A list of one value for each row, as a Load of `count` of them from the tile on.
    func loadList(into slot: Int, at coordinate: Affine) -> TileCommand {
        GlobalTensor(dense: [rows], format, at: offset)
            .load(into: slot, box: [1], at: [coordinate])
    }
}
