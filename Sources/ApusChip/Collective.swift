/// An exchange between chips that are linked alike.
///
/// Chips are joined each with each as long as one has links for it, several to a peer if there are
/// enough; more chips than that form a ring, half of the links to either neighbour. With S bytes,
/// n chips, latency α, b bytes/s to one peer and B bytes/s to all of them together:
///
///     all-reduce   one shot     α + S / b                  each chip adds what all the others sent
///                  two shots    2 · (α + S / (n · b))      each adds an n-th, then spreads it
///                  ring         2 · (n − 1) · (α + S / (n · B))
///     all-gather   direct       α + S / (n · b)            S is the result
///                  ring         (n − 1) · (α + S / (n · B))
///     all-to-all   direct       α + S / (n · b)            S is what one chip holds
///                  ring         (n − 1) · α + n · S / (4 · B)    a quarter of the way round each
///     send         α + S / b
///
/// The fastest way that the chips' links allow is taken. What is received passes through the chip's
/// memory once, and so does what is sent: 2 · S over its bandwidth is added. Sums are taken in the
/// order of the chips, so their bits do not depend on the way.
///
/// - Source: docs/time-models.md#between-chips.
public struct Collective: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        case allReduce = "all-reduce"
        case allGather = "all-gather"
        case allToAll = "all-to-all"
        case send
    }

    public enum Way: String, Sendable {
        case oneShot = "one shot"
        case twoShots = "two shots"
        case direct, ring
    }

    public var kind: Kind
    /// Bytes, as the formulas say.
    public var bytes: Int
    /// Chips that take part, at least 1; alone, a chip exchanges nothing.
    public var chips: Int

    public init(_ kind: Kind, bytes: Int, chips: Int) {
        self.kind = kind
        self.bytes = bytes
        self.chips = chips
    }

    /// Seconds on chips of this kind, and the way taken; nil if the chip has no links.
    public func time(on chip: Chip) -> (seconds: Double, way: Way)? {
        if chips <= 1 { return (0, .direct) }
        guard chip.linkCount > 0, chip.linkMegabytesPerSecond > 0 else { return nil }
        let latency = Double(chip.linkLatencyNanoseconds) * 1e-9
        let link = Double(chip.linkMegabytesPerSecond) * 1e6 / Double(chip.linkCount)
        let memory = 2 * Double(bytes) / (Double(chip.memoryMegabytesPerSecond) * 1e6)
        let ways = ways(latency: latency, link: link, links: chip.linkCount)
        guard let best = ways.min(by: { $0.seconds < $1.seconds }) else { return nil }
        return (best.seconds + memory, best.way)
    }

    /// Chip cycles, rounded up.
    public func cycles(on chip: Chip) -> Int? {
        time(on: chip).map { Int(($0.seconds * Double(chip.clockMegahertz) * 1e6).rounded(.up)) }
    }

    private func ways(
        latency: Double, link: Double, links: Int
    ) -> [(seconds: Double, way: Way)] {
        let n = Double(chips)
        let size = Double(bytes)
        let hops = Double(chips - 1)
        let isJoined = chips - 1 <= links
        let peer = link * Double(isJoined ? links / (chips - 1) : max(links / 2, 1))
        let all = isJoined ? peer * hops : link * Double(links)
        let part = size / n
        switch kind {
        case .send: return [(latency + size / peer, .direct)]
        case .allReduce:
            let ring = 2 * hops * (latency + part / all)
            if !isJoined { return [(ring, .ring)] }
            return [
                (latency + size / peer, .oneShot), (2 * (latency + part / peer), .twoShots),
                (ring, .ring),
            ]
        case .allGather:
            let ring = hops * (latency + part / all)
            return isJoined ? [(latency + part / peer, .direct), (ring, .ring)] : [(ring, .ring)]
        case .allToAll:
            if isJoined { return [(latency + part / peer, .direct)] }
            return [(hops * latency + n * size / (4 * all), .ring)]
        }
    }
}
