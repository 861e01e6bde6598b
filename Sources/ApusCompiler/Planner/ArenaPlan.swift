/// Offsets of buffers in the arena.
struct ArenaPlan: Sendable {
    /// When a buffer must keep its bytes: from its first step to its last, both included.
    struct Lifetime: Hashable, Sendable {
        var bytes: Int
        var first: Int
        var last: Int

        func overlaps(_ other: Lifetime) -> Bool { first <= other.last && other.first <= last }
    }

    var offsets: [Int]
    var arenaBytes: Int

    /// Lines of memory: no two buffers share one.
    static let alignment = 64

    /// Places buffers, the largest first, each in the smallest gap among those it meets in time.
    init(_ lifetimes: [Lifetime]) {
        offsets = [Int](repeating: 0, count: lifetimes.count)
        arenaBytes = 0
        var placed: [Int] = []
        let order = lifetimes.indices.sorted {
            (lifetimes[$1].bytes, $0) < (lifetimes[$0].bytes, $1)
        }
        for index in order {
            let lifetime = lifetimes[index]
            let size = Self.aligned(max(lifetime.bytes, 1))
            var best: (gap: Int, offset: Int)?
            var end = 0
            for other in placed where lifetimes[other].overlaps(lifetime) {
                let gap = offsets[other] - end
                if gap >= size, gap < best?.gap ?? .max { best = (gap, end) }
                end = max(end, offsets[other] + Self.aligned(max(lifetimes[other].bytes, 1)))
            }
            offsets[index] = best?.offset ?? end
            arenaBytes = max(arenaBytes, offsets[index] + size)
            // Placed buffers stay sorted by offset, so that gaps are found in one pass.
            let position = placed.firstIndex { offsets[$0] > offsets[index] } ?? placed.count
            placed.insert(index, at: position)
        }
    }

    static func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }

    /// Checks that no two buffers that are live at once share a byte.
    func verify(_ lifetimes: [Lifetime]) throws(CompileError) {
        let order = lifetimes.indices.sorted { offsets[$0] < offsets[$1] }
        for (position, first) in order.enumerated() {
            let end = offsets[first] + lifetimes[first].bytes
            for second in order[(position + 1)...] {
                if offsets[second] >= end { break }
                if lifetimes[first].overlaps(lifetimes[second]), lifetimes[second].bytes > 0 {
                    throw .overlappingBuffers(first: first, second: second)
                }
            }
        }
    }
}
