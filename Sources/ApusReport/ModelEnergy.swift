import ApusChip
import ApusCost
import ApusISA
import ApusMachine
import ApusNumerics

/// Joules of what a model took on simulated chips: by block, and as power, launch by launch.
///
/// Every launch's counts (``ClockedActivity``) become those of the energy model (`Activity`); the
/// time between is the clock's. Ranges are the model's low, expected and high scenarios.
///
/// Leakage, interfaces and standby count for every chip from the beginning to the end; with stages,
/// for the time of the slowest one, as all stages work on batches of their own.
///
/// - Source: docs/cost/energy.md.
public struct ModelEnergy: Sendable {
    /// The process that the energies are of.
    public var node: ProcessNode
    /// J of all chips by block, memory stacks included.
    public var blocks: [PowerBlock]
    /// In the order of ``ModelTime/parts``.
    public var launches: [LaunchPower]
    /// Seconds in which all chips take the joules.
    public var seconds: Double
    /// W that one chip may take; 0 for a chip without a limit.
    public var limit: Double

    private let chips: Double
    private let items: Double

    /// Mean power of one chip and its memory during a launch or an exchange.
    public struct LaunchPower: Sendable {
        public var label: String
        /// Of one of them.
        public var seconds: Double
        /// How many there are in a row.
        public var count: Int
        /// W.
        public var watts: Estimate
    }

    /// - Parameter node: where the chip is made.
    public init(_ time: ModelTime, node: ProcessNode) {
        let area = ChipArea(unchecked: time.chip, node: node)
        let model = EnergyModel(chip: time.chip, area: area)
        let hertz = Double(time.chip.clockMegahertz) * 1e6
        let stages = Double(max(time.items.pipelineStages, 1))
        self.node = node
        chips = Double(time.chips)
        items = Double(time.items.count)
        limit = Double(time.chip.powerTargetWatts)
        var total = Activity()
        var cycles: [Int: Int] = [:]
        launches = []
        for part in time.parts {
            let activity = Activity(of: part, on: time.chip)
            let watts = activity.seconds > 0 ? model.power(activity).chip : .zero
            launches.append(
                LaunchPower(
                    label: part.label, seconds: activity.seconds, count: part.count, watts: watts))
            total = total + activity * Double(part.count)
            cycles[part.stage, default: 0] += part.cycles * part.count
        }
        seconds = Double(cycles.values.max() ?? 0) / hertz
        // A stage's chips share its work evenly: what one did, all of them did.
        var shared = total * (chips / stages)
        shared.seconds = seconds * chips
        blocks = model.joules(shared)
    }

    /// J of all chips for one run.
    public var joules: Estimate { blocks.map(\.watts).total() }

    /// J of an item: a token, an image.
    public var joulesPerItem: Estimate { items > 0 ? joules / items : .zero }

    /// Mean W of one chip with its memory.
    public var meanWatts: Estimate { seconds > 0 ? joules / (seconds * chips) : .zero }

    /// The launch that takes most power, by its expected figure.
    public var hottest: LaunchPower? {
        launches.max { $0.watts.expected < $1.watts.expected }
    }

    /// What keeps one launch after another below the limit.
    public enum Standing: String, Sendable {
        case within = "within the limit in every launch, at the high end too"
        case expectedWithin = "within the limit as expected, beyond it at the high end"
        case briefly = "beyond the limit in some launches, within it on average"
        case beyond = "beyond the limit on average: the clock would have to fall"
        case noLimit = "no limit is stated"
    }

    /// Whether the chip stays within its limit.
    public var standing: Standing {
        guard limit > 0 else { return .noLimit }
        if meanWatts.expected > limit { return .beyond }
        if launches.contains(where: { $0.watts.expected > limit }) { return .briefly }
        return launches.contains { $0.watts.high > limit } ? .expectedWithin : .within
    }
}

extension Activity {
    /// What one chip did in one launch, or in an exchange, in which its links are busy throughout.
    ///
    /// Conversions, dequantised elements and folded sums count as a lane's step each; words that
    /// dispatchers fetch, and bytes of other cores, as bytes of scratchpads.
    public init(of part: ModelTime.Part, on chip: Chip) {
        self.init()
        seconds = Double(part.cycles) / (Double(chip.clockMegahertz) * 1e6)
        guard let did = part.timing?.activity else {
            linkBytes = seconds * Double(chip.linkMegabytesPerSecond) * 1e6
            return
        }
        for kind in did.multiplyAdds {
            if kind.isOfBytes {
                macs8 += Double(kind.count)
            } else {
                macs16 += Double(kind.count)
            }
        }
        memoryBytes = Double(did.globalBytesRead + did.globalBytesWritten)
        scratchpadBytes =
            Double(did.scratchpadBytesRead + did.scratchpadBytesWritten)
            + Double(did.remoteBytesRead + did.remoteBytesWritten)
            + 4 * Double(did.descriptorWords)
        accumulatorBytes = Double(did.accumulatorBytesRead + did.accumulatorBytesWritten)
        meshByteHops = Double(did.meshByteHops)
        let steps = did.laneMultiplyAdds + did.laneBitSteps + did.laneShares + did.laneDivisions
        vectorLaneSteps = Double(steps + did.conversions + did.dequantised + did.folded)
        instructions = Double(did.instructions)
    }

    /// The same so many times, one after the other.
    static func * (activity: Activity, times: Double) -> Activity {
        var product = activity
        let counts: [WritableKeyPath<Activity, Double>] = [
            \.macs8, \.macs16, \.memoryBytes, \.scratchpadBytes, \.accumulatorBytes,
            \.meshByteHops, \.vectorLaneSteps, \.instructions, \.linkBytes, \.seconds,
        ]
        for path in counts { product[keyPath: path] *= times }
        return product
    }
}

extension ClockedActivity.MultiplyAdds {
    /// Whether a cell takes four of them each cycle: integers of 8 bits or less, E4M3 by E4M3.
    fileprivate var isOfBytes: Bool {
        func isInteger(_ format: ElementFormat) -> Bool {
            [.int8, .uint8, .int4, .uint4].contains(format)
        }
        return (aFormat == .e4m3 && bFormat == .e4m3)
            || (isInteger(aFormat) && isInteger(bFormat))
    }
}
