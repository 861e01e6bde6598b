import ApusChip

/// Which bound of a range a computation follows.
public enum Scenario: Int, Sendable, Hashable, CaseIterable {
    case low, expected, high

    func of(_ estimate: Estimate) -> Double {
        switch self {
        case .low: estimate.low
        case .expected: estimate.expected
        case .high: estimate.high
        }
    }
}

/// Kernel times of an Apus chip, analytic: a roofline with the arrays' tiles and rounds.
///
/// It counts what each kernel does (``Activity``) as it goes, for the energy model.
struct ApusTimer: StepTimer {
    let chip: Chip
    private let clock: Double
    private let cores: Double
    private let rows: Double
    private let columns: Double
    private let bandwidth: Double
    private let compute: Double
    private let launch: Double
    private let linkBandwidth: Double
    /// 8-bit products of a cell and cycle.
    private let products: Double

    /// - Parameters:
    ///   - today: what programs reach, launches included; nil for the analytic efficiencies.
    ///   - scenario: of efficiency: `high` is the fast one.
    init(chip: Chip, today: CompiledToday?, scenario: Scenario) {
        self.chip = chip
        clock = Double(chip.clockMegahertz)
        cores = Double(chip.coreCount)
        rows = Double(chip.matrixRows)
        columns = Double(chip.matrixColumns)
        // 10⁶ bytes a second are bytes a µs.
        let (memory, matrix) = (today?.memory ?? Analytic.memory, today?.matrix ?? Analytic.matrix)
        bandwidth = Double(chip.memoryMegabytesPerSecond) * scenario.of(memory.value)
        compute = scenario.of(matrix.value)
        products = today == nil ? 4 : 1
        let slowest: Scenario = scenario == .low ? .high : scenario == .high ? .low : .expected
        launch = today == nil ? slowest.of(Analytic.launch.value) : 0
        linkBandwidth = Double(ChipArea.linkCount(chip)) * Area.linkLanes.value.expected * 1e3 / 2
    }

    /// Embedding, norms, sampling: launches beyond those of the kernels counted here.
    var layerOverhead: Double { 4 * launch }
    var stepOverhead: Double { 10 * launch }
    /// E4M3.
    var cacheBytes: Double { 1 }

    func product(m: Double, n: Double, k: Double, isBlockScaled: Bool) -> Double {
        matrix(m: m, n: n, k: k, perCycle: products, bytes: (n * k + m * k) + 2 * m * n)
    }

    func wideProduct(m: Double, n: Double, k: Double) -> Double {
        matrix(m: m, n: n, k: k, perCycle: 1, bytes: 2 * (n * k + m * k + m * n))
    }

    private func matrix(
        m: Double, n: Double, k: Double, perCycle: Double, bytes: Double
    ) -> Double {
        let tiles = (m / rows).rounded(.up) * (n / columns).rounded(.up)
        var best = Double.infinity
        for split in [1.0, 2, 4, 8] where k / split >= 64 || split == 1 {
            let rounds = (tiles * split / cores).rounded(.up)
            // A tile's first sums appear after its rows and columns have filled.
            best = min(best, rounds * (k / split / perCycle + rows + columns))
        }
        return max(best / clock / compute, bytes / bandwidth) + launch
    }

    func attention(
        _ phase: Phase, dimension: Int, batch: Double, length: Double, heads: Double,
        cacheHeads: Double
    ) -> Double {
        let (d, streams) = (Double(dimension), batch * cacheHeads)
        let queries = heads / cacheHeads * (phase == .prefill ? length : 1)
        // Causal prefill meets half of the keys.
        let keys = phase == .prefill ? length / 2 : length
        let blocks = (queries / rows).rounded(.up)
        // Scores and their product with the values, in 16 bits, tiles of keys and of values.
        let scores = (keys / columns).rounded(.up) * d
        let values = (d / columns).rounded(.up) * keys
        let parallel = max(min(cores, streams * blocks * max((keys / columns).rounded(.up), 1)), 1)
        let cycles = streams * blocks * (scores + values) / parallel
        // Scale, maximum, exponential, sum, rescale: eight steps a score.
        let lanes = Double(chip.vectorLanes)
        let vector = streams * queries * keys * 8 / lanes / parallel
        let moved =
            phase == .prefill
            ? batch * length * d * (2 * heads + 2 * cacheHeads) * 2
            : streams * 2 * keys * d * cacheBytes
        return max(max(cycles, vector) / clock / compute, moved / bandwidth) + 2 * launch
    }

    func stream(bytes: Double, operations: Double, is8Bit: Bool) -> Double {
        let peak = cores * rows * columns * clock * 2 * (is8Bit ? products : 1)
        return max(operations / (peak * compute), bytes / bandwidth) + 3 * launch
    }

    /// A ring: twice the message over the links, and a launch for each of its steps.
    func reduction(count: Int, bytes: Double) -> Double {
        guard count > 1 else { return 0 }
        let share = Double(count - 1) / Double(count)
        let wire = linkBandwidth > 0 ? linkBandwidth : 16e3
        let steps = Double(min(count, 8))
        return 2 * bytes * share / wire + launch * steps + (count > 8 ? 10 : 0)
    }
}

/// Constants of the analytic model of Apus chips.
public enum Analytic {
    static let matrix = Fact(
        "analytic.matrix_efficiency", 0.60, 0.75, 0.88, "1", .assumed,
        "share of the array's peak within full tiles that programs could be held to")
    static let memory = Fact(
        "analytic.memory_efficiency", 0.75, 0.85, 0.92, "1", .assumed,
        "share of peak that streaming reaches: refresh takes 4 to 9 % of HBM, turns the rest")
    static let launch = Fact(
        "analytic.launch", 0.5, 1.0, 3.0, "µs", .assumed,
        "a launch with its barrier over all cores; NKI's transfers 0.6, MTIA below 1")

    /// All constants of the analytic model.
    static let all: [Fact] = [matrix, memory, launch]
}
