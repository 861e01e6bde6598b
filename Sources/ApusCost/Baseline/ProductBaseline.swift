import Glibc

/// Times of matrix products on a GPU: a tile model, corrected by tables.
///
/// A kernel cuts the result into tiles and runs them in waves over the multiprocessors; K may be
/// split. The time is the better of several tilings, joined with the time its bytes take.
/// The twin of benchmarks/cost/gemm.py; golden vectors hold the two together.
struct ProductBaseline: Sendable {
    private static let tiles: [(rows: Double, columns: Double)] = [
        (64, 64), (64, 128), (64, 256), (128, 64), (128, 128), (128, 256), (256, 64), (256, 128),
        (192, 128), (128, 192), (64, 192),
    ]
    private static let splits = [1.0, 2, 4, 8]
    /// How sharply the best tiling is preferred (gemm.py, SHARPNESS).
    private static let sharpness = 20.0

    private let multiprocessors: Double
    private let operandBytes: Double
    private let rates: [Double]
    private let overheads: [Double]
    private let launch, bandwidth, join, whole, reduceFixed, reduceRate: Double
    private let tables: [CorrectionTable]

    init(_ product: FittedFigures.Product, multiprocessors: Double) {
        self.multiprocessors = multiprocessors
        operandBytes = product.kind.operandBytes
        let count = ProductBaseline.tiles.count
        let values = product.physics.map { exp($0) }
        rates = Array(values[..<count])
        overheads = Array(values[count..<2 * count])
        launch = values[2 * count]
        bandwidth = values[2 * count + 1]
        join = 1 + values[2 * count + 2]
        whole = values[2 * count + 3] / (1 + values[2 * count + 3])
        reduceFixed = values[2 * count + 4]
        reduceRate = values[2 * count + 5]
        var coded = CodedTable.decode(product.tables)[...]
        tables = ProductTables.knots.map { knots in
            let size = knots.reduce(1) { $0 * $1.count }
            defer { coded = coded.dropFirst(size) }
            return CorrectionTable(knots: knots, values: Array(coded.prefix(size)))
        }
        precondition(coded.isEmpty, "fitted tables are of other sizes than their knots")
    }

    /// µs of an [m, k] by [k, n] product, on a part with `speed` times the compute and bandwidth of
    /// the measured one.
    func microseconds(m: Double, n: Double, k: Double, speed: RelativeSpeed = .measured) -> Double {
        formula(m, n, k, speed) * exp(correction(m, n, k))
    }

    private func formula(
        _ m: Double, _ n: Double, _ k: Double, _ speed: RelativeSpeed
    ) -> Double {
        var options: [Double] = []
        options.reserveCapacity(rates.count * ProductBaseline.splits.count)
        for (index, tile) in ProductBaseline.tiles.enumerated() {
            let grid = (m / tile.rows).rounded(.up) * (n / tile.columns).rounded(.up)
            for split in ProductBaseline.splits {
                let waves = grid * split / multiprocessors
                let rounds = whole * waves.rounded(.up) + (1 - whole) * max(waves, 1)
                // A tile's fixed part is latency, which a part with less compute has too.
                let work = k / split * tile.rows * tile.columns * 2
                let one = overheads[index] + work / (rates[index] * speed.compute)
                let added = split > 1 ? reduceFixed + split * m * n * 4 / reduceRate : 0
                options.append(rounds * one + added)
            }
        }
        let best = options.min() ?? 0
        let sum = options.reduce(0) { $0 + pow($1 / best, -ProductBaseline.sharpness) }
        let compute = best * pow(sum, -1 / ProductBaseline.sharpness)
        let memory = ((n * k + m * k) * operandBytes + m * n * 2) / (bandwidth * speed.bandwidth)
        return launch + pow(pow(compute, join) + pow(memory, join), 1 / join)
    }

    private func correction(_ m: Double, _ n: Double, _ k: Double) -> Double {
        let (lm, ln, lk) = (log2(m), log2(n), log2(k))
        var places = [[lm, ln], [lm, lk], [ln, lk]]
        for (rows, columns) in [(128.0, 256.0), (128, 128), (256, 128)] {
            let waves = (m / rows).rounded(.up) * (n / columns).rounded(.up) / multiprocessors
            places.append([log2(waves), log2(min(waves.rounded(.up) / waves, 2))])
        }
        return zip(tables, places).reduce(0) { $0 + $1.0.value($1.1) }
    }
}

/// What a derived part has of a measured one.
public struct RelativeSpeed: Sendable, Hashable {
    public var compute: Double
    public var bandwidth: Double

    public init(compute: Double, bandwidth: Double) {
        self.compute = compute
        self.bandwidth = bandwidth
    }

    /// The measured part itself.
    public static let measured = RelativeSpeed(compute: 1, bandwidth: 1)
}

/// Knots of the corrections of matrix products, as benchmarks/cost/gemm.py has them.
enum ProductTables {
    private static let rows: [Double] = logs([
        1, 16, 17, 64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 8192, 32768,
    ])
    private static let columns: [Double] = logs([
        128, 256, 512, 1024, 1536, 2048, 2560, 3072, 4096, 5120, 6144, 8192, 10240, 16384, 65536,
    ])
    private static let inner: [Double] = logs([
        128, 256, 512, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 65536,
    ])
    private static let waves = (-5...6).map(Double.init)
    private static let fill = [0, 0.2, 0.4, 0.6, 0.8, 1.0]

    static let knots: [[[Double]]] = [
        [rows, columns], [rows, inner], [columns, inner], [waves, fill], [waves, fill],
        [waves, fill],
    ]

    private static func logs(_ values: [Double]) -> [Double] { values.map { log2($0) } }
}
