import ApusChip
import ApusKernels
import ApusNumerics

/// About how many cycles a launch takes on a chip of many cores, to compare ways of tiling by.
///
/// Engines work side by side, so the busiest counts, and a tile's worth of the others before and
/// behind it. Constants are rounded from what the clocked machine tells of single commands
/// (docs/time.md).
struct CycleModel: Hashable, Sendable {
    var chip: Chip

    /// From a command's turn to its engine's first element, and global memory's answer.
    private static let perCommand = 70.0
    private static let perTransfer = 250.0
    /// A strip of a simple vector command, and a row's end.
    private static let perStrip = 20.0
    private static let perRow = 3.0
    /// Half a block of consecutive addresses in one channel.
    private static let perRunBytes = 128.0
    /// What refresh and row misses leave of the bandwidth.
    private static let memoryShare = 0.85

    /// What two buffers let go on at the same time.
    enum Overlap {
        case all
        /// Transfers with computing, but no tile's sums with those of the next.
        case transfers
        case nothing

        static func of(_ program: TileProgram) -> Overlap {
            let loads = (program.beforeChunks + program.eachChunk).contains { command in
                guard case .load(let move) = command else { return false }
                return program.slots[move.place.slot].buffers == 1
            }
            if loads { return .nothing }
            let sums = program.slots.contains { $0.memory == .accumulators && $0.buffers == 1 }
            return sums ? .transfers : .all
        }
    }

    /// The busiest core's cycles.
    ///
    /// - Parameter issues: how often a Load is issued in so many neighbouring tiles.
    func estimate(
        _ builder: TileBuilder, _ overlap: Overlap, issues: (Move, Int) -> Int
    ) -> Double {
        let tiles = builder.grid.reduce(1, *)
        let share = (tiles + chip.coreCount - 1) / chip.coreCount
        let rate = bytesPerCycle(cores: min(tiles, chip.coreCount))
        var busy = [0.0, 0.0, 0.0, 0.0]
        var bytes = 0.0
        for entry in builder.entries {
            let chunks = entry.phase == .eachChunk ? builder.chunks : 1
            switch entry.command {
            case .load(let move):
                let count = Double(issues(move, share) * chunks)
                busy[0] += count * transfer(move)
                bytes += count * globalBytes(move)
            case .store(let move):
                busy[1] += Double(share) * transfer(move)
                bytes += Double(share) * globalBytes(move)
            case .matrix(let step): busy[2] += Double(share * chunks) * matrix(step)
            case .vector(let step): busy[3] += Double(share) * vector(step)
            }
        }
        busy[0] = max(busy[0], bytes / rate - busy[1])
        let sum = busy.reduce(0, +)
        let most: Double
        switch overlap {
        case .all: most = busy.max() ?? 0
        case .transfers: most = max(busy[0], busy[1] + busy[2] + busy[3])
        case .nothing: return busy.reduce(0, +)
        }
        return most + max(sum - most, 0) / Double(share * builder.chunks)
    }

    /// Of global memory, for each of so many cores that want it at once.
    private func bytesPerCycle(cores: Int) -> Double {
        let all = Double(chip.memoryMegabytesPerSecond) / Double(chip.clockMegahertz)
        return max(all * Self.memoryShare / Double(max(cores, 1)), 1e-3)
    }

    private func elements(_ move: Move) -> Int {
        (0..<5).reduce(1) { $0 * Int(move.transfer.boxExtents[$1]) }
    }

    /// With what the rows of memory that each run begins and ends in cost beside it.
    private func globalBytes(_ move: Move) -> Double {
        let transfer = move.transfer
        let width = transfer.globalFormat.bitWidth
        var run = 1
        for dimension in 0..<5 {
            let extent = Int(transfer.boxExtents[dimension])
            let stride = Int(transfer.globalStrides[dimension])
            if extent > 1, stride != (width < 8 ? run : run * width / 8) { break }
            run *= extent
        }
        let runs = elements(move) / max(run, 1)
        return Double(elements(move) * width) / 8 + Double(runs) * Self.perRunBytes
    }

    private func transfer(_ move: Move) -> Double {
        let transfer = move.transfer
        let ports = Double(chip.widths.transferPorts)
        let (global, local) = (transfer.globalFormat.bitWidth, transfer.localFormat.bitWidth)
        let isDense =
            transfer.globalStrides[0] == Int32(max(global / 8, 1))
            && transfer.localStrides[0] == Int32(max(local / 8, 1))
        let count = elements(move)
        guard isDense, chip.widths.transferPacksRuns == 1 else {
            return Self.perTransfer + Double(count) / ports
        }
        let run = max(Int(transfer.boxExtents[0]), 1)
        let each = (Double(run * max(global, local)) / (64 * ports)).rounded(.up)
        return Self.perTransfer + Double(count / run) * each
    }

    private func matrix(_ step: MatrixStep) -> Double {
        let descriptor = step.descriptor
        let m = Double(descriptor.m0) * Double(descriptor.m1)
        let n = Double(descriptor.n0) * Double(descriptor.n1)
        let k = Double(descriptor.k0) * Double(descriptor.k1) * Double(descriptor.k2)
        let passes = step.passes == .native ? 1.0 : step.passes == .three ? 3.0 : 6.0
        let (height, width) = (Double(chip.matrixRows), 2 * Double(chip.matrixColumns))
        let tiles = (m / height).rounded(.up) * (n / width).rounded(.up)
        let row = Double(chip.matrixColumns) / Double(chip.widths.matrixPorts)
        let moves = 4 * min(m, height) * row
        return Self.perCommand + tiles * max(2 * k * passes, moves + width) + moves
    }

    private func vector(_ step: VectorStep) -> Double {
        let rows = Double(step.descriptor.rows) * Double(step.descriptor.planes)
        // CLOCK_BEATS of a strip's lanes follow each other.
        let strip = 8 * Double(chip.vectorLanes)
        let strips = (Double(step.descriptor.columns) / strip).rounded(.up)
        return Self.perCommand + rows * (Self.perRow + strips * Self.perStrip)
    }
}
