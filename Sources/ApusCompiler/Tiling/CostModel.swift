import ApusChip
import ApusKernels
import ApusNumerics

/// What a launch costs, as a number to compare ways of tiling by.
///
/// The unit is about a nanosecond of one core of the emulator on a 2024 server. Chips of many cores
/// have ``CycleModel`` instead. Results do not depend on tiles.
struct CostModel: Hashable, Sendable {
    var chip: Chip
    var cores: Int { chip.coreCount }

    /// What a way of tiling is cheap in.
    enum Measure: Hashable, Sendable {
        /// The emulator's time; it ranks convolutions well on the clock too, whose loads of short
        /// rows ``CycleModel`` does not tell apart.
        case work
        /// The chip's cycles, on chips of many cores.
        case cycles
    }

    var measure = Measure.work
    private var countsCycles: Bool { measure == .cycles && cores > Chip.emulatedCoresMax }

    var perCommand = 1200.0
    var perRun = 5.0
    var perLoadByte = 0.1
    var perStridedElement = 0.8
    var perVectorElement = 0.25
    var perVectorRow = 5.0
    var perMultiplyAdd = 0.02
    var perPackedElement = 0.4
    var perAccumulator = 0.5

    /// The busiest core's time.
    func estimate(_ builder: TileBuilder) -> Double {
        if countsCycles {
            return CycleModel(chip: chip).estimate(builder, .all) { issues($0, builder, $1) }
        }
        let tiles = builder.grid.reduce(1, *)
        let share = (tiles + cores - 1) / cores
        var total = 0.0
        for entry in builder.entries {
            let chunks = entry.phase == .eachChunk ? builder.chunks : 1
            switch entry.command {
            case .load(let move):
                total += Double(issues(move, builder, share) * chunks) * transfer(move)
            case .store(let move): total += Double(share) * transfer(move)
            case .vector(let step): total += Double(share) * vector(step)
            case .matrix(let step): total += Double(share * chunks) * matrix(step)
            }
        }
        return total
    }

    /// The same, with what the program's buffers let overlap.
    func estimate(_ builder: TileBuilder, as program: TileProgram) -> Double {
        guard countsCycles else { return estimate(builder) }
        return CycleModel(chip: chip).estimate(builder, .of(program)) { issues($0, builder, $1) }
    }

    /// How often a Load is issued in `share` neighbouring tiles.
    private func issues(_ move: Move, _ builder: TileBuilder, _ share: Int) -> Int {
        if builder.chunks > 1, move.coordinates.contains(where: { $0.perChunk != 0 }) {
            return share
        }
        var repeats = 1
        for dimension in builder.grid.indices.reversed() {
            let depends = move.coordinates.contains {
                dimension < $0.perGrid.count && $0.perGrid[dimension] != 0
            }
            if depends && builder.grid[dimension] > 1 { break }
            repeats *= builder.grid[dimension]
        }
        return (share + repeats - 1) / repeats
    }

    private func transfer(_ move: Move) -> Double {
        let transfer = move.transfer
        var elements = 1
        for dimension in 0..<5 { elements *= Int(transfer.boxExtents[dimension]) }
        let width = transfer.globalFormat.bitWidth / 8
        let isDense =
            transfer.globalStrides[0] == Int32(width)
            && transfer.localStrides[0] == Int32(transfer.localFormat.bitWidth / 8)
        if !isDense { return perCommand + Double(elements) * perStridedElement }
        let runs = elements / max(Int(transfer.boxExtents[0]), 1)
        let bytes = elements * width
        let conversion = transfer.globalFormat == transfer.localFormat ? 1.0 : 2.0
        return perCommand + Double(runs) * perRun + Double(bytes) * perLoadByte * conversion
    }

    private func vector(_ step: VectorStep) -> Double {
        let rows = Double(step.descriptor.rows) * Double(step.descriptor.planes)
        return perCommand + rows
            * (perVectorRow + Double(step.descriptor.columns) * perVectorElement)
    }

    private func matrix(_ step: MatrixStep) -> Double {
        let descriptor = step.descriptor
        let m = Double(descriptor.m0) * Double(descriptor.m1)
        let n = Double(descriptor.n0) * Double(descriptor.n1)
        let k = Double(descriptor.k0) * Double(descriptor.k1) * Double(descriptor.k2)
        let passes = step.passes == .native ? 1.0 : step.passes == .three ? 3.0 : 6.0
        // Register tiles of 6 × 16 and the like: partial ones cost as much as whole ones.
        let mWhole = (m / 6).rounded(.up) * 6
        let nWhole = (n / 16).rounded(.up) * 16
        return perCommand + mWhole * nWhole * k * perMultiplyAdd * passes
            + (m + n) * k * perPackedElement + m * n * perAccumulator
    }
}

/// Sizes worth trying for a tile along an axis: equal shares of at most each of `targets`.
func tileSizes(extent: Int, targets: [Int], multiple: Int = 1) -> [Int] {
    var sizes: [Int] = []
    for target in targets {
        let count = max((extent + target - 1) / max(target, 1), 1)
        var size = (extent + count - 1) / count
        if count > 1 { size = (size + multiple - 1) / multiple * multiple }
        size = min(size, extent)
        if !sizes.contains(size) { sizes.append(size) }
    }
    return sizes
}
