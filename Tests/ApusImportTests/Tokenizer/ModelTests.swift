import ApusImport
import Testing

@Suite("Tokenizer models")
struct ModelTests {
    @Test("merging with a heap is merging by scanning")
    func mergesAgree() {
        let seed: UInt64 = 5
        var generator = MutationTests.Generator(state: seed)
        for round in 0..<400 {
            let count = Int32.random(in: 4...40, using: &generator)
            var pairs = PairTable(capacity: 200)
            for rank in 0..<Int32.random(in: 1...150, using: &generator) {
                // Equal ranks occur in vocabularies with scores.
                pairs.set(
                    Int32.random(in: 0..<count, using: &generator),
                    Int32.random(in: 0..<count, using: &generator),
                    PairTable.Merge(
                        rank: rank / 2, id: Int32.random(in: 0..<count, using: &generator)))
            }
            let model = BytePairModel(
                tokens: TokenTable(capacity: 0), pairs: pairs, byteIDs: [], isByteLevel: true,
                fallsBackToBytes: false, ignoresMerges: false, unknownID: nil,
                fusesUnknown: false)
            let symbols = (0..<Int.random(in: 1...120, using: &generator)).map { _ in
                Int32.random(in: 0..<count, using: &generator)
            }
            var scanned = symbols
            model.mergeByScanning(&scanned)
            #expect(model.mergeWithHeap(symbols) == scanned, "seed \(seed), round \(round)")
        }
    }

    @Test("the best way to cut a word is the best of all ways")
    func viterbi() {
        let seed: UInt64 = 9
        var generator = MutationTests.Generator(state: seed)
        for round in 0..<300 {
            let letters = Array("abc".utf8)
            var tokens = TokenTable(capacity: 32)
            var scores: [Double] = []
            var known: [[UInt8]: Double] = [:]
            for letter in letters { known[[letter]] = -Double.random(in: 1...9, using: &generator) }
            for _ in 0..<20 {
                let token = (0..<Int.random(in: 2...4, using: &generator)).map { _ in
                    letters[Int.random(in: 0..<3, using: &generator)]
                }
                known[token] = -Double.random(in: 1...9, using: &generator)
            }
            let all = known.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            for (token, score) in all {
                tokens.append(token)
                scores.append(score)
            }
            let model = UnigramModel(
                tokens: tokens, scores: scores, unknownID: nil, byteIDs: [],
                keepsSingles: false)
            let word = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                letters[Int.random(in: 0..<3, using: &generator)]
            }
            var ids: [Int32] = []
            word.withUnsafeBufferPointer { model.encode($0, into: &ids) }
            #expect(ids.flatMap { all[Int($0)].key } == word)
            let score = ids.reduce(0) { $0 + scores[Int($1)] }
            let best = Self.best(word[...], known)
            #expect(abs(score - best) < 1e-9, "seed \(seed), round \(round)")
        }
    }

    /// The best sum over every way to cut, tried one by one.
    private static func best(_ word: ArraySlice<UInt8>, _ known: [[UInt8]: Double]) -> Double {
        if word.isEmpty { return 0 }
        var best = -Double.infinity
        for length in 1...min(4, word.count) {
            guard let score = known[Array(word.prefix(length))] else { continue }
            best = max(best, score + self.best(word.dropFirst(length), known))
        }
        return best
    }
}
