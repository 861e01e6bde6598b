import ApusChip

/// The chips that an exploration draws from.
///
/// A design is a function of a number, so that any process draws the same ones.
public struct DesignSpace: Sendable, Hashable {
    public var node: ProcessNode
    /// W of the board; the clock falls when a design would exceed it.
    public var power: Double

    public init(node: ProcessNode, power: Double) {
        self.node = node
        self.power = power
    }

    /// A design as one choice on each axis.
    struct Choices: Sendable, Hashable {
        var picks: [Int]
    }

    /// Meshes' sides, arrays' sides, lanes, KiB of scratchpad, MHz, and memories: decisions of this
    /// project; a process may hold a design to fewer MHz (``ProcessNode/clock``).
    private static let meshes = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12]
    private static let sides = [32, 64, 96, 128]
    private static let lanes = [32, 64, 128]
    private static let scratchpads = [512, 1024, 1536, 2048, 3072, 4096]
    private static let clocks = [500, 600, 700, 800, 900, 1000]
    /// HBM2e stacks of 16 GiB and 410 GB/s, then LPDDR5X channels of 2 GiB and 17 GB/s.
    private static let stacks = [1, 2, 3, 4, 5, 6]
    private static let channels = [16, 32, 48, 64]

    static let axes = [
        meshes.count, meshes.count, sides.count, sides.count, lanes.count, scratchpads.count,
        clocks.count, stacks.count + channels.count,
    ]

    /// The `index`-th sample: independent draws on every axis.
    func sample(_ index: Int) -> Choices {
        var random = DesignRandom(state: UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
        return Choices(picks: DesignSpace.axes.map { random.below($0) })
    }

    /// A neighbour of a design: one or two axes moved by one.
    func neighbour(of choices: Choices, _ index: Int) -> Choices {
        var random = DesignRandom(state: UInt64(index) &* 0xD1B5_4A32_D192_ED03)
        var moved = choices
        for _ in 0...random.below(2) {
            let axis = random.below(DesignSpace.axes.count)
            let step = random.below(2) == 0 ? 1 : -1
            let pick = moved.picks[axis] + step
            moved.picks[axis] = min(max(pick, 0), DesignSpace.axes[axis] - 1)
        }
        return moved
    }

    /// The chip of a choice.
    func chip(_ choices: Choices) -> Chip {
        let pick = choices.picks
        var chip = Chip.cloud7
        chip.name = "design-" + pick.map(String.init).joined(separator: "-")
        chip.nodeNanometres = node.name == "n+2" ? 7 : Int(node.name.prefix { $0.isNumber }) ?? 7
        chip.meshColumns = DesignSpace.meshes[pick[0]]
        chip.meshRows = DesignSpace.meshes[pick[1]]
        chip.matrixRows = DesignSpace.sides[pick[2]]
        chip.matrixColumns = DesignSpace.sides[pick[3]]
        chip.vectorLanes = DesignSpace.lanes[pick[4]]
        chip.scratchpadBytes = DesignSpace.scratchpads[pick[5]] << 10
        // As edge14 and cloud14 have: the analytic model gives accumulators no value.
        chip.accumulatorBytes = 256 << 10
        // A port for two 16-bit operands of a full array, and for two lanes of 32 bits.
        chip.widths.matrixPorts = chip.matrixColumns / 2
        chip.widths.vectorPorts = chip.vectorLanes / 2
        chip.clockMegahertz = min(
            DesignSpace.clocks[pick[6]], Int(node.clock.value.expected))
        chip.powerTargetWatts = Int(power)
        if pick[7] < DesignSpace.stacks.count {
            let stacks = DesignSpace.stacks[pick[7]]
            chip.memoryKind = .hbm2e
            chip.memoryChannels = 8 * stacks
            chip.memoryMegabytesPerSecond = 409_600 * stacks
            chip.memoryBytes = stacks << 34
        } else {
            let channels = DesignSpace.channels[pick[7] - DesignSpace.stacks.count]
            chip.memoryKind = .lpddr5x
            chip.memoryChannels = channels
            // 16 bits at 8533 Mb/s a pin.
            chip.memoryMegabytesPerSecond = 17_066 * channels
            chip.memoryBytes = channels << 31
        }
        return chip
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct DesignRandom {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
