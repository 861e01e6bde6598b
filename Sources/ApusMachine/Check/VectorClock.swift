import ApusISA

/// How much of each agent's work on a core is known to be done: component i counts agent i's steps.
///
/// Agent 0 is the control processor; the engines follow in the order of their queues. What other
/// cores did is known by their posts and by the barrier, and kept apart.
struct VectorClock: Hashable, Sendable {
    private var steps = SIMD8<Int32>.zero
    /// By core, the agents' steps that are known; empty where cores do not meet.
    private var others: [Int: SIMD8<Int32>] = [:]

    subscript(agent: Int) -> Int32 {
        get { steps[agent] }
        set { steps[agent] = newValue }
    }

    /// Also knows what `other` knows.
    mutating func join(_ other: VectorClock) {
        steps.replace(with: other.steps, where: other.steps .> steps)
        for (core, known) in other.others { learn(known, of: core) }
    }

    /// The steps of another core's agent that are known.
    func steps(of agent: Int, onOther core: Int) -> Int32 { others[core]?[agent] ?? 0 }

    /// The same knowledge of core `own`, as core `reader` keeps it.
    func told(by own: Int, to reader: Int) -> VectorClock {
        if own == reader { return self }
        var clock = VectorClock()
        clock.steps = others[reader] ?? .zero
        clock.others = others
        clock.others[reader] = nil
        clock.learn(steps, of: own)
        return clock
    }

    private mutating func learn(_ known: SIMD8<Int32>, of core: Int) {
        var mine = others[core] ?? .zero
        mine.replace(with: known, where: known .> mine)
        others[core] = mine
    }
}

extension Waiter.Agent {
    /// The component of a vector clock.
    var clockIndex: Int {
        switch self {
        case .processor: 0
        case .engine(let engine): 1 + Int(engine.rawValue)
        }
    }
}

/// A semaphore as the checker sees it: who posts it, and what each post made known.
struct CheckedSemaphore {
    /// The posts, each with the total it led to.
    private var posts: [(total: Int, clock: VectorClock)] = []
    private(set) var total = 0
    private(set) var poster: Finding.Poster?

    /// How far back a wait can look: values are compared within half of 16 bits.
    private static let window = 1 << 15

    /// Counts a post; returns the first poster if this is another.
    mutating func post(_ count: Int, by newPoster: Finding.Poster, knowing clock: VectorClock)
        -> Finding.Poster?
    {
        if count == 0 { return nil }
        total += count
        posts.append((total, clock))
        if posts.count > 4 * CheckedSemaphore.window {
            posts.removeFirst(2 * CheckedSemaphore.window)
        }
        let isAnother =
            poster.map { $0.agent != newPoster.agent || $0.core != newPoster.core } ?? false
        defer { if !isAnother { poster = newPoster } }
        return isAnother ? poster : nil
    }

    /// What is known when a wait for `value` passes: that of the post that reached it, not of later
    /// ones, for in another order these come later. Nil if the value was there from the start.
    func knowledge(after value: UInt16) -> VectorClock? {
        let behind = Int(UInt16(truncatingIfNeeded: total) &- value)
        let target = total - behind
        guard behind < CheckedSemaphore.window, target > 0 else { return nil }
        var low = 0
        var high = posts.count
        while low < high {
            let middle = (low + high) / 2
            if posts[middle].total < target { low = middle + 1 } else { high = middle }
        }
        return low < posts.count ? posts[low].clock : nil
    }

    /// What is known when the present value is read.
    var knowledge: VectorClock? { posts.last?.clock }
}
