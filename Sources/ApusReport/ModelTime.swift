import ApusChip
import ApusISA
import ApusMachine
import ApusRuntime

/// What a model takes on a chip, or on several: launches, and exchanges between chips.
///
/// Where chips do the same work at the same time, one of them stands for all.
public struct ModelTime: Sendable {
    /// The model and what it does, in a few words.
    public var title: String
    public var chip: Chip
    public var chips: Int
    /// In order; those of later pipeline stages follow those of earlier ones.
    public var parts: [Part] = []
    /// What cannot be avoided.
    public var need = Need()
    /// What the answer is worth: tokens, or images.
    public var items = Items(count: 1, name: "runs", pipelineStages: 1)
    /// What lies in memory when, of the fullest chip.
    public var memory: [MemoryRange] = []
    /// Steps that the host performs, which take no time here.
    public var hostSteps: [String] = []

    public init(title: String, chip: Chip, chips: Int) {
        self.title = title
        self.chip = chip
        self.chips = chips
    }

    /// A launch, or an exchange.
    public struct Part: Sendable {
        public var label: String
        /// Its layer, or the part of the model that it belongs to.
        public var group: String
        public var stage: Int
        public var cycles: Int
        /// How often this part takes place in a row with others like it.
        public var count: Int
        /// Nil for an exchange.
        public var timing: LaunchTiming?

        public init(
            label: String, group: String, stage: Int, cycles: Int, count: Int,
            timing: LaunchTiming?
        ) {
            self.label = label
            self.group = group
            self.stage = stage
            self.cycles = cycles
            self.count = count
            self.timing = timing
        }
    }

    /// What all chips must do together, however it is done.
    public struct Need: Sendable {
        /// Products of operands of 16 bits, and of 8 bits on both sides, of which a cell takes
        /// four.
        public var multiplyAdds = 0
        public var byteMultiplyAdds = 0
        /// Weights and cache that must come from memory.
        public var bytes = 0

        public init() {}

        public init(multiplyAdds: Int, byteMultiplyAdds: Int, bytes: Int) {
            self.multiplyAdds = multiplyAdds
            self.byteMultiplyAdds = byteMultiplyAdds
            self.bytes = bytes
        }
    }

    public struct Items: Sendable {
        public var count: Int
        public var name: String
        /// Stages that work on different batches at the same time.
        public var pipelineStages: Int

        public init(count: Int, name: String, pipelineStages: Int) {
            self.count = count
            self.name = name
            self.pipelineStages = pipelineStages
        }
    }

    /// A piece of memory and the parts during which it is in use.
    public struct MemoryRange: Sendable {
        public var name: String
        public var offset: Int
        public var bytes: Int
        public var firstPart: Int
        public var lastPart: Int

        public init(name: String, offset: Int, bytes: Int, firstPart: Int, lastPart: Int) {
            self.name = name
            self.offset = offset
            self.bytes = bytes
            self.firstPart = firstPart
            self.lastPart = lastPart
        }
    }
}

extension ModelTime {
    /// All parts, one after the other.
    public var cycles: Int { parts.reduce(0) { $0 + $1.cycles * $1.count } }

    public var seconds: Double { Double(cycles) / (Double(chip.clockMegahertz) * 1e6) }

    /// Cycles of exchanges between chips.
    public var exchangeCycles: Int {
        parts.reduce(0) { $0 + ($1.timing == nil ? $1.cycles * $1.count : 0) }
    }

    /// Items each second: with several stages, as many batches are under way, and the slowest stage
    /// says how fast they follow each other.
    public var itemsPerSecond: Double {
        var stages = [Int: Int]()
        for part in parts { stages[part.stage, default: 0] += part.cycles * part.count }
        let slowest = stages.values.max() ?? 0
        if slowest == 0 { return 0 }
        return Double(items.count) * Double(chip.clockMegahertz) * 1e6 / Double(slowest)
    }

    /// Multiply-adds of 16-bit operands that all chips can do each cycle.
    public var peakMultiplyAdds: Double {
        Double(chips * chip.coreCount * chip.matrixRows * chip.matrixColumns)
    }

    /// Bytes that all chips' memories can deliver each cycle.
    public var peakBytes: Double {
        Double(chips) * Double(chip.memoryMegabytesPerSecond) / Double(chip.clockMegahertz)
    }

    /// The least cycles that arrays, and memories, could take if all chips were busy.
    public var matrixBound: Double {
        (Double(need.multiplyAdds) + Double(need.byteMultiplyAdds) / 4) / peakMultiplyAdds
    }
    public var memoryBound: Double { Double(need.bytes) / peakBytes }

    /// Shares of the peaks that were reached, from 0 to 1. Stages of a pipeline take turns with one
    /// batch, so each counts as if it worked alone.
    public var matrixShare: Double { share(matrixBound) }
    public var memoryShare: Double { share(memoryBound) }

    private func share(_ bound: Double) -> Double {
        cycles == 0 ? 0 : bound * Double(items.pipelineStages) / Double(cycles)
    }

    /// What was done, all parts together; of one chip where several do the same.
    public var activity: ClockedActivity {
        var sum = ClockedActivity()
        for part in parts {
            guard let timing = part.timing else { continue }
            for _ in 0..<part.count { sum += timing.activity }
        }
        return sum
    }
}
