/// What one step computes: rows of tokens, and which of them attend to which pages.
struct StepInput: Sendable {
    /// A token at a position of its sequence, and its place in the cache.
    struct Row: Sendable {
        var token: Int
        var position: Int
        /// Page · ``CacheRegion/pageTokens`` + token in page.
        var place: Int
    }

    /// Rows that follow each other in one sequence.
    struct Run: Sendable {
        /// Indices into ``rows``.
        var rows: Range<Int>
        /// The sequence's pages, in order, up to the last row's.
        var pages: [Int32]
    }

    var rows: [Row]
    var runs: [Run]
    /// Rows whose logits are wanted.
    var selected: [Int]
    /// Tokens to be chosen from selected rows.
    var choices: [TokenChoice] = []
    /// The sequences' rows and tokens to be noted as seen, one for each row or none at all.
    var seen: [(sequence: Int, token: Int)?] = []
}
