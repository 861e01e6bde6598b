/// Constants of prices and ownership.
public enum Price {
    static let edgeLoss = Fact(
        "price.edge_loss", 3, 3, 5, "mm", .read, "CATCH cost model: 3 mm; Chiplet Actuary: 5 mm")
    static let scribe = Fact(
        "price.scribe", 0.1, 0.2, 0.2, "mm", .read, "Chiplet Actuary (DAC 2022)")
    static let clustering = Fact(
        "yield.clustering", 2, 3, 10, "1", .read, "CATCH 2, Princeton ttm-cas 3, Chiplet Actuary 10"
    )
    static let interposer = Fact(
        "price.interposer", 429, 723, 1100, "USD", .assumed,
        "2.5D packaging of an H100: 12,000 USD a wafer of 28, analysts' 723, B200's 1100")
    static let substrate = Fact(
        "price.substrate", 20, 40, 80, "USD", .assumed, "an organic package without interposer")
    static let packagingYield = Fact(
        "yield.packaging", 0.75, 0.95, 0.98, "1", .relayed,
        "Chiplet Actuary 0.95; low: up to a quarter lost on 910C (CSIS)")
    static let test = Fact(
        "price.test", 20, 100, 920, "USD", .assumed,
        "low: 30 s of a 200 USD/h tester and system test; high: H100's test and assembly residual")
    static let board = Fact(
        "price.board", 300, 600, 1200, "USD", .assumed, "printed circuit, regulators, cooling")
    static let serverShare = Fact(
        "price.server_share", 4000, 8000, 14000, "USD", .assumed,
        "host, network and chassis for each of eight accelerators")
    static let volume = Fact(
        "chosen.volume", 20_000, 100_000, 300_000, "parts", .chosen,
        "parts over which design and masks are spread")
    static let margin = Fact(
        "chosen.margin", 1.0, 1.5, 3.0, "1", .chosen,
        "what a buyer pays over cost: own use 1, a supplier's usual 1.5, scarce parts 3")
    static let lifeYears = Fact("chosen.life", 3, 4, 5, "years", .chosen, "depreciation, usual")
    static let use = Fact("chosen.use", 0.4, 0.6, 0.8, "1", .chosen, "share of time at this load")
    static let electricity = Fact(
        "price.electricity", 0.05, 0.08, 0.12, "USD/kWh", .assumed,
        "industrial tariffs in China and abroad")
    static let overhead = Fact(
        "price.pue", 1.1, 1.25, 1.5, "1", .assumed, "power usage effectiveness: cooling and losses")
    static let upkeep = Fact(
        "price.upkeep", 0.03, 0.05, 0.08, "1/year", .assumed,
        "repair and operation, share of capital")

    /// All constants of prices.
    static let all: [Fact] = [
        edgeLoss, scribe, clustering, interposer, substrate, packagingYield, test, board,
        serverShare, volume, margin, lifeYears, use, electricity, overhead, upkeep,
    ]
}
