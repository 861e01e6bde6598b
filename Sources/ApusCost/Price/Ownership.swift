/// Dollars for a million tokens: capital, upkeep, electricity with cooling.
public struct Ownership: Sendable, Hashable {
    /// USD for one accelerator with its share of a server.
    public var capital: Estimate
    /// W at the wall.
    public var wall: Estimate

    /// - Parameters:
    ///   - price: of the accelerator as bought.
    public init(price: Estimate, wall: Estimate) {
        capital = price + Price.serverShare.value
        self.wall = wall
    }

    /// USD an hour, whether used or not.
    public var hourly: Estimate {
        let hours = Price.lifeYears.value * 8760
        let depreciation = capital / hours
        let upkeep = capital * Price.upkeep.value / 8760
        return depreciation + upkeep + wall * Price.electricity.value * Price.overhead.value / 1000
    }

    /// USD for 10⁶ tokens at so many tokens a second while it is used.
    public func perMillionTokens(_ tokensPerSecond: Estimate) -> Estimate {
        hourly / (tokensPerSecond * Price.use.value * (3600 / 1e6))
    }
}
