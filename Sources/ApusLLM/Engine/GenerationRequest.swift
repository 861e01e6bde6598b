/// Tokens to be continued.
public struct GenerationRequest: Sendable {
    public var prompt: [Int]
    /// Tokens to generate at most.
    public var maxTokens: Int
    public var sampling: SamplingParameters
    /// Tokens that end the answer; they are not part of it.
    public var stopTokens: Set<Int>

    public init(
        prompt: [Int], maxTokens: Int, sampling: SamplingParameters = SamplingParameters(),
        stopTokens: Set<Int> = []
    ) {
        self.prompt = prompt
        self.maxTokens = maxTokens
        self.sampling = sampling
        self.stopTokens = stopTokens
    }
}

/// Names a request of an engine.
public struct RequestID: Hashable, Sendable {
    let number: Int
}

/// Why a request ended.
public enum FinishReason: String, Sendable {
    /// A stop token came.
    case stop
    /// As many tokens as asked for, or as the context holds.
    case length
    case cancelled
}

/// What a step did for a request.
public enum EngineEvent: Sendable {
    /// A token was chosen.
    case token(RequestID, Int)
    case finished(RequestID, FinishReason)
}
