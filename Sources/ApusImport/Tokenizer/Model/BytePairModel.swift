/// Byte-pair encoding: a word starts as its characters or bytes, and the neighbours with the
/// lowest rank merge until none do.
package struct BytePairModel: Sendable {
    var tokens: TokenTable
    var pairs: PairTable
    /// The token of each byte: of the byte itself in a byte-level vocabulary, of `<0x0A>` and its
    /// like where bytes stand in for unknown characters; -1 where there is none.
    var byteIDs: [Int32]
    /// Whether words start as bytes; otherwise as characters.
    var isByteLevel: Bool
    /// Whether unknown characters become the tokens of their bytes.
    var fallsBackToBytes: Bool
    /// A word that is a token is not built from merges.
    var ignoresMerges: Bool
    /// Stands for unknown characters, which are left out if there is none.
    var unknownID: Int32?
    /// Neighbouring unknown characters become one token.
    var fusesUnknown: Bool

    package init(
        tokens: TokenTable, pairs: PairTable, byteIDs: [Int32], isByteLevel: Bool,
        fallsBackToBytes: Bool, ignoresMerges: Bool, unknownID: Int32?, fusesUnknown: Bool
    ) {
        self.tokens = tokens
        self.pairs = pairs
        self.byteIDs = byteIDs
        self.isByteLevel = isByteLevel
        self.fallsBackToBytes = fallsBackToBytes
        self.ignoresMerges = ignoresMerges
        self.unknownID = unknownID
        self.fusesUnknown = fusesUnknown
    }

    /// Words of at most so many symbols are merged by scanning, longer ones with a heap.
    package static let scanMax = 24

    /// Appends the tokens of a word.
    func encode(_ word: UnsafeBufferPointer<UInt8>, into ids: inout [Int32]) {
        if ignoresMerges, let id = tokens.id(of: word) {
            ids.append(id)
            return
        }
        var symbols = symbols(of: word)
        if symbols.count > BytePairModel.scanMax {
            ids.append(contentsOf: mergeWithHeap(symbols))
        } else {
            mergeByScanning(&symbols)
            ids.append(contentsOf: symbols)
        }
    }

    /// The tokens that a word starts as.
    func symbols(of word: UnsafeBufferPointer<UInt8>) -> [Int32] {
        var symbols: [Int32] = []
        symbols.reserveCapacity(word.count)
        var isAfterUnknown = false
        func appendUnknown() {
            guard let unknownID else { return }
            if !(fusesUnknown && isAfterUnknown) { symbols.append(unknownID) }
            isAfterUnknown = true
        }
        var position = 0
        while position < word.count {
            let width = isByteLevel ? 1 : word.scalar(at: position).width
            let character = UnsafeBufferPointer(rebasing: word[position..<position + width])
            position += width
            if isByteLevel {
                let id = byteIDs[Int(character[0])]
                if id < 0 {
                    appendUnknown()
                } else {
                    symbols.append(id)
                    isAfterUnknown = false
                }
            } else if let id = tokens.id(of: character) {
                symbols.append(id)
                isAfterUnknown = false
            } else if fallsBackToBytes && character.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
                for byte in character { symbols.append(byteIDs[Int(byte)]) }
                isAfterUnknown = false
            } else {
                appendUnknown()
            }
        }
        return symbols
    }

    /// Merges the leftmost of the lowest-ranked pairs until there is none: the definition.
    package func mergeByScanning(_ symbols: inout [Int32]) {
        while symbols.count > 1 {
            var best: (place: Int, merge: PairTable.Merge)?
            for place in 0..<symbols.count - 1 {
                guard let merge = pairs.merge(of: symbols[place], symbols[place + 1]) else {
                    continue
                }
                if merge.rank < best?.merge.rank ?? Int32.max { best = (place, merge) }
            }
            guard let best else { return }
            symbols[best.place] = best.merge.id
            symbols.remove(at: best.place + 1)
        }
    }

    /// The same in O(n log n): a heap of candidate merges over a linked list of symbols.
    package func mergeWithHeap(_ symbols: [Int32]) -> [Int32] {
        var ids = symbols
        var next = Array(1...ids.count)
        var previous = Array(-1..<ids.count - 1)
        var heap = CandidateHeap()
        func candidate(_ left: Int, _ right: Int) -> CandidateHeap.Candidate? {
            pairs.merge(of: ids[left], ids[right]).map {
                CandidateHeap.Candidate(rank: $0.rank, place: Int32(left), id: $0.id)
            }
        }
        for left in 0..<ids.count - 1 {
            if let candidate = candidate(left, left + 1) { heap.append(candidate) }
        }
        heap.heapify()
        while let top = heap.popFirst() {
            let left = Int(top.place)
            let right = next[left]
            // A candidate is stale if its symbols have merged with others since.
            guard ids[left] >= 0, right < ids.count,
                let merge = pairs.merge(of: ids[left], ids[right]),
                merge.id == top.id, merge.rank == top.rank
            else { continue }
            ids[left] = top.id
            ids[right] = -1
            next[left] = next[right]
            if next[right] < ids.count { previous[next[right]] = left }
            if previous[left] >= 0, let new = candidate(previous[left], left) { heap.insert(new) }
            if next[left] < ids.count, let new = candidate(left, next[left]) { heap.insert(new) }
        }
        return ids.filter { $0 >= 0 }
    }
}

/// Candidate merges, the lowest rank first, then the leftmost.
struct CandidateHeap {
    struct Candidate {
        var rank: Int32
        var place: Int32
        var id: Int32

        @inline(__always)
        static func < (left: Candidate, right: Candidate) -> Bool {
            (left.rank, left.place) < (right.rank, right.place)
        }
    }

    private var items: [Candidate] = []

    /// Adds without keeping the order; ``heapify()`` restores it.
    mutating func append(_ item: Candidate) { items.append(item) }

    mutating func heapify() {
        for index in stride(from: items.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    mutating func insert(_ item: Candidate) {
        items.append(item)
        var index = items.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard items[index] < items[parent] else { return }
            items.swapAt(index, parent)
            index = parent
        }
    }

    mutating func popFirst() -> Candidate? {
        guard let first = items.first else { return nil }
        let last = items.removeLast()
        if !items.isEmpty {
            items[0] = last
            siftDown(0)
        }
        return first
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var least = index
            let left = 2 * index + 1
            if left < items.count && items[left] < items[least] { least = left }
            if left + 1 < items.count && items[left + 1] < items[least] { least = left + 1 }
            if least == index { return }
            items.swapAt(index, least)
            index = least
        }
    }
}
