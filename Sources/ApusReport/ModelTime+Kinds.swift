import ApusISA
import ApusMachine

extension ModelTime {
    /// Parts of one label, together.
    public struct Kind: Sendable {
        public var label: String
        public var count: Int
        public var cycles: Int
        /// Of one chip.
        public var multiplyAdds: UInt64
        public var bytes: UInt64
        /// Cycles that an engine of a core was busy, the mean of all cores, by ``Engine``.
        public var busy: [Double]
        /// The busiest core's, by ``Engine``.
        public var busyMost: [UInt64]
        public var isExchange: Bool

        /// What the kind spends its time on: the engine that is busiest on its busiest core.
        public var bound: String {
            if isExchange { return "links" }
            guard let most = busyMost.indices.max(by: { busyMost[$0] < busyMost[$1] }),
                busyMost[most] * 2 > UInt64(max(cycles, 0)),
                let engine = Engine(rawValue: UInt8(most))
            else { return "latency" }
            return "\(engine)"
        }
    }

    /// Parts by label, the longest first.
    public var kinds: [Kind] {
        var order: [String] = []
        var kinds: [String: Kind] = [:]
        for part in parts {
            if kinds[part.label] == nil {
                order.append(part.label)
                kinds[part.label] = Kind(
                    label: part.label, count: 0, cycles: 0, multiplyAdds: 0, bytes: 0,
                    busy: [0, 0, 0, 0], busyMost: [0, 0, 0, 0], isExchange: part.timing == nil)
            }
            kinds[part.label]?.add(part)
        }
        return order.compactMap { kinds[$0] }.sorted {
            ($0.cycles, $1.label) > ($1.cycles, $0.label)
        }
    }
}

extension ModelTime.Kind {
    fileprivate mutating func add(_ part: ModelTime.Part) {
        count += part.count
        cycles += part.cycles * part.count
        guard let timing = part.timing else { return }
        let times = UInt64(part.count)
        multiplyAdds += times * timing.activity.multiplyAdds.reduce(0) { $0 + $1.count }
        bytes += times * (timing.activity.globalBytesRead + timing.activity.globalBytesWritten)
        for engine in busy.indices {
            let busyOfCores = timing.cores.map { $0.engines[engine].busy }
            busy[engine] +=
                Double(times * busyOfCores.reduce(0, +)) / Double(max(timing.cores.count, 1))
            busyMost[engine] += times * (busyOfCores.max() ?? 0)
        }
    }
}

extension LaunchTiming {
    /// What a launch waited for longest, in a few words: of the core that was done last, the engine
    /// that was busy longest, and what its commands waited for.
    public var criticalPath: String {
        guard
            let core = cores.indices.max(by: { cores[$0].busyMost < cores[$1].busyMost }),
            let engine = cores[core].engines.indices.max(by: {
                cores[core].engines[$0].busy < cores[core].engines[$1].busy
            }), let name = Engine(rawValue: UInt8(engine))
        else { return "nothing" }
        let timing = cores[core].engines[engine]
        let waits = timing.waiting.enumerated().max { $0.element < $1.element }
        let share = cycles == 0 ? 0 : timing.busy * 100 / cycles
        var text = "core \(core): \(name) busy \(share) %"
        if let waits, waits.element > 0,
            let other = Engine(rawValue: UInt8(max(waits.offset, 1) - 1))
        {
            text += ", waiting for \(other) \(cycles == 0 ? 0 : waits.element * 100 / cycles) %"
        }
        let stalls = [
            ("banks", timing.stalledLocal), ("memory", timing.stalledMemory),
            ("mesh", timing.stalledMesh),
        ]
        if let worst = stalls.max(by: { $0.1 < $1.1 }), worst.1 > 0 {
            text += ", stalled by \(worst.0) \(cycles == 0 ? 0 : worst.1 * 100 / cycles) %"
        }
        return text
    }
}

extension CoreTiming {
    fileprivate var busyMost: UInt64 { engines.map(\.busy).max() ?? 0 }
}
