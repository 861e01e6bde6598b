import ApusChip
import Glibc

/// Joules of a chip's activity, by block, with low, expected and high scenarios.
public struct EnergyModel: Sendable {
    private let area: ChipArea
    private let memoryKind: MemoryKind
    private let scale: Estimate
    /// mm between neighbours of the mesh.
    private let hop: Double
    /// W whatever the chip does: leakage of logic and SRAM, interfaces, memory stacks' standby.
    public let staticWatts: [PowerBlock]

    public init(chip: Chip, area: ChipArea) {
        self.area = area
        memoryKind = chip.memoryKind
        scale = area.node.energyScale.value
        hop = area.core.expected.squareRoot()
        let logic =
            area.total - AreaModel(node: area.node).sram(bytes: area.sramBytes, hasECC: true)
        // A die's logic area is its area without SRAM; an estimate's low may fall below zero.
        let logicArea = Estimate(
            low: max(logic.low, 0), expected: max(logic.expected, 0), high: max(logic.high, 0))
        let mebibits = area.sramBytes * 8 / 1_048_576
        staticWatts = [
            PowerBlock(name: "logic leakage", watts: logicArea * Energy.logicLeakage.value),
            PowerBlock(
                name: "SRAM leakage", watts: Energy.sramLeakage.value * (mebibits * 1e-3)),
            PowerBlock(
                name: "interfaces and memory standby",
                watts: Memory.idle.value * Double(area.memoryUnits)
                    + (area.memoryUnits > 0 ? Energy.hostIdle.value : .zero)),
        ]
    }

    /// Joules of the chip and its memory stacks, by block.
    public func joules(_ activity: Activity) -> [PowerBlock] {
        let pico = 1e-12
        let logic = scale * pico
        let array =
            (Energy.mac8.value * activity.macs8 + Energy.mac16.value * activity.macs16)
            * Energy.cellOverhead.value * logic
        let vector = Energy.vectorStep.value * activity.vectorLaneSteps * logic
        let control = Energy.instruction.value * activity.instructions * logic
        let local =
            (Energy.scratchpadByte.value * activity.scratchpadBytes
                + Energy.accumulatorByte.value * activity.accumulatorBytes) * logic
        let mesh = Energy.wire.value * (activity.meshByteHops * hop) * logic
        let memory = Memory.energy(memoryKind) * (activity.memoryBytes * 8 * pico)
        let links = Energy.link.value * (activity.linkBytes * 8 * pico)
        let dynamic = [
            PowerBlock(name: "matrix arrays", watts: array),
            PowerBlock(name: "vector engines", watts: vector),
            PowerBlock(name: "control processors", watts: control),
            PowerBlock(name: "scratchpads", watts: local),
            PowerBlock(name: "mesh", watts: mesh),
            PowerBlock(
                name: "clock tree", watts: (array + vector + control) * Energy.clockTree.value),
            PowerBlock(name: "memory", watts: memory),
            PowerBlock(name: "chip links", watts: links),
        ]
        let still = staticWatts.map {
            PowerBlock(name: $0.name, watts: $0.watts * activity.seconds)
        }
        return dynamic + still
    }

    /// Mean power over the activity: chip and memory stacks, then the board, then the wall.
    public func power(_ activity: Activity) -> Power {
        let chip = joules(activity).map(\.watts).total() / activity.seconds
        return Power(chip: chip)
    }
}

/// A named share of power (W) or energy (J).
public struct PowerBlock: Sendable, Hashable {
    public var name: String
    public var watts: Estimate
}

/// Three figures that are never mixed: package, board, and the wall's share of a server of eight.
public struct Power: Sendable, Hashable {
    /// W of the package, memory stacks included.
    public var chip: Estimate
    /// W of the board that carries it.
    public var board: Estimate
    /// W at the wall: board, its share of the host, losses of the supplies.
    public var wall: Estimate

    /// From the package's power.
    public init(chip: Estimate) {
        self.init(
            chip: chip, board: chip / Energy.regulator.value + Energy.boardRest.value)
    }

    /// From a board's power; the package's share is not known for bought parts.
    public init(chip: Estimate, board: Estimate) {
        self.chip = chip
        self.board = board
        wall = (board + Energy.hostShare.value) / Energy.supply.value
    }
}
