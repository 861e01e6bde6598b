/// How a request's tokens are chosen.
public struct SamplingParameters: Sendable, Equatable {
    /// What logits are divided by; 0 takes the most likely token.
    public var temperature: Float
    /// Only so many of the most likely tokens; 0 for all. Tokens as likely as the last of them
    /// stay.
    public var topK: Int
    /// Only the most likely tokens that together hold this share of the probability; 1 for all.
    public var topP: Float
    /// Only tokens that are at least so likely, relative to the most likely one; 0 for all.
    public var minP: Float
    /// What the logits of tokens that the sequence has had are divided by (multiplied by, if
    /// negative); 1 for no penalty.
    public var repetitionPenalty: Float
    /// The same seed gives the same tokens, whatever else the batch holds.
    public var seed: UInt64

    public init(
        temperature: Float = 0, topK: Int = 0, topP: Float = 1, minP: Float = 0,
        repetitionPenalty: Float = 1, seed: UInt64 = 0
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
        self.seed = seed
    }

    /// Whether nothing is left to chance.
    public var isGreedy: Bool { temperature == 0 }

    /// The parameter that is out of range, with the range; nil if all are in theirs.
    public var fault: (name: String, range: String)? {
        if !(temperature >= 0 && temperature <= 100) { return ("temperature", "0 to 100") }
        if topK < 0 { return ("top-k", "0 or more") }
        if !(topP > 0 && topP <= 1) { return ("top-p", "above 0, to 1") }
        if !(minP >= 0 && minP <= 1) { return ("min-p", "0 to 1") }
        if !(repetitionPenalty > 0 && repetitionPenalty <= 100) {
            return ("repetition penalty", "above 0, to 100")
        }
        return nil
    }

    /// The key of the random number of one token: a counter of the sequence under the seed.
    ///
    /// The two halves of the seed are mixed (SplitMix64) so that neighbouring seeds share nothing.
    func key(token index: Int) -> (UInt32, UInt32) {
        var mixed = seed &+ 0x9E37_79B9_7F4A_7C15 &* (UInt64(index) &+ 1)
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return (UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
    }
}

/// A token to be chosen in a step.
struct TokenChoice: Sendable {
    /// Index among the step's selected rows.
    var row: Int
    var parameters: SamplingParameters
    /// How many tokens the sequence has: numbers the random numbers.
    var position: Int
    /// The sequence's row among the seen tokens.
    var sequence: Int
}
