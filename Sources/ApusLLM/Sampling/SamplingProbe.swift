import ApusISA
import ApusKernels
import ApusRuntime

/// Chooses tokens from given logits, without a model: to compare the chip's choices with the
/// distribution that they should have.
public final class SamplingProbe {
    private let device: any Device
    private let loaded: LoadedProgram
    private var sampler: Sampler
    private let choicesMax = 64

    /// - Parameter history: tokens that count as seen.
    public init(
        logits: [Float], history: [Int], on device: any Device
    ) throws(LanguageModelError) {
        for token in history where !logits.indices.contains(token) {
            throw .unknownToken(token, vocabulary: logits.count)
        }
        self.device = device
        var arena = ArenaLayout()
        let row = arena.rows(1, logits.count, .fp32)
        sampler = Sampler(
            vocabulary: logits.count, logits: row, choicesMax: choicesMax, sequencesMax: 1,
            rowsMax: 1, memory: CoreMemory(device.chip), in: &arena)
        do {
            loaded = try device.load(
                Program(
                    image: .apus, arenaBytes: arena.bytes, initialised: [], inputs: [],
                    outputs: [], steps: []))
        } catch {
            throw .device(error)
        }
        loaded.memory.write(
            logits.map { Int32(bitPattern: $0.bitPattern) }, at: row.offset)
        sampler.forget(sequence: 0, noting: history[...], in: loaded.memory)
    }

    /// Tokens `first ..< first + count` of a sequence that chooses from these logits every time.
    public func draw(
        _ count: Int, from first: Int, _ parameters: SamplingParameters
    ) throws(LanguageModelError) -> [Int] {
        if let fault = parameters.fault { throw .parameter(fault.name, range: fault.range) }
        var tokens: [Int] = []
        while tokens.count < count {
            let start = first + tokens.count
            let choices = (0..<min(choicesMax, count - tokens.count)).map {
                TokenChoice(
                    row: 0, parameters: parameters, position: start + $0, sequence: 0)
            }
            let list = try sampler.launches(for: choices, in: loaded.memory)
            do { _ = try device.run(list, in: loaded) } catch { throw .device(error) }
            tokens += sampler.tokens(of: choices, in: loaded.memory)
        }
        return tokens
    }
}
