/// What a comparison asks of every part.
public struct Question: Sendable, Hashable {
    public var model: ModelShape
    public var phase: Phase
    /// Tokens before the one that is made (decode), or of the prompt (prefill).
    public var context: Double
    /// ms: for each output token (decode), or until the first one (prefill).
    public var serviceLevel: Double

    /// - Throws: ``CostError/notPositive(quantity:value:unit:)``.
    public init(
        model: ModelShape, phase: Phase, context: Double, serviceLevel: Double
    ) throws(CostError) {
        guard context >= 1 else {
            throw .notPositive(quantity: "the context", value: context, unit: "tokens")
        }
        guard serviceLevel > 0 else {
            throw .notPositive(quantity: "the service level", value: serviceLevel, unit: "ms")
        }
        self.model = model
        self.phase = phase
        self.context = context
        self.serviceLevel = serviceLevel
    }
}

/// What bounds a part's answer.
public enum Limit: String, Sendable, Hashable {
    case memoryBandwidth = "memory bandwidth"
    case compute = "compute"
    case overhead = "launches"
    case links = "links"
    case power = "power"
    case capacity = "memory capacity"
}

/// One part's answer to a question. Figures are for one part of the group of ``count``.
public struct Answer: Sendable, Hashable {
    public var part: Part
    /// Parts that share the model, and the requests they serve at once.
    public var count: Int
    public var batch: Double
    /// ms for each token (decode) or until the first (prefill).
    public var milliseconds: Estimate
    /// Tokens a second of one part.
    public var tokensPerSecond: Estimate
    public var power: Power
    /// J a token at the wall.
    public var joulesPerToken: Estimate
    /// USD for 10⁶ tokens.
    public var dollarsPerMillion: Estimate
    public var limit: Limit
    /// Whether even the slow end of the range meets the service level.
    public var isSure: Bool
}
