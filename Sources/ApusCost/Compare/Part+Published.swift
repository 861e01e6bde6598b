/// Published figures of a bought part, from which a ``Part`` is made.
private struct Published {
    var name: String
    var title: String
    var gigabytes: Double
    var bandwidth: Double
    var tera16: Double
    var tera8: Double
    var watts: Double
    /// USD: low, expected, high.
    var price: (Double, Double, Double)
    var dieArea: Double?
    var link: Double
    var base: MeasuredGPU
    var error: Double
    var confidence: Confidence
    var source: String
    var priceSource: String
}

extension Part {
    /// Bought parts. Peak rates are dense; links are GB/s, both directions.
    public static let all: [Part] = published.map(make)

    /// The facts in the bought parts.
    static let facts: [Fact] = all.flatMap { [$0.boardLimit, $0.price] }

    private static let epoch = "Epoch AI, ml_hardware.csv"

    /// Held-out error of the serving model on the measured parts, rounded up (serving_fit.py).
    private static let servingError = 0.12

    private static let published: [Published] = [
        Published(
            name: "h100", title: "NVIDIA H100 SXM5", gigabytes: 80, bandwidth: 3350,
            tera16: 989.4, tera8: 1979, watts: 700, price: (25_000, 29_000, 33_600), dieArea: 814,
            link: 900, base: .h100, error: servingError, confidence: .relayed, source: epoch,
            priceSource: "Raymond James 25 to 30 thousand; Epoch's 33,600"),
        Published(
            name: "h200", title: "NVIDIA H200 SXM", gigabytes: 141, bandwidth: 4800,
            tera16: 989.5, tera8: 1979, watts: 700, price: (25_000, 29_000, 36_000), dieArea: 814,
            link: 900, base: .h200, error: servingError, confidence: .relayed,
            source: "MLPerf v4.1 system description; \(epoch)",
            priceSource: "27,000 as traded, and H100's"),
        Published(
            name: "h20", title: "NVIDIA H20 96 GB", gigabytes: 96, bandwidth: 4000, tera16: 148,
            tera8: 296, watts: 400, price: (12_000, 12_500, 15_000), dieArea: 814, link: 900,
            base: .h200, error: 0.25, confidence: .relayed,
            source: "\(epoch); TPP 2368 as published",
            priceSource: "SemiAnalysis by way of Huxiu, July 2024"),
        Published(
            name: "a100", title: "NVIDIA A100 80 GB SXM", gigabytes: 80, bandwidth: 2039,
            tera16: 312, tera8: 624, watts: 400, price: (8_000, 12_000, 15_000), dieArea: 826,
            link: 600, base: .a100, error: 0.15, confidence: .relayed, source: epoch,
            priceSource: "estimate from cloud prices; no sale price at hand"),
        Published(
            name: "910b", title: "Huawei Ascend 910B", gigabytes: 64, bandwidth: 1600, tera16: 376,
            tera8: 640, watts: 400, price: (14_000, 16_854, 20_000), dieArea: 666, link: 392,
            base: .h100, error: 0.35, confidence: .assumed,
            source: "\(epoch); INT8 rate unverified; 328 TFLOPS measured (limulidae)",
            priceSource: "TrendForce, June 2024: 120,000 CNY"),
        Published(
            name: "910c", title: "Huawei Ascend 910C (two dies)", gigabytes: 128, bandwidth: 3200,
            tera16: 752, tera8: 1504, watts: 700, price: (20_000, 25_000, 30_000), dieArea: 1331,
            link: 784, base: .h100, error: 0.35, confidence: .assumed,
            source: "Huawei Atlas 900 A3 page; INT8 rate unverified",
            priceSource: "reports of 180 to 200 thousand CNY"),
        Published(
            name: "810e", title: "T-Head Zhenwu 810E", gigabytes: 96, bandwidth: 2400,
            tera16: 118.7, tera8: 237.4, watts: 400, price: (8_000, 14_000, 20_000), dieArea: nil,
            link: 700, base: .h100, error: 0.5, confidence: .assumed,
            source: "memory, links and W as shown (CCTV); FLOPS never disclosed, from a cluster's "
                + "sum; bandwidth as six HBM2e stacks of 400 GB/s",
            priceSource: "no price known: a guess about the class of H20"),
    ]

    private static func make(_ from: Published) -> Part {
        let own = published.first { $0.name == from.base.rawValue }
        let isMeasured = own?.name == from.name
        let bandwidth = from.bandwidth / (own?.bandwidth ?? from.bandwidth)
        let eight = RelativeSpeed(
            compute: from.tera8 / (own?.tera8 ?? from.tera8), bandwidth: bandwidth)
        let sixteen = RelativeSpeed(
            compute: from.tera16 / (own?.tera16 ?? from.tera16), bandwidth: bandwidth)
        let method =
            isMeasured
            ? "measured kernels, fitted; ± \(Int(from.error * 100)) %"
            : "kernels of \(from.base.rawValue) scaled by published peaks: compute "
                + "\(Figure.short(eight.compute)), bandwidth \(Figure.short(bandwidth)); "
                + "± \(Int(from.error * 100)) %, derived"
        return Part(
            name: from.name, title: from.title, provenance: isMeasured ? .measured : .derived,
            method: method, memoryBytes: from.gigabytes * 1e9,
            boardLimit: Fact(
                "\(from.name).board", Estimate(from.watts), "W", from.confidence, from.source),
            price: Fact(
                "\(from.name).price", from.price.0, from.price.1, from.price.2, "USD",
                .assumed, from.priceSource),
            memoryBandwidth: from.bandwidth, peak8: from.tera8, peak16: from.tera16,
            export: from.dieArea.map { area in
                ExportPart(
                    name: from.title, teraOperations: from.tera8, bits: 8, dieArea: area,
                    isForDataCentres: true, linkBandwidth: from.link, hostBandwidth: 128,
                    memoryBandwidth: from.bandwidth)
            },
            engine: .gpu(from.base, eight: eight, sixteen: sixteen, error: from.error))
    }
}
