/// A random mix of requests, for showing that a request's bits do not depend on what surrounds it:
/// how many run together, when each joins, how prompts are cut, whether beginnings are shared.
public struct BatchMix: Sendable {
    /// The requests, and the step before which each is submitted.
    public var requests: [(request: GenerationRequest, step: Int)]
    public var promptRowsMax: Int
    public var sharesPrefixes: Bool

    /// A mix drawn from a generator: up to `countMax` of `pool`'s requests.
    public init(
        of pool: [GenerationRequest], countMax: Int, rowsMax: Int,
        using random: inout some RandomNumberGenerator
    ) {
        let count = Int.random(in: 1...countMax, using: &random)
        requests = (0..<count).map { _ in
            (
                pool[Int.random(in: pool.indices, using: &random)],
                Int.random(in: 0...12, using: &random)
            )
        }
        promptRowsMax = Int.random(in: 1...rowsMax, using: &random)
        sharesPrefixes = Bool.random(using: &random)
    }

    /// Runs the mix on an engine; the tokens of each request, and a checksum of the bits of all
    /// logits that they were chosen from.
    public func run(on engine: Engine) throws(LanguageModelError) -> [BatchOutcome] {
        engine.promptRowsMax = promptRowsMax
        engine.sharesPrefixes = sharesPrefixes
        var outcomes = requests.map { _ in BatchOutcome() }
        var indices: [RequestID: Int] = [:]
        var step = 0
        while step <= 12 || !engine.isIdle {
            for (index, item) in requests.enumerated() where item.step == step {
                indices[try engine.submit(item.request)] = index
            }
            for case .token(let id, let token) in try engine.step() {
                guard let index = indices[id] else { continue }
                outcomes[index].tokens.append(token)
                outcomes[index].add(engine.logits(of: id))
            }
            step += 1
        }
        return outcomes
    }
}

/// What a request came to.
public struct BatchOutcome: Sendable, Equatable {
    public var tokens: [Int] = []
    /// FNV-1a over the bits of the logits of each token.
    public var logits: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ row: [Float]) {
        for value in row { logits = (logits ^ UInt64(value.bitPattern)) &* 0x0000_0100_0000_01B3 }
    }
}
