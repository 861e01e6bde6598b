import ApusChip
import CApusMachine

/// What is behind the chip of a ``ClockedMachine``.
public enum ClockedMemory: Hashable, Sendable {
    /// One port with the chip's latency, then a word of 64 bits in each cycle: the memory of the
    /// RTL's bench.
    case simple
    /// The chip's channels with rows, banks and refresh (``MemoryTiming``), reached over the mesh.
    /// A chip whose memory is `ideal` has ``simple`` instead.
    case channels
}

extension ClockedMachine {
    /// What the clock knows of a chip.
    static func sizes(of chip: Chip, memory: ClockedMemory) -> apus_clock_chip {
        var sizes = apus_clock_chip()
        sizes.core_count = UInt32(chip.coreCount)
        sizes.mesh_columns = UInt32(chip.meshColumns)
        sizes.mesh_rows = UInt32(chip.meshRows)
        sizes.matrix_rows = UInt32(chip.matrixRows)
        sizes.matrix_columns = UInt32(chip.matrixColumns)
        sizes.vector_lanes = UInt32(chip.vectorLanes)
        sizes.scratchpad_bytes = UInt32(chip.scratchpadBytes)
        sizes.scratchpad_banks = UInt32(chip.scratchpadBanks)
        sizes.accumulator_bytes = UInt32(chip.accumulatorBytes)
        sizes.program_bytes = UInt32(chip.programBytes)
        sizes.argument_bytes = UInt32(chip.argumentBytes)
        sizes.queue_depth = UInt32(chip.queueDepth)
        let widths = chip.widths
        sizes.commands_under_way = UInt32(widths.commandsUnderWay)
        sizes.transfer_ports = UInt32(widths.transferPorts)
        sizes.transfer_packs = UInt32(widths.transferPacksRuns)
        sizes.transfer_entries = UInt32(widths.transferEntries)
        sizes.matrix_ports = UInt32(widths.matrixPorts)
        sizes.matrix_fetch_pipelined = UInt32(widths.matrixFetchPipelined)
        sizes.matrix_rows_overlap = UInt32(widths.matrixRowsOverlap)
        sizes.vector_ports = UInt32(widths.vectorPorts)
        sizes.vector_overlaps = UInt32(widths.vectorOverlaps)
        sizes.mesh_link_bytes = UInt32(widths.meshLinkBytes)
        sizes.memory = memorySizes(of: chip, memory: memory)
        return sizes
    }

    /// Whether every cycle of every block is stepped, as in the RTL: the chip has the RTL's widths
    /// and is behind the RTL bench's memory.
    static func isStepped(_ chip: Chip, _ memory: ClockedMemory) -> Bool {
        memory == .simple && chip.widths == .gates && chip.coreCount <= 16
            && chip.matrixRows <= 16 && chip.matrixColumns <= 16
    }

    private static func memorySizes(of chip: Chip, memory: ClockedMemory) -> apus_clock_memory {
        var sizes = apus_clock_memory()
        let latency = chip.memoryLatencyNanoseconds * 1000
        guard memory == .channels, let timing = MemoryTiming(chip.memoryKind) else {
            sizes.is_simple = true
            sizes.channels = 1
            sizes.latency_cycles = max(1, cycles(latency, chip))
            // apus_chip_top.sv: a word of 64 bits.
            sizes.bytes_per_cycle_q16 = 8 << 16
            (sizes.banks, sizes.page_bytes, sizes.interleave_bytes) = (1, 1024, 256)
            sizes.burst_bytes = 8
            sizes.refresh_interval = UInt32.max
            return sizes
        }
        sizes.channels = UInt32(chip.memoryChannels)
        // The chip's latency holds a row's opening and the way through an empty mesh, which are
        // modelled; what is left is the controller's.
        let way = UInt32(chip.meshColumns / 2 + chip.meshRows / 2)
        let rest = cycles(max(0, latency - timing.activatePicoseconds), chip)
        sizes.latency_cycles = rest > way ? rest - way : 1
        let rate = chip.memoryMegabytesPerSecond << 16
        sizes.bytes_per_cycle_q16 = UInt64(
            max(1, rate / chip.memoryChannels / chip.clockMegahertz))
        sizes.interleave_bytes = UInt32(timing.interleaveBytes)
        sizes.page_bytes = UInt32(timing.pageBytes)
        sizes.burst_bytes = UInt32(timing.burstBytes)
        sizes.banks = UInt32(timing.banks)
        sizes.activate_cycles = cycles(timing.activatePicoseconds, chip)
        sizes.precharge_cycles = cycles(timing.prechargePicoseconds, chip)
        sizes.active_cycles_min = cycles(timing.activePicoseconds, chip)
        sizes.refresh_cycles = cycles(timing.refreshPicoseconds, chip)
        sizes.refresh_interval = cycles(timing.refreshIntervalPicoseconds, chip)
        return sizes
    }

    /// Cycles of the chip's clock that a time takes, rounded up.
    private static func cycles(_ picoseconds: Int, _ chip: Chip) -> UInt32 {
        UInt32((picoseconds * chip.clockMegahertz + 999_999) / 1_000_000)
    }
}

extension ClockedMachine {
    /// The entry that stands in for what lies in an index table at a local address: even over
    /// `0 ..< extent`, from the seed (`clock_draw` of Clock.h).
    public static func drawnEntry(at address: UInt64, extent: Int, seed: UInt64) -> Int32 {
        extent <= 0 ? 0 : Int32(apus_clock_draw(seed, address) % UInt64(extent))
    }
}
