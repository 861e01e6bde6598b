/// Unigram language model: of all ways to cut a word into tokens, the one whose scores add up
/// to the most (Viterbi).
package struct UnigramModel: Sendable {
    var tokens: TokenTable
    /// Logarithms of probabilities, by id.
    var scores: [Double]
    var unknownID: Int32?
    /// Tokens of bytes, by which unknown characters are spelled; empty if they are not.
    var byteIDs: [Int32]
    /// Whether the best sum of each place is kept in 32 bits, as SentencePiece does, which decides
    /// between ways that are as good; the tokenizers library keeps 64.
    private let keepsSingles: Bool
    private let trie: TokenTrie
    private let unknownScore: Double

    /// How much less than the least score an unknown character counts, as SentencePiece has it.
    static let unknownPenalty = 10.0

    package init(
        tokens: TokenTable, scores: [Double], unknownID: Int32?, byteIDs: [Int32],
        keepsSingles: Bool
    ) {
        self.keepsSingles = keepsSingles
        self.tokens = tokens
        self.scores = scores
        self.unknownID = unknownID
        self.byteIDs = byteIDs
        trie = TokenTrie(tokens)
        let least = (scores.min() ?? 0) - UnigramModel.unknownPenalty
        unknownScore = keepsSingles ? Double(Float(least)) : least
    }

    /// Where the best way to a position comes from.
    private struct Step {
        var start = -1
        var id: Int32 = -1
        var score = 0.0
    }

    /// Appends the tokens of a word.
    package func encode(_ word: UnsafeBufferPointer<UInt8>, into ids: inout [Int32]) {
        var cuts: [(range: Range<Int>, id: Int32)] = []
        let steps = bestSteps(word)
        var end = word.count
        while end > 0 {
            let step = steps[end]
            // The token for unknown text counts as unknown where the text spells it, too.
            cuts.append((step.start..<end, step.id == unknownID ? -1 : step.id))
            end = step.start
        }
        cuts.reverse()
        var index = 0
        while index < cuts.count {
            var (range, id) = cuts[index]
            index += 1
            guard id < 0 else {
                ids.append(id)
                continue
            }
            // Neighbouring unknown characters are one piece.
            while index < cuts.count, cuts[index].id < 0 {
                range = range.lowerBound..<cuts[index].range.upperBound
                index += 1
            }
            appendUnknown(UnsafeBufferPointer(rebasing: word[range]), into: &ids)
        }
    }

    private func appendUnknown(_ piece: UnsafeBufferPointer<UInt8>, into ids: inout [Int32]) {
        if let id = tokens.id(of: piece) {
            ids.append(id)
        } else if !byteIDs.isEmpty && piece.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
            for byte in piece { ids.append(byteIDs[Int(byte)]) }
        } else if let unknownID {
            ids.append(unknownID)
        }
    }

    @inline(__always)
    private func kept(_ score: Double) -> Double { keepsSingles ? Double(Float(score)) : score }

    private func bestSteps(_ word: UnsafeBufferPointer<UInt8>) -> [Step] {
        var steps = Array(repeating: Step(), count: word.count + 1)
        var start = 0
        while start < word.count {
            let width = word.scalar(at: start).width
            let before = steps[start].score
            var hasSingle = false
            trie.forEachPrefix(of: word, from: start) { end, id in
                let score = kept(before + scores[Int(id)])
                if steps[end].start < 0 || score > steps[end].score {
                    steps[end] = Step(start: start, id: id, score: score)
                }
                if end - start == width { hasSingle = true }
            }
            if !hasSingle {
                let end = start + width
                let score = kept(before + unknownScore)
                if steps[end].start < 0 || score > steps[end].score {
                    steps[end] = Step(start: start, id: -1, score: score)
                }
            }
            start += width
        }
        return steps
    }
}

/// Tokens by their bytes: which of them does a text go on with?
struct TokenTrie: Sendable {
    /// Edges in one hash table, keyed by node and byte.
    private var edges: [UInt64: Int32] = [:]
    /// The token that ends at each node; -1 if none does.
    private var ends: [Int32] = [-1]

    init(_ tokens: TokenTable) {
        for id in 0..<tokens.count {
            let bytes = tokens.bytes(of: id)
            // Control tokens and those of bytes do not stand for the text that spells them.
            if !bytes.isEmpty && tokens.id(of: bytes) == Int32(id) { insert(bytes, id: Int32(id)) }
        }
    }

    /// An empty trie.
    init() {}

    mutating func insert(_ bytes: some Sequence<UInt8>, id: Int32) {
        var node: Int32 = 0
        for byte in bytes {
            let key = UInt64(node) << 8 | UInt64(byte)
            if let known = edges[key] {
                node = known
            } else {
                ends.append(-1)
                node = Int32(ends.count - 1)
                edges[key] = node
            }
        }
        if ends[Int(node)] < 0 { ends[Int(node)] = id }
    }

    /// Calls `body` with the end and the id of each token that stands at `start`, shortest first.
    @inline(__always)
    func forEachPrefix(
        of text: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (Int, Int32) -> Void
    ) {
        var node: Int32 = 0
        var position = start
        while position < text.count {
            guard let next = edges[UInt64(node) << 8 | UInt64(text[position])] else { return }
            node = next
            position += 1
            if ends[Int(node)] >= 0 { body(position, ends[Int(node)]) }
        }
    }

    /// The longest token that stands at `start`.
    func longestPrefix(
        of text: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> (end: Int, id: Int32)? {
        var longest: (Int, Int32)?
        forEachPrefix(of: text, from: start) { longest = ($0, $1) }
        return longest
    }
}
