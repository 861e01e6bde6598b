extension LanguageModel {
    /// The logits of every token of one sequence, computed in steps of at most
    /// ``LanguageModelLimits/rowsMax``.
    ///
    /// - Parameter body: called for each token in order with its logits.
    public func score(
        _ tokens: [Int], _ body: (Int, [Float]) -> Void
    ) throws(LanguageModelError) {
        guard !tokens.isEmpty else { throw .emptyPrompt }
        guard tokens.count <= min(limits.contextMax, limits.cacheTokens) else {
            throw .contextTooLong(
                tokens: tokens.count, limit: min(limits.contextMax, limits.cacheTokens))
        }
        for token in tokens where !(0..<configuration.vocabularySize).contains(token) {
            throw .unknownToken(token, vocabulary: configuration.vocabularySize)
        }
        let stepMax = min(limits.rowsMax, limits.selectedMax)
        for first in stride(from: 0, to: tokens.count, by: stepMax) {
            let part = first..<min(first + stepMax, tokens.count)
            let pages = (part.upperBound - 1) / CacheRegion.pageTokens + 1
            let step = StepInput(
                rows: part.map { StepInput.Row(token: tokens[$0], position: $0, place: $0) },
                runs: [
                    StepInput.Run(rows: 0..<part.count, pages: (0..<pages).map { Int32($0) })
                ],
                selected: Array(0..<part.count))
            _ = try run(step)
            for index in 0..<part.count {
                body(part.lowerBound + index, logits(index))
            }
        }
    }
}
