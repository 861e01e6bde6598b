#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The rotation that tells attention where a token stands.
///
/// Pair i of `size / 2` is turned by `position · frequency[i]`, and multiplied by `magnitude`.
public struct RotaryEmbedding: Equatable, Sendable {
    /// Which elements make a pair.
    public enum Layout: String, Sendable {
        /// Elements 2i and 2i + 1.
        case interleaved
        /// Elements i and i + size / 2.
        case halves
    }

    /// How frequencies are changed for contexts longer than those trained on.
    public enum Scaling: Equatable, Sendable {
        case none
        /// All frequencies divided by the factor.
        case linear(factor: Float)
        /// Low frequencies divided by the factor, high ones kept, blended between (Llama 3).
        case llama3(factor: Float, lowFactor: Float, highFactor: Float, originalLength: Int)
        /// The same by the number of turns, with a magnitude (YaRN).
        case yarn(Yarn)
        /// Each frequency divided by a factor of its own, from the file.
        case factors([Float])
    }

    /// The parameters of YaRN.
    public struct Yarn: Equatable, Sendable {
        public var factor: Float
        public var originalLength: Int
        /// Turns within the original length above which a frequency is kept.
        public var fastTurns: Float
        /// Turns below which it is divided by the factor.
        public var slowTurns: Float
        /// The factor on rotated queries and keys.
        public var magnitude: Float
        /// Whether the ends of the blend are rounded outward to whole pairs.
        public var isTruncated: Bool
    }

    /// The base of the geometric series of wavelengths.
    public var base: Float
    /// Elements that are rotated, from the first.
    public var size: Int
    public var layout: Layout
    public var scaling: Scaling

    /// What rotated queries and keys are multiplied by.
    public var magnitude: Float {
        if case .yarn(let yarn) = scaling { return yarn.magnitude }
        return 1
    }

    /// The angle by which each pair turns from one position to the next, in radians.
    ///
    /// Computed in binary64 and rounded once.
    public var frequencies: [Float] {
        let plain = (0..<size / 2).map { pow(Double(base), -2 * Double($0) / Double(size)) }
        switch scaling {
        case .none: return plain.map { Float($0) }
        case .linear(let factor): return plain.map { Float($0 / Double(factor)) }
        case .factors(let factors):
            return zip(plain, factors).map { Float($0 / Double($1)) }
        case .llama3(let factor, let low, let high, let length):
            return plain.map { frequency in
                // Turns within the original length.
                let turns = Double(length) * frequency / (2 * Double.pi)
                let kept = (turns - Double(low)) / (Double(high) - Double(low))
                let blend = min(max(kept, 0), 1)
                return Float((1 - blend) * frequency / Double(factor) + blend * frequency)
            }
        case .yarn(let yarn):
            let (low, high) = blendRange(yarn)
            return plain.enumerated().map { pair, frequency in
                let place = (Double(pair) - low) / (high - low)
                let divided = min(max(place, 0), 1)
                return Float(
                    frequency / Double(yarn.factor) * divided + frequency * (1 - divided))
            }
        }
    }

    /// The pairs between which YaRN blends.
    private func blendRange(_ yarn: Yarn) -> (low: Double, high: Double) {
        func pair(turns: Float) -> Double {
            Double(size) * log(Double(yarn.originalLength) / (Double(turns) * 2 * Double.pi))
                / (2 * log(Double(base)))
        }
        var low = pair(turns: yarn.fastTurns)
        var high = pair(turns: yarn.slowTurns)
        if yarn.isTruncated { (low, high) = (low.rounded(.down), high.rounded(.up)) }
        (low, high) = (max(low, 0), min(high, Double(size - 1)))
        // The authors' guard against a division by zero.
        return (low, high == low ? low + 0.001 : high)
    }

    /// The magnitude that YaRN's authors give for a factor.
    static func yarnMagnitude(factor: Float, multiplier: Float) -> Float {
        factor <= 1 ? 1 : Float(0.1 * Double(multiplier) * log(Double(factor)) + 1)
    }
}
